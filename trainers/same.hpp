// Whether two results of a search are one.
#pragma once

#include "framework/tensor.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace descent {

// maxᵢ |aᵢ − bᵢ|.
inline double largest_difference(ConstParams<double> a, ConstParams<double> b) {
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

// Whether values of f differ by rounding only, where f changes by about `scale` elsewhere.
inline bool same_value(double a, double b, double scale) {
  return std::abs(a - b) <= 1e-9 * scale + 1e-13 * std::max(std::abs(a), std::abs(b));
}

// Such a scale, of values of f here and there: their median distance from their median, or what the lowest tenth of
// them differs by where that is less. So neither poles nor steep walls count. Where most are equal, what the others
// differ by.
inline double value_scale(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto part = [](std::vector<double>& of, std::size_t index) {
    std::nth_element(of.begin(), of.begin() + static_cast<std::ptrdiff_t>(index), of.end());
    return of[index];
  };
  const double lowest = std::ranges::min(values), tenth = part(values, values.size() / 10) - lowest,
               median = part(values, values.size() / 2);
  for (double& v : values) v = std::abs(v - median);
  for (const std::size_t index : {values.size() / 2, values.size() * 3 / 4, values.size() - 1})
    if (const double spread = part(values, index); spread > 0) return tenth > 0 ? std::min(tenth, spread) : spread;
  return 0;
}

}  // namespace descent
