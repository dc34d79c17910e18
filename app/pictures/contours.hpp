// Filled contours: closed regions and the lines between them, as polygons.
//
// Marching squares (Lorensen & Cline, SIGGRAPH 1987, in the plane) over a grid framed by a ring of «outside», so
// that every outline closes along the edge of the box or of an undefined region.
#pragma once

#include "app/pictures/grid.hpp"

#include <vector>

namespace descent::pictures {

// The outline of a connected part of {f >= level}, or of a hole in it.
struct Outline {
  int level;                  // index into the levels; −1: where f is defined
  bool hole;                  // its inside is below the level
  std::vector<Point> points;  // closed, the first not repeated
  std::vector<bool> on_edge;  // which points lie on the edge of where f is defined: no contour line there
  double area;                // in units of the grid's cells
};

// Outlines of all levels, the largest first: painted in this order, each in the colour of its inside (the band
// above `level`, or for a hole the one below), later ones lie right on earlier ones, for contours never cross.
// +∞ is above all levels, −∞ below, NaN outside.
std::vector<Outline> outlines(const Grid& grid, const std::vector<double>& levels);

// The contour lines of an outline: its runs of points that are not on the edge; a closed one repeats its first.
std::vector<std::vector<Point>> contour_lines(const Outline& outline);

}  // namespace descent::pictures
