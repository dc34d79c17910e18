// Several quantities against one horizontal axis, a panel each, one below the other.
#pragma once

#include "app/pictures/geometry.hpp"
#include "app/pictures/legend.hpp"
#include "app/pictures/picture_file.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace descent::pictures {

struct PanelSeries {
  std::vector<double> x, y;  // one length; what is no number breaks the curve
  std::size_t colour = 0;    // index for series_colour; beyond the seventh they come again, thinner
  bool dashed = false;
  std::optional<Point> mark;  // a dot on the curve
};

struct CurvePanel {
  std::string label;  // of the vertical axis
  bool log = false;   // values ≤ 0 break a curve
  std::vector<PanelSeries> series;
};

struct CurvePanels {
  std::string title;  // a sentence
  std::string x_label = "epoch";
  std::vector<LegendEntry> legend;
  std::vector<CurvePanel> panels;
  bool log_x = false;
  std::optional<double> best;  // an x, marked by a line through all panels
};

// The look of a series, for its legend.
LineStyle series_style(std::size_t colour, bool dashed);

// The first panel is the tallest. Throws Error(usage) without a panel, for a series with not as many x as y, and as
// save_picture does.
void draw_panels(const CurvePanels& picture, const PictureFile& file);

}  // namespace descent::pictures
