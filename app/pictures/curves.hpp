// Curves against steps or epochs, in as many colours as there are curves.
#pragma once

#include "app/pictures/geometry.hpp"
#include "app/pictures/picture_file.hpp"
#include "app/pictures/script.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace descent::pictures {

struct Series {
  std::string name;                     // empty: not in the legend
  std::vector<double> x, y;             // one length; what is no number breaks the curve
  std::optional<LineStyle> style = {};  // none: the next colour
};

struct Curves {
  std::string title;  // a sentence
  std::string x_label = "epoch", y_label;
  std::vector<Series> series;
  bool log_x = false, log_y = false;  // values ≤ 0 break a curve on a log axis
  std::optional<double> best;         // an x, marked by a line
  std::optional<double> limit = {};   // an x beyond which nothing holds, marked by another
};

// One plot of all series, the legend above it. Series beyond the seventh repeat the colours, dashed. Throws
// Points of a short curve that is not dashed, and those without a neighbour, have a dot. Throws
// Error(usage) when a series has not as many x as y, and as save_picture does.
void draw_curves(const Curves& curves, const PictureFile& file);

// f and the norm of its gradient against the step, and what decided them.
struct Progress {
  std::string title;         // a sentence
  std::string f_name = "f";  // "L" for a loss
  std::vector<double> f;     // of step 0, 1, …
  std::vector<double> gradient_norm;
  std::string gradient_name = {};    // empty: "‖∇f‖", with the name of f
  std::vector<double> gamma_lambda;  // γ·λmax of the step taken there; NaN unknown; empty: the panel is left out
  std::optional<double> lowest;      // the best f known: f − lowest is shown on a log axis
};

// Above: f (on a log axis f − lowest; or f, when it is positive and its largest value is more than five times its
// least); below it ‖∇f‖ on a log axis; below that γ·λmax with the line at 2 and the zone above it shaded. Throws as
// draw_curves.
void draw_progress(const Progress& progress, const PictureFile& file);

// Parts of both, and of others with curves.

// The points of a series as they are drawn: at most the first, lowest, highest and last in each column of pixels.
std::vector<Point> drawable(const Panel& panel, std::span<const double> x, std::span<const double> y);
// An axis over the values, with some room.
Axis axis_over(std::string label, std::span<const double> values, bool log);
std::string_view series_colour(std::size_t index);

}  // namespace descent::pictures
