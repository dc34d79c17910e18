#include "app/pictures/slope_parts.hpp"

#include "app/pictures/grid.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace descent::pictures {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

bool inside(const Panel& panel, Point p) { return panel.x.range.contains(p.x) && panel.y.range.contains(p.y); }

double apart(const Panel& panel, const SlopePicture::Step& a, const SlopePicture::Step& b) {
  const Point p = panel.pixel({a.x, a.f}), q = panel.pixel({b.x, b.f});
  return std::hypot(p.x - q.x, p.y - q.y);
}

// `arrow` so many pixels to the right of its way.
StepArrow beside(StepArrow arrow, const Panel& panel, double pixels) {
  const Point a = panel.pixel(arrow.from), b = panel.pixel(arrow.to);
  const double length = std::hypot(b.x - a.x, b.y - a.y);
  const double dx = -(b.y - a.y) / length * pixels * panel.x.range.span() / panel.box.width();
  const double dy = -(b.x - a.x) / length * pixels * panel.y.range.span() / panel.box.height();
  arrow.from = {arrow.from.x + dx, arrow.from.y + dy};
  arrow.to = {arrow.to.x + dx, arrow.to.y + dy};
  return arrow;
}

// Adds an arrow: not again where one lies already, and beside one that goes the other way.
void add_arrow(DrawnSteps& steps, const Panel& panel, const StepArrow& arrow) {
  constexpr double kSame = 2, kOpposite = 6, kBeside = 3;  // pixels
  constexpr std::size_t kMostCompared = 64;
  const auto ends = [&](Point a, Point b, const StepArrow& other) {
    const Point p = panel.pixel(a), q = panel.pixel(b), r = panel.pixel(other.from), s = panel.pixel(other.to);
    return std::max(std::hypot(p.x - r.x, p.y - r.y), std::hypot(q.x - s.x, q.y - s.y));
  };
  std::vector<StepArrow>& arrows = steps.arrows;
  const std::size_t first = arrows.size() - std::min(arrows.size(), kMostCompared);
  for (std::size_t k = first; k < arrows.size(); ++k)
    if (arrows[k].rose == arrow.rose &&
        ends(arrow.from, arrow.to, arrows[k]) <= kSame + (arrows[k].aside ? kBeside : 0))
      return;
  StepArrow added = arrow;
  for (std::size_t k = first; k < arrows.size(); ++k) {
    if (ends(arrow.to, arrow.from, arrows[k]) > kOpposite) continue;
    if (!arrows[k].aside) arrows[k] = beside(arrows[k], panel, kBeside);
    arrows[k].aside = added.aside = true;
  }
  steps.arrows.push_back(added.aside ? beside(added, panel, kBeside) : added);
}

}  // namespace

LineStyle step_style(bool wanted) { return {.colour = wanted ? kFell : kRose, .width = 1.8, .dashed = !wanted}; }
LineStyle tangent_style() { return {.colour = kSeries[0], .width = 1.6, .dashed = true}; }

std::vector<Point> joined(std::span<const double> x, std::span<const double> y) {
  std::vector<double> sorted(y.begin(), y.end());
  std::erase_if(sorted, [](double v) { return !std::isfinite(v); });
  std::ranges::sort(sorted);
  const double usual = sorted.empty() ? 0 : sorted[sorted.size() * 9 / 10] - sorted[sorted.size() / 10];
  // A jump between two samples: level on both sides of it.
  const auto jumps = [&](std::size_t k, std::size_t to) {
    if (k == 0 || to + 1 >= x.size() || !(usual > 0)) return false;
    const double jump = std::abs(y[to] - y[k]);
    return jump > 0.1 * usual && std::abs(y[k] - y[k - 1]) < 0.05 * jump && std::abs(y[to + 1] - y[to]) < 0.05 * jump;
  };
  // A pole: from one sample to the next the curve crosses most of its range, the other way than on both sides.
  const auto pole = [&](std::size_t k) {
    if (k == 0 || k + 2 >= x.size() || !(usual > 0)) return false;
    const double before = y[k] - y[k - 1], jump = y[k + 1] - y[k], after = y[k + 2] - y[k + 1];
    return std::abs(jump) > usual && before * jump < 0 && after * jump < 0;
  };
  std::vector<Point> result;
  for (std::size_t k = 0; k < x.size(); ++k) {
    result.push_back({x[k], std::isfinite(y[k]) ? y[k] : kNaN});
    const bool over_one = k + 2 < x.size() && !jumps(k, k + 1) && jumps(k, k + 2);  // a sample lies right on the jump
    if (pole(k) || over_one || (k + 1 < x.size() && jumps(k, k + 1))) result.push_back({kNaN, 0});
    if (over_one) ++k;
  }
  return result;
}

