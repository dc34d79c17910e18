// Products of matrices, tile by tile: a block of c stays in registers while the terms of its sums go by.
// Included once for each instruction set, in a namespace of its own.
//
// Every element of c is one chain of multiply-adds over the terms in ascending order, whatever the tile it
// falls into: a row's bits depend neither on the rows beside it nor on the number of rows. (Where c is a
// single column, a chain a lane; the lanes are added in a fixed order.)
//
// Goto & van de Geijn, "Anatomy of high-performance matrix multiplication", ACM TOMS 34, 2008, for the
// order of the loops and the copied panels.
#pragma once

#include "framework/kernels/fetch_ahead.hpp"
#include "framework/kernels/panels.hpp"
#include "framework/kernels/simd.hpp"
#include "framework/kernels/sum_rows.hpp"
#include "framework/kernels/transpose.hpp"
#include "framework/kernels/vectors.hpp"

#include <array>
#include <utility>

namespace descent::kernels::DESCENT_ISA {

// Tiles of the same shape one below the other.
template <class Real>
struct TileRun : SumRun<Real> {
  std::size_t tiles, terms;
  const Real *a, *b;
  std::size_t a_stride, b_stride;
  PanelCopy<Real>* copy;   // null: none; a piece of it before every tile
  std::size_t copy_terms;  // in a piece
};

// As many accumulators as the registers hold beside a row of b and one element of a.
template <int vectors>
inline constexpr int kTileRows = kRegisters == 32 ? (vectors == 1   ? 16
                                                     : vectors == 2 ? 14
                                                     : vectors == 3 ? 8
                                                                    : 6)
                                                  : (vectors == 1 ? 12 : 6);
inline constexpr int kRowsOfTile[] = {0, kTileRows<1>, kTileRows<2>, kTileRows<3>, kTileRows<4>};
inline constexpr int kMostVectors = kRegisters == 32 ? 4 : 2;

template <class Real, int rows, int vectors, bool partial, bool transposed>
void run_tiles(TileRun<Real>& run) {
  using P = Pack<Real>;
  using Vector = typename P::Vector;
  constexpr std::size_t lanes = P::kSize;
  const RowAccess<Real, vectors, partial> row(run.columns);
  const std::size_t a_stride = run.a_stride, b_stride = run.b_stride, c_stride = run.c_stride, terms = run.terms;
  const Real *w = run.w, *top = run.a;
  Real* c = run.c;
  for (std::size_t tile = 0; tile < run.tiles; ++tile) {
    if (run.copy != nullptr && run.copy->done < run.copy->terms) copy_piece(*run.copy, run.copy_terms);
    if (run.ahead->rows != run.ahead->end) fetch_some<12>(*run.ahead);
    if (run.far) {  // time to fetch it while the sums are taken
      const Real* far = w;
      DESCENT_UNROLL for (int i = 0; i < rows; ++i, step(far, c_stride))
          DESCENT_UNROLL for (int j = 0; j < vectors; ++j) __builtin_prefetch(far + j * lanes);
    }

    Vector sum[rows][vectors];
    if (run.continues) {
      const Real* begun = c;
      DESCENT_UNROLL for (int i = 0; i < rows; ++i, step(begun, c_stride))
          DESCENT_UNROLL for (int j = 0; j < vectors; ++j) sum[i][j] = row.load(begun, j);
    } else {
      DESCENT_UNROLL for (int j = 0; j < vectors; ++j) {
        const Vector begin = run.start != nullptr ? row.load(run.start, j) : P::zero();
        DESCENT_UNROLL for (int i = 0; i < rows; ++i) sum[i][j] = begin;
      }
    }

    // a(i, k). As it stands, three rows share a pointer: so few are needed that all stay in registers.
    constexpr int groups = transposed ? 1 : (rows + 2) / 3;
    const Real* a[groups];
    DESCENT_UNROLL for (int i = 0; i < groups; ++i) a[i] = top + 3 * i * a_stride;
    const auto left = [&](int i) {
      if constexpr (transposed) return P::all(a[0][i]);
      return P::all(a[i / 3][i % 3 == 0 ? 0 : i % 3 == 1 ? a_stride : 2 * a_stride]);
    };
    const Real* b = run.b;
    for (std::size_t k = terms; k > 0; --k, b += b_stride) {
      Vector right[vectors];
      DESCENT_UNROLL for (int j = 0; j < vectors; ++j) right[j] = row.load(b, j);
      DESCENT_UNROLL for (int i = 0; i < rows; ++i) {
        const Vector element = left(i);
        DESCENT_UNROLL for (int j = 0; j < vectors; ++j) sum[i][j] = P::multiply_add(element, right[j], sum[i][j]);
      }
      DESCENT_UNROLL for (int i = 0; i < groups; ++i) a[i] += transposed ? a_stride : 1;
    }

    finish_rows(run, row, sum, c, w);
    top += transposed ? rows : rows * a_stride;
    c += rows * c_stride;
    if (w != nullptr) w += rows * c_stride;
  }
}

template <class Real>
using TileFunction = void (*)(TileRun<Real>& run);

// The function for tiles of 1 … kMostRows rows and 1 … kMostVectors vectors, the last partial or not.
template <class Real, bool transposed>
struct Tiles {
  static constexpr int kMostRows = kTileRows<1>;

