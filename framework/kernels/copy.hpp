// to = from, for matrices of the same shape and any strides.
#pragma once

#include "framework/tensor.hpp"

#include <algorithm>

namespace descent::kernels {

template <class Real>
void copy(const ConstMatrixView<Real>& from, const MatrixView<Real>& to) {
  for (std::size_t i = 0; i < from.rows; ++i) std::ranges::copy(from.row(i), to.row(i).begin());
}

}  // namespace descent::kernels
