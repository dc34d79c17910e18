#include "framework/derivative_check.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

namespace descent {

Derivative ridders_derivative(const std::function<double(double)>& f, double x, double h) {
  constexpr int kRows = 10;
  constexpr double kShrink = 1.4, kGiveUp = 2;
  // The rounding of f itself, which the tableau cannot see when neighbours happen to agree.
  double noise = 0;
  const auto central = [&](double step) {
    const double right = f(x + step), left = f(x - step);
    noise = std::numeric_limits<double>::epsilon() * std::max(std::abs(right), std::abs(left)) / step;
    return (right - left) / (2 * step);
  };
  std::array<std::array<double, kRows>, kRows> table{};
  table[0][0] = central(h);
  Derivative best{table[0][0], std::numeric_limits<double>::max()};
  for (int i = 1; i < kRows; ++i) {
    h /= kShrink;
    table[0][i] = central(h);
    double factor = kShrink * kShrink;
    for (int j = 1; j <= i; ++j) {
      table[j][i] = (table[j - 1][i] * factor - table[j - 1][i - 1]) / (factor - 1);
      factor *= kShrink * kShrink;
      const double error =
          std::max({std::abs(table[j][i] - table[j - 1][i]), std::abs(table[j][i] - table[j - 1][i - 1]), noise});
      if (error <= best.error) best = {table[j][i], error};
    }
    if (std::abs(table[i][i] - table[i - 1][i - 1]) >= kGiveUp * best.error) break;
  }
  return best;
}

GradientCheck check_gradient(Objective<double>& objective, ConstParams<double> w, std::span<const std::size_t> which) {
  constexpr double kFirstStep = 0.03, kFloor = 1e-3, kUnsure = 1e-10;
  std::vector<double> at(w.begin(), w.end()), g(w.size());
  objective.value_and_gradient(at, g);
  double largest = 0;
  for (const double x : g) largest = std::max(largest, std::abs(x));

  GradientCheck result;
  for (const std::size_t j : which) {
    const auto along = [&](double x) {
      at[j] = x;
      return objective.value(at);
    };
    if (!std::isfinite(g[j])) {
      const double nan = std::numeric_limits<double>::quiet_NaN();
      result = {result.checked + 1, result.unsure, nan, j, g[j], nan};
      continue;
    }
    const Derivative numeric = ridders_derivative(along, w[j], kFirstStep * std::max(1.0, std::abs(w[j])));
    at[j] = w[j];
    const double scale =
        std::max({std::abs(g[j]), std::abs(numeric.value), kFloor * largest, std::numeric_limits<double>::min()});
    if (!(numeric.error <= kUnsure * scale)) {
      ++result.unsure;
      continue;
    }
    ++result.checked;
    const double error = std::abs(g[j] - numeric.value) / scale;
    if (error > result.worst) result = {result.checked, result.unsure, error, j, g[j], numeric.value};
  }
  return result;
}

}  // namespace descent