  template <int rows, int vectors, bool partial>
  static constexpr TileFunction<Real> one() {
    if constexpr (rows <= kTileRows<vectors>) return run_tiles<Real, rows, vectors, partial, transposed>;
    return nullptr;
  }
  template <int vectors, bool partial, int... rows>
  static constexpr std::array<TileFunction<Real>, kMostRows> column(std::integer_sequence<int, rows...>) {
    return {one<rows + 1, vectors, partial>()...};
  }
  template <int... vectors>
  static constexpr auto all(std::integer_sequence<int, vectors...>) {
    constexpr auto rows = std::make_integer_sequence<int, kMostRows>();
    return std::array{std::array{column<vectors + 1, false>(rows), column<vectors + 1, true>(rows)}...};
  }
  static constexpr auto kTable = all(std::make_integer_sequence<int, kMostVectors>());
};

inline constexpr std::size_t kWideStride = 2048;     // bytes from which rows of b fall on each other
inline constexpr std::size_t kTermsAtOnce = 256;     // of copied panels
inline constexpr std::size_t kFarBytes = 16 * 1024;  // of w, from which it is worth fetching ahead

template <class Real>
inline void plan_tiles(ProductCall<Real>& call) {
  constexpr std::size_t lanes = Pack<Real>::kSize;
  const std::size_t vectors = (call.n + lanes - 1) / lanes;
  call.columns = Split::into(vectors, vectors <= kMostVectors ? vectors : kRegisters == 32 ? 3 : 2);
  call.rows = Split::into(call.m, kRowsOfTile[call.columns.size]);
  call.copies = call.right_transposed ||
                (call.b_stride * sizeof(Real) >= kWideStride && call.rows.parts >= 3 && call.scratch != nullptr);
}

// The columns [vector, vector + vectors) of c, with the terms [first, first + terms).
template <class Real, bool transposed>
struct Panel {
  const ProductCall<Real>& call;
  TileRun<Real> run;
  std::size_t vectors = 0, column = 0;

  explicit Panel(const ProductCall<Real>& product) : call(product) {
    run.a_stride = call.a_stride;
    run.c_stride = call.c_stride;
    run.scale = call.scale;
    run.ahead = &fetch_ahead;
    run.copy = nullptr;
    run.poison = Pack<Real>::zero();
    run.far = call.w != nullptr && call.m * call.n * sizeof(Real) > kFarBytes;
  }

