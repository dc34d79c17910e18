// Cholesky factorisation A = L Lᵀ in place: no allocation, and the same bits on any number of threads.
#pragma once

#include "framework/tensor.hpp"
#include "trainers/dot.hpp"

#include <cmath>
#include <cstddef>
#include <limits>
#include <span>

namespace descent {

// Overwrites the lower triangle of the symmetric a (n, n) with L; above the diagonal a is neither read nor
// written. False when a is not positive definite by more than rounding; a is spoilt then.
inline bool cholesky_factor(MatrixView<double> a) {
  constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
  for (std::size_t j = 0; j < a.rows; ++j) {
    const std::span<const double> lj = a.row(j).first(j);
    const double diagonal = a(j, j), pivot = diagonal - dot<double>(lj, lj);
    // A pivot that is only the rounding of the subtraction says nothing.
    if (!(pivot > static_cast<double>(a.rows) * kEpsilon * diagonal)) return false;
    a(j, j) = std::sqrt(pivot);
    for (std::size_t i = j + 1; i < a.rows; ++i) a(i, j) = (a(i, j) - dot<double>(a.row(i).first(j), lj)) / a(j, j);
  }
  return true;
}

// x (n) ← (L Lᵀ)⁻¹ x.
inline void cholesky_solve(ConstMatrixView<double> l, std::span<double> x) {
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = (x[i] - dot<double>(l.row(i).first(i), x.first(i))) / l(i, i);
  for (std::size_t i = x.size(); i-- > 0;) {
    x[i] /= l(i, i);
    for (std::size_t k = 0; k < i; ++k) x[k] -= l(i, k) * x[i];
  }
}

}  // namespace descent
