// Points of two coordinates: rows of data with a curve through them, or in regions of classes.
#pragma once

#include "app/pictures/grid.hpp"
#include "app/pictures/legend.hpp"
#include "app/pictures/picture_file.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace descent::pictures {

struct PointGroup {
  std::string name;
  std::vector<Point> points;
  std::size_t colour = 0;  // as series_colour
};

struct Scatter {
  std::string title;  // a sentence
  std::string x_label, y_label;
  std::vector<PointGroup> groups;
  std::vector<Point> line;  // a curve over the points, in ink; empty: none
  std::string line_name;
  bool diagonal = false;  // both axes are of one length, with the line y = x
};

// Throws as save_picture does.
void draw_scatter(const Scatter& scatter, const PictureFile& file);

// Which class a rule of two inputs gives everywhere: score[k] is larger than every other where class k wins.
struct Regions {
  std::string title;
  std::string x_label, y_label;
  std::vector<Grid> scores;        // one a class, over one box
  std::vector<PointGroup> groups;  // one a class: the rows of that class, whose outline is red where the rule errs
  std::vector<std::vector<bool>> wrong;
};

// Throws Error(usage) unless scores, groups and wrong are one a class, and as check_grid and save_picture do.
void draw_regions(const Regions& regions, const PictureFile& file);

}  // namespace descent::pictures