  void choose_terms(std::size_t first, std::size_t terms) {
    first_ = first;
    run.terms = terms;
    run.continues = call.adds || first > 0;
    run.w = first + terms == call.k ? call.w : nullptr;
  }
  void choose_columns(std::size_t vector, std::size_t count) {
    constexpr std::size_t lanes = Pack<Real>::kSize;
    vectors = count;
    column = vector * lanes;
    run.columns = call.n - column < count * lanes ? call.n - column : count * lanes;
    run.b = call.b + first_ * call.b_stride + column;
    run.b_stride = call.b_stride;
    run.start = call.start == nullptr ? nullptr : call.start + column;
    partial_ = run.columns % lanes != 0;
  }
  PanelCopy<Real> copy_to(Real* to) const {
    return panel_of(call, first_, run.terms, column, run.columns, to, run.columns);
  }
  // All rows by the panel at b, while `next` is copied.
  void multiply_copied(const Real* b, PanelCopy<Real>* next) {
    constexpr std::size_t lanes = Pack<Real>::kSize;
    run.b = b;
    run.b_stride = run.columns;
    run.copy = next;
    if (next != nullptr) {  // a little for every tile, in whole squares
      const std::size_t squares = (next->terms + lanes - 1) / lanes;
      run.copy_terms = (squares + call.rows.parts - 1) / call.rows.parts * lanes;
    }
    multiply_all();
    if (next != nullptr) copy_piece(*next, next->terms);
  }
  // The columns of a, transposed, for the rows of one tile: side by side, for all columns of c.
  void copy_left(std::size_t row, std::size_t height) {
    copy_rows(call.a + row + first_ * call.a_stride, call.a_stride, run.terms, height, strip(), height);
  }
  void multiply_strip(std::size_t row, std::size_t height, const Real* b) {
    run.b = b;
    run.b_stride = run.columns;
    run.a = strip();
    run.a_stride = height;
    multiply_tiles(row, height, 1);
  }
  // `tiles` of `height` rows each from `row` on.
  void multiply(std::size_t row, std::size_t height, std::size_t tiles) {
    run.a = transposed ? call.a + row + first_ * call.a_stride : call.a + row * call.a_stride + first_;
    multiply_tiles(row, height, tiles);
  }
  void multiply_all() {
    const Split& rows = call.rows;
    multiply(0, rows.size, rows.large);
    if (rows.large < rows.parts) multiply(rows.large * rows.size, rows.size - 1, rows.parts - rows.large);
  }

 private:
  Real* strip() const { return call.scratch + call.n * run.terms; }
  void multiply_tiles(std::size_t row, std::size_t height, std::size_t tiles) {
    run.tiles = tiles;
    run.c = call.c + row * call.c_stride + column;
    const Real* w = run.w;
    if (w != nullptr) run.w = w + row * call.c_stride + column;
    Tiles<Real, transposed>::kTable[vectors - 1][partial_][height - 1](run);
    run.w = w;
  }

