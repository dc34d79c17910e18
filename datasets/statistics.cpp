#include "datasets/statistics.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace descent {

Spread spread_of(std::span<const double> x) {
  assert(!x.empty());
  const auto [low, high] = std::minmax_element(x.begin(), x.end());
  const double largest = std::max(std::fabs(*low), std::fabs(*high));
  constexpr double kRounding = 4 * std::numeric_limits<double>::epsilon();
  if (*high / 2 - *low / 2 <= kRounding * (largest / 2)) return {*low, 1, true};

  const int exponent = std::ilogb(largest);
  const double n = static_cast<double>(x.size());
  const auto scaled = [&](double value) { return std::scalbn(value, -exponent); };
  double sum = 0;
  for (const double value : x) sum += scaled(value);
  double mean = sum / n;
  double rest = 0, squares = 0;
  for (const double value : x) {
    const double deviation = scaled(value) - mean;
    rest += deviation;
    squares += deviation * deviation;
  }
  const double variance = (squares - rest * rest / n) / n;
  mean += rest / n;
  const double scale = std::scalbn(std::sqrt(variance), exponent);
  if (scale < std::numeric_limits<double>::min()) return {*low, 1, true};  // would not survive a division
  return {std::scalbn(mean, exponent), scale, false};
}

double median_of(std::vector<double> x) {
  assert(!x.empty());
  const auto middle = x.begin() + static_cast<std::ptrdiff_t>(x.size() / 2);
  std::nth_element(x.begin(), middle, x.end());
  if (x.size() % 2 == 1) return *middle;
  return *std::max_element(x.begin(), middle) / 2 + *middle / 2;
}

}  // namespace descent
