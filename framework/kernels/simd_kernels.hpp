// The bodies of SimdKernels, included once for each instruction set with DESCENT_ISA naming it.
//
// Plain loops over plain pointers: the compiler makes vectors of them. Nothing here may call an inline
// function that other sources use too, or the linker might keep the copy made for a processor that is
// not there.
#pragma once

#include "framework/kernels/simd.hpp"
#include "framework/kernels/vector_math.hpp"

#include <utility>

namespace descent::kernels::DESCENT_ISA {

// --- Activations ---------------------------------------------------------------------------------

template <class Real, class Phi>
inline void forward(const Real* bias, MatrixView<Real> z, MatrixView<Real> kept) {
  for (std::size_t i = 0; i < z.rows; ++i) {
    Real* __restrict row = z.data + i * z.stride;
    if (bias != nullptr && kept.data != nullptr) {
      Real* __restrict keep = kept.data + i * kept.stride;
      for (std::size_t j = 0; j < z.cols; ++j) {
        const Real x = row[j] + bias[j];
        keep[j] = x;
        row[j] = Phi::value(x);
      }
    } else if (bias != nullptr) {
      for (std::size_t j = 0; j < z.cols; ++j) row[j] = Phi::value(row[j] + bias[j]);
    } else {
      if (kept.data != nullptr)
        for (std::size_t j = 0; j < z.cols; ++j) kept.data[i * kept.stride + j] = row[j];
      for (std::size_t j = 0; j < z.cols; ++j) row[j] = Phi::value(row[j]);
    }
  }
}

template <class Real, class Phi>
inline void backward(ConstMatrixView<Real> from, MatrixView<Real> dy, Real* bias_gradient) {
  for (std::size_t i = 0; i < dy.rows; ++i) {
    const Real* __restrict source = from.data + i * from.stride;
    Real* __restrict row = dy.data + i * dy.stride;
    Real* __restrict sums = bias_gradient;
    if (sums != nullptr) {
      for (std::size_t j = 0; j < dy.cols; ++j) {
        const Real dz = row[j] * Phi::derivative(source[j]);
        row[j] = dz;
        sums[j] += dz;
      }
    } else {
      for (std::size_t j = 0; j < dy.cols; ++j) row[j] *= Phi::derivative(source[j]);
    }
  }
}

// φ′ = 1: dz is dy, only its column sums are left to take.
template <class Real>
inline void backward_identity(ConstMatrixView<Real>, MatrixView<Real> dy, Real* __restrict bias_gradient) {
  if (bias_gradient == nullptr) return;
  for (std::size_t i = 0; i < dy.rows; ++i) {
    const Real* __restrict row = dy.data + i * dy.stride;
    for (std::size_t j = 0; j < dy.cols; ++j) bias_gradient[j] += row[j];
  }
}

template <class Real>
struct Identity {
  static Real value(Real z) { return z; }
};
template <class Real>
struct Relu {
  static Real value(Real z) { return z < 0 ? Real(0) : z; }
  static Real derivative(Real a) { return a > 0 ? Real(1) : Real(0); }
};
template <class Real>
struct LeakyRelu {
  static Real value(Real z) { return z > 0 ? z : Real(0.01) * z; }
  static Real derivative(Real a) { return a > 0 ? Real(1) : Real(0.01); }
};
template <class Real>
struct Elu {
  static Real value(Real z) { return z > 0 ? z : expm1_negative(z > 0 ? Real(0) : z); }
  static Real derivative(Real a) { return a > 0 ? Real(1) : a + 1; }
};
template <class Real>
struct Silu {
  static Real value(Real z) { return z * sigmoid(z); }
  static Real derivative(Real z) {
    const Real s = sigmoid(z);
    return s * (1 + z * sigmoid(-z));
  }
};
template <class Real>
struct Sigmoid {
  static Real value(Real z) { return sigmoid(z); }
  static Real derivative(Real a) { return a * (1 - a); }
};
template <class Real>
struct Tanh {
  static Real value(Real z) { return tanh(z); }
  static Real derivative(Real a) { return (1 - a) * (1 + a); }
};

template <class Real>
inline constexpr FastActivation<Real> kActivations[] = {
    {"identity", forward<Real, Identity<Real>>, backward_identity<Real>},
    {"relu", forward<Real, Relu<Real>>, backward<Real, Relu<Real>>},
    {"leaky_relu", forward<Real, LeakyRelu<Real>>, backward<Real, LeakyRelu<Real>>},
    {"elu", forward<Real, Elu<Real>>, backward<Real, Elu<Real>>},
    {"silu", forward<Real, Silu<Real>>, backward<Real, Silu<Real>>},
    {"sigmoid", forward<Real, Sigmoid<Real>>, backward<Real, Sigmoid<Real>>},
    {"tanh", forward<Real, Tanh<Real>>, backward<Real, Tanh<Real>>},
};

// --- Losses --------------------------------------------------------------------------------------

// Rows that go through the softmax side by side, one in each lane.
inline constexpr std::size_t kLanes = 16;
inline constexpr std::size_t kMostClasses = 128;  // what the tile below holds; more go row by row

// Softmax and cross-entropy of up to 16 rows. The tile is transposed, so that a vector holds one class
// of all rows; leftover lanes hold zeros, so that a row's bits do not depend on its place.
template <class Real, bool full>
inline double cross_entropy_tile(ConstMatrixView<Real> y, ConstMatrixView<Real> t, MatrixView<Real> dy,
                                 std::size_t first, std::size_t count) {
  const std::size_t rows = full ? kLanes : count;
  Real tile[kMostClasses][kLanes];
  const std::size_t classes = y.cols;
  const Real* source = y.data + first * y.stride;
  Real top[kLanes], sum[kLanes] = {};
  for (std::size_t i = 0; i < kLanes; ++i) top[i] = tile[0][i] = full || i < rows ? source[i * y.stride] : Real(0);
  for (std::size_t k = 1; k < classes; ++k)
    for (std::size_t i = 0; i < kLanes; ++i) {
      tile[k][i] = full || i < rows ? source[i * y.stride + k] : Real(0);
      top[i] = tile[k][i] > top[i] ? tile[k][i] : top[i];
    }
  for (std::size_t k = 0; k < classes; ++k)
    for (std::size_t i = 0; i < kLanes; ++i) {
      tile[k][i] = exp(tile[k][i] - top[i]);
      sum[i] += tile[k][i];
    }

  // Σ log sᵢ = log Π sᵢ: each factor lies between 1 and the number of classes, so 16 cannot overflow.
  double product = 1, total = 0;
  for (std::size_t i = 0; i < rows; ++i) {
    const auto label = static_cast<std::size_t>(t.data[(first + i) * t.stride]);
    product *= static_cast<double>(sum[i]);
    total -= static_cast<double>(source[i * y.stride + label] - top[i]);
  }
  total += std::log(product);
  if (dy.data == nullptr) return total;

  for (std::size_t i = 0; i < kLanes; ++i) sum[i] = 1 / sum[i];
  Real* target = dy.data + first * dy.stride;
  for (std::size_t k = 0; k < classes; ++k)
    for (std::size_t i = 0; i < kLanes; ++i) tile[k][i] *= sum[i];
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t k = 0; k < classes; ++k) target[i * dy.stride + k] = tile[k][i];
    target[i * dy.stride + static_cast<std::size_t>(t.data[(first + i) * t.stride])] -= 1;
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
  double total = 0;
  if (y.cols <= kMostClasses) {
    std::size_t i = 0;
    for (; i + kLanes <= y.rows; i += kLanes) total += cross_entropy_tile<Real, true>(y, t, dy, i, kLanes);
    if (i < y.rows) total += cross_entropy_tile<Real, false>(y, t, dy, i, y.rows - i);
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

// --- Weights and rows ----------------------------------------------------------------------------

// An infinite or NaN entry has an exponent of ones, which one more unit carries into the sign bit.
template <class Real>
inline bool move(const Real* __restrict w, const Real* __restrict v, Real scale, Real* __restrict next, std::size_t n) {
  using F = Format<Real>;
  constexpr Word<Real> kSign = Word<Real>(1) << (sizeof(Real) * 8 - 1);
  constexpr Word<Real> kUnit = Word<Real>(1) << F::kMantissa;
  constexpr Word<Real> kExponent = kSign - kUnit;
  Word<Real> carried = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const Real x = w[i] + scale * v[i];
    next[i] = x;
    carried |= (to_word(x) & kExponent) + kUnit;
  }
  return (carried & kSign) == 0;
}

template <class Real>
inline void gather(ConstMatrixView<Real> from, const std::uint32_t* indices, MatrixView<Real> to) {
  // Rows of a large set come in random order from far away; nothing but us knows which comes next.
  constexpr std::size_t kAhead = 6, kLine = 64 / sizeof(Real);
  for (std::size_t i = 0; i < to.rows; ++i) {
    if (i + kAhead < to.rows) {
      const Real* later = from.data + indices[i + kAhead] * from.stride;
      for (std::size_t j = 0; j < to.cols; j += kLine) __builtin_prefetch(later + j);
    }
    const Real* __restrict source = from.data + indices[i] * from.stride;
    Real* __restrict target = to.data + i * to.stride;
    for (std::size_t j = 0; j < to.cols; ++j) target[j] = source[j];
  }
}

#if defined(__AVX512F__)
inline constexpr std::size_t kVectorBytes = 64;
#elif defined(__AVX2__)
inline constexpr std::size_t kVectorBytes = 32;
#else
inline constexpr std::size_t kVectorBytes = 16;
#endif

template <class Real>
struct Pack {
  static constexpr std::size_t kSize = kVectorBytes / sizeof(Real);
  typedef Real Vector __attribute__((vector_size(kVectorBytes)));
};

// Of every pair of blocks of `step` elements: the first of a and of b, or the second of each.
template <class Real, std::size_t step, bool second, std::size_t... j>
inline typename Pack<Real>::Vector pick(typename Pack<Real>::Vector a, typename Pack<Real>::Vector b,
                                        std::index_sequence<j...>) {
  constexpr std::size_t n = Pack<Real>::kSize;
  return __builtin_shufflevector(a, b, (second ? (j & step ? n + j : j + step) : (j & step ? n + j - step : j))...);
}

template <class Real, std::size_t step>
inline void exchange(typename Pack<Real>::Vector* rows) {
  constexpr std::size_t n = Pack<Real>::kSize;
  for (std::size_t i = 0; i < n; ++i) {
    if (i & step) continue;
    const auto a = rows[i], b = rows[i + step];
    rows[i] = pick<Real, step, false>(a, b, std::make_index_sequence<n>());
    rows[i + step] = pick<Real, step, true>(a, b, std::make_index_sequence<n>());
  }
  if constexpr (step > 1) exchange<Real, step / 2>(rows);
}

// Square tiles in registers: log2(n) exchanges of blocks (Eklundh 1972). The edges go one by one.
template <class Real>
inline void transpose(const Real* __restrict from, std::size_t rows, std::size_t cols, Real* __restrict to) {
  constexpr std::size_t n = Pack<Real>::kSize;
  const std::size_t whole_rows = rows - rows % n, whole_cols = cols - cols % n;
  for (std::size_t i = 0; i < whole_rows; i += n)
    for (std::size_t j = 0; j < whole_cols; j += n) {
      typename Pack<Real>::Vector tile[n];
      for (std::size_t k = 0; k < n; ++k) __builtin_memcpy(&tile[k], from + (i + k) * cols + j, kVectorBytes);
      exchange<Real, n / 2>(tile);
      for (std::size_t k = 0; k < n; ++k) __builtin_memcpy(to + (j + k) * rows + i, &tile[k], kVectorBytes);
    }
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = i < whole_rows ? whole_cols : 0; j < cols; ++j) to[j * rows + i] = from[i * cols + j];
}

template <class Real>
inline constexpr SimdKernels<Real> make_kernels(std::string_view instructions) {
  return {instructions, kActivations<Real>, kLosses<Real>, move<Real>, gather<Real>, transpose<Real>};
}

}  // namespace descent::kernels::DESCENT_ISA
