// The losses with their gradients. Included once for each instruction set, in a namespace of its own.
#pragma once

#include "framework/kernels/simd.hpp"
#include "framework/kernels/transpose.hpp"
#include "framework/kernels/vector_math.hpp"
#include "framework/kernels/vectors.hpp"

namespace descent::kernels::DESCENT_ISA {

inline constexpr std::size_t kLanes = 16;         // partial sums of a loss over numbers
inline constexpr std::size_t kMostClasses = 128;  // what the tile below holds; more go row by row

// Σ log s − Σ below over rows. Σ log is log Π: each factor lies between 1 and the number of classes, so that those of a
// known number of tiles cannot overflow.
template <class Real>
class LogSums {
 public:
  using Vector = typename Pack<Real>::Vector;

  explicit LogSums(std::size_t classes) {
    std::size_t bits = 1;
    while ((std::size_t{1} << bits) < classes) ++bits;
    most_ = 1000 / (bits * kSize);
    for (std::size_t i = 0; i < kSize; ++i) product_[i] = 1;
  }
  // The first `rows` lanes.
  void add(Vector s, Vector below, std::size_t rows) {
    if (rows < kSize) {
      s = first(s, rows, Real(1));
      below = first(below, rows, Real(0));
    }
    product_ *= __builtin_convertvector(s, Wide);
    below_ += __builtin_convertvector(below, Wide);
    if (++tiles_ == most_) take_logarithm();
  }
  double total() {
    if (tiles_ > 0) take_logarithm();
    return logs_ - fold(below_, [](double a, double b) { return a + b; });
  }

 private:
  static constexpr std::size_t kSize = Pack<Real>::kSize;
  using Wide = typename Pack<Real>::Wide;

  static Vector first(Vector v, std::size_t rows, Real others) {
    alignas(64) Real lane[kSize];
    Pack<Real>::store(lane, Pack<Real>::all(others));
    Pack<Real>::store(lane, v, Pack<Real>::first(rows));
    return Pack<Real>::load(lane);
  }
  template <class Join>
  static double fold(const Wide& v, Join join) {
    alignas(64) double lane[kSize];
    __builtin_memcpy(lane, &v, sizeof lane);
    halve<kSize / 2>(lane, join);
    return lane[0];
  }
  template <std::size_t half, class Join>
  static void halve(double* lane, Join join) {
    for (std::size_t i = 0; i < half; ++i) lane[i] = join(lane[i], lane[i + half]);
    if constexpr (half > 1) halve<half / 2>(lane, join);
  }
  void take_logarithm() {
    logs_ += std::log(fold(product_, [](double a, double b) { return a * b; }));
    for (std::size_t i = 0; i < kSize; ++i) product_[i] = 1;
    tiles_ = 0;
  }

