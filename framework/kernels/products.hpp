// The three matrix products of a dense layer, each with its slow reference.
//
// Shapes: x (B, I), w (I, O), y (B, O), row-major with any stride ≥ the columns. Operands do not
// overlap. All run on one thread, so their bits do not depend on how many there are.
#pragma once

#include "framework/tensor.hpp"

namespace descent::kernels {

// y = x w
template <class Real>
void product(ConstMatrixView<Real> x, ConstMatrixView<Real> w, MatrixView<Real> y);

// dw (I, O) += xᵀ dy
template <class Real>
void add_transposed_product(ConstMatrixView<Real> x, ConstMatrixView<Real> dy, MatrixView<Real> dw);

// dx (B, I) = dy wᵀ
template <class Real>
void product_transposed(ConstMatrixView<Real> dy, ConstMatrixView<Real> w, MatrixView<Real> dx);

// The definitions, in three loops: what the fast ones are tested against.
namespace reference {

template <class Real>
void product(ConstMatrixView<Real> x, ConstMatrixView<Real> w, MatrixView<Real> y) {
  for (std::size_t i = 0; i < x.rows; ++i)
    for (std::size_t j = 0; j < w.cols; ++j) {
      Real sum = 0;
      for (std::size_t k = 0; k < x.cols; ++k) sum += x(i, k) * w(k, j);
      y(i, j) = sum;
    }
}

template <class Real>
void add_transposed_product(ConstMatrixView<Real> x, ConstMatrixView<Real> dy, MatrixView<Real> dw) {
  for (std::size_t i = 0; i < x.cols; ++i)
    for (std::size_t j = 0; j < dy.cols; ++j) {
      Real sum = 0;
      for (std::size_t k = 0; k < x.rows; ++k) sum += x(k, i) * dy(k, j);
      dw(i, j) += sum;
    }
}

template <class Real>
void product_transposed(ConstMatrixView<Real> dy, ConstMatrixView<Real> w, MatrixView<Real> dx) {
  for (std::size_t i = 0; i < dy.rows; ++i)
    for (std::size_t j = 0; j < w.rows; ++j) {
      Real sum = 0;
      for (std::size_t k = 0; k < dy.cols; ++k) sum += dy(i, k) * w(j, k);
      dx(i, j) = sum;
    }
}

}  // namespace reference
}  // namespace descent::kernels
