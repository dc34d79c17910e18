// Values of f on a rectangular grid, and the heights at which to draw its contours.
#pragma once

#include "app/pictures/geometry.hpp"

#include <cstddef>
#include <vector>

namespace descent::pictures {

// f at (columns × rows) points evenly spread over the box, edges included; 150 × 150 or more look smooth.
struct Grid {
  Range x, y;
  std::size_t columns = 0, rows = 0;  // at least 2 each
  std::vector<double> f;              // (rows, columns): f[i * columns + j] at (x_j, y_i); NaN where undefined

  double at_x(std::size_t j) const {
    return x.low + x.span() * static_cast<double>(j) / static_cast<double>(columns - 1);
  }
  double at_y(std::size_t i) const { return y.low + y.span() * static_cast<double>(i) / static_cast<double>(rows - 1); }
  double at(std::size_t i, std::size_t j) const { return f[i * columns + j]; }
};

// Throws Error(usage) unless the grid has at least 2 × 2 points, as many values, and a box with low < high.
void check_grid(const Grid& grid);

// f between the grid's points, bilinear; NaN outside the box or beside an undefined value.
double interpolated(const Grid& grid, Point at);

// −∇f by differences of neighbours; {NaN, NaN} where undefined.
Point downhill(const Grid& grid, Point at);

// About `count` round values between the extremes of f, ascending. They lie as
// low + (high − low)·(i/(count + 1))^p, with p such that the middle one halves the area: even for a plane or a
// saddle, ever closer towards the floor of a valley, so that a narrow one shows. Outliers (a pole, an overflow)
// do not count. Empty when f is constant or nowhere a number.
std::vector<double> contour_levels(const Grid& grid, int count);

// Where f stands among the levels: i at levels[i], linear between (in its logarithm where they are far apart), from −1
// (the lowest f) to levels.size().
double level_position(double f, const std::vector<double>& levels, double lowest);

}  // namespace descent::pictures
