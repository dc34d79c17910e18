// Passes over batches that stand feature by feature, (features, rows): the values of a feature side by side, so that
// a vector's lanes are rows. Included once for each instruction set, in a namespace of its own.
#pragma once

#include "framework/kernels/simd.hpp"
#include "framework/kernels/tile_products.hpp"
#include "framework/kernels/transpose.hpp"
#include "framework/kernels/vectors.hpp"

#include <array>
#include <utility>

namespace descent::kernels::DESCENT_ISA {

// The tile whose column i is row i of `rows`, `width` columns of it.
template <class Real>
inline void turn_rows(const Real* const* rows, std::size_t first, std::size_t width,
                      typename Pack<Real>::Vector* tile) {
  using P = Pack<Real>;
  constexpr std::size_t lanes = P::kSize, few = lanes / 4;
  const auto mask = P::first(width);
  for (std::size_t i = 0; i < lanes; ++i) tile[i] = P::load(rows[i] + first, mask);
  width <= few ? transpose_tile<Real, few>(tile) : transpose_tile<Real>(tile);
}

template <class Real>
inline void gather_transposed(const ConstMatrixView<Real>& from, const std::uint32_t* indices, std::size_t count,
                              const MatrixView<Real>& to) {
  using P = Pack<Real>;
  constexpr std::size_t lanes = P::kSize;
  typename P::Vector tile[lanes];
  const Real* rows[lanes];
  for (std::size_t column = 0; column < to.cols; column += lanes) {
    for (std::size_t i = 0; i < lanes; ++i) {
      const std::size_t row = column + i < count ? column + i : count - 1;
      rows[i] = from.data + (indices == nullptr ? row : indices[row]) * from.stride;
    }
    for (std::size_t first = 0; first < to.rows; first += lanes) {
      const std::size_t width = to.rows - first < lanes ? to.rows - first : lanes;
      Real* target = to.data + first * to.stride + column;
      if (width == 1) {
        for (std::size_t i = 0; i < lanes; ++i) target[i] = rows[i][first];
        continue;
      }
      turn_rows(rows, first, width, tile);
      for (std::size_t k = 0; k < width; ++k) P::store(target + k * to.stride, tile[k]);
    }
  }
}

// Sums (m, n) of products of features, the rows of a and b, each spread over the lanes of a vector of `sums`.
template <class Real>
struct DotBlock {
  const Real *a, *b;
  std::size_t stride, columns;  // of a and b
  Real* sums;
  std::size_t sums_stride;  // in numbers
  bool adds;
};

template <class Real, int m, int n>
inline void dot_block(const DotBlock<Real>& block) {
  using P = Pack<Real>;
  constexpr std::size_t lanes = P::kSize;
  typename P::Vector sum[m][n];
  for (int i = 0; i < m; ++i)
    for (int j = 0; j < n; ++j)
      sum[i][j] = block.adds ? P::load(block.sums + i * block.sums_stride + j * lanes) : P::zero();
  const Real *a = block.a, *b = block.b;
  for (std::size_t column = 0; column < block.columns; column += lanes, a += lanes, b += lanes) {
    typename P::Vector right[n];
    for (int j = 0; j < n; ++j) right[j] = P::load(b + j * block.stride);
    for (int i = 0; i < m; ++i) {
      const typename P::Vector left = P::load(a + i * block.stride);
      for (int j = 0; j < n; ++j) sum[i][j] = P::multiply_add(left, right[j], sum[i][j]);
    }
  }
  for (int i = 0; i < m; ++i)
    for (int j = 0; j < n; ++j) P::store(block.sums + i * block.sums_stride + j * lanes, sum[i][j]);
}

inline constexpr int kDotRows = 4, kDotColumns = kRegisters == 32 ? 4 : 2;

template <class Real>
using DotFunction = void (*)(const DotBlock<Real>&);

template <class Real, int m, int... n>
constexpr std::array<DotFunction<Real>, kDotColumns> dot_functions(std::integer_sequence<int, n...>) {
  return {dot_block<Real, m, n + 1>...};
}
template <class Real, int... m>
constexpr auto dot_table(std::integer_sequence<int, m...>) {
  return std::array{dot_functions<Real, m + 1>(std::make_integer_sequence<int, kDotColumns>())...};
}

template <class Real>
inline void spread_dots(const ConstMatrixView<Real>& a, const ConstMatrixView<Real>& b, bool adds, Real* sums) {
  static constexpr auto kTable = dot_table<Real>(std::make_integer_sequence<int, kDotRows>());
  constexpr std::size_t lanes = Pack<Real>::kSize;
  DotBlock<Real> block{nullptr, nullptr, a.stride, a.cols, nullptr, b.rows * lanes, adds};
  for (std::size_t i = 0; i < a.rows; i += kDotRows)
    for (std::size_t j = 0; j < b.rows; j += kDotColumns) {
      const std::size_t m = a.rows - i < kDotRows ? a.rows - i : kDotRows;
      const std::size_t n = b.rows - j < kDotColumns ? b.rows - j : kDotColumns;
      block.a = a.data + i * a.stride;
      block.b = b.data + j * b.stride;
      block.sums = sums + (i * b.rows + j) * lanes;
      kTable[m - 1][n - 1](block);
    }
}

template <class Real>
inline void collect_dots(const Real* sums, std::size_t n, Real* to) {
  using P = Pack<Real>;
  constexpr std::size_t lanes = P::kSize;
  for (std::size_t i = 0; i < n; i += lanes) {
    const std::size_t count = n - i < lanes ? n - i : lanes;
    typename P::Vector v[lanes];
    for (std::size_t j = 0; j < lanes; ++j) v[j] = j < count ? P::load(sums + (i + j) * lanes) : P::zero();
    P::store(to + i, sum_lanes<Real>(v), P::first(count));
  }
}

template <class Real, bool single>  // single: a vector holds all columns
inline void dots(const ConstMatrixView<Real>& a, const ConstMatrixView<Real>& b, Real* to) {
  using P = Pack<Real>;
  constexpr std::size_t lanes = P::kSize;
  const std::size_t columns = a.cols, a_stride = a.stride, b_stride = b.stride;
  const Real *left = a.data, *right = b.data, *const end = b.data + b.rows * b_stride;
  for (std::size_t count = a.rows * b.rows; count > 0; to += lanes) {
    typename P::Vector sum[lanes];
    _Pragma("GCC unroll 16") for (std::size_t i = 0; i < lanes; ++i) {
      sum[i] = P::load(left) * P::load(right);
      if constexpr (!single)
        for (std::size_t column = lanes; column < columns; column += lanes)
          sum[i] = P::multiply_add(P::load(left + column), P::load(right + column), sum[i]);
      if (i + 1 >= count) continue;  // behind the last one: that one again
      right += b_stride;
      if (right == end) right = b.data, left += a_stride;
    }
    const std::size_t here = count < lanes ? count : lanes;
    P::store(to, sum_lanes<Real>(sum), P::first(here));
    count -= here;
  }
}

template <class Real>
inline void dots(const ConstMatrixView<Real>& a, const ConstMatrixView<Real>& b, Real* to) {
  a.cols == Pack<Real>::kSize ? dots<Real, true>(a, b, to) : dots<Real, false>(a, b, to);
}

}  // namespace descent::kernels::DESCENT_ISA
