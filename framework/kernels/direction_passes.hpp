// The directions of kernels/directions.hpp, a vector at a time. Included once for each instruction set, in a namespace
// of its own.
#pragma once

#include "framework/kernels/simd.hpp"
#include "framework/kernels/vectors.hpp"

#include <type_traits>

namespace descent::kernels::DESCENT_ISA {

// pass(load, store, i) for every vector from i on, the last of which may be partial.
template <class Real, class Pass>
inline void for_vectors(std::size_t n, Pass pass) {
  using P = Pack<Real>;
  using Vector = typename P::Vector;
  constexpr std::size_t lanes = P::kSize;
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes)
    pass([i](const Real* p) { return P::load(p + i); }, [i](Real* p, Vector x) { P::store(p + i, x); });
  if (i == n) return;
  const auto mask = P::first(n - i);
  pass([=](const Real* p) { return P::load(p + i, mask); }, [=](Real* p, Vector x) { P::store(p + i, x, mask); });
}

// pass(take), which hands every vector x of a direction on: take(load, store, x).
template <class Real, class Pass>
inline void for_use(const DirectionUse<Real>& use, Pass pass) {
  using P = Pack<Real>;
  using Vector = typename P::Vector;
  if (use.d != nullptr) return pass([d = use.d](auto, auto store, Vector x) { store(d, x); });
  const Vector by = P::all(use.gamma);
  Vector bad = P::zero();
  pass([&, w = use.w, to = use.next](auto load, auto store, Vector x) {
    const Vector next = P::multiply_add(by, x, load(w));
    bad = P::multiply_add(next, P::zero(), bad);
    store(to, next);
  });
  P::store(use.check->lanes, P::load(use.check->lanes) + bad);
}

template <class Real>
inline void momentum(const Real* g, std::size_t n, Real mu, bool looks_ahead, Real* v, const DirectionUse<Real>& use) {
  const auto by = Pack<Real>::all(mu);
  const auto all = [&](auto ahead) {
    for_use<Real>(use, [&](auto take) {
      for_vectors<Real>(n, [&](auto load, auto store) {
        const auto slope = load(g), speed = by * load(v) + slope;
        store(v, speed);
        take(load, store, ahead ? -(slope + by * speed) : -speed);
      });
    });
  };
  looks_ahead ? all(std::true_type()) : all(std::false_type());
}

// v · 0 is 0, or NaN where v has overflowed.
template <class Real>
inline typename Pack<Real>::Vector over_root(typename Pack<Real>::Vector a, typename Pack<Real>::Vector v,
                                             typename Pack<Real>::Vector epsilon) {
  using P = Pack<Real>;
  return a / (P::square_root(v) + epsilon + v * P::zero());
}

template <class Real>
inline void scaled_by_root(const Real* g, std::size_t n, Real keep, Real add, Real epsilon, Real* v,
                           const DirectionUse<Real>& use) {
  using P = Pack<Real>;
  const auto kept = P::all(keep), added = P::all(add), eps = P::all(epsilon);
  for_use<Real>(use, [&](auto take) {
    for_vectors<Real>(n, [&](auto load, auto store) {
      const auto slope = load(g), squares = kept * load(v) + added * (slope * slope);
      store(v, squares);
      take(load, store, -over_root<Real>(slope, squares, eps));
    });
  });
}

template <class Real>
inline void adam(const Real* g, const Real* w, std::size_t n, const AdamStep<Real>& step, Real* m, Real* v,
                 const DirectionUse<Real>& use) {
  using P = Pack<Real>;
  const auto beta1 = P::all(step.beta1), rest1 = P::all(step.one_minus_beta1), m_scale = P::all(step.m_scale);
  const auto beta2 = P::all(step.beta2), rest2 = P::all(step.one_minus_beta2), v_scale = P::all(step.v_scale);
  const auto eps = P::all(step.epsilon), decay = P::all(step.decay);
  const auto all = [&](auto decays) {
    for_use<Real>(use, [&](auto take) {
      for_vectors<Real>(n, [&](auto load, auto store) {
        const auto slope = load(g), mean = beta1 * load(m) + rest1 * slope;
        const auto squares = beta2 * load(v) + rest2 * (slope * slope);
        store(m, mean);
        store(v, squares);
        const auto along = -over_root<Real>(mean * m_scale, squares * v_scale, eps);
        if constexpr (decays)
          take(load, store, along - decay * load(w));
        else
          take(load, store, along);
      });
    });
  };
  w != nullptr ? all(std::true_type()) : all(std::false_type());
}

}  // namespace descent::kernels::DESCENT_ISA