  std::size_t first_ = 0;
  bool partial_ = false;
};

template <class Real>
inline Split blocks_of_terms(const ProductCall<Real>& call) {
  return call.copies && call.w == nullptr ? Split::into(call.k, kTermsAtOnce) : Split{call.k, 1, 1};
}

// a b and a bᵀ by copied panels: while one is multiplied, the next one is copied.
template <class Real>
inline void product_of_copies(Panel<Real, false>& panel) {
  const ProductCall<Real>& call = panel.call;
  const Split blocks = blocks_of_terms(call), columns = call.columns;
  const std::size_t room = blocks.size * columns.size * Pack<Real>::kSize;
  const auto choose = [&](std::size_t i) {
    panel.choose_terms(blocks.begin(i / columns.parts), blocks.length(i / columns.parts));
    panel.choose_columns(columns.begin(i % columns.parts), columns.length(i % columns.parts));
    return panel.copy_to(call.scratch + i % 2 * room);
  };
  PanelCopy<Real> next = choose(0);
  copy_piece(next, next.terms);
  for (std::size_t i = 0; i < blocks.parts * columns.parts; ++i) {
    const Real* here = next.to;
    const bool last = i + 1 == blocks.parts * columns.parts;
    if (!last) next = choose(i + 1);
    choose(i);
    panel.multiply_copied(here, last ? nullptr : &next);
  }
}

// aᵀ b by copied panels, row by row, so that w and c go by in the order of memory.
template <class Real>
inline void product_of_copies(Panel<Real, true>& panel) {
  const ProductCall<Real>& call = panel.call;
  blocks_of_terms(call).for_each([&](std::size_t first, std::size_t terms) {
    panel.choose_terms(first, terms);
    const auto place = [&](std::size_t vector) { return call.scratch + vector * Pack<Real>::kSize * terms; };
    call.columns.for_each([&](std::size_t vector, std::size_t count) {
      panel.choose_columns(vector, count);
      PanelCopy<Real> copy = panel.copy_to(place(vector));
      copy_piece(copy, terms);
    });
    call.rows.for_each([&](std::size_t row, std::size_t height) {
      panel.copy_left(row, height);
      call.columns.for_each([&](std::size_t vector, std::size_t count) {
        panel.choose_columns(vector, count);
        panel.multiply_strip(row, height, place(vector));
      });
    });
  });
}

template <class Real, bool transposed>
inline void product_of(const ProductCall<Real>& call) {
  Panel<Real, transposed> panel(call);
  if (call.copies) {
    product_of_copies(panel);
  } else {
    panel.choose_terms(0, call.k);
    call.columns.for_each([&](std::size_t vector, std::size_t count) {
      panel.choose_columns(vector, count);
      panel.multiply_all();
    });
  }
  if (call.w != nullptr) Pack<Real>::store(call.check->lanes, Pack<Real>::load(call.check->lanes) + panel.run.poison);
}

// The sums of the lanes of n vectors, as one vector.
template <class Real, std::size_t count = Pack<Real>::kSize>
inline typename Pack<Real>::Vector sum_lanes(typename Pack<Real>::Vector* v) {
  constexpr std::size_t n = Pack<Real>::kSize, step = count / 2;
  for (std::size_t i = 0; i < step; ++i)
    v[i] = pick<Real, step, false>(v[i], v[i + step], std::make_index_sequence<n>()) +
           pick<Real, step, true>(v[i], v[i + step], std::make_index_sequence<n>());
  if constexpr (step > 1) return sum_lanes<Real, step>(v);
  return v[0];
}

// c (m, 1) = a (m, k) b (k, 1): the terms of a sum side by side in the lanes, as many rows at once.
template <class Real>
inline void single_column(const ProductCall<Real>& call) {
  using P = Pack<Real>;
  constexpr std::size_t lanes = P::kSize;
  const auto mask = P::first(call.k % lanes == 0 ? lanes : call.k % lanes);
  const typename P::Vector start = call.start == nullptr ? P::zero() : P::all(call.start[0]);
  for (std::size_t row = 0; row < call.m; row += lanes) {
    const std::size_t rows = call.m - row < lanes ? call.m - row : lanes;
    typename P::Vector sum[lanes];
    for (std::size_t i = 0; i < lanes; ++i) sum[i] = P::zero();
    for (std::size_t k = 0; k < call.k; k += lanes) {
      const bool whole = k + lanes <= call.k;
      const typename P::Vector b = whole ? P::load(call.b + k) : P::load(call.b + k, mask);
      const Real* a = call.a + row * call.a_stride + k;
      for (std::size_t i = 0; i < rows; ++i, a += call.a_stride)
        sum[i] = P::multiply_add(whole ? P::load(a) : P::load(a, mask), b, sum[i]);
    }
    P::store(call.c + row, sum_lanes<Real>(sum) + start, P::first(rows));
  }
}

template <class Real>
inline void tile_product(const ProductCall<Real>& call) {
  const bool column = call.n == 1 && call.b_stride == 1 && call.c_stride == 1;
  if (column && !call.transposed && !call.adds && call.w == nullptr) return single_column(call);
  call.transposed ? product_of<Real, true>(call) : product_of<Real, false>(call);
}

}  // namespace descent::kernels::DESCENT_ISA
