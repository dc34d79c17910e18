#include "app/pictures/landscape.hpp"

#include "app/pictures/landscape_parts.hpp"
#include "app/pictures/legend.hpp"
#include "app/pictures/markup.hpp"

#include <algorithm>
#include <cmath>

namespace descent::pictures {
namespace {

constexpr int kLevels = 11;

// Arrows of −∇f (ascending: ∇f), `spacing` pixels apart; none where f is flat, undefined or the place is taken.
void draw_field(Script& script, const Panel& panel, const Landscape& landscape, const Placement& taken) {
  constexpr double kSpacing = 44, kLength = 17;
  const Box& box = panel.box;
  const int across = std::max(1, static_cast<int>(box.width() / kSpacing));
  const int down = std::max(1, static_cast<int>(box.height() / kSpacing));
  const double sx = box.width() / panel.x.range.span(), sy = box.height() / panel.y.range.span();  // pixels per unit
  std::vector<std::pair<Point, Point>> arrows;
  for (int i = 0; i < down; ++i)
    for (int j = 0; j < across; ++j) {
      const Point at{panel.x.range.low + panel.x.range.span() * (j + 0.5) / across,
                     panel.y.range.low + panel.y.range.span() * (i + 0.5) / down};
      Point way = downhill(landscape.grid, at);
      if (landscape.ascending) way = {-way.x, -way.y};
      const double length = std::hypot(way.x * sx, way.y * sy);
      if (!(length > 0) || !std::isfinite(length)) continue;
      const Point half{way.x / length * kLength / 2, way.y / length * kLength / 2};
      if (!taken.is_free(around(panel.pixel(at), 10, 10))) continue;
      arrows.push_back({{at.x - half.x, at.y - half.y}, {at.x + half.x, at.y + half.y}});
    }
  script.arrows(arrows, {.colour = kField, .width = 1}, 6);
}

// Indices of the first and the last step, then of multiples of 1000, 500, 200, … 1, the order in which steps deserve a
// number; of a long path only of round ones.
std::vector<std::size_t> by_roundness(const VisiblePath& path) {
  const std::size_t count = path.steps.size();
  std::vector<std::size_t> order;
  if (count == 0) return order;
  order = {0, count - 1};
  std::vector<bool> listed(count, false);
  for (const std::size_t round : {1000, 500, 200, 100, 50, 20, 10, 5, 2, 1}) {
    if (round * 60 < count) break;
    for (std::size_t k = 1; k + 1 < count; ++k)
      if (!listed[k] && path.steps[k].first % round == 0) order.push_back(k), listed[k] = true;
  }
  return order;
}

// Numbers beside the steps, where there is room.
void number_steps(Script& script, const Panel& panel, VisiblePath& path, Placement& placement) {
  const double apart = path.steps.size() > 100 ? 36 : 22;  // pixels
  constexpr double kBold = 1.12;                           // times as wide as the plain face
  std::vector<Point> numbered;
  for (const std::size_t k : by_roundness(path)) {
    const Point pixel = panel.pixel(path.steps[k].second);
    const bool crowded = std::ranges::any_of(
        numbered, [&](Point other) { return std::hypot(other.x - pixel.x, other.y - pixel.y) < apart; });
    if (crowded) continue;
    const std::string text = std::to_string(path.steps[k].first);
    const auto middle = placement.beside(pixel, text, kSmallText * kBold, numbered.size() < 2 ? 11 : 8);
    if (!middle) continue;
    script.text(*middle, text, {.size = kSmallText, .colour = kNumber, .align = "center", .bold = true});
    numbered.push_back(pixel);
    path.numbered.push_back(path.steps[k].second);
  }
}

void compose(const Landscape& landscape, Script& script) {
  const Axis x{landscape.x_name, landscape.grid.x}, y = vertical_axis(landscape);
  Panel panel{{}, x, y};
  const std::vector<LegendEntry> entries = landscape_legend(landscape, panel);
  const double left = 24 + tick_room(y), right = script.width() - 24.0;
  double top = script.title({left, 14}, landscape.title) + 18;
  top = draw_legend(script, {left, top}, right, entries) + 16;
  panel.box = shaped({left, top, right, script.height() - 58.0}, x.range, y.range);

  const std::vector<double> levels = contour_levels(landscape.grid, kLevels);
  const std::vector<Outline> regions = outlines(landscape.grid, levels);
  VisiblePath path = visible_path(landscape.path, panel);
  Placement placement(panel.box);
  std::vector<Point> line;
  for (const Point& p : path.line) line.push_back(panel.pixel(p));
  placement.occupy_line(line, 4);
  for (const auto& [step, at] : path.steps) placement.occupy(around(panel.pixel(at), 10, 10));
  for (const CriticalPoint& point : landscape.critical) placement.occupy(around(panel.pixel(point.at), 20, 20));

  script.open(panel);
  number_steps(script, panel, path, placement);
  fill_bands(script, landscape.grid, regions, levels.size());
  draw_contour_lines(script, panel, regions, levels, &placement);
  if (landscape.field) draw_field(script, panel, landscape, placement);
  draw_path(script, panel, path, kPath);
  draw_critical(script, landscape.critical);
  script.close();
}

// High enough for the shape of the box at the file's width.
int natural_height(const Landscape& landscape, int width) {
  const Range x = landscape.grid.x, y = landscape.grid.y;
  const double height = equal_scales(x, y) ? shaped({0, 0, width - 90.0, width * 0.85}, x, y).height() : width * 0.6;
  return static_cast<int>(height + 165);
}

}  // namespace

void draw_critical(Script& script, const std::vector<CriticalPoint>& critical) {
  for (const PointStyle& style : point_styles()) {
    std::vector<Point> points;
    for (const CriticalPoint& point : critical)
      if (point.kind == style.kind) points.push_back(point.at);
    script.symbols(points, style);
  }
}

std::vector<LegendEntry> landscape_legend(const Landscape& landscape, const Panel& panel, bool from_above) {
  std::vector<LegendEntry> entries;
  const VisiblePath path = visible_path(landscape.path, panel);
  if (!path.line.empty() || !path.steps.empty()) {
    std::string text = fmt::format("path, {} step{}", landscape.path.size() - 1, landscape.path.size() == 2 ? "" : "s");
    if (path.start) text += ": ring = start";
    if (path.end || !path.exits.empty()) text += path.end ? ", dot = end" : ", arrow = leaves the box";
    entries.push_back({LegendEntry::Mark::line, text, {.colour = kPath, .width = kPathWidth}});
  }
  if (landscape.field && from_above)
    entries.push_back({LegendEntry::Mark::arrow,
                       landscape.ascending ? "∇f, its direction" : "−∇f, its direction",
                       {.colour = kField, .width = 1}});
  for (const PointStyle& style : point_styles()) {
    const bool shown = std::ranges::any_of(landscape.critical, [&](const CriticalPoint& p) {
      return p.kind == style.kind && panel.x.range.contains(p.at.x) && panel.y.range.contains(p.at.y);
    });
    if (shown) entries.push_back({LegendEntry::Mark::symbol, std::string(style.name), {}, &style});
  }
  if (from_above && std::ranges::any_of(landscape.grid.f, [](double f) { return std::isnan(f); }))
    entries.push_back({LegendEntry::Mark::patch, "f is undefined", {.colour = kUndefined}});
  return entries;
}

void draw_landscape(const Landscape& landscape, const PictureFile& file) {
  check_grid(landscape.grid);
  save_picture(file, natural_height(landscape, file.width), [&](Script& script) { compose(landscape, script); });
}

}  // namespace descent::pictures