  std::size_t most_, tiles_ = 0;
  double logs_ = 0;
  Wide product_, below_ = {};
};

// Softmax and cross-entropy of as many rows as a vector has lanes, or fewer: tile[k] holds class k of all of them and
// becomes ∂/∂tile[k] where `slopes`. A row's bits do not depend on its lane.
template <class Real, bool slopes>
inline void cross_entropy_tile(typename Pack<Real>::Vector* tile, std::size_t classes,
                               typename Pack<Real>::Vector label, std::size_t rows, LogSums<Real>& logs) {
  using P = Pack<Real>;
  using Vector = typename P::Vector;
  Vector top = tile[0];
  for (std::size_t k = 1; k < classes; ++k) top = P::larger(top, tile[k]);
  Vector sum = P::zero(), of_label = P::zero(), class_number = P::zero();
  for (std::size_t k = 0; k < classes; ++k, class_number += P::all(1)) {
    const Vector below = tile[k] - top;
    of_label = P::if_equal(label, class_number, below, of_label);
    tile[k] = exp_of_negative<Real>(below);
    sum += tile[k];
  }
  logs.add(sum, of_label, rows);
  if constexpr (slopes) {
    const Vector scale = P::all(1) / sum;
    class_number = P::zero();
    for (std::size_t k = 0; k < classes; ++k, class_number += P::all(1))
      tile[k] = tile[k] * scale - P::if_equal(label, class_number, P::all(1), P::zero());
  }
}

template <class Real>
inline void cross_entropy_tile(typename Pack<Real>::Vector* tile, std::size_t classes,
                               typename Pack<Real>::Vector label, std::size_t rows, bool slopes, LogSums<Real>& logs) {
  slopes ? cross_entropy_tile<Real, true>(tile, classes, label, rows, logs)
         : cross_entropy_tile<Real, false>(tile, classes, label, rows, logs);
}

// The rows [first, first + rows) of y (B, K): transposed, as many as a vector has lanes.
template <class Real>
inline void cross_entropy_rows(const ConstMatrixView<Real>& y, const ConstMatrixView<Real>& t,
                               const MatrixView<Real>& dy, std::size_t first, std::size_t rows, LogSums<Real>& logs) {
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
  cross_entropy_tile<Real>(tile, classes, label, rows, dy.data != nullptr, logs);
  if (dy.data == nullptr) return;

  Real* target = dy.data + first * dy.stride;
  if (few) {
    alignas(64) Real slope[lanes];
    for (std::size_t k = 0; k < classes; ++k) {
      P::store(slope, tile[k]);
      for (std::size_t i = 0; i < rows; ++i) target[i * dy.stride + k] = slope[i];
    }
    return;
  }
  for (std::size_t k = 0; k < classes; k += lanes) {
    transpose_tile<Real>(tile + k);
    store_tile(tile + k, target + k, dy.stride, rows, classes - k < lanes ? classes - k : lanes);
  }
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
inline double cross_entropy(const ConstMatrixView<Real>& y, const ConstMatrixView<Real>& t,
                            const MatrixView<Real>& dy) {
  constexpr std::size_t lanes = Pack<Real>::kSize;
  if (y.cols <= kMostClasses) {
    LogSums<Real> logs(y.cols);
    for (std::size_t i = 0; i < y.rows; i += lanes)
      cross_entropy_rows<Real>(y, t, dy, i, y.rows - i < lanes ? y.rows - i : lanes, logs);
    return logs.total();
  }
  double total = 0;
  for (std::size_t i = 0; i < y.rows; ++i)
    total += cross_entropy_row(y.data + i * y.stride, y.cols, static_cast<std::size_t>(t.data[i * t.stride]),
                               dy.data == nullptr ? nullptr : dy.data + i * dy.stride);
  return total;
}

template <class Real>
inline double cross_entropy_by_class(const ConstMatrixView<Real>& y, const Real* labels, const MatrixView<Real>& dy) {
  using P = Pack<Real>;
  constexpr std::size_t lanes = P::kSize;
  typename P::Vector tile[kMostClasses];
  LogSums<Real> logs(y.rows);
  for (std::size_t column = 0; column < y.cols; column += lanes) {
    const std::size_t count = y.cols - column < lanes ? y.cols - column : lanes;
    const auto mask = P::first(count);
    for (std::size_t k = 0; k < y.rows; ++k) tile[k] = P::load(y.data + k * y.stride + column, mask);
    cross_entropy_tile<Real>(tile, y.rows, P::load(labels + column, mask), count, dy.data != nullptr, logs);
    if (dy.data == nullptr) continue;
    for (std::size_t k = 0; k < y.rows; ++k) P::store(dy.data + k * dy.stride + column, tile[k], mask);
  }
  return logs.total();
}

// Losses that are sums over single outputs: E and ∂E/∂y at (y, t), as framework/loss.cpp defines them.
template <class Real>
struct Point {
  Real value, slope;
};
template <class Real>
struct SquaredError {
  DESCENT_INLINE static Point<Real> at(Real y, Real t) {
    const Real r = y - t;
    return {r * r, 2 * r};
  }
};
template <class Real>
struct AbsoluteError {
  DESCENT_INLINE static Point<Real> at(Real y, Real t) {
    const Real r = y - t;
    return {std::abs(r), (r > 0 ? Real(1) : Real(0)) - (r < 0 ? Real(1) : Real(0)) + (r - r)};
  }
};
template <class Real>
struct Huber {
  DESCENT_INLINE static Point<Real> at(Real y, Real t) {
    const Real r = y - t, size = std::abs(r);
    const Real near = r > 1 ? Real(1) : r < -1 ? Real(-1) : r;
    return {size <= 1 ? r * r / 2 : size - Real(0.5), near + (r - r)};
  }
};
template <class Real>
struct BinaryCrossEntropy {
  DESCENT_INLINE static Point<Real> at(Real y, Real t) {
    const Real most = y > 0 ? y : Real(0);
    return {most - y * t + softplus(-std::abs(y)), sigmoid(y) - t};
  }
};
template <class Real>
struct Poisson {
  DESCENT_INLINE static Point<Real> at(Real y, Real t) {
    const Real rate = exp(y);
    return {rate - t * y, rate - t};
  }
};

template <class Real, class E, bool slopes>
inline void add_run(const Real* __restrict y, const Real* __restrict t, Real* __restrict dy, std::size_t count,
                    double (&lane)[kLanes]) {
  const std::size_t whole = count / kLanes * kLanes;
  for (std::size_t k = 0; k < whole; k += kLanes)
    for (std::size_t j = 0; j < kLanes; ++j) {
      const auto [value, slope] = E::at(y[k + j], t[k + j]);
      lane[j] += static_cast<double>(value);
      if constexpr (slopes) dy[k + j] = slope;
    }
  for (std::size_t k = whole; k < count; ++k) {
    const auto [value, slope] = E::at(y[k], t[k]);
    lane[k - whole] += static_cast<double>(value);
    if constexpr (slopes) dy[k] = slope;
  }
}

template <class Real, class E>
inline double elementwise(const ConstMatrixView<Real>& y, const ConstMatrixView<Real>& t, const MatrixView<Real>& dy) {
  double lane[kLanes] = {};  // fixed partial sums vectorise without reordering
  // A single contiguous run where the views allow it; else row by row.
  const bool flat = y.stride == y.cols && t.stride == t.cols && (dy.data == nullptr || dy.stride == dy.cols);
  const std::size_t rows = flat ? 1 : y.rows, cols = flat ? y.rows * y.cols : y.cols;
  for (std::size_t i = 0; i < rows; ++i) {
    const Real *output = y.data + i * y.stride, *target = t.data + i * t.stride;
    if (dy.data == nullptr)
      add_run<Real, E, false>(output, target, nullptr, cols, lane);
    else
      add_run<Real, E, true>(output, target, dy.data + i * dy.stride, cols, lane);
  }
  double total = 0;
  for (std::size_t j = 0; j < kLanes; ++j) total += lane[j];
  return total;
}

template <class Real>
inline constexpr FastLoss<Real> kLosses[] = {
    {"cross_entropy", cross_entropy<Real>},
    {"squared_error", elementwise<Real, SquaredError<Real>>},
    {"absolute_error", elementwise<Real, AbsoluteError<Real>>},
    {"huber", elementwise<Real, Huber<Real>>},
    {"binary_cross_entropy", elementwise<Real, BinaryCrossEntropy<Real>>},
    {"poisson", elementwise<Real, Poisson<Real>>},
};

}  // namespace descent::kernels::DESCENT_ISA
