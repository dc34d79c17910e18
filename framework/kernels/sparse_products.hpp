// Products whose left factor is full of zeros, as relu and pictures leave them: terms in which it is 0 are passed over.
// Included once for each instruction set, in a namespace of its own.
//
// A row of a becomes a list of its numbers that are not 0. A part of a row of c stays in registers while the rows of b
// go by that the list names, out of a panel that the nearest cache holds. The sums are the chains of tile_products.hpp
// without the terms that add 0: the same numbers as long as b is finite.
#pragma once

#include "framework/kernels/fetch_ahead.hpp"
#include "framework/kernels/panels.hpp"
#include "framework/kernels/simd.hpp"
#include "framework/kernels/sum_rows.hpp"
#include "framework/kernels/tile_products.hpp"
#include "framework/kernels/transpose.hpp"
#include "framework/kernels/vectors.hpp"

#include <array>
#include <type_traits>
#include <utility>

namespace descent::kernels::DESCENT_ISA {

// Of a block of terms, for every row of a: the numbers that are not 0, and where in the panel the row of b begins by
// which each is multiplied.
template <class Real>
struct Nonzeros {
  Real* values;           // (rows, kTerms of the panel)
  std::uint32_t* places;  // likewise
  std::uint32_t* counts;  // (rows)
};

// Those of some blocks, in memory that follows on each other.
template <class Real>
class NonzeroLists {
 public:
  NonzeroLists(std::size_t rows, std::size_t blocks, Real* memory)
      : rows_(rows),
        values_(memory),
        places_(reinterpret_cast<std::uint32_t*>(values_ + blocks * rows * kTerms)),
        counts_(places_ + blocks * rows * kTerms) {}
  Nonzeros<Real> of(std::size_t block) const {
    return {values_ + block * rows_ * kTerms, places_ + block * rows_ * kTerms, counts_ + block * rows_};
  }

 private:
  static constexpr std::size_t kTerms = SparsePanel<Real>::kTerms;
  std::size_t rows_;
  Real* values_;
  std::uint32_t *places_, *counts_;
};

// Appends what is not 0 in v to a list of `count`, and the places of its lanes: place, place + step, … Returns how many
// there are then. Behind them it writes what does not count, up to a vector.
template <class Real>
inline std::uint32_t append_nonzeros(typename Pack<Real>::Vector v, std::uint32_t place, std::uint32_t step,
                                     Real* values, std::uint32_t* places, std::uint32_t count) {
#if defined(__AVX512F__)
  const auto all = [](std::uint32_t x) { return static_cast<int>(x); };
  if constexpr (std::is_same_v<Real, float>) {
    const __mmask16 some = _mm512_cmp_ps_mask(v, _mm512_setzero_ps(), _CMP_NEQ_UQ);
    const __m512i lane = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    const __m512i at =
        _mm512_add_epi32(_mm512_set1_epi32(all(place)), _mm512_mullo_epi32(lane, _mm512_set1_epi32(all(step))));
    _mm512_storeu_ps(values + count, _mm512_maskz_compress_ps(some, v));
    _mm512_storeu_si512(places + count, _mm512_maskz_compress_epi32(some, at));
    return count + static_cast<std::uint32_t>(__builtin_popcount(some));
  } else {
    const __mmask8 some = _mm512_cmp_pd_mask(v, _mm512_setzero_pd(), _CMP_NEQ_UQ);
    const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    const __m256i at =
        _mm256_add_epi32(_mm256_set1_epi32(all(place)), _mm256_mullo_epi32(lane, _mm256_set1_epi32(all(step))));
    _mm512_storeu_pd(values + count, _mm512_maskz_compress_pd(some, v));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(places + count), _mm256_maskz_compress_epi32(some, at));
    return count + static_cast<std::uint32_t>(__builtin_popcount(some));
  }
#else
  for (std::size_t lane = 0; lane < Pack<Real>::kSize; ++lane, place += step) {
    values[count] = v[lane];
    places[count] = place;
    count += v[lane] != 0 ? 1 : 0;
  }
  return count;
#endif
}

// A block of a matrix that will be copied next: while rows are multiplied, it comes nearer.
struct BlockAhead {
  const char* row = nullptr;
  std::size_t rows = 0;               // those still to come
  std::size_t stride = 0, bytes = 0;  // from row to row; of a row
  std::size_t byte = 0;               // how far the first of them has come
  std::size_t lines = 0;              // to ask for at a time
};

inline void fetch_lines(BlockAhead& block) {
  for (std::size_t line = 0; line < block.lines && block.rows > 0; ++line) {
    __builtin_prefetch(block.row + block.byte, 0, 2);
    block.byte += 64;
    if (block.byte < block.bytes) continue;
    block.byte = 0;
    block.row += block.stride;
    --block.rows;
  }
}

