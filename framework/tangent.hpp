// What plans share to differentiate a pass through an activation along a direction, and sums of matrices for it.
#pragma once

#include "framework/activation.hpp"
#include "framework/aligned.hpp"
#include "framework/tensor.hpp"

#include <cassert>
#include <cstddef>

namespace descent {

// to (B, O) += from, both contiguous.
template <class Real>
void add(const MatrixView<Real>& from, const MatrixView<Real>& to) {
  assert(from.rows == to.rows && from.cols == to.cols && from.stride == from.cols && to.stride == to.cols);
  Real* __restrict sum = to.data;
  const Real* __restrict term = from.data;
  for (std::size_t i = 0; i < to.rows * to.cols; ++i) sum[i] += term[i];
}

// to (O) += the column sums of `from` (B, O).
template <class Real>
void add_column_sums(const MatrixView<Real>& from, Real* __restrict to) {
  for (std::size_t i = 0; i < from.rows; ++i) {
    const Real* __restrict row = from.data + i * from.stride;
    for (std::size_t j = 0; j < from.cols; ++j) to[j] += row[j];
  }
}

// y = φ(z) along z_dot, forward and backward, for one batch size. All matrices (B, O), contiguous.
template <class Real>
class ActivationTangent {
 public:
  // With z or y in `from`, as the activation wants it. Allocates the first time.
  void start(const Activation<Real>& activation, const ConstMatrixView<Real>& from) {
    rows_ = from.rows;
    cols_ = from.cols;
    if (z_dot_.size() != rows_ * cols_)
      for (AlignedVector<Real>* buffer : {&z_dot_, &first_, &second_}) buffer->resize(rows_ * cols_);
    activation.derivatives(from, matrix(first_), matrix(second_));
  }

  // To be filled before push_forward.
  MatrixView<Real> z_dot() { return matrix(z_dot_); }

  // y_dot = φ′ z_dot
  void push_forward(const MatrixView<Real>& y_dot) const {
    const Real* __restrict z_dot = z_dot_.data();
    const Real* __restrict first = first_.data();
    Real* __restrict out = y_dot.data;
    for (std::size_t i = 0; i < rows_ * cols_; ++i) out[i] = first[i] * z_dot[i];
  }

  // dy becomes dz = φ′ dy, and dy_dot its change φ′ dy_dot + φ″ z_dot dy.
  void pull_back(const MatrixView<Real>& dy, const MatrixView<Real>& dy_dot) const {
    const Real* __restrict z_dot = z_dot_.data();
    const Real* __restrict first = first_.data();
    const Real* __restrict second = second_.data();
    Real* __restrict dz = dy.data;
    Real* __restrict dz_dot = dy_dot.data;
    for (std::size_t i = 0; i < rows_ * cols_; ++i) {
      dz_dot[i] = first[i] * dz_dot[i] + second[i] * z_dot[i] * dz[i];
      dz[i] *= first[i];
    }
  }

 private:
  MatrixView<Real> matrix(AlignedVector<Real>& numbers) { return {numbers.data(), rows_, cols_}; }

  std::size_t rows_ = 0, cols_ = 0;
  AlignedVector<Real> z_dot_, first_, second_;  // (B, O) each
};

}  // namespace descent
