#include "app/pictures/curves.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace descent::pictures {
namespace {

// A curve against the step in a panel of its own.
struct Strip {
  Axis axis;
  std::vector<double> y;
  std::string_view colour;
  double share;        // of the height
  bool limit = false;  // the line at 2 and the zone above it
};

std::string name_of_lowest(const Progress& progress) {
  const double lowest = *progress.lowest;
  if (lowest == 0) return progress.f_name;
  return fmt::format("{} {} {:.6g}", progress.f_name, lowest < 0 ? "+" : "−", std::abs(lowest));
}

std::string name_of_gradient(const Progress& progress) {
  return progress.gradient_name.empty() ? "‖∇" + progress.f_name + "‖" : progress.gradient_name;
}

Strip strip_of_f(const Progress& progress) {
  std::vector<double> y = progress.f;
  if (progress.lowest) {
    for (double& f : y) f -= *progress.lowest;
    if (range_of(y, true)) return {axis_over(name_of_lowest(progress) + "  (log)", y, true), y, kInk, 0.4};
    y = progress.f;
  }
  const auto range = range_of(y);
  const bool log = range && range->low > 0 && range->high > 5 * range->low;
  return {axis_over(progress.f_name + (log ? "  (log)" : ""), y, log), y, kInk, 0.4};
}

Strip strip_of_limit(const Progress& progress) {
  constexpr double kTall = 30;  // beyond it a linear axis would press the line at 2 onto the bottom
  const auto range = range_of(progress.gamma_lambda);
  const double high = range ? range->high : 1, low = range ? range->low : 0;
  Axis axis{"γ·λmax  (shaded: above 2, where a step overshoots and f rises)",
            {std::min(0.0, low * 1.1), std::max(2.6, high * 1.1)}};
  if (high > kTall && range_of(progress.gamma_lambda, true)) {
    std::vector<double> positive = progress.gamma_lambda;
    positive.insert(positive.end(), {1, 4});
    axis = axis_over(axis.label, positive, true);
  }
  return {axis, progress.gamma_lambda, kSeries[0], 0.3, true};
}

void draw_strip(Script& script, const Strip& strip, const Panel& panel, bool lowest) {
  script.open(panel, lowest);
  if (strip.limit) {
    const Range x = panel.x.range, y = panel.y.range;
    script.layer(fmt::format(
        "{} with filledcurves closed fc rgb '{}' fs solid noborder notitle",
        script.data(std::vector<Point>{{x.low, 2}, {x.high, 2}, {x.high, y.high}, {x.low, y.high}}), kDanger));
    script.lines(std::vector<Point>{{x.low, 2}, {x.high, 2}}, {.colour = kRose, .width = 1.4});
  }
  std::vector<double> steps(strip.y.size());
  std::iota(steps.begin(), steps.end(), 0.0);
  const std::vector<Point> points = drawable(panel, steps, strip.y);
  script.lines(points, {.colour = strip.colour, .width = kCurveWidth});
  if (points.size() <= 60) script.dots(points, strip.colour, 0.6);
  script.close();
}

void compose(const Progress& progress, Script& script) {
  std::vector<Strip> strips{strip_of_f(progress)};
  std::size_t steps = progress.f.size();
  if (!progress.gradient_norm.empty())
    strips.push_back({axis_over(name_of_gradient(progress) + "  (log)", progress.gradient_norm, true),
                      progress.gradient_norm, kSeries[2], 0.3});
  if (!progress.gamma_lambda.empty()) strips.push_back(strip_of_limit(progress));
  double shares = 0, left = 0;
  for (const Strip& strip : strips) {
    steps = std::max(steps, strip.y.size());
    shares += strip.share;
    left = std::max(left, 24 + tick_room(strip.axis));
  }
  const double between = 42, right = script.width() - 24.0, bottom = script.height() - 58.0;
  double top = script.title({left, 14}, progress.title) + 36;
  const double room = bottom - top - between * static_cast<double>(strips.size() - 1);
  const Axis x{"step", {0, std::max(1.0, static_cast<double>(steps) - 1)}};
  for (const Strip& strip : strips) {
    const double height = room * strip.share / shares;
    draw_strip(script, strip, {{left, top, right, top + height}, x, strip.axis}, &strip == &strips.back());
    top += height + between;
  }
}

}  // namespace

void draw_progress(const Progress& progress, const PictureFile& file) {
  save_picture(file, progress.gamma_lambda.empty() ? 600 : 760, [&](Script& script) { compose(progress, script); });
}

}  // namespace descent::pictures
