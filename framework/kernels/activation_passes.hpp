// The passes over activations: φ forward, dz = dy φ′ and its column sums backward. Included once for each
// instruction set, in a namespace of its own.
#pragma once

#include "framework/kernels/normal_math.hpp"
#include "framework/kernels/simd.hpp"
#include "framework/kernels/sum_rows.hpp"
#include "framework/kernels/tanh_table.hpp"
#include "framework/kernels/vector_math.hpp"
#include "framework/kernels/vectors.hpp"

namespace descent::kernels::DESCENT_ISA {

// Each φ has value(z) and derivative(from), with `from` z or a; derivatives work on a number and on a vector.
template <class Real>
using VectorOf = typename Pack<Real>::Vector;

template <class Real>
struct Identity {
  DESCENT_INLINE static Real value(Real z) { return z; }
};
template <class Real>
struct Relu {
  DESCENT_INLINE static Real value(Real z) { return z < 0 ? Real(0) : z; }
  DESCENT_INLINE static VectorOf<Real> derivative(VectorOf<Real> a) {
    using P = Pack<Real>;
    return P::if_positive(a, P::all(1), P::zero());
  }
};
template <class Real>
struct LeakyRelu {
  DESCENT_INLINE static Real value(Real z) { return z > 0 ? z : Real(0.01) * z; }
  DESCENT_INLINE static VectorOf<Real> derivative(VectorOf<Real> a) {
    using P = Pack<Real>;
    return P::if_positive(a, P::all(1), P::all(Real(0.01)));
  }
};
template <class Real>
struct Elu {
  DESCENT_INLINE static Real value(Real z) { return z > 0 ? z : expm1_negative(z > 0 ? Real(0) : z); }
  DESCENT_INLINE static VectorOf<Real> derivative(VectorOf<Real> a) {
    using P = Pack<Real>;
    return P::if_positive(a, P::all(1), a + P::all(1));
  }
};
template <class Real>
struct Gelu {
  DESCENT_INLINE static Real value(Real z) { return gelu(z); }
  DESCENT_INLINE static VectorOf<Real> derivative(VectorOf<Real> z) {
    VectorOf<Real> d;
    for (std::size_t j = 0; j < Pack<Real>::kSize; ++j) d[j] = gelu_derivative(z[j]);
    return d;
  }
};
template <class Real>
struct Softplus {
  DESCENT_INLINE static Real value(Real z) { return softplus(z); }
  DESCENT_INLINE static VectorOf<Real> derivative(VectorOf<Real> a) {
    VectorOf<Real> d;
    for (std::size_t j = 0; j < Pack<Real>::kSize; ++j) d[j] = -expm1_negative(-a[j]);
    return d;
  }
};
template <class Real>
struct Silu {
  DESCENT_INLINE static Real value(Real z) { return z * sigmoid(z); }
  DESCENT_INLINE static VectorOf<Real> derivative(VectorOf<Real> z) {
    VectorOf<Real> d;
    for (std::size_t j = 0; j < Pack<Real>::kSize; ++j) d[j] = sigmoid(z[j]) * (1 + z[j] * sigmoid(-z[j]));
    return d;
  }
};
template <class Real>
struct Sigmoid {
  DESCENT_INLINE static Real value(Real z) { return sigmoid(z); }
  DESCENT_INLINE static VectorOf<Real> derivative(VectorOf<Real> a) { return a * (Pack<Real>::all(1) - a); }
};
template <class Real>
struct Tanh {
  DESCENT_INLINE static Real value(Real z) { return tanh(z); }
  DESCENT_INLINE static VectorOf<Real> derivative(VectorOf<Real> a) {
    using P = Pack<Real>;
    return P::multiply_add(-a, a, P::all(1));
  }
};

template <class Real, class Phi>
inline void forward_run(Real* __restrict z, std::size_t count) {
  if constexpr (std::is_same_v<Phi, Tanh<Real>> && kHasTanhTable<Real>) {
    using P = Pack<Real>;
    std::size_t j = 0;
    for (; j + P::kSize <= count; j += P::kSize) P::store(z + j, tanh_by_table<Real>(P::load(z + j)));
    if (j < count) {
      const auto mask = P::first(count - j);
      P::store(z + j, tanh_by_table<Real>(P::load(z + j, mask)), mask);
    }
    return;
  }
  for (std::size_t j = 0; j < count; ++j) z[j] = Phi::value(z[j]);
}

// Without gaps between the rows a matrix is one run.
template <class Real, class Phi>
inline void forward(const MatrixView<Real>& z, const MatrixView<Real>& kept) {
  const bool flat = z.stride == z.cols && (kept.data == nullptr || kept.stride == kept.cols);
  const std::size_t rows = flat ? 1 : z.rows, cols = flat ? z.rows * z.cols : z.cols;
  for (std::size_t i = 0; i < rows; ++i) {
    Real* row = z.data + i * z.stride;
    if (kept.data != nullptr) {
      Real* __restrict keep = kept.data + i * kept.stride;
      for (std::size_t j = 0; j < cols; ++j) keep[j] = row[j];
    }
    if constexpr (!std::is_same_v<Phi, Identity<Real>>) forward_run<Real, Phi>(row, cols);
  }
}

// `vectors` columns of vectors from top to bottom, the last of them partial or not; their sums are chains in registers,
// side by side because each waits for itself.
template <class Real, class Phi, int vectors, bool partial, bool sums>
inline void backward_columns(const ConstMatrixView<Real>& from, const MatrixView<Real>& dy, std::size_t column,
                             Real* bias_gradient) {
  using P = Pack<Real>;
  const RowAccess<Real, vectors, partial> access(dy.cols - column);
  VectorOf<Real> sum[vectors];
  for (int v = 0; v < vectors; ++v) sum[v] = P::zero();
  const Real* source = from.data + column;
  Real* row = dy.data + column;
  for (std::size_t i = 0; i < dy.rows; ++i, source += from.stride, row += dy.stride)
    DESCENT_UNROLL for (int v = 0; v < vectors; ++v) {
      VectorOf<Real> dz = access.load(row, v);
      if constexpr (!std::is_same_v<Phi, Identity<Real>>) {
        dz = dz * Phi::derivative(access.load(source, v));
        access.store(row, v, dz);
      }
      if constexpr (sums) sum[v] += dz;
    }
  if constexpr (sums)
    for (int v = 0; v < vectors; ++v)
      access.store(bias_gradient + column, v, access.load(bias_gradient + column, v) + sum[v]);
}

template <class Real, class Phi, bool sums>
inline void backward_all(const ConstMatrixView<Real>& from, const MatrixView<Real>& dy, Real* bias_gradient) {
  constexpr std::size_t lanes = Pack<Real>::kSize;
  constexpr int most = 4;
  using Columns = decltype(&backward_columns<Real, Phi, 1, false, sums>);
  static constexpr Columns kRest[most][2] = {
      {backward_columns<Real, Phi, 1, false, sums>, backward_columns<Real, Phi, 1, true, sums>},
      {backward_columns<Real, Phi, 2, false, sums>, backward_columns<Real, Phi, 2, true, sums>},
      {backward_columns<Real, Phi, 3, false, sums>, backward_columns<Real, Phi, 3, true, sums>},
      {backward_columns<Real, Phi, 4, false, sums>, backward_columns<Real, Phi, 4, true, sums>}};
  for (std::size_t j = 0; j < dy.cols; j += most * lanes) {
    const std::size_t left = dy.cols - j, vectors = left < most * lanes ? (left + lanes - 1) / lanes : most;
    kRest[vectors - 1][left < vectors * lanes](from, dy, j, bias_gradient);
  }
}

template <class Real, class Phi>
inline void backward(const ConstMatrixView<Real>& from, const MatrixView<Real>& dy, Real* bias_gradient) {
  const bool flat = dy.stride == dy.cols && from.stride == from.cols;
  if (bias_gradient == nullptr) {
    if (!flat || dy.rows == 1) return backward_all<Real, Phi, false>(from, dy, nullptr);
    const std::size_t count = dy.rows * dy.cols;
    return backward_all<Real, Phi, false>({from.data, 1, count}, {dy.data, 1, count}, nullptr);
  }
  // A single column: its rows side by side in a vector, so that one unit costs a lane and not a vector.
  if (flat && dy.cols == 1) {
    constexpr std::size_t lanes = Pack<Real>::kSize;
    const std::size_t whole = dy.rows / lanes;
    Real lane[lanes] = {};
    if (whole > 0)
      backward_columns<Real, Phi, 1, false, true>({from.data, whole, lanes}, {dy.data, whole, lanes}, 0, lane);
    if (dy.rows > whole * lanes)
      backward_columns<Real, Phi, 1, true, true>({from.data + whole * lanes, 1, dy.rows - whole * lanes},
                                                 {dy.data + whole * lanes, 1, dy.rows - whole * lanes}, 0, lane);
    for (std::size_t j = 0; j < lanes; ++j) bias_gradient[0] += lane[j];
    return;
  }
  backward_all<Real, Phi, true>(from, dy, bias_gradient);
}

// φ′ = 1: dz is dy, only its column sums are left to take.
template <class Real>
inline void backward_identity(const ConstMatrixView<Real>&, const MatrixView<Real>& dy, Real* bias_gradient) {
  if (bias_gradient != nullptr) backward<Real, Identity<Real>>(dy, dy, bias_gradient);
}

template <class Real>
inline constexpr FastActivation<Real> kActivations[] = {
    {"identity", forward<Real, Identity<Real>>, backward_identity<Real>},
    {"relu", forward<Real, Relu<Real>>, backward<Real, Relu<Real>>},
    {"leaky_relu", forward<Real, LeakyRelu<Real>>, backward<Real, LeakyRelu<Real>>},
    {"elu", forward<Real, Elu<Real>>, backward<Real, Elu<Real>>},
    {"gelu", forward<Real, Gelu<Real>>, backward<Real, Gelu<Real>>},
    {"silu", forward<Real, Silu<Real>>, backward<Real, Silu<Real>>},
    {"sigmoid", forward<Real, Sigmoid<Real>>, backward<Real, Sigmoid<Real>>},
    {"tanh", forward<Real, Tanh<Real>>, backward<Real, Tanh<Real>>},
    {"softplus", forward<Real, Softplus<Real>>, backward<Real, Softplus<Real>>},
};

}  // namespace descent::kernels::DESCENT_ISA
