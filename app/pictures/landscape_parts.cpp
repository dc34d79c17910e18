#include "app/pictures/landscape_parts.hpp"

#include "app/pictures/markup.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numbers>

namespace descent::pictures {
namespace {

constexpr Point kBreak{std::numeric_limits<double>::quiet_NaN(), 0};

double distance(Point a, Point b) { return std::hypot(a.x - b.x, a.y - b.y); }

std::vector<Point> to_pixels(const Panel& panel, std::span<const Point> points) {
  std::vector<Point> result;
  for (const Point& p : points) result.push_back(panel.pixel(p));
  return result;
}

// A place for a label on a line.
struct Spot {
  Point at;        // pixels
  double degrees;  // of the line there, −90 to 90
  double bend;     // radians the line turns within the label; less is better
};

// A level is round already: as many digits as that takes, at most four.
Tick level_label(double level) {
  double step = level == 0 ? 1 : std::pow(10.0, std::floor(std::log10(std::abs(level))));
  for (int digit = 0; digit < 3 && std::abs(std::remainder(level, step)) > 1e-6 * step; ++digit) step /= 10;
  return number_label(level, step);
}

// Spots every few pixels, where the line is longer than the label and turns little.
std::vector<Spot> spots(const std::vector<Point>& line, double width) {
  std::vector<double> length(line.size(), 0);
  for (std::size_t k = 1; k < line.size(); ++k) length[k] = length[k - 1] + distance(line[k - 1], line[k]);
  const auto at = [&](double s) {
    const auto above = std::ranges::lower_bound(length, s);
    const auto k = std::clamp<std::size_t>(static_cast<std::size_t>(above - length.begin()), 1, line.size() - 1);
    const double t = (s - length[k - 1]) / std::max(length[k] - length[k - 1], 1e-9);
    return Point{line[k - 1].x + t * (line[k].x - line[k - 1].x), line[k - 1].y + t * (line[k].y - line[k - 1].y)};
  };
  std::vector<Spot> result;
  if (length.back() < 2.5 * width) return result;
  for (double s = 0.7 * width; s <= length.back() - 0.7 * width; s += 6) {
    const Point before = at(s - width / 2), middle = at(s), after = at(s + width / 2);
    const double first = std::atan2(middle.y - before.y, middle.x - before.x);
    const double second = std::atan2(after.y - middle.y, after.x - middle.x);
    const double bend = std::abs(std::remainder(second - first, 2 * std::numbers::pi));
    double degrees = -std::atan2(after.y - before.y, after.x - before.x) * 180 / std::numbers::pi;
    if (degrees > 90) degrees -= 180;
    if (degrees < -90) degrees += 180;
    if (bend < 0.6) result.push_back({middle, degrees, bend + 0.004 * std::abs(degrees)});
  }
  std::ranges::sort(result, {}, &Spot::bend);
  return result;
}

// The box around a rotated label.
Box label_box(const Spot& spot, double width, double height) {
  const double angle = spot.degrees * std::numbers::pi / 180;
  const double c = std::abs(std::cos(angle)), s = std::abs(std::sin(angle));
  return around(spot.at, c * width + s * height, s * width + c * height);
}

// Labels and the pieces of a line that they leave.
class LabelledLines {
 public:
  LabelledLines(Script& script, const Panel& panel, Placement* placement)
      : script_(script), panel_(panel), placement_(placement) {}

  void add(const std::vector<Point>& line, double level) {
    std::vector<std::pair<Point, double>> gaps;  // pixels, radius
    if (placement_) label(to_pixels(panel_, line), level_label(level), gaps);
    for (const Point& p : line) {
      const Point pixel = panel_.pixel(p);
      const bool hidden = std::ranges::any_of(gaps, [&](const auto& g) { return distance(g.first, pixel) < g.second; });
      drawn_.push_back(hidden ? kBreak : p);
    }
    drawn_.push_back(kBreak);
  }
  const std::vector<Point>& drawn() const { return drawn_; }

