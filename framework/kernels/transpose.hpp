// Transposes in registers. Included once for each instruction set, in a namespace of its own.
#pragma once

#include "framework/kernels/vectors.hpp"

#include <utility>

namespace descent::kernels::DESCENT_ISA {

// Of every pair of blocks of `step` elements: the first of a and of b, or the second of each.
template <class Real, std::size_t step, bool second, std::size_t... j>
inline typename Pack<Real>::Vector pick(typename Pack<Real>::Vector a, typename Pack<Real>::Vector b,
                                        std::index_sequence<j...>) {
  constexpr std::size_t n = Pack<Real>::kSize;
  return __builtin_shufflevector(a, b, (second ? (j & step ? n + j : j + step) : (j & step ? n + j - step : j))...);
}

// The square tile whose rows are n vectors, transposed: log2(n) exchanges of blocks (Eklundh 1972). The first `wanted`
// rows of the result, a power of 2; the others hold nothing of use.
template <class Real, std::size_t wanted = Pack<Real>::kSize, std::size_t step = Pack<Real>::kSize / 2>
inline void transpose_tile(typename Pack<Real>::Vector* rows) {
  constexpr std::size_t n = Pack<Real>::kSize;
  constexpr bool both = step < wanted;
  for (std::size_t i = 0; i < (both ? wanted : step); ++i) {
    if (i & step) continue;
    const auto a = rows[i], b = rows[i + step];
    rows[i] = pick<Real, step, false>(a, b, std::make_index_sequence<n>());
    if constexpr (both) rows[i + step] = pick<Real, step, true>(a, b, std::make_index_sequence<n>());
  }
  if constexpr (step > 1) transpose_tile<Real, wanted, step / 2>(rows);
}

// A tile of up to n × n numbers, rows `stride` apart; what is missing becomes 0.
template <class Real>
inline void load_tile(const Real* from, std::size_t stride, std::size_t rows, std::size_t cols,
                      typename Pack<Real>::Vector* tile) {
  using P = Pack<Real>;
  constexpr std::size_t n = P::kSize;
  if (rows == n && cols == n) {
    for (std::size_t k = 0; k < n; ++k) tile[k] = P::load(from + k * stride);
    return;
  }
  const auto mask = P::first(cols);
  for (std::size_t k = 0; k < n; ++k) tile[k] = k < rows ? P::load(from + k * stride, mask) : P::zero();
}

template <class Real>
inline void store_tile(const typename Pack<Real>::Vector* tile, Real* to, std::size_t stride, std::size_t rows,
                       std::size_t cols) {
  using P = Pack<Real>;
  constexpr std::size_t n = P::kSize;
  if (rows == n && cols == n) {
    for (std::size_t k = 0; k < n; ++k) P::store(to + k * stride, tile[k]);
    return;
  }
  const auto mask = P::first(cols);
  for (std::size_t k = 0; k < rows; ++k) P::store(to + k * stride, tile[k], mask);
}

}  // namespace descent::kernels::DESCENT_ISA
