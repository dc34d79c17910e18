// A table of counts in colour: which class was taken for which.
#pragma once

#include "app/pictures/picture_file.hpp"

#include <string>
#include <vector>

namespace descent::pictures {

struct CountMatrix {
  std::string title;  // a sentence
  std::string row_label = "true class", column_label = "predicted class";
  std::vector<std::string> names;           // K, of rows and of columns
  std::vector<std::vector<double>> counts;  // (K, K)
};

// A cell is coloured by its share of its row and says its count, where there is room for it; the diagonal, what went
// right, is blue, the rest red. Throws Error(usage) unless there is a count for every pair of names, and as
// save_picture does.
void draw_matrix(const CountMatrix& matrix, const PictureFile& file);

}  // namespace descent::pictures
