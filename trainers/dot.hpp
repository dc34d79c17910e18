// Inner products of weight vectors in float64: one pass, the same bits from every compiler.
#pragma once

#include "framework/tensor.hpp"

#include <cassert>
#include <cstddef>

namespace descent {

// xᵀy of x (n), y (n).
template <class Real>
double dot(ConstParams<Real> x, ConstParams<Real> y) {
  assert(x.size() == y.size());
  constexpr std::size_t kLanes = 8;  // fixed partial sums: vectorises without reordering
  double lane[kLanes] = {};
  const std::size_t whole = x.size() - x.size() % kLanes;
  for (std::size_t i = 0; i < whole; i += kLanes)
    for (std::size_t j = 0; j < kLanes; ++j) lane[j] += static_cast<double>(x[i + j]) * static_cast<double>(y[i + j]);
  for (std::size_t i = whole; i < x.size(); ++i)
    lane[i - whole] += static_cast<double>(x[i]) * static_cast<double>(y[i]);
  return ((lane[0] + lane[1]) + (lane[2] + lane[3])) + ((lane[4] + lane[5]) + (lane[6] + lane[7]));
}

}  // namespace descent
