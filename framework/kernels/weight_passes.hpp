// The passes over weights and rows: moving and gathering. Included once for each instruction set,
// in a namespace of its own.
#pragma once

#include "framework/kernels/simd.hpp"
namespace descent::kernels::DESCENT_ISA {

template <class Real>
inline void move(const Real* w, const Real* v, Real scale, Real* next, std::size_t n, FiniteCheck<Real>& check) {
  using P = Pack<Real>;
  using Vector = typename P::Vector;
  constexpr std::size_t lanes = P::kSize;
  const Vector by = P::all(scale);
  Vector bad[4] = {P::zero(), P::zero(), P::zero(), P::zero()};  // chains that do not wait for each other
  std::size_t i = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes)
    for (std::size_t j = 0; j < 4; ++j) {
      const Vector x = P::multiply_add(by, P::load(v + i + j * lanes), P::load(w + i + j * lanes));
      bad[j] = P::multiply_add(x, P::zero(), bad[j]);
      P::store(next + i + j * lanes, x);
    }
  for (; i < n; i += lanes) {
    const auto mask = P::first(n - i < lanes ? n - i : lanes);
    const Vector x = P::multiply_add(by, P::load(v + i, mask), P::load(w + i, mask));
    bad[0] = P::multiply_add(x, P::zero(), bad[0]);
    P::store(next + i, x, mask);
  }
  P::store(check.lanes, P::load(check.lanes) + ((bad[0] + bad[1]) + (bad[2] + bad[3])));
}

template <class Real>
inline void gather(const ConstMatrixView<Real>& from, const std::uint32_t* indices, const MatrixView<Real>& to) {
  using P = Pack<Real>;
  constexpr std::size_t lanes = P::kSize;
  if (to.cols == 1) {
    for (std::size_t i = 0; i < to.rows; ++i) to.data[i * to.stride] = from.data[indices[i] * from.stride];
    return;
  }
  const auto mask = P::first(to.cols % lanes == 0 ? lanes : to.cols % lanes);
  for (std::size_t i = 0; i < to.rows; ++i) {
    const Real* source = from.data + indices[i] * from.stride;
    Real* target = to.data + i * to.stride;
    std::size_t j = 0;
    for (; j + lanes <= to.cols; j += lanes) {
      P::store(target + j, P::load(source + j));
    }
    if (j < to.cols) P::store(target + j, P::load(source + j, mask), mask);
  }
}

}  // namespace descent::kernels::DESCENT_ISA