// Rows of c, of `vectors` vectors each, from the lists of as many rows.
template <class Real>
struct SparseRun : SumRun<Real> {
  std::size_t rows;
  const Real* begun;  // sums that are continued
  std::size_t begun_stride;
  Nonzeros<Real> lists;  // of the first row
  const Real* panel;
  BlockAhead next;  // of b
};

template <class Real, int vectors, bool partial>
void run_sparse(SparseRun<Real>& run) {
  using P = Pack<Real>;
  using Vector = typename P::Vector;
  constexpr std::size_t lanes = P::kSize;
  const RowAccess<Real, vectors, partial> row(run.columns);
  const Real *w = run.w, *begun = run.begun, *values = run.lists.values;
  const std::uint32_t* places = run.lists.places;
  Real* c = run.c;
  for (std::size_t i = 0; i < run.rows; ++i) {
    if (run.ahead->rows != run.ahead->end) fetch_some<2>(*run.ahead);
    fetch_lines(run.next);
    if (w != nullptr && run.far)  // the row after the next
      DESCENT_UNROLL for (int j = 0; j < vectors; ++j) {
        __builtin_prefetch(w + 2 * run.c_stride + j * lanes);
        __builtin_prefetch(c + 2 * run.c_stride + j * lanes, 1);
      }

    Vector sum[1][vectors];
    DESCENT_UNROLL for (int j = 0; j < vectors; ++j) sum[0][j] = run.continues          ? row.load(begun, j)
                                                                 : run.start != nullptr ? row.load(run.start, j)
                                                                                        : P::zero();
    const std::uint32_t count = run.lists.counts[i];
    for (std::uint32_t k = 0; k < count; ++k) {
      const Vector left = P::all(values[k]);
      const Real* right = run.panel + places[k];
      DESCENT_UNROLL for (int j = 0; j < vectors; ++j) sum[0][j] = P::multiply_add(left, row.load(right, j), sum[0][j]);
    }
    finish_rows(run, row, sum, c, w);
    values += SparsePanel<Real>::kTerms;
    places += SparsePanel<Real>::kTerms;
    c += run.c_stride;
    begun += run.begun_stride;
    if (w != nullptr) w += run.c_stride;
  }
}

template <class Real>
using SparseFunction = void (*)(SparseRun<Real>& run);

template <class Real, int... vectors>
constexpr auto sparse_functions(std::integer_sequence<int, vectors...>) {
  using Pair = std::array<SparseFunction<Real>, 2>;  // the last vector partial or not
  return std::array{Pair{run_sparse<Real, vectors + 1, false>, run_sparse<Real, vectors + 1, true>}...};
}

// Block of terms by block. Where c is w, panel by panel instead, and sums that lack terms stand aside.
template <class Real>
class SparseProduct {
 public:
  explicit SparseProduct(const ProductCall<Real>& call)
      : call_(call),
        blocks_(Split::into(call.k, kTerms)),
        panels_(Split::into((call.n + kLanes - 1) / kLanes, kVectors)),
        aside_(call.w == call.c && blocks_.parts > 1),
        panel_(call.scratch),
        sums_(panel_ + kTerms * kStride),
        lists_(call.m, aside_ ? blocks_.parts : 1, sums_ + (aside_ ? call.m * kStride : 0)) {
    run_.rows = call.m;
    run_.panel = panel_;
    run_.scale = call.scale;
    run_.far = call.m * call.n * sizeof(Real) > kFarBytes;
    run_.ahead = &fetch_ahead;
    run_.poison = P::zero();
  }

  static bool suits(const ProductCall<Real>& call) {
    using Panel = SparsePanel<Real>;
    return call.scratch != nullptr && call.m >= Panel::kFewestRows && call.k >= Panel::kFewestTerms &&
           call.n >= kVectors * kLanes;
  }

  void multiply() {
    static constexpr auto kTable = sparse_functions<Real>(std::make_integer_sequence<int, kVectors>());
    if (aside_)
      for (std::size_t block = 0; block < blocks_.parts; ++block) list_nonzeros(block);
    Place next = place(0);
    for (std::size_t i = 0; i < blocks_.parts * panels_.parts; ++i) {
      const Place here = next;
      if (!aside_ && i % panels_.parts == 0) list_nonzeros(here.block);
      PanelCopy<Real> copy = panel(here);
      copy_piece(copy, here.terms);
      run_.next = {};
      if (i + 1 < blocks_.parts * panels_.parts) {
        next = place(i + 1);
        expect(panel(next));
      }
      choose(here);
      kTable[here.vectors - 1][run_.columns % kLanes != 0 ? 1 : 0](run_);
    }
    if (call_.w != nullptr) P::store(call_.check->lanes, P::load(call_.check->lanes) + run_.poison);
  }

 private:
  using P = Pack<Real>;
  static constexpr std::size_t kTerms = SparsePanel<Real>::kTerms, kVectors = SparsePanel<Real>::kVectors;
  static constexpr std::size_t kLanes = P::kSize, kStride = kVectors * kLanes;
  struct Place {  // of a panel in b
    std::size_t block, term, terms, column, columns, vectors;
  };

