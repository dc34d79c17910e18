// Panels of a product's right factor, copied to where the nearest cache holds them. Included once for each instruction
// set, in a namespace of its own.
#pragma once

#include "framework/kernels/simd.hpp"
#include "framework/kernels/transpose.hpp"
#include "framework/kernels/vectors.hpp"

namespace descent::kernels::DESCENT_ISA {

// A panel on its way into a place of its own: some terms of some columns of b, without the gaps between its rows
// (far apart, they fall into the same few sets of the cache), transposed where b is. Piece by piece, so that it
// can be copied while another panel is multiplied.
template <class Real>
struct PanelCopy {
  const Real* from;  // the first term of the first column
  std::size_t stride;
  bool transposes;
  std::size_t terms, columns;
  Real* to;  // (terms, columns)
  std::size_t to_stride;
  std::size_t done = 0;  // terms
};

// The copy of b's terms [first, first + terms) in its columns [column, column + columns), or of bᵀ's.
template <class Real>
inline PanelCopy<Real> panel_of(const ProductCall<Real>& call, std::size_t first, std::size_t terms, std::size_t column,
                                std::size_t columns, Real* to, std::size_t to_stride) {
  const Real* from = call.b + (call.right_transposed ? column * call.b_stride + first : first * call.b_stride + column);
  return {from, call.b_stride, call.right_transposed, terms, columns, to, to_stride};
}

template <class Real>
inline void copy_rows(const Real* from, std::size_t stride, std::size_t rows, std::size_t columns, Real* to,
                      std::size_t to_stride) {
  using P = Pack<Real>;
  constexpr std::size_t lanes = P::kSize;
  const std::size_t rest = columns % lanes == 0 ? lanes : columns % lanes, last = columns - rest;
  const auto mask = P::first(rest);
  for (std::size_t k = 0; k < rows; ++k, from += stride, to += to_stride) {
    for (std::size_t j = 0; j < last; j += lanes) P::store(to + j, P::load(from + j));
    P::store(to + last, P::load(from + last, mask), mask);
  }
}

template <class Real>
inline void copy_transposed(const Real* from, std::size_t stride, std::size_t terms, std::size_t columns, Real* to,
                            std::size_t to_stride) {
  constexpr std::size_t lanes = Pack<Real>::kSize;
  typename Pack<Real>::Vector tile[lanes];
  for (std::size_t k = 0; k < terms; k += lanes)
    for (std::size_t j = 0; j < columns; j += lanes) {
      const std::size_t height = terms - k < lanes ? terms - k : lanes,
                        width = columns - j < lanes ? columns - j : lanes;
      load_tile_transposed(from + j * stride + k, stride, width, height, tile);
      store_tile(tile, to + k * to_stride + j, to_stride, height, width);
    }
}

// The next `terms` terms, or what is left. (To prefetch those after them does not pay.)
template <class Real>
[[gnu::noinline]] void copy_piece(PanelCopy<Real>& copy, std::size_t terms) {
  if (terms > copy.terms - copy.done) terms = copy.terms - copy.done;
  const Real* from = copy.from + copy.done * (copy.transposes ? 1 : copy.stride);
  Real* to = copy.to + copy.done * copy.to_stride;
  copy.transposes ? copy_transposed(from, copy.stride, terms, copy.columns, to, copy.to_stride)
                  : copy_rows(from, copy.stride, terms, copy.columns, to, copy.to_stride);
  copy.done += terms;
}

}  // namespace descent::kernels::DESCENT_ISA
