#include "app/pictures/curves.hpp"

#include "app/pictures/legend.hpp"
#include "framework/error.hpp"
#include "framework/text.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace descent::pictures {
namespace {

constexpr Point kBreak{std::numeric_limits<double>::quiet_NaN(), 0};

LineStyle series_style(const Series& series, std::size_t index) {
  if (series.style) return *series.style;
  return {.colour = series_colour(index), .width = kCurveWidth, .dashed = index >= kSeries.size()};
}

LineStyle best_style() { return {.colour = kFaint, .width = 1.2, .dashed = true}; }

LineStyle limit_style() { return {.colour = kInk, .width = 1.6, .dashed = true}; }

LegendEntry entry(std::string_view what, const Curves& curves, const std::string& x, const LineStyle& style) {
  return {LegendEntry::Mark::line, fmt::format("{}: {} {}", what, curves.x_label, x), style};
}

std::vector<Point> dotted(const std::vector<Point>& points, bool dashed) {
  constexpr std::ptrdiff_t kFew = 12;
  const auto is_point = [](const Point& p) { return std::isfinite(p.x); };
  const bool all = !dashed && std::ranges::count_if(points, is_point) <= kFew;
  std::vector<Point> dots;
  for (std::size_t k = 0; k < points.size(); ++k) {
    const bool before = k > 0 && is_point(points[k - 1]), after = k + 1 < points.size() && is_point(points[k + 1]);
    if (is_point(points[k]) && (all || (!before && !after))) dots.push_back(points[k]);
  }
  return dots;
}

void compose(const Curves& curves, Script& script) {
  std::vector<double> xs, ys;
  std::vector<LegendEntry> entries;
  for (std::size_t k = 0; k < curves.series.size(); ++k) {
    const Series& series = curves.series[k];
    xs.insert(xs.end(), series.x.begin(), series.x.end());
    ys.insert(ys.end(), series.y.begin(), series.y.end());
    if (!series.name.empty()) entries.push_back({LegendEntry::Mark::line, series.name, series_style(series, k)});
  }
  if (curves.limit) {
    xs.push_back(*curves.limit);
    entries.push_back(entry("limit", curves, fmt::format("{:.4g}", *curves.limit), limit_style()));
  }
  if (curves.best) entries.push_back(entry("best", curves, shortest(*curves.best), best_style()));
  Axis x = axis_over(curves.x_label, xs, curves.log_x);
  if (const auto range = range_of(xs, curves.log_x); range && range->low < range->high) x.range = *range;
  const Axis y = axis_over(curves.y_label, ys, curves.log_y);
  const double left = 24 + tick_room(y), right = script.width() - 24.0;
  double top = script.title({left, 14}, curves.title) + 18;
  top = draw_legend(script, {left, top}, right, entries) + 16;
  const Panel panel{{left, top, right, script.height() - 58.0}, x, y};
  script.open(panel);
  if (curves.limit) script.lines(panel.upright(*curves.limit), limit_style());
  if (curves.best) script.lines(panel.upright(*curves.best), best_style());
  for (std::size_t k = 0; k < curves.series.size(); ++k) {
    const std::vector<Point> points = drawable(panel, curves.series[k].x, curves.series[k].y);
    const LineStyle style = series_style(curves.series[k], k);
    script.lines(points, style);
    script.dots(dotted(points, style.dashed), style.colour, 0.9);
  }
  script.close();
}

}  // namespace

std::string_view series_colour(std::size_t index) { return kSeries[index % kSeries.size()]; }

Axis axis_over(std::string label, std::span<const double> values, bool log) {
  const auto range = range_of(values, log);
  return {std::move(label), padded(range.value_or(log ? Range{0.1, 1} : Range{0, 1}), 0.05, log), log};
}

std::vector<Point> drawable(const Panel& panel, std::span<const double> x, std::span<const double> y) {
  std::vector<Point> result, column;
  const auto flush = [&] {
    if (column.size() <= 4) {
      result.insert(result.end(), column.begin(), column.end());
    } else {
      const auto [low, high] = std::ranges::minmax_element(column, {}, &Point::y);
      result.insert(result.end(), {column.front(), *std::min(low, high), *std::max(low, high), column.back()});
    }
    column.clear();
  };
  for (std::size_t k = 0; k < x.size(); ++k) {
    const bool shown =
        std::isfinite(x[k]) && std::isfinite(y[k]) && (!panel.x.log || x[k] > 0) && (!panel.y.log || y[k] > 0);
    const Point p = shown ? Point{x[k], y[k]} : kBreak;
    const bool same =
        shown && !column.empty() && std::floor(panel.pixel(p).x) == std::floor(panel.pixel(column.front()).x);
    if (!same) flush();
    if (shown) column.push_back(p);
    if (!shown && !result.empty()) result.push_back(kBreak);
  }
  flush();
  return result;
}

void draw_curves(const Curves& curves, const PictureFile& file) {
  for (const Series& series : curves.series)
    if (series.x.size() != series.y.size())
      throw Error(Fault::usage, "the curve '{}' has {} values of x and {} of y; expected as many",
                  printable(series.name), series.x.size(), series.y.size());
  save_picture(file, file.width * 5 / 8, [&](Script& script) { compose(curves, script); });
}

}  // namespace descent::pictures