  Place place(std::size_t i) const {
    const std::size_t block = aside_ ? i % blocks_.parts : i / panels_.parts,
                      panel = aside_ ? i / blocks_.parts : i % panels_.parts, column = panels_.begin(panel) * kLanes,
                      most = panels_.length(panel) * kLanes;
    return {block,
            blocks_.begin(block),
            blocks_.length(block),
            column,
            call_.n - column < most ? call_.n - column : most,
            panels_.length(panel)};
  }

  void choose(const Place& here) {
    const bool last = here.block + 1 == blocks_.parts, to_sums = aside_ && !last;
    run_.columns = here.columns;
    run_.lists = lists_.of(aside_ ? here.block : 0);
    run_.c = to_sums ? sums_ : call_.c + here.column;
    run_.c_stride = to_sums ? kStride : call_.c_stride;
    run_.begun = aside_ ? sums_ : run_.c;
    run_.begun_stride = aside_ ? kStride : call_.c_stride;
    run_.w = call_.w != nullptr && last ? call_.w + here.column : nullptr;
    run_.start = call_.start == nullptr ? nullptr : call_.start + here.column;
    run_.continues = call_.adds || here.block > 0;
  }

  void list_nonzeros(std::size_t block) const {
    const Nonzeros<Real> lists = lists_.of(aside_ ? block : 0);
    const std::size_t first = blocks_.begin(block), terms = blocks_.length(block);
    typename P::Vector tile[kLanes];
    for (std::size_t i = 0; i < call_.m; i += kLanes) {
      const std::size_t height = call_.m - i < kLanes ? call_.m - i : kLanes;
      for (std::size_t r = 0; r < height; ++r) lists.counts[i + r] = 0;
      for (std::size_t k = 0; k < terms; k += kLanes) {
        const std::size_t width = terms - k < kLanes ? terms - k : kLanes;
        if (call_.transposed) {
          load_tile_transposed(call_.a + (first + k) * call_.a_stride + i, call_.a_stride, width, height, tile);
        } else {
          load_tile(call_.a + i * call_.a_stride + first + k, call_.a_stride, height, width, tile);
        }
        for (std::size_t r = 0; r < height; ++r) {
          const std::size_t list = (i + r) * kTerms;
          lists.counts[i + r] = append_nonzeros<Real>(tile[r], static_cast<std::uint32_t>(k * kStride), kStride,
                                                      lists.values + list, lists.places + list, lists.counts[i + r]);
        }
      }
    }
  }

  PanelCopy<Real> panel(const Place& place) const {
    return panel_of(call_, place.term, place.terms, place.column, place.columns, panel_, kStride);
  }
  void expect(const PanelCopy<Real>& copy) {
    constexpr std::size_t kLine = 64;
    const std::size_t rows = copy.transposes ? copy.columns : copy.terms,
                      bytes = (copy.transposes ? copy.terms : copy.columns) * sizeof(Real);
    run_.next = {reinterpret_cast<const char*>(copy.from),
                 rows,
                 copy.stride * sizeof(Real),
                 bytes,
                 0,
                 (rows * ((bytes + kLine - 1) / kLine) + call_.m - 1) / call_.m};
  }

  const ProductCall<Real>& call_;
  const Split blocks_, panels_;  // of terms; of vectors of columns
  const bool aside_;
  Real *panel_, *sums_;  // (kTerms, kStride), (m, kStride)
  const NonzeroLists<Real> lists_;
  SparseRun<Real> run_;
};

// The fewer columns, the more lists cost.
template <class Real>
inline bool is_sparse(const ProductCall<Real>& call) {
  constexpr std::size_t kRows = 8, kColumns = 16;
  const std::size_t rows = call.transposed ? call.k : call.m, columns = call.transposed ? call.m : call.k;
  std::size_t filled = 0;
  for (std::size_t i = 0; i < kRows; ++i) {
    const Real* row = call.a + i * rows / kRows * call.a_stride + i * columns / (kRows * kColumns);
    for (std::size_t j = 0; j < kColumns; ++j) filled += row[j * columns / kColumns] != 0 ? 1 : 0;
  }
  const double vectors = static_cast<double>(call.n) / Pack<Real>::kSize;
  return static_cast<double>(filled) <= (0.65 - 1.6 / vectors) * (kRows * kColumns);
}

template <class Real>
inline void plan_product(ProductCall<Real>& call) {
  plan_tiles(call);
  call.zeros = SparseProduct<Real>::suits(call) ? Zeros::looked_for : Zeros::multiplied;
}

template <class Real>
inline void product(const ProductCall<Real>& call) {
  const bool passes_over = call.zeros == Zeros::looked_for ? is_sparse(call) : call.zeros == Zeros::passed_over;
  passes_over ? SparseProduct<Real>(call).multiply() : tile_product(call);
}

}  // namespace descent::kernels::DESCENT_ISA
