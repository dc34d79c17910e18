#include "app/pictures/grid.hpp"

#include "framework/error.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace descent::pictures {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// The largest of 1, 2, 5 times a power of ten that is at most `x`.
double round_down(double x) {
  const double power = std::pow(10.0, std::floor(std::log10(x)));
  for (const double factor : {5.0, 2.0})
    if (factor * power <= x) return factor * power;
  return power;
}

double quantile(const std::vector<double>& sorted, double q) {
  return sorted[static_cast<std::size_t>(q * static_cast<double>(sorted.size() - 1))];
}

// The same heights upside down, ascending again.
void mirror(std::vector<double>& heights) {
  std::ranges::reverse(heights);
  for (double& f : heights) f = -f;
}

// Levels of a function whose middle is nearer to its lowest value. An end farther away than any power may bend is
// that of a few outliers: they are left out. Where that does not help, each band gets as much of the area.
std::vector<double> rising_levels(const std::vector<double>& sorted, int count) {
  constexpr double kSteepest = 5;
  const double low = sorted.front(), middle = quantile(sorted, 0.5);
  double high = low, p = 1;
  for (const double tail : {0.0, 0.01, 0.03, 0.1, 0.2, 0.3}) {
    const double end = quantile(sorted, 1 - tail);
    if (end <= middle) break;
    high = end;
    p = middle > low ? std::max(1.0, std::log((middle - low) / (high - low)) / std::log(0.5)) : 2;
    if (p <= kSteepest) break;
  }
  if (high == low) high = sorted.back();
  std::vector<double> levels;
  for (int i = 1; i <= count; ++i) {
    const double part = i / (count + 1.0);
    levels.push_back(p > kSteepest ? quantile(sorted, part) : low + (high - low) * std::pow(part, p));
  }
  levels.erase(std::unique(levels.begin(), levels.end()), levels.end());
  std::erase_if(levels, [&](double level) { return !(level > low); });
  return levels;
}

// Each level moved to a round number by less than a third of the gap to its neighbours.
void make_round(std::vector<double>& levels, double low, double high) {
  const std::vector<double> exact = levels;
  for (std::size_t i = 0; i < exact.size(); ++i) {
    const double below = exact[i] - (i > 0 ? exact[i - 1] : low);
    const double above = (i + 1 < exact.size() ? exact[i + 1] : high) - exact[i];
    const double step = round_down(0.6 * std::min(below, above));
    if (step > 0 && std::isfinite(step)) levels[i] = std::round(exact[i] / step) * step;
  }
}

}  // namespace

void check_grid(const Grid& grid) {
  if (grid.columns < 2 || grid.rows < 2 || grid.f.size() != grid.columns * grid.rows)
    throw Error(Fault::usage,
                "a picture of {} values on a {} × {} grid; expected at least 2 × 2 points and a value at each",
                grid.f.size(), grid.columns, grid.rows);
  for (const auto& [name, range] : {std::pair{"horizontally", grid.x}, std::pair{"vertically", grid.y}})
    if (!(range.low < range.high) || !std::isfinite(range.span()))
      throw Error(Fault::usage, "a picture's box from {} to {} {}; expected two numbers, the smaller first", range.low,
                  range.high, name);
}

double interpolated(const Grid& grid, Point at) {
  const auto off = [](Range range, double v) {
    return !(v >= range.low - 1e-9 * range.span() && v <= range.high + 1e-9 * range.span());
  };
  if (off(grid.x, at.x) || off(grid.y, at.y)) return kNaN;  // what was cut at the edge may be past it by a rounding
  at = {std::clamp(at.x, grid.x.low, grid.x.high), std::clamp(at.y, grid.y.low, grid.y.high)};
  const double u = (at.x - grid.x.low) / grid.x.span() * static_cast<double>(grid.columns - 1);
  const double v = (at.y - grid.y.low) / grid.y.span() * static_cast<double>(grid.rows - 1);
  const std::size_t j = std::min(static_cast<std::size_t>(u), grid.columns - 2);
  const std::size_t i = std::min(static_cast<std::size_t>(v), grid.rows - 2);
  const double s = u - static_cast<double>(j), t = v - static_cast<double>(i);
  return (1 - t) * ((1 - s) * grid.at(i, j) + s * grid.at(i, j + 1)) +
         t * ((1 - s) * grid.at(i + 1, j) + s * grid.at(i + 1, j + 1));
}

Point downhill(const Grid& grid, Point at) {
  const double hx = grid.x.span() / static_cast<double>(grid.columns - 1);
  const double hy = grid.y.span() / static_cast<double>(grid.rows - 1);
  const double x = std::clamp(at.x, grid.x.low + hx, grid.x.high - hx);
  const double y = std::clamp(at.y, grid.y.low + hy, grid.y.high - hy);
  const Point down{(interpolated(grid, {x - hx, y}) - interpolated(grid, {x + hx, y})) / (2 * hx),
                   (interpolated(grid, {x, y - hy}) - interpolated(grid, {x, y + hy})) / (2 * hy)};
  return std::isfinite(down.x) && std::isfinite(down.y) ? down : Point{kNaN, kNaN};
}

std::vector<double> contour_levels(const Grid& grid, int count) {
  constexpr double kLargest = 1e300;  // so that differences are finite
  std::vector<double> sorted;
  for (const double f : grid.f)
    if (!std::isnan(f)) sorted.push_back(std::clamp(f, -kLargest, kLargest));
  std::ranges::sort(sorted);
  if (sorted.empty() || sorted.front() == sorted.back()) return {};
  const double middle = quantile(sorted, 0.5);
  const bool peak = middle - sorted.front() > sorted.back() - middle;
  if (peak) mirror(sorted);
  std::vector<double> levels = rising_levels(sorted, count);
  if (peak) mirror(levels), mirror(sorted);
  make_round(levels, sorted.front(), sorted.back());
  return levels;
}

double level_position(double f, const std::vector<double>& levels, double lowest) {
  if (levels.empty()) return -0.5;
  const auto above = std::ranges::upper_bound(levels, f);
  const double index = static_cast<double>(above - levels.begin());
  if (above == levels.begin()) return lowest < levels[0] ? std::max(-1.0, (f - levels[0]) / (levels[0] - lowest)) : -1;
  if (above == levels.end()) {
    const double gap = levels.size() > 1 ? levels.back() - levels[levels.size() - 2] : 1;
    return std::min(index, index - 1 + (f - levels.back()) / gap);
  }
  const double from = above[-1] - lowest, to = above[0] - lowest;
  constexpr double kSteep = 3;  // levels this far apart are spaced by ratio: so is what lies between
  if (from > 0 && to > kSteep * from) return index - 1 + std::log((f - lowest) / from) / std::log(to / from);
  return index - 1 + (f - above[-1]) / (above[0] - above[-1]);
}

}  // namespace descent::pictures
