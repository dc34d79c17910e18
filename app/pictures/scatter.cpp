#include "app/pictures/scatter.hpp"

#include "app/pictures/contours.hpp"
#include "app/pictures/curves.hpp"
#include "framework/error.hpp"

#include <algorithm>
#include <cmath>

namespace descent::pictures {
namespace {

constexpr double kRight = 24, kBelow = 58;
constexpr int kNatural = 560;

// Dots small enough that many rows do not become one blot.
double dot_size(const std::vector<PointGroup>& groups) {
  std::size_t count = 0;
  for (const PointGroup& group : groups) count += group.points.size();
  return count > 2000 ? 0.4 : count > 300 ? 0.65 : 0.9;
}

// Title and legend; returns where the panel's data start.
double head(Script& script, double left, const std::string& title, const std::vector<LegendEntry>& legend) {
  const double top = script.title({left, 14}, title) + 20;
  return draw_legend(script, {left, top}, script.width() - kRight, legend) + 14;
}

std::vector<LegendEntry> legend_of(const std::vector<PointGroup>& groups) {
  std::vector<LegendEntry> legend;
  for (const PointGroup& group : groups)
    if (!group.name.empty())
      legend.push_back({LegendEntry::Mark::dot, group.name, {.colour = series_colour(group.colour)}});
  return legend;
}

// From corner to corner, its ends just inside, for gnuplot drops a line with both ends outside.
std::vector<Point> diagonal(Range range) {
  const double low = range.low + 1e-4 * range.span(), high = range.high - 1e-4 * range.span();
  return {{low, low}, {high, high}};
}

void compose(const Scatter& scatter, Script& script) {
  std::vector<double> x, y;
  const auto gather = [&](const std::vector<Point>& points) {
    for (const Point& p : points) {
      x.push_back(p.x);
      y.push_back(p.y);
    }
  };
  for (const PointGroup& group : scatter.groups) gather(group.points);
  gather(scatter.line);
  if (scatter.diagonal) {
    x.insert(x.end(), y.begin(), y.end());
    y = x;
  }
  Axis x_axis = axis_over(scatter.x_label, x, false), y_axis = axis_over(scatter.y_label, y, false);
  const double left = 24 + tick_room(y_axis);
  std::vector<LegendEntry> legend = legend_of(scatter.groups);
  if (!scatter.line_name.empty()) legend.push_back({LegendEntry::Mark::line, scatter.line_name, {.colour = kInk}});
  if (scatter.diagonal)
    legend.push_back({LegendEntry::Mark::line, "exact", {.colour = kFaint, .width = 1.4, .dashed = true}});
  const double top = head(script, left, scatter.title, legend);
  const double bottom = script.height() - kBelow;
  const double right =
      scatter.diagonal ? std::min(script.width() - kRight, left + bottom - top) : script.width() - kRight;
  Panel panel;
  panel.box = {left, top, right, bottom};
  panel.x = std::move(x_axis);
  panel.y = std::move(y_axis);
  script.open(panel);
  if (scatter.diagonal) script.lines(diagonal(panel.x.range), {.colour = kFaint, .width = 1.4, .dashed = true});
  for (const PointGroup& group : scatter.groups)
    script.dots(group.points, series_colour(group.colour), dot_size(scatter.groups));
  script.lines(scatter.line, {.colour = kInk, .width = kCurveWidth});
  script.close();
}

// By how much class k wins: score[k] less the largest of the others.
Grid margin_of(const std::vector<Grid>& scores, std::size_t k) {
  Grid margin = scores[k];
  for (std::size_t i = 0; i < margin.f.size(); ++i) {
    double other = -HUGE_VAL;
    for (std::size_t j = 0; j < scores.size(); ++j)
      if (j != k) other = std::max(other, scores[j].f[i]);
    margin.f[i] -= other;
  }
  return margin;
}

// A colour mixed with a lot of white.
std::string pale(std::string_view colour) {
  int channels[3];
  for (int c = 0; c < 3; ++c) {
    const int full = std::stoi(std::string(colour.substr(1 + 2 * static_cast<std::size_t>(c), 2)), nullptr, 16);
    channels[c] = static_cast<int>(std::lround(255 + 0.28 * (full - 255)));
  }
  return fmt::format("#{:02x}{:02x}{:02x}", channels[0], channels[1], channels[2]);
}

// Each class fills where it wins, the larger parts first: what lies inside another part is painted over it.
void fill_regions(Script& script, const Regions& regions) {
  struct Part {
    std::size_t group;
    Outline outline;
  };
  std::vector<Part> parts;
  for (std::size_t k = 0; k < regions.scores.size(); ++k)
    for (Outline& outline : outlines(margin_of(regions.scores, k), {0.0}))
      if (outline.level == 0 && !outline.hole) parts.push_back({k, std::move(outline)});
  std::ranges::stable_sort(parts, [](const Part& a, const Part& b) { return a.outline.area > b.outline.area; });
  for (const Part& part : parts)
    script.layer(fmt::format("{} with filledcurves closed fc rgb '{}' fs solid noborder notitle",
                             script.data(part.outline.points), pale(series_colour(regions.groups[part.group].colour))));
  for (const Part& part : parts)
    for (const std::vector<Point>& line : contour_lines(part.outline))
      script.lines(line, {.colour = kFaint, .width = kThin});
}

void compose(const Regions& regions, Script& script) {
  Panel panel;
  panel.x = {regions.x_label, regions.scores.front().x};
  panel.y = {regions.y_label, regions.scores.front().y};
  const double left = 24 + tick_room(panel.y);
  std::vector<LegendEntry> legend = legend_of(regions.groups);
  const bool some_wrong = std::ranges::any_of(
      regions.wrong, [](const auto& flags) { return std::ranges::find(flags, true) != flags.end(); });
  if (some_wrong) legend.push_back({LegendEntry::Mark::dot, "ringed: wrong", {.colour = kInk}});
  const double top = head(script, left, regions.title, legend);
  panel.box = {left, top, script.width() - kRight, script.height() - kBelow};
  script.open(panel);
  fill_regions(script, regions);
  const double size = dot_size(regions.groups);
  for (std::size_t k = 0; k < regions.groups.size(); ++k) {
    const PointGroup& group = regions.groups[k];
    std::vector<Point> wrong;
    for (std::size_t i = 0; i < group.points.size(); ++i)
      if (regions.wrong[k][i]) wrong.push_back(group.points[i]);
    script.dots(group.points, kPaper, size * 1.35);
    script.dots(wrong, kInk, size * 1.9);
    script.dots(wrong, kPaper, size * 1.4);
    script.dots(group.points, series_colour(group.colour), size);
  }
  script.close();
}

}  // namespace

void draw_scatter(const Scatter& scatter, const PictureFile& file) {
  save_picture(file, scatter.diagonal ? file.width : kNatural, [&](Script& script) { compose(scatter, script); });
}

void draw_regions(const Regions& regions, const PictureFile& file) {
  const std::size_t classes = regions.scores.size();
  if (classes < 2 || regions.groups.size() != classes || regions.wrong.size() != classes)
    throw Error(Fault::usage,
                "regions of {} classes with {} groups of points; expected two classes at least and a group of each",
                classes, regions.groups.size());
  for (const Grid& grid : regions.scores) check_grid(grid);
  save_picture(file, kNatural, [&](Script& script) { compose(regions, script); });
}

}  // namespace descent::pictures
