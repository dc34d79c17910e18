// Passes over the elements of a matrix.
#pragma once

#include "framework/tensor.hpp"

#include <algorithm>

namespace descent::kernels {

// Every row of y (B, O) += b (at least O; the first O are used).
template <class Real>
void add_to_rows(ConstParams<Real> b, MatrixView<Real> y) {
  for (std::size_t i = 0; i < y.rows; ++i)
    for (std::size_t j = 0; j < y.cols; ++j) y(i, j) += b[j];
}

// sums (O) += Σ over the rows of y (B, O)
template <class Real>
void add_column_sums(ConstMatrixView<Real> y, Params<Real> sums) {
  for (std::size_t i = 0; i < y.rows; ++i)
    for (std::size_t j = 0; j < y.cols; ++j) sums[j] += y(i, j);
}

// to = from, of the same shape
template <class Real>
void copy(ConstMatrixView<Real> from, MatrixView<Real> to) {
  for (std::size_t i = 0; i < from.rows; ++i) std::ranges::copy(from.row(i), to.row(i).begin());
}

// Row i of `to` = row indices[i] of `from`.
template <class Real>
void gather(ConstMatrixView<Real> from, Terms indices, MatrixView<Real> to) {
  for (std::size_t i = 0; i < indices.size(); ++i) std::ranges::copy(from.row(indices[i]), to.row(i).begin());
}

}  // namespace descent::kernels
