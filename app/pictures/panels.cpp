#include "app/pictures/panels.hpp"

#include "app/pictures/curves.hpp"
#include "framework/error.hpp"

#include <algorithm>
#include <cmath>

namespace descent::pictures {
namespace {

constexpr double kFirst = 300, kOther = 150, kBetween = 46, kRight = 24, kBelow = 58;

Axis y_axis(const CurvePanel& panel) {
  std::vector<double> values;
  for (const PanelSeries& series : panel.series) values.insert(values.end(), series.y.begin(), series.y.end());
  return axis_over(panel.label + (panel.log ? "  (log)" : ""), values, panel.log);
}

Axis x_axis(const CurvePanels& picture) {
  std::vector<double> values;
  for (const CurvePanel& panel : picture.panels)
    for (const PanelSeries& series : panel.series) values.insert(values.end(), series.x.begin(), series.x.end());
  if (picture.log_x) return axis_over(picture.x_label, values, true);
  Axis axis{picture.x_label, range_of(values).value_or(Range{0, 1})};
  axis.range.low = std::min(0.0, axis.range.low);
  if (!(axis.range.high > axis.range.low)) axis.range.high = axis.range.low + 1;
  return axis;
}

void draw_panel(Script& script, const CurvePanels& picture, const CurvePanel& curves, const Panel& panel, bool lowest) {
  constexpr std::size_t kFew = 40;  // points that get dots of their own
  script.open(panel, lowest);
  if (picture.best) script.lines(panel.upright(*picture.best), {.colour = kFaint, .width = kThin, .dashed = true});
  for (const PanelSeries& series : curves.series) {
    const LineStyle style = series_style(series.colour, series.dashed);
    const std::vector<Point> points = drawable(panel, series.x, series.y);
    script.lines(points, style);
    if (series.y.size() <= kFew) script.dots(points, style.colour, 0.5);
  }
  for (const PanelSeries& series : curves.series) {  // above all curves
    if (!series.mark || !std::isfinite(series.mark->y) || (panel.y.log && series.mark->y <= 0)) continue;
    const std::vector<Point> at{*series.mark};
    script.dots(at, kPaper, 1.5);
    script.dots(at, series_colour(series.colour), 1.05);
  }
  script.close();
}

void compose(const CurvePanels& picture, Script& script) {
  double left = 0, shares = 0;
  std::vector<Axis> axes;
  for (const CurvePanel& panel : picture.panels) {
    axes.push_back(y_axis(panel));
    left = std::max(left, 24 + tick_room(axes.back()));
    shares += axes.size() == 1 ? kFirst : kOther;
  }
  const double right = script.width() - kRight;
  double top = script.title({left, 14}, picture.title) + 20;
  top = draw_legend(script, {left, top}, right, picture.legend) + 14;
  const Axis x = x_axis(picture);
  const double room = script.height() - kBelow - top - kBetween * static_cast<double>(axes.size() - 1);
  for (std::size_t k = 0; k < axes.size(); ++k) {
    const double height = room * (k == 0 ? kFirst : kOther) / shares;
    draw_panel(script, picture, picture.panels[k], {{left, top, right, top + height}, x, axes[k]},
               k + 1 == axes.size());
    top += height + kBetween;
  }
}

}  // namespace

LineStyle series_style(std::size_t colour, bool dashed) {
  return {.colour = series_colour(colour), .width = colour < kSeries.size() ? kCurveWidth : kThin, .dashed = dashed};
}

void draw_panels(const CurvePanels& picture, const PictureFile& file) {
  if (picture.panels.empty()) throw Error(Fault::usage, "a picture without a panel; expected one at least");
  for (const CurvePanel& panel : picture.panels)
    for (const PanelSeries& series : panel.series)
      if (series.x.size() != series.y.size())
        throw Error(Fault::usage, "a curve of '{}' with {} x and {} y; expected as many of both", panel.label,
                    series.x.size(), series.y.size());
  constexpr double kNarrow = 80;  // what the numbers of the axis and the margins take
  const int rows = legend_rows(file.width - kNarrow, picture.legend);
  const double height =
      90 + rows * kLegendRow + kFirst + (kOther + kBetween) * static_cast<double>(picture.panels.size() - 1) + kBelow;
  save_picture(file, static_cast<int>(height), [&](Script& script) { compose(picture, script); });
}

}  // namespace descent::pictures
