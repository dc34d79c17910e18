#include "app/pictures/landscape.hpp"
#include "app/pictures/landscape_parts.hpp"
#include "app/pictures/legend.hpp"
#include "app/pictures/markup.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace descent::pictures {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kTilt = 52;  // degrees from straight above
constexpr int kLevels = 11;
constexpr std::size_t kMesh = 49;  // at most so many points each way

// Heights over the unit cube: x, y and z from −1 to 1, as gnuplot looks at them.
class Cube {
 public:
  Cube(const Grid& grid, Range z) : grid_(grid), z_(z) {}

  double cut(double f) const { return std::clamp(f, z_.low, z_.high); }
  double height(double x, double y) const {
    return cut(
        interpolated(grid_, {grid_.x.low + grid_.x.span() * (x + 1) / 2, grid_.y.low + grid_.y.span() * (y + 1) / 2}));
  }

  // Whether the surface stands between a point on it and an eye far away at `azimuth` degrees (gnuplot's rot_z).
  bool hides(Point at, double azimuth) const {
    const double turn = azimuth * std::numbers::pi / 180, tilt = kTilt * std::numbers::pi / 180;
    const double dx = std::sin(turn) * std::sin(tilt), dy = -std::cos(turn) * std::sin(tilt), dz = std::cos(tilt);
    const double x = 2 * (at.x - grid_.x.low) / grid_.x.span() - 1, y = 2 * (at.y - grid_.y.low) / grid_.y.span() - 1;
    const double z = unit(height(x, y));
    for (double t = 0.03; z + t * dz < 1; t += 0.015)
      if (unit(height(x + t * dx, y + t * dy)) > z + t * dz + 0.02) return true;
    return false;
  }

 private:
  double unit(double f) const { return 2 * (f - z_.low) / z_.span() - 1; }

  const Grid& grid_;
  Range z_;
};

// The path as it lies on the surface: points close to each other along every step.
std::vector<Point> draped(const Landscape& landscape) {
  std::vector<Point> result;
  const std::vector<Point>& path = landscape.path;
  for (std::size_t k = 1; k < path.size(); ++k) {
    const auto part = clipped(path[k - 1], path[k], landscape.grid.x, landscape.grid.y);
    if (!part) continue;
    const auto& [a, b] = *part;
    const double length = std::hypot((b.x - a.x) / landscape.grid.x.span(), (b.y - a.y) / landscape.grid.y.span());
    const int pieces = 1 + static_cast<int>(length * 150);
    if (!result.empty() && (result.back().x != a.x || result.back().y != a.y)) result.push_back({kNaN, 0});
    for (int i = 0; i <= pieces; ++i)
      result.push_back({a.x + (b.x - a.x) * i / pieces, a.y + (b.y - a.y) * i / pieces});
  }
  return result;
}

// The azimuth from which most of the path is seen, and of the critical points.
double best_azimuth(const Cube& cube, const std::vector<Point>& path, const std::vector<CriticalPoint>& critical) {
  const std::size_t stride = 1 + path.size() / 300;
  const double looked_at = static_cast<double>(path.size() / stride) + 30;
  double best = 30, least = 1e9;
  for (const double azimuth : {30.0, 60.0, 330.0, 300.0, 120.0, 150.0, 210.0, 240.0}) {
    double hidden = 0;

    for (std::size_t k = 0; k < path.size(); k += stride)
      hidden += std::isfinite(path[k].x) && cube.hides(path[k], azimuth);
    for (const CriticalPoint& point : critical)
      hidden += cube.hides(point.at, azimuth) ? 30.0 / static_cast<double>(critical.size()) : 0;
    if (hidden < least - 0.05 * looked_at) least = hidden, best = azimuth;
  }
  return best;
}

