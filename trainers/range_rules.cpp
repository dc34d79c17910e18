#include "trainers/range_rules.hpp"

#include <cmath>
#include <optional>

namespace descent {

std::vector<double> steepest_by_rules_in_use(const std::vector<RangePoint>& points) {
  const std::size_t n = points.size();
  std::vector<double> rates;
  // γ of the first point in [first, end) with the least slope.
  const auto add = [&](std::size_t first, std::size_t end, auto&& slope) {
    std::optional<std::size_t> best;
    for (std::size_t i = first; i < end; ++i)
      if (!best || slope(i) < slope(*best)) best = i;
    if (best) rates.push_back(points[*best].gamma);
  };
  const auto step = [&](std::size_t i) {
    return (points[i + 1].loss - points[i].loss) / std::log(points[i + 1].gamma / points[i].gamma);
  };
  const auto central = [&](std::size_t i) { return points[i + 1].loss - points[i - 1].loss; };
  if (n > 6) add(n / 10, n - 6, step);
  if (n > 1) add(10, n - 1, central);
  if (n > 5) add(10, n - 5, central);
  return rates;
}

}  // namespace descent
