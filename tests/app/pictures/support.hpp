// Functions with known shapes as the data of pictures, and readers of what was drawn.
#pragma once

#include "app/pictures/curves.hpp"
#include "app/pictures/landscape.hpp"
#include "app/pictures/rates.hpp"
#include "app/pictures/rolling.hpp"
#include "app/pictures/slope.hpp"
#include "framework/error.hpp"
#include "tests/support/program.hpp"

#include <gif_lib.h>
#include <png.h>

#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <vector>

namespace descent::pictures {

inline constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
inline constexpr double kInfinity = std::numeric_limits<double>::infinity();

using Surface = double (*)(double x, double y);
using Line = double (*)(double x);

inline double quadratic(double x, double y) { return x * x + x * y + y * y; }
inline double rosenbrock(double x, double y) { return (1 - x) * (1 - x) + 100 * (y - x * x) * (y - x * x); }
inline double himmelblau(double x, double y) { return std::pow(x * x + y - 11, 2) + std::pow(x + y * y - 7, 2); }
inline double saddle(double x, double y) { return x * x - y * y; }
inline double monkey(double x, double y) { return x * x * x - 3 * x * y * y; }
inline double valley(double x, double y) { return x * x + 20 * y * y; }
inline double half_plane(double x, double y) { return x - std::log(x) + y * y; }  // NaN for x < 0
inline double overflowing(double x, double y) { return std::exp(std::exp(x * x + y * y)); }
inline double constant(double, double) { return 3; }
inline double nowhere(double, double) { return kNaN; }
inline double quartic(double x) { return x * x * x * x - 3 * x * x + x; }
inline double magnitude(double x) { return std::abs(x); }
inline double pole(double x) { return 1 / x; }

inline Grid grid_of(Surface f, Range x, Range y, std::size_t points = 61) {
  Grid grid{x, y, points, points, {}};
  for (std::size_t i = 0; i < points; ++i)
    for (std::size_t j = 0; j < points; ++j) grid.f.push_back(f(grid.at_x(j), grid.at_y(i)));
  return grid;
}

// Gradient descent with central differences: good enough to look at.
inline std::vector<Point> descend(Surface f, Point at, double gamma, std::size_t steps) {
  constexpr double h = 1e-6;
  std::vector<Point> path{at};
  for (std::size_t k = 0; k < steps; ++k) {
    const double gx = (f(at.x + h, at.y) - f(at.x - h, at.y)) / (2 * h),
                 gy = (f(at.x, at.y + h) - f(at.x, at.y - h)) / (2 * h);
    path.push_back(at = {at.x - gamma * gx, at.y - gamma * gy});
  }
  return path;
}

inline SlopePicture slope_of(Line f, Range range, double start, double gamma, std::size_t steps) {
  constexpr double h = 1e-6;
  const auto slope = [&](double x) { return (f(x + h) - f(x - h)) / (2 * h); };
  SlopePicture picture;
  picture.title = "A curve and its slope.";
  for (int k = 0; k <= 300; ++k) {
    const double x = range.low + range.span() * k / 300;
    picture.x.push_back(x);
    picture.f.push_back(f(x));
    picture.slope.push_back(slope(x));
  }
  for (std::size_t k = 0; k <= steps; ++k) {
    picture.path.push_back({start, f(start), slope(start)});
    start -= gamma * slope(start);
  }
  return picture;
}

inline Landscape landscape_of(Surface f, Range x, Range y, std::vector<Point> path = {}) {
  return {.title = "A landscape.",
          .x_name = "x",
          .y_name = "y",
          .grid = grid_of(f, x, y),
          .path = std::move(path),
          .critical = {}};
}

struct Pixels {
  std::size_t width = 0, height = 0, colours = 0;
};
inline Pixels read_png(const std::string& bytes) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  if (!png_image_begin_read_from_memory(&image, bytes.data(), bytes.size())) return {};
  image.format = PNG_FORMAT_RGBA;
  std::vector<png_uint_32> pixels(PNG_IMAGE_SIZE(image) / 4);
  if (!png_image_finish_read(&image, nullptr, pixels.data(), 0, nullptr)) return {};
  return {image.width, image.height, std::set(pixels.begin(), pixels.end()).size()};
}

struct Animation {
  int width = 0, height = 0, frames = 0;
  std::size_t colours = 0;  // of the last frame, at most 256
};
inline Animation read_gif(const std::string& path) {
  int reason = 0;
  GifFileType* gif = DGifOpenFileName(path.c_str(), &reason);
  if (!gif) return {};
  Animation result;
  if (DGifSlurp(gif) == GIF_OK) {
    result = {gif->SWidth, gif->SHeight, gif->ImageCount, 0};
    const SavedImage& last = gif->SavedImages[gif->ImageCount - 1];
    result.colours = std::set(last.RasterBits, last.RasterBits + last.ImageDesc.Width * last.ImageDesc.Height).size();
  }
  DGifCloseFile(gif, &reason);
  return result;
}

inline std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) ++found;
  return found;
}

// Where an SVG has a filled circle: each dot of a path is drawn twice, on a white one.
inline std::set<std::string> circles(const std::string& svg) {
  const std::string start = "<use xlink:href='#gpPt6' transform='translate(";
  std::set<std::string> places;
  for (std::size_t at = 0; (at = svg.find(start, at)) != std::string::npos; at += start.size())
    places.insert(svg.substr(at + start.size(), svg.find(')', at + start.size()) - at - start.size()));
  return places;
}

}  // namespace descent::pictures