std::string surface_data(Script& script, const Landscape& landscape, const Cube& cube,
                         const std::vector<double>& levels) {
  const Grid& grid = landscape.grid;
  const auto range = range_of(grid.f);
  const std::size_t columns = std::min(kMesh, grid.columns), rows = std::min(kMesh, grid.rows);
  std::vector<std::vector<double>> data;
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) {
      const std::size_t at_i = i * (grid.rows - 1) / (rows - 1), at_j = j * (grid.columns - 1) / (columns - 1);
      const double f = grid.at(at_i, at_j);
      const double level = std::isnan(f) ? kNaN : level_position(f, levels, range->low) + 1;
      data.push_back({grid.at_x(at_j), grid.at_y(at_i), std::isnan(f) ? kNaN : cube.cut(f),
                      levels.empty() ? 0.5 : level / static_cast<double>(levels.size() + 1)});
    }
    data.emplace_back();
  }
  return script.data(data);
}

// Rows x, y, z just above the surface; points that are no number part the line.
std::string lifted(Script& script, const std::vector<Point>& points, const Cube& cube, const Grid& grid, double lift) {
  std::vector<std::vector<double>> rows;
  for (const Point& p : points) {
    const double f = interpolated(grid, p);
    rows.push_back(std::isfinite(p.x) && !std::isnan(f) ? std::vector{p.x, p.y, cube.cut(f) + lift}
                                                        : std::vector<double>());
  }
  return script.data(rows);
}

std::string palette() {
  std::string list;
  for (const double height : {0.0, 0.25, 0.5, 0.75, 1.0})
    list += fmt::format("{}{} '{}'", list.empty() ? "" : ", ", height, height_colour(height));
  return list;
}

std::string settings(const Script& script, const Landscape& landscape, Range z, double azimuth, double top) {
  const double height = script.height();
  const TextStyle small{.size = kSmallText};
  const auto axis = [&](char name, const Axis& axis, int count, std::string_view rotation) {
    std::string list;
    for (const Tick& tick : ticks(axis, count))
      if (name == 'z' || std::abs(axis.fraction(tick.value) - 0.5) < 0.48)  // numbers at a corner would meet
        list += fmt::format("{}{} {:.15g}", list.empty() ? "" : ", ", markup_literal(tick.markup), tick.value);
    return fmt::format(
        "set {0}range [{1:.15g}:{2:.15g}] noextend\nset {0}tics out scale 0.4 {3} tc rgb '{4}' ({5})\n"
        "set {0}label {6} {7} {8}\n",
        name, axis.range.low, axis.range.high, script.font(small), kFaint, list, literal(axis.label), script.font({}),
        rotation);
  };
  // gnuplot draws the cube beyond these margins, about as far again on each side.
  const double across = 0.23, middle = (top + height) / 2 / height, half = 0.27 * (height - top) / height;
  return fmt::format(
             "set lmargin at screen {:.5g}\nset rmargin at screen {:.5g}\nset tmargin at screen {:.5g}\n"
             "set bmargin at screen {:.5g}\n",
             across, 1 - across, 1 - middle + half, 1 - middle - half) +
         axis('x', {landscape.x_name, landscape.grid.x}, 5, "offset 0,-0.3") +
         axis('y', {landscape.y_name, landscape.grid.y}, 5, "offset 0,-0.3") + axis('z', {"f", z}, 5, "offset 1,0") +
         fmt::format(
             "set view {},{}\nset xyplane relative 0\nset border 31 lc rgb '{}' lw 1\n"
             "set grid x y z ls 1\nunset colorbox\nset palette defined ({})\nset cbrange [0:1]\n"
             "set pm3d scansautomatic border lc rgb '#6f8fa8' lw 0.3",
             kTilt, azimuth, kFrame, palette());
}

