// What the colours and symbols of a picture mean: a row above the data, or several where it does not fit.
#pragma once

#include "app/pictures/script.hpp"

#include <optional>
#include <string>
#include <vector>

namespace descent::pictures {

struct LegendEntry {
  enum class Mark { line, arrow, dot, symbol, patch } mark;
  std::string text;
  LineStyle style;                          // of a line or arrow; its colour for a dot or patch
  const PointStyle* point_style = nullptr;  // of a symbol
};

// Writes the entries from `from` (the left end of the first row's middle line, pixels) to at most `right`; returns the
// vertical middle of the row below the last.
double draw_legend(Script& script, Point from, double right, const std::vector<LegendEntry>& entries);

// The rows it will take, to leave room for them.
int legend_rows(double width, const std::vector<LegendEntry>& entries);

inline constexpr double kLegendRow = 21;  // pixels from row to row

}  // namespace descent::pictures