double sampled(std::span<const double> x, std::span<const double> y, double at) {
  if (!(at >= x.front() && at <= x.back())) return kNaN;
  const auto above = std::ranges::upper_bound(x, at);
  const std::size_t k = std::clamp<std::size_t>(static_cast<std::size_t>(above - x.begin()), 1, x.size() - 1);
  const double t = (at - x[k - 1]) / (x[k] - x[k - 1]);
  return t == 0 ? y[k - 1] : t == 1 ? y[k] : (1 - t) * y[k - 1] + t * y[k];
}

Range height_range(const SlopePicture& picture) {
  const Range range = usual_range(picture.f);
  std::vector<double> heights{range.low, range.high};
  for (const auto& step : picture.path)
    if (step.x >= picture.x.front() && step.x <= picture.x.back() && step.f - range.high < range.span() &&
        range.low - step.f < range.span())
      heights.push_back(step.f);
  return padded(*range_of(heights), 0.07);
}

void draw_tangents(Script& script, const SlopePicture& picture, const Panel& panel) {
  for (const std::size_t k : picture.tangents) {
    if (k >= picture.path.size()) continue;
    const auto& step = picture.path[k];
    if (!std::isfinite(step.slope) || !inside(panel, {step.x, step.f})) continue;
    const double sx = panel.box.width() / panel.x.range.span(), sy = panel.box.height() / panel.y.range.span();
    constexpr double kHalf = 120;  // pixels
    const double dx = kHalf / std::hypot(sx, step.slope * sy);
    const auto part = clipped({step.x - dx, step.f - dx * step.slope}, {step.x + dx, step.f + dx * step.slope},
                              panel.x.range, panel.y.range);
    if (part) script.lines(std::vector<Point>{part->first, part->second}, tangent_style());
  }
}

DrawnSteps drawn_steps(std::span<const SlopePicture::Step> path, const Panel& panel) {
  constexpr double kShortest = 5;  // pixels of an arrow
  DrawnSteps steps;
  steps.shown = path.empty() ? 0 : 1;
  for (std::size_t k = 0; k < path.size(); ++k) {
    const Point at{path[k].x, path[k].f};
    const bool clear = k == 0 || apart(panel, path[k - 1], path[k]) >= kShortest;
    if (inside(panel, at) && (clear || k + 1 == path.size())) steps.dots.push_back(at);
    if (clear) steps.shown = k + 1;
    if (k == 0 || !clear) continue;
    const auto part = clipped({path[k - 1].x, path[k - 1].f}, at, panel.x.range, panel.y.range);
    if (part) add_arrow(steps, panel, {part->first, part->second, path[k].f > path[k - 1].f});
  }
  return steps;
}

std::size_t draw_steps(Script& script, std::span<const SlopePicture::Step> path, bool ascending, const Panel& panel,
                       Placement& placement) {
  const DrawnSteps steps = drawn_steps(path, panel);
  std::vector<std::pair<Point, Point>> fell, rose;
  for (const StepArrow& arrow : steps.arrows) {
    (arrow.rose ? rose : fell).emplace_back(arrow.from, arrow.to);
    placement.occupy_line(std::vector{panel.pixel(arrow.from), panel.pixel(arrow.to)}, 3);
  }
  script.arrows(fell, step_style(!ascending), 9, 4);
  script.arrows(rose, step_style(ascending), 9, 4);
  script.dots(steps.dots, kPaper, 1.15);
  script.dots(steps.dots, kInk, 0.8);
  return steps.shown;
}

void number_steps(Script& script, std::span<const SlopePicture::Step> path, const Panel& panel, Placement& placement,
                  std::size_t shown) {
  constexpr double kApart = 13;
  std::vector<Point> numbered;
  std::vector<std::size_t> order;
  if (!path.empty()) order = {0, path.size() - 1};
  for (std::size_t k = 1; k < std::min<std::size_t>(shown, 60); ++k) order.push_back(k);
  for (const std::size_t k : order) {
    const Point at{path[k].x, path[k].f};
    if (!inside(panel, at)) continue;
    const Point pixel = panel.pixel(at);
    if (std::ranges::any_of(numbered, [&](Point p) { return std::hypot(p.x - pixel.x, p.y - pixel.y) < kApart; }))
      continue;
    const auto middle = placement.beside(pixel, std::to_string(k), kSmallText, 9);
    if (!middle) continue;
    script.text(*middle, std::to_string(k), {.size = kSmallText, .align = "center"});
    numbered.push_back(pixel);
  }
}

void draw_zeros(Script& script, const SlopePicture& picture, const std::function<double(double)>& height) {
  for (const PointStyle& style : point_styles()) {
    std::vector<Point> points;
    for (const auto& zero : picture.zeros)
      if (zero.kind == style.kind && std::isfinite(height(zero.x))) points.push_back({zero.x, height(zero.x)});
    script.symbols(points, style);
  }
}

}  // namespace descent::pictures
