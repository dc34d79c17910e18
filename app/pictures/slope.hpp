// f of one variable, its slope, and what gradient descent did on it.
#pragma once

#include "app/pictures/picture_file.hpp"
#include "app/pictures/style.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace descent::pictures {

struct SlopePicture {
  struct Step {
    double x, f, slope;
  };
  struct Zero {
    double x;
    PointKind kind;  // minimum, maximum, or undecided where f is flat beyond the second derivative
  };

  std::string title;  // a sentence
  std::string variable = "x";
  std::vector<double> x, f, slope;  // samples of f and f′ at ascending x, all of one length; 400 or more look smooth
  bool ascending = false;           // the path was to go up
  std::vector<Step> path;           // step 0 first; it may leave the range of x
  std::vector<std::size_t> tangents = {0};  // steps at which the tangent is drawn
  std::vector<Zero> zeros;                  // of f′
};

// Above: f, the tangents, the numbered steps; arrows are green where f fell, red and dashed where it rose
// (the other way round when ascending). Below: f′
// with its zeros by kind, at the same x. Throws Error(usage) unless there are at least 2 samples, ascending, of all
// three, and as save_picture does.
void draw_slope(const SlopePicture& picture, const PictureFile& file);

}  // namespace descent::pictures
