// The same start on the same function at several learning rates, side by side.
#pragma once

#include "app/pictures/grid.hpp"
#include "app/pictures/picture_file.hpp"

#include <string>
#include <vector>

namespace descent::pictures {

struct RateRun {
  std::string name;         // "γ = 0.7: too large"
  std::vector<Point> path;  // as Landscape's
  std::vector<double> f;    // along the path
};

struct RateComparison {
  std::string title;  // a sentence
  std::string x_name = "x", y_name = "y";
  Grid grid;  // f over the box that each panel shows
  std::vector<RateRun> runs;
};

// A landscape for each run, at most three in a row, and below them f against the step in the same colours (on a log
// axis when every f is positive). Throws Error(usage) without a run or with more than 6, and as draw_landscape does.
// For a function of other than two variables draw_curves compares the runs.
void draw_rates(const RateComparison& comparison, const PictureFile& file);

}  // namespace descent::pictures
