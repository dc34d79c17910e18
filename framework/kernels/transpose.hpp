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

#if defined(__AVX512F__)
// The same, transposed, of a whole tile. Inserts from memory go through two ports where shuffles have one: they bring
// the rows of which a column of four (two) is made into the four quarters of a vector, so that half of the exchanges
// are left.
inline void load_transposed(const float* from, std::size_t stride, __m512* tile) {
  for (std::size_t j = 0; j < 16; j += 4) {
    __m512 row[4];
    for (std::size_t i = 0; i < 4; ++i) {
      const float* p = from + i * stride + j;
      row[i] = _mm512_castps128_ps512(_mm_loadu_ps(p));
      row[i] = _mm512_insertf32x4(row[i], _mm_loadu_ps(p + 4 * stride), 1);
      row[i] = _mm512_insertf32x4(row[i], _mm_loadu_ps(p + 8 * stride), 2);
      row[i] = _mm512_insertf32x4(row[i], _mm_loadu_ps(p + 12 * stride), 3);
    }
    const __m512d low01 = _mm512_castps_pd(_mm512_unpacklo_ps(row[0], row[1])),
                  high01 = _mm512_castps_pd(_mm512_unpackhi_ps(row[0], row[1])),
                  low23 = _mm512_castps_pd(_mm512_unpacklo_ps(row[2], row[3])),
                  high23 = _mm512_castps_pd(_mm512_unpackhi_ps(row[2], row[3]));
    tile[j] = _mm512_castpd_ps(_mm512_unpacklo_pd(low01, low23));
    tile[j + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(low01, low23));
    tile[j + 2] = _mm512_castpd_ps(_mm512_unpacklo_pd(high01, high23));
    tile[j + 3] = _mm512_castpd_ps(_mm512_unpackhi_pd(high01, high23));
  }
}
inline void load_transposed(const double* from, std::size_t stride, __m512d* tile) {
  for (std::size_t j = 0; j < 8; j += 2) {
    __m512d row[2];
    for (std::size_t i = 0; i < 2; ++i) {
      const double* p = from + i * stride + j;
      row[i] = _mm512_castpd128_pd512(_mm_loadu_pd(p));
      row[i] = _mm512_insertf64x2(row[i], _mm_loadu_pd(p + 2 * stride), 1);
      row[i] = _mm512_insertf64x2(row[i], _mm_loadu_pd(p + 4 * stride), 2);
      row[i] = _mm512_insertf64x2(row[i], _mm_loadu_pd(p + 6 * stride), 3);
    }
    tile[j] = _mm512_unpacklo_pd(row[0], row[1]);
    tile[j + 1] = _mm512_unpackhi_pd(row[0], row[1]);
  }
}
#endif

// The tile of `rows` × `cols` numbers, transposed: column k is tile[k].
template <class Real>
inline void load_tile_transposed(const Real* from, std::size_t stride, std::size_t rows, std::size_t cols,
                                 typename Pack<Real>::Vector* tile) {
#if defined(__AVX512F__)
  constexpr std::size_t n = Pack<Real>::kSize;
  if (rows == n && cols == n) return load_transposed(from, stride, tile);
#endif
  load_tile(from, stride, rows, cols, tile);
  transpose_tile<Real>(tile);
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
