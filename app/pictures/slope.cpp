#include "app/pictures/slope.hpp"

#include "app/pictures/legend.hpp"
#include "app/pictures/placement.hpp"
#include "app/pictures/slope_parts.hpp"
#include "framework/error.hpp"

#include <algorithm>
#include <cmath>

namespace descent::pictures {
namespace {

std::vector<LegendEntry> legend_of(const SlopePicture& picture, const Panel& panel) {
  using enum LegendEntry::Mark;
  std::vector<LegendEntry> entries;
  bool fell = false, rose = false;
  for (const StepArrow& step : drawn_steps(picture.path, panel).arrows) (step.rose ? rose : fell) = true;
  if (fell) entries.push_back({arrow, "f fell", step_style(!picture.ascending)});
  if (rose) entries.push_back({arrow, "f rose", step_style(picture.ascending)});
  if (!picture.path.empty() && !picture.tangents.empty()) entries.push_back({line, "tangent", tangent_style()});
  for (const PointStyle& style : point_styles())
    if (std::ranges::find(picture.zeros, style.kind, &SlopePicture::Zero::kind) != picture.zeros.end())
      entries.push_back(
          {symbol, style.kind == PointKind::undecided ? "undecided" : std::string(style.name), {}, &style});
  return entries;
}

void draw_upper(Script& script, const SlopePicture& picture, const Panel& panel) {
  Placement placement(panel.box);
  const std::vector<Point> curve = joined(picture.x, picture.f);
  std::vector<Point> pixels;
  for (const Point& p : curve) pixels.push_back(panel.pixel(p));
  placement.occupy_line(pixels, 3);
  for (const auto& step : picture.path) placement.occupy(around(panel.pixel({step.x, step.f}), 9, 9));
  script.open(panel, false);
  draw_tangents(script, picture, panel);
  script.lines(curve, {.colour = kInk, .width = kCurveWidth});
  const std::size_t shown = draw_steps(script, picture.path, picture.ascending, panel, placement);
  number_steps(script, picture.path, panel, placement, shown);
  draw_zeros(script, picture, [&](double x) { return sampled(picture.x, picture.f, x); });
  script.close();
}

void draw_lower(Script& script, const SlopePicture& picture, const Panel& panel) {
  script.open(panel);
  script.lines(std::vector<Point>{{panel.x.range.low, 0}, {panel.x.range.high, 0}}, {.colour = kFaint, .width = kThin});
  script.lines(joined(picture.x, picture.slope), {.colour = kSeries[0], .width = kCurveWidth});
  draw_zeros(script, picture, [](double) { return 0.0; });
  script.close();
}

void compose(const SlopePicture& picture, Script& script) {
  Axis x{picture.variable, {picture.x.front(), picture.x.back()}};
  const Axis f{fmt::format("f({})", picture.variable), height_range(picture)};
  const Range slopes = usual_range(picture.slope);
  const Range slope_range = padded({std::min(slopes.low, 0.0), std::max(slopes.high, 0.0)}, 0.06);
  const Axis slope{fmt::format("f′({})", picture.variable), slope_range};
  const double left = 24 + std::max(tick_room(f), tick_room(slope)), right = script.width() - 24.0;
  const std::vector<LegendEntry> entries = legend_of(picture, {{left, 0, right, 0.55 * script.height()}, x, f});
  double top = script.title({left, 14}, picture.title) + 18;
  top = draw_legend(script, {left, top}, right, entries) + 16;
  const double bottom = script.height() - 58.0, between = 44, upper = (bottom - top - between) * 0.64;
  draw_upper(script, picture, {{left, top, right, top + upper}, x, f});
  draw_lower(script, picture, {{left, top + upper + between, right, bottom}, x, slope});
}

}  // namespace

void check_slope(const SlopePicture& picture) {
  const std::size_t count = picture.x.size();
  if (count < 2 || picture.f.size() != count || picture.slope.size() != count)
    throw Error(Fault::usage,
                "a picture of {} values of x, {} of f and {} of its slope; expected as many of each, at least 2", count,
                picture.f.size(), picture.slope.size());
  if (!std::ranges::is_sorted(picture.x, std::less_equal<>()) || !std::isfinite(picture.x.back() - picture.x.front()))
    throw Error(Fault::usage, "a picture's samples from {} to {} are not ascending; expected x from left to right",
                picture.x.front(), picture.x.back());
}

void draw_slope(const SlopePicture& picture, const PictureFile& file) {
  check_slope(picture);
  save_picture(file, 700, [&](Script& script) { compose(picture, script); });
}

}  // namespace descent::pictures