void add_path(Script& script, const Landscape& landscape, const Cube& cube, const std::vector<Point>& path,
              const std::vector<std::pair<Point, Point>>& exits, double azimuth, double lift) {
  std::vector<Point> seen, hidden;
  for (const Point& p : path) {
    const bool hides = std::isfinite(p.x) && cube.hides(p, azimuth);
    seen.push_back(hides ? Point{kNaN, 0} : p);
    hidden.push_back(hides ? p : Point{kNaN, 0});
  }
  const auto line = [&](const std::vector<Point>& points, std::string_view colour, double width,
                        std::string_view dashes) {
    script.layer(fmt::format("{} with lines lc rgb '{}' lw {} dt {} notitle",
                             lifted(script, points, cube, landscape.grid, lift), colour, width, dashes));
  };
  line(hidden, kPath, 1.2, "'.'");
  line(seen, kPaper, kPathWidth + kCasing, "solid");
  line(seen, kPath, kPathWidth + 0.4, "solid");
  std::vector<std::vector<double>> heads;
  for (const auto& [from, to] : exits) {
    const Point before{to.x + 0.05 * (from.x - to.x), to.y + 0.05 * (from.y - to.y)};
    const double z = cube.cut(interpolated(landscape.grid, before)) + lift,
                 dz = cube.cut(interpolated(landscape.grid, to)) + lift - z;
    if (!cube.hides(to, azimuth)) heads.push_back({before.x, before.y, z, to.x - before.x, to.y - before.y, dz});
  }
  if (!heads.empty())
    script.layer(fmt::format("{} with vectors head filled size screen {:.5g},20 lc rgb '{}' lw 2 notitle",
                             script.data(heads), 12.0 / script.width(), kPath));
}

void add_dots(Script& script, const Landscape& landscape, const Cube& cube, const std::vector<Point>& points,
              int symbol, std::string_view colour, double size, double lift) {
  if (points.empty()) return;
  script.layer(fmt::format("{} with points {} lc rgb '{}' notitle", lifted(script, points, cube, landscape.grid, lift),
                           script.point(symbol, size), colour));
}

void compose(const Landscape& landscape, Script& script) {
  const Grid& grid = landscape.grid;
  const Panel panel{{0, 0, 700, 700}, {"", grid.x}, {"", grid.y}};
  const Range z = padded(usual_range(grid.f), 0);
  const Cube cube(grid, z);
  const std::vector<Point> path = draped(landscape);
  const double azimuth = best_azimuth(cube, path, landscape.critical), lift = 0.012 * z.span();
  double top = script.title({24, 14}, landscape.title) + 18;
  const std::string highest = height_colour(1);
  std::vector<LegendEntry> entries = landscape_legend(landscape, panel, false);
  if (std::ranges::any_of(path, [&](Point p) { return std::isfinite(p.x) && cube.hides(p, azimuth); }))
    entries.push_back({LegendEntry::Mark::line, "behind the surface", {.colour = kPath, .width = 1.2, .dashed = true}});
  if (range_of(grid.f) && range_of(grid.f)->high > z.high)
    entries.push_back({LegendEntry::Mark::patch, "cut off above", {.colour = highest}});
  top = draw_legend(script, {24, top}, script.width() - 24.0, entries);

  const std::vector<double> levels = contour_levels(grid, kLevels);
  script.layer(fmt::format("{} using 1:2:3:4 with pm3d notitle", surface_data(script, landscape, cube, levels)));
  const VisiblePath visible = visible_path(landscape.path, panel);
  add_path(script, landscape, cube, path, visible.exits, azimuth, lift);
  const auto dot = [&](const std::optional<Point>& at, std::string_view outer, double size, std::string_view inner,
                       double less) {
    if (!at) return;
    add_dots(script, landscape, cube, {*at}, 7, outer, size, lift);
    add_dots(script, landscape, cube, {*at}, 7, inner, size - less, lift);
  };
  dot(visible.end, kPaper, 2.2, kPath, 0.4);
  dot(visible.start, kPath, 1.75, kPaper, 0.6);
  for (const PointStyle& style : point_styles()) {
    std::vector<Point> points;
    for (const CriticalPoint& point : landscape.critical)
      if (point.kind == style.kind && !cube.hides(point.at, azimuth)) points.push_back(point.at);
    add_dots(script, landscape, cube, points, style.symbol, kInk, style.size + 0.45, lift);
    add_dots(script, landscape, cube, points, style.symbol, style.colour, style.size, lift);
  }
  script.close_surface(settings(script, landscape, z, azimuth, top));
}

}  // namespace

void draw_surface(const Landscape& landscape, const PictureFile& file) {
  check_grid(landscape.grid);
  save_picture(file, file.width * 4 / 5, [&](Script& script) { compose(landscape, script); });
}

}  // namespace descent::pictures
