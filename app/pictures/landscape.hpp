// f of two variables and what gradient descent did on it: from above, as a surface, and moving.
#pragma once

#include "app/pictures/grid.hpp"
#include "app/pictures/picture_file.hpp"
#include "app/pictures/style.hpp"

#include <string>
#include <vector>

namespace descent::pictures {

struct CriticalPoint {
  Point at;
  PointKind kind;
};

struct Landscape {
  std::string title;  // a sentence
  std::string x_name = "x", y_name = "y";
  Grid grid;                            // f over the box that is shown
  std::vector<Point> path;              // step 0 first; it may leave the box, and end in numbers that are none
  std::vector<CriticalPoint> critical;  // those outside the box are not shown
  bool field = true;                    // arrows of −∇f,
  bool ascending = false;               // or, where the path was to go up, of ∇f
};

// From above: filled contours with their levels, a field of −∇f (arrows of one length), the path with its start,
// end and step numbers, critical points by kind. One unit is as long on both axes unless the box is more than four
// times as long as wide. A step out of the box ends in an arrow at its edge. Throws Error as check_grid and
// save_picture do.
void draw_landscape(const Landscape& landscape, const PictureFile& file);

// The same as a surface seen from where most of the path is visible; what of it the surface hides is dotted.
// Heights beyond the highest contour are cut, so that a valley shows.
void draw_surface(const Landscape& landscape, const PictureFile& file);

}  // namespace descent::pictures
