// Rows of a product's c, held in registers while their sums are taken: how they begin, how they end, and what comes
// nearer meanwhile. Included once for each instruction set, in a namespace of its own.
#pragma once

#include "framework/kernels/fetch_ahead.hpp"
#include "framework/kernels/vectors.hpp"

#include <cstddef>

namespace descent::kernels::DESCENT_ISA {

// Asks for the next lines of the rows to come: fewer than can be on their way at a time, or the product would wait.
template <std::size_t kLines>
[[gnu::noinline]] inline void fetch_some(FetchAhead& ahead) {
  constexpr std::size_t kLine = 64;
  const std::uint32_t* row = ahead.rows;
  std::size_t table = ahead.table, byte = ahead.byte;
  for (std::size_t line = 0; line < kLines && row != ahead.end; ++line) {
    const FetchAhead::Table& from = ahead.tables[table];
    __builtin_prefetch(from.data + *row * from.stride + byte, 0, 2);
    byte += kLine;
    if (byte < from.bytes) continue;
    byte = 0;
    table = (table + 1) % FetchAhead::kTables;
    if (table == 0) ++row;
  }
  ahead.rows = row;
  ahead.table = table;
  ahead.byte = byte;
}

// What the sums of some columns of c begin and end with.
template <class Real>
struct SumRun {
  std::size_t columns;  // the last vector of them may be partial
  Real* c;
  const Real* w;      // null: c is stored as it is
  const Real* start;  // null: the sums begin with 0, or with c where `continues`
  std::size_t c_stride;
  bool continues, far;  // far: w is too large for the nearest cache
  Real scale;
  FetchAhead* ahead;
  typename Pack<Real>::Vector poison;  // Σ x · 0 over all that was moved: 0 while all are finite, NaN after
};

// Rows of `vectors` vectors, the last of them partial or not.
template <class Real, int vectors, bool partial>
class RowAccess {
 public:
  using P = Pack<Real>;
  using Vector = typename P::Vector;

  explicit RowAccess(std::size_t columns) : mask_(P::first(partial ? columns - kLast * P::kSize : P::kSize)) {}
  Vector load(const Real* p, int j) const {
    if constexpr (partial)
      if (j == kLast) return P::load(p + j * P::kSize, mask_);
    return P::load(p + j * P::kSize);
  }
  void store(Real* p, int j, Vector v) const {
    if constexpr (partial)
      if (j == kLast) return P::store(p + j * P::kSize, v, mask_);
    P::store(p + j * P::kSize, v);
  }

 private:
  static constexpr int kLast = vectors - 1;
  typename P::Mask mask_;
};

// The next row. Compilers are kept from working out the addresses of all rows beforehand, for which they have not
// enough registers.
template <class T>
inline void step(T*& row, std::size_t stride) {
  row += stride;
#ifdef __GNUC__
  asm("" : "+r"(row));
#endif
}

// c, or w + scale c, from the finished sums.
template <int rows, int vectors, class Real, class Access, class Vector>
inline void finish_rows(SumRun<Real>& run, const Access& row, const Vector (&sum)[rows][vectors], Real* c,
                        const Real* w) {
  using P = Pack<Real>;
  const std::size_t c_stride = run.c_stride;
  if (w == nullptr) {
    DESCENT_UNROLL for (int i = 0; i < rows; ++i, step(c, c_stride)) DESCENT_UNROLL for (int j = 0; j < vectors; ++j)
        row.store(c, j, sum[i][j]);
    return;
  }
  // Stores come last: where c is w, a masked load of the next row would wait for the store of the row before it.
  Vector bad[4] = {P::zero(), P::zero(), P::zero(), P::zero()};  // chains that do not wait for each other
  Vector next[rows][vectors];
  const Vector scale = P::all(run.scale);
  DESCENT_UNROLL for (int i = 0; i < rows; ++i, step(w, c_stride)) DESCENT_UNROLL for (int j = 0; j < vectors; ++j) {
    next[i][j] = P::multiply_add(scale, sum[i][j], row.load(w, j));
    bad[(i * vectors + j) % 4] = P::multiply_add(next[i][j], P::zero(), bad[(i * vectors + j) % 4]);
  }
  DESCENT_UNROLL for (int i = 0; i < rows; ++i, step(c, c_stride)) DESCENT_UNROLL for (int j = 0; j < vectors; ++j)
      row.store(c, j, next[i][j]);
  run.poison += (bad[0] + bad[1]) + (bad[2] + bad[3]);
}

}  // namespace descent::kernels::DESCENT_ISA
