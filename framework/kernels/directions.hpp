// The directions of gradient descent that keep means, as their definitions: what the passes of SimdKernels are tested
// against, bit for bit. Neither fuses a multiplication with an addition.
//
// g, w, m, v, d (n). v and m are the state, updated in place; d is overwritten. No two overlap.
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>

namespace descent::kernels {

// The numbers of a step of adam. m and v are means that start at 0: m_scale = 1 / (1 − beta1ᵗ) and
// v_scale = 1 / (1 − beta2ᵗ) correct that.
template <class Real>
struct AdamStep {
  Real beta1, one_minus_beta1, beta2, one_minus_beta2;
  Real m_scale, v_scale, epsilon;
  Real decay;  // λ of adamw; not looked at without w
};

template <class Real>
struct FiniteCheck;

// What a pass does with a direction: d (n) = it, or, where d is null, next (n) = w + gamma times it, bit for bit what
// `move` makes of it, through `check`. next does not overlap the other arrays.
template <class Real>
struct DirectionUse {
  Real* d = nullptr;
  const Real* w = nullptr;
  Real gamma = 0;
  Real* next = nullptr;
  FiniteCheck<Real>* check = nullptr;
};

namespace reference {

// v ← μ v + g, then d = −v, or −(g + μ v) where it looks ahead.
template <class Real>
void momentum(const Real* g, std::size_t n, Real mu, bool looks_ahead, Real* v, Real* d) {
  for (std::size_t i = 0; i < n; ++i) {
    v[i] = mu * v[i] + g[i];
    d[i] = looks_ahead ? -(g[i] + mu * v[i]) : -v[i];
  }
}

// a / (√v + ε). NaN where v, a mean of squares, has overflowed: the quotient would be 0 and the weight
// would silently stand still for ever.
template <class Real>
Real over_root(Real a, Real v, Real epsilon) {
  return v <= std::numeric_limits<Real>::max() ? a / (std::sqrt(v) + epsilon) : std::numeric_limits<Real>::quiet_NaN();
}

// v ← keep v + add g², then d = −g / (√v + ε).
template <class Real>
void scaled_by_root(const Real* g, std::size_t n, Real keep, Real add, Real epsilon, Real* v, Real* d) {
  for (std::size_t i = 0; i < n; ++i) {
    v[i] = keep * v[i] + add * (g[i] * g[i]);
    d[i] = -over_root(g[i], v[i], epsilon);
  }
}

// d = −m̂ / (√v̂ + ε) with the corrected means, less λ w unless w is null.
template <class Real>
void adam(const Real* g, const Real* w, std::size_t n, const AdamStep<Real>& step, Real* m, Real* v, Real* d) {
  for (std::size_t i = 0; i < n; ++i) {
    m[i] = step.beta1 * m[i] + step.one_minus_beta1 * g[i];
    v[i] = step.beta2 * v[i] + step.one_minus_beta2 * (g[i] * g[i]);
    d[i] = -over_root(m[i] * step.m_scale, v[i] * step.v_scale, step.epsilon);
    if (w != nullptr) d[i] -= step.decay * w[i];
  }
}

}  // namespace reference
}  // namespace descent::kernels
