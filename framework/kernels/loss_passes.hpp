// The losses with their gradients. Included once for each instruction set, in a namespace of its own.
#pragma once

#include "framework/kernels/simd.hpp"
#include "framework/kernels/transpose.hpp"
#include "framework/kernels/vector_math.hpp"
#include "framework/kernels/vectors.hpp"

namespace descent::kernels::DESCENT_ISA {

inline constexpr std::size_t kLanes = 16;         // partial sums of a loss over numbers
inline constexpr std::size_t kMostClasses = 128;  // what the tile below holds; more go row by row

// Σ log sᵢ = log Π sᵢ: each factor lies between 1 and the number of classes, so 16 cannot overflow.
template <class Real>
inline double sum_of_logs(const Real* s, std::size_t count) {
  double product[4] = {1, 1, 1, 1};
  for (std::size_t i = 0; i < count; ++i) product[i % 4] *= static_cast<double>(s[i]);
  return std::log((product[0] * product[1]) * (product[2] * product[3]));
}

// Softmax and cross-entropy of as many rows as a vector has lanes, or fewer. Transposed, a vector holds one
// class of all rows; leftover lanes hold zeros, so that a row's bits do not depend on its place.
template <class Real>
inline double cross_entropy_tile(ConstMatrixView<Real> y, ConstMatrixView<Real> t, MatrixView<Real> dy,
                                 std::size_t first, std::size_t rows) {
  using P = Pack<Real>;
  using Vector = typename P::Vector;
  constexpr std::size_t lanes = P::kSize;
  const std::size_t classes = y.cols;
  Vector tile[kMostClasses + lanes];
  const Real* source = y.data + first * y.stride;
  const auto mask = P::first(rows);
  const bool few = classes <= 4;  // then it takes longer to transpose a tile than to fetch number by number
  if (few)
    for (std::size_t k = 0; k < classes; ++k) tile[k] = P::load_apart(source + k, y.stride, mask);
  else
    for (std::size_t k = 0; k < classes; k += lanes) {
      load_tile(source + k, y.stride, rows, classes - k < lanes ? classes - k : lanes, tile + k);
      transpose_tile<Real>(tile + k);
    }
  const Real* labels = t.data + first * t.stride;
  const Vector label = t.stride == 1 ? P::load(labels, mask) : P::load_apart(labels, t.stride, mask);

  Vector top = tile[0];
  for (std::size_t k = 1; k < classes; ++k) top = P::larger(top, tile[k]);
  Vector sum = P::zero(), of_label = P::zero(), class_number = P::zero();
  for (std::size_t k = 0; k < classes; ++k, class_number += P::all(1)) {
    const Vector below = tile[k] - top;
    of_label = P::if_equal(label, class_number, below, of_label);
    tile[k] = exp_of_negative<Real>(below);
    sum += tile[k];
  }
  alignas(64) Real sums[lanes], of_labels[lanes];
  P::store(sums, sum);
  P::store(of_labels, of_label);
  double part[4] = {};
  for (std::size_t i = 0; i < rows; ++i) part[i % 4] += static_cast<double>(of_labels[i]);
  const double total = sum_of_logs(sums, rows) - ((part[0] + part[1]) + (part[2] + part[3]));
  if (dy.data == nullptr) return total;

  const Vector scale = P::all(1) / sum;
  class_number = P::zero();
  for (std::size_t k = 0; k < classes; ++k, class_number += P::all(1))
    tile[k] = tile[k] * scale - P::if_equal(label, class_number, P::all(1), P::zero());
  Real* target = dy.data + first * dy.stride;
  if (few) {
    for (std::size_t k = 0; k < classes; ++k) {
      P::store(sums, tile[k]);
      for (std::size_t i = 0; i < rows; ++i) target[i * dy.stride + k] = sums[i];
    }
    return total;
  }
  for (std::size_t k = 0; k < classes; k += lanes) {
    transpose_tile<Real>(tile + k);
    store_tile(tile + k, target + k, dy.stride, rows, classes - k < lanes ? classes - k : lanes);
  }
  return total;
}

template <class Real>
inline double cross_entropy_row(const Real* y, std::size_t classes, std::size_t label, Real* dy) {
  Real top = y[0];
  for (std::size_t k = 1; k < classes; ++k) top = y[k] > top ? y[k] : top;
  Real sum = 0;
  if (dy == nullptr) {
    for (std::size_t k = 0; k < classes; ++k) sum += exp(y[k] - top);
  } else {
    for (std::size_t k = 0; k < classes; ++k) dy[k] = exp(y[k] - top);
    for (std::size_t k = 0; k < classes; ++k) sum += dy[k];
    const Real scale = 1 / sum;
    for (std::size_t k = 0; k < classes; ++k) dy[k] *= scale;
    dy[label] -= 1;
  }
  return std::log(static_cast<double>(sum)) - static_cast<double>(y[label] - top);
}

template <class Real>
inline double cross_entropy(ConstMatrixView<Real> y, ConstMatrixView<Real> t, MatrixView<Real> dy) {
  constexpr std::size_t lanes = Pack<Real>::kSize;
  double total = 0;
  if (y.cols <= kMostClasses) {
    for (std::size_t i = 0; i < y.rows; i += lanes)
      total += cross_entropy_tile<Real>(y, t, dy, i, y.rows - i < lanes ? y.rows - i : lanes);
    return total;
  }
  for (std::size_t i = 0; i < y.rows; ++i)
    total += cross_entropy_row(y.data + i * y.stride, y.cols, static_cast<std::size_t>(t.data[i * t.stride]),
                               dy.data == nullptr ? nullptr : dy.data + i * dy.stride);
  return total;
}

template <class Real>
inline double squared_error(ConstMatrixView<Real> y, ConstMatrixView<Real> t, MatrixView<Real> dy) {
  double lane[kLanes] = {};  // fixed partial sums vectorise without reordering
  // A single contiguous run where the views allow it; else row by row.
  const bool flat = y.stride == y.cols && t.stride == t.cols && (dy.data == nullptr || dy.stride == dy.cols);
  const std::size_t rows = flat ? 1 : y.rows, cols = flat ? y.rows * y.cols : y.cols;
  for (std::size_t i = 0; i < rows; ++i) {
    const Real* __restrict output = y.data + i * y.stride;
    const Real* __restrict target = t.data + i * t.stride;
    Real* __restrict slope = dy.data == nullptr ? nullptr : dy.data + i * dy.stride;
    std::size_t k = 0;
    for (; k + kLanes <= cols; k += kLanes)
      for (std::size_t j = 0; j < kLanes; ++j) {
        const Real r = output[k + j] - target[k + j];
        lane[j] += static_cast<double>(r * r);
      }
    for (; k < cols; ++k) {
      const Real r = output[k] - target[k];
      lane[k % kLanes] += static_cast<double>(r * r);
    }
    if (slope != nullptr)
      for (k = 0; k < cols; ++k) slope[k] = 2 * (output[k] - target[k]);
  }
  double total = 0;
  for (std::size_t j = 0; j < kLanes; ++j) total += lane[j];
  return total;
}

template <class Real>
inline constexpr FastLoss<Real> kLosses[] = {
    {"cross_entropy", cross_entropy<Real>},
    {"squared_error", squared_error<Real>},
};

}  // namespace descent::kernels::DESCENT_ISA
