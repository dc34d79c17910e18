#include "app/pictures/rolling.hpp"

#include "app/pictures/landscape_parts.hpp"
#include "app/pictures/slope_parts.hpp"
#include "framework/error.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

namespace descent::pictures {
namespace {

// Step numbers to show: all, or the first ones and then ever longer strides; the last always.
std::vector<std::size_t> frames(std::size_t steps, std::size_t most) {
  if (steps == 0) return {0};  // a picture of the function alone
  std::set<std::size_t> chosen;
  const double last = static_cast<double>(steps - 1);
  if (steps <= most) {
    for (std::size_t k = 0; k < steps; ++k) chosen.insert(k);
  } else {
    // k^p, with p such that the last frame is the last step: single steps at first.
    const double p = std::log(std::max(last, 2.0)) / std::log(static_cast<double>(most - 1));
    for (std::size_t i = 0; i < most; ++i) chosen.insert(static_cast<std::size_t>(std::lround(std::pow(i, p))));
  }
  return {chosen.begin(), chosen.end()};
}

// Those of the frames in which something moved since the one before by a pixel, and the last.
std::vector<std::size_t> without_stills(const std::vector<std::size_t>& frames,
                                        const std::function<double(std::size_t, std::size_t)>& pixels) {
  std::vector<std::size_t> result;
  for (const std::size_t step : frames)
    if (result.empty() || step == frames.back() || !(pixels(result.back(), step) < 1)) result.push_back(step);
  return result;
}

// Steps up to one after the last that `inside` accepts.
std::size_t steps_to_show(std::size_t count, const std::function<bool(std::size_t)>& inside) {
  std::size_t last = 0;
  for (std::size_t k = 0; k < count; ++k)
    if (inside(k)) last = k;
  return std::min(count, last + 2);
}

std::string caption(const Rolling& rolling, std::size_t step) {
  std::string text = fmt::format("step {}", step);
  if (step < rolling.f.size()) text += fmt::format("     f = {:.5g}", rolling.f[step]);
  if (step > 0 && step < rolling.gamma.size()) text += fmt::format("     γ = {:.4g}", rolling.gamma[step]);
  for (std::size_t at = 0; (at = text.find("= -", at)) != std::string::npos;) text.replace(at, 3, "= −");
  return text;
}

void write_caption(Script& script, Point at, const Rolling& rolling, std::size_t step) {
  script.text(at, caption(rolling, step), {.size = kText, .colour = kInk});
}

// Composes one frame after the other into a script and saves what gnuplot drew of them.
void save(const Rolling& rolling, const PictureFile& file, int natural_height, const std::vector<std::size_t>& steps,
          const std::function<void(Script&, std::size_t)>& compose) {
  std::vector<int> hundredths(steps.size(), std::max(2, static_cast<int>(std::lround(rolling.seconds * 100))));
  hundredths.front() *= 2;
  hundredths.back() = std::max(hundredths.back(), 200);
  save_animation(file, natural_height, hundredths,
                 [&](Script& script, std::size_t frame) { compose(script, steps[frame]); });
}

void check(const Rolling& rolling) {
  if (rolling.most_frames < 2 || rolling.most_frames > 200)
    throw Error(Fault::usage, "an animation of {} frames; expected 2 to 200", rolling.most_frames);
  if (!(rolling.seconds > 0 && rolling.seconds <= 10))
    throw Error(Fault::usage, "an animation with {} s a frame; expected more than 0, at most 10", rolling.seconds);
}

}  // namespace

void animate(const Landscape& landscape, const Rolling& rolling, const PictureFile& file) {
  check(rolling);
  check_grid(landscape.grid);
  const Grid& grid = landscape.grid;
  const auto inside = [&](std::size_t k) {
    return grid.x.contains(landscape.path[k].x) && grid.y.contains(landscape.path[k].y);
  };
  const std::size_t count = steps_to_show(landscape.path.size(), inside);
  const std::vector<double> levels = contour_levels(grid, 11);
  const std::vector<Outline> regions = outlines(grid, levels);
  std::vector<std::string> backdrop;
  const Axis x{landscape.x_name, grid.x}, y = vertical_axis(landscape);
  const double left = 24 + tick_room(y);
  const int height =
      static_cast<int>(shaped({0, 0, file.width - left - 24, file.width * 0.75}, grid.x, grid.y).height()) + 165;
  const Panel about{{0, 0, file.width - left - 24, static_cast<double>(height)}, x, y};
  const auto moved = [&](std::size_t from, std::size_t to) {
    const Point p = about.pixel(landscape.path[from]), q = about.pixel(landscape.path[to]);
    return std::hypot(p.x - q.x, p.y - q.y);
  };
  save(rolling, file, height, without_stills(frames(count, rolling.most_frames), moved),
       [&](Script& script, std::size_t step) {
         const double top = script.title({left, 14}, landscape.title) + 16;
         write_caption(script, {left, top}, rolling, step);
         const Panel panel{shaped({left, top + 38, script.width() - 24.0, script.height() - 58.0}, x.range, y.range), x,
                           y};
         script.open(panel);
         if (backdrop.empty()) {
           fill_bands(script, grid, regions, levels.size());
           draw_contour_lines(script, panel, regions, levels, nullptr);
           backdrop = script.layers();
         } else {
           for (const std::string& item : backdrop) script.layer(item);
         }
         draw_critical(script, landscape.critical);
         draw_path(script, panel,
                   visible_path(std::span(landscape.path).first(std::min(step + 1, landscape.path.size())), panel),
                   kPath);
         script.close();
       });
}

void animate(const SlopePicture& picture, const Rolling& rolling, const PictureFile& file) {
  check(rolling);
  check_slope(picture);
  const Axis x{picture.variable, {picture.x.front(), picture.x.back()}};
  const Axis y{fmt::format("f({})", picture.variable), height_range(picture)};
  const auto inside = [&](std::size_t k) {
    return x.range.contains(picture.path[k].x) && y.range.contains(picture.path[k].f);
  };
  const std::size_t count = steps_to_show(picture.path.size(), inside);
  const double left = 24 + tick_room(y);
  std::string curve;
  const Panel about{{0, 0, file.width - left - 24, file.width * 0.5}, x, y};
  const auto moved = [&](std::size_t from, std::size_t to) {
    const auto &p = picture.path[from], &q = picture.path[to];
    const Point a = about.pixel({p.x, p.f}), b = about.pixel({q.x, q.f});
    return std::hypot(a.x - b.x, a.y - b.y);
  };
  save(rolling, file, file.width * 5 / 8, without_stills(frames(count, rolling.most_frames), moved),
       [&](Script& script, std::size_t step) {
         const double top = script.title({left, 14}, picture.title) + 16;
         write_caption(script, {left, top}, rolling, step);
         const Panel panel{{left, top + 38, script.width() - 24.0, script.height() - 58.0}, x, y};
         script.open(panel);
         const std::span<const SlopePicture::Step> path =
             std::span(picture.path).first(std::min(step + 1, picture.path.size()));
         SlopePicture here = {.title = "",
                              .variable = "",
                              .x = {},
                              .f = {},
                              .slope = {},
                              .ascending = picture.ascending,
                              .path = {path.begin(), path.end()},
                              .tangents = {step},
                              .zeros = {}};
         draw_tangents(script, here, panel);
         if (curve.empty()) {
           script.lines(joined(picture.x, picture.f), {.colour = kInk, .width = kCurveWidth});
           curve = script.layers().back();
         } else {
           script.layer(curve);
         }
         Placement unused(panel.box);
         draw_steps(script, path, picture.ascending, panel, unused);
         draw_zeros(script, picture, [&](double at) { return sampled(picture.x, picture.f, at); });
         if (!path.empty() && inside(path.size() - 1)) {
           const std::vector<Point> ball{{path.back().x, path.back().f}};
           script.dots(ball, kInk, 2);
           script.dots(ball, kPath, 1.6);
         }
         script.close();
       });
}

}  // namespace descent::pictures