 private:
  void label(const std::vector<Point>& pixels, const Tick& text, std::vector<std::pair<Point, double>>& gaps) {
    constexpr double kApart = 260;  // pixels between labels of one line
    const double width = text_width(text.text, kSmallText) + 6;
    for (const Spot& spot : spots(pixels, width)) {
      if (gaps.size() >= 2) return;
      if (!gaps.empty() && distance(gaps[0].first, spot.at) < kApart) continue;
      if (!placement_->take(label_box(spot, width + 4, kSmallText + 4))) continue;
      script_.markup(spot.at, text.markup,
                     {.size = kSmallText, .align = "center", .rotated = static_cast<int>(std::lround(spot.degrees))});
      gaps.emplace_back(spot.at, width / 2);
    }
  }

  Script& script_;
  const Panel& panel_;
  Placement* placement_;
  std::vector<Point> drawn_;
};

// More points along the line than a gap is wide, so that labels cut it exactly.
std::vector<Point> dense(const Panel& panel, const std::vector<Point>& line) {
  constexpr double kPixels = 3;
  std::vector<Point> result;
  for (std::size_t k = 0; k + 1 < line.size(); ++k) {
    const int pieces = 1 + static_cast<int>(distance(panel.pixel(line[k]), panel.pixel(line[k + 1])) / kPixels);
    for (int i = 0; i < pieces; ++i) {
      const double t = static_cast<double>(i) / pieces;
      result.push_back({line[k].x + t * (line[k + 1].x - line[k].x), line[k].y + t * (line[k + 1].y - line[k].y)});
    }
  }
  result.push_back(line.back());
  return result;
}

}  // namespace

bool equal_scales(Range x, Range y) {
  constexpr double kLongest = 4;
  return x.span() <= kLongest * y.span() && y.span() <= kLongest * x.span();
}

Axis vertical_axis(const Landscape& landscape) {
  const bool equal = equal_scales(landscape.grid.x, landscape.grid.y);
  return {landscape.y_name + (equal ? "" : "  (not to the scale of " + landscape.x_name + ")"), landscape.grid.y};
}

Box shaped(const Box& room, Range x, Range y) {
  if (!equal_scales(x, y)) return room;
  const double shape = x.span() / y.span();
  const double width = std::min(room.width(), room.height() * shape);
  return {room.left, room.top, room.left + width, room.top + width / shape};
}

void fill_bands(Script& script, const Grid& grid, const std::vector<Outline>& outlines, std::size_t levels) {
  const bool undefined = std::ranges::any_of(grid.f, [](double f) { return std::isnan(f); });
  std::vector<Point> points;
  std::string colour;
  const auto flush = [&] {
    if (!points.empty())
      script.layer(fmt::format("{} with filledcurves closed fc rgb '{}' fs solid noborder notitle", script.data(points),
                               colour));
    points.clear();
  };
  if (undefined) {
    const Range x = grid.x, y = grid.y;
    for (const Point p : {Point{x.low, y.low}, {x.high, y.low}, {x.high, y.high}, {x.low, y.high}}) points.push_back(p);
    colour = kUndefined;
    flush();
  }
  for (const Outline& outline : outlines) {
    const int band = outline.hole ? outline.level : outline.level + 1;  // 0 below the first level
    std::string wanted(kUndefined);
    if (band >= 0 && !(outline.hole && outline.level < 0))
      wanted = height_colour(levels == 0 ? 0.5 : band / static_cast<double>(levels));
    if (wanted != colour) flush();
    colour = wanted;
    points.insert(points.end(), outline.points.begin(), outline.points.end());
    points.push_back(outline.points.front());
    points.push_back(kBreak);
  }
  flush();
}

void draw_contour_lines(Script& script, const Panel& panel, const std::vector<Outline>& outlines,
                        const std::vector<double>& levels, Placement* placement) {
  LabelledLines labelled(script, panel, placement);
  for (const Outline& outline : outlines) {
    if (outline.level < 0) continue;
    for (const std::vector<Point>& line : contour_lines(outline))
      labelled.add(placement ? dense(panel, line) : line, levels[static_cast<std::size_t>(outline.level)]);
  }
  script.lines(labelled.drawn(), {.colour = "#557086", .width = 0.8});
}

VisiblePath visible_path(std::span<const Point> path, const Panel& panel) {
  VisiblePath result;
  const auto inside = [&](Point p) { return panel.x.range.contains(p.x) && panel.y.range.contains(p.y); };
  if (!path.empty() && inside(path.front())) result.start = path.front();
  if (!path.empty() && inside(path.back())) result.end = path.back();
  constexpr double kShortest = 0.4;  // pixels: shorter pieces are drawn as one
  bool open = false;                 // the line ends at, or within kShortest of, the step before
  for (std::size_t k = 1; k < path.size(); ++k) {
    const auto part = clipped(path[k - 1], path[k], panel.x.range, panel.y.range);
    if (!part) {
      open = false;
      continue;
    }
    if (!open && !result.line.empty()) result.line.push_back(kBreak);
    if (!open) result.line.push_back(part->first);
    open = inside(path[k]);
    const double moved = distance(panel.pixel(result.line.back()), panel.pixel(part->second));
    if (!open || k + 1 == path.size() || moved >= kShortest) result.line.push_back(part->second);
    if (!open) result.exits.push_back(*part);
  }
  for (std::size_t k = 0; k < path.size(); ++k)
    if (inside(path[k])) result.steps.emplace_back(k, path[k]);
  return result;
}

void draw_path(Script& script, const Panel& panel, const VisiblePath& path, std::string_view colour) {
  constexpr double kApart = 7;  // pixels
  const double longest = 2.5 * (panel.box.width() + panel.box.height());
  // Where the path has become so long that it would fill the picture, it goes on as a hairline.
  double length = 0;
  std::size_t bold = 0;
  for (; bold < path.line.size() && length < longest; ++bold) {
    const double piece = bold == 0 ? 0 : distance(panel.pixel(path.line[bold - 1]), panel.pixel(path.line[bold]));
    if (std::isfinite(piece)) length += piece;
  }
  const auto first = std::span(path.line).first(bold), rest = std::span(path.line).subspan(bold - (bold > 0));
  if (rest.size() > 1) script.lines(rest, {.colour = colour, .width = 0.6});
  script.lines(first, {.colour = kPaper, .width = kPathWidth + kCasing});
  script.lines(first, {.colour = colour, .width = kPathWidth});
  constexpr double kTips = 12;  // pixels between the arrows at the edge
  std::vector<std::pair<Point, Point>> exits;
  for (const auto& exit : path.exits) {
    const bool crowded = std::ranges::any_of(exits, [&](const auto& other) {
      return distance(panel.pixel(exit.second), panel.pixel(other.second)) < kTips;
    });
    if (!crowded) exits.push_back(exit);
  }
  script.arrows(exits, {.colour = colour, .width = kPathWidth}, 12);
  std::vector<Point> dots;
  for (std::size_t k = 0; k < path.steps.size(); ++k) {
    const auto apart = [&](std::size_t other) {
      return distance(panel.pixel(path.steps[k].second), panel.pixel(path.steps[other].second)) >= kApart;
    };
    if ((k > 0 && apart(k - 1)) || (k + 1 < path.steps.size() && apart(k + 1))) dots.push_back(path.steps[k].second);
  }
  const bool crowd = rest.size() > 1;
  if (!crowd) script.dots(dots, kPaper, 0.95);
  script.dots(dots, colour, crowd ? 0.4 : 0.65);
  script.dots(path.numbered, colour, 0.65);
  if (path.end) script.dots(std::vector{*path.end}, kPaper, 2.2);
  if (path.end) script.dots(std::vector{*path.end}, colour, 1.8);
  if (path.start) script.dots(std::vector{*path.start}, colour, 1.75);
  if (path.start) script.dots(std::vector{*path.start}, kPaper, 1.15);
}

}  // namespace descent::pictures
