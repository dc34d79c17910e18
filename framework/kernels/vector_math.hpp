// exp, tanh and their kin as straight-line code that compilers turn into vector instructions: no calls,
// no branches, no tables. Included once for each instruction set, in a namespace of its own.
//
// The lanes of a vector and the leftovers at the end of an array take the same operations in the same
// order, so an element's bits do not depend on where it stands.
//
// Error bounds in units in the last place (ulp), over all float32 and sampled float64 arguments; the
// tests measure them: 1.5 in float32 and 2 in float64 where the processor has fused multiply-add; 2 in
// either without.
#pragma once

#ifndef DESCENT_ISA
#error "vector_math.hpp is for the sources that are compiled for one instruction set"
#endif

#include "framework/kernels/vectors.hpp"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <type_traits>
#include <utility>

namespace descent::kernels::DESCENT_ISA {

template <class Real>
using Word = std::conditional_t<sizeof(Real) == 4, std::uint32_t, std::uint64_t>;

template <class Real>
DESCENT_INLINE Word<Real> to_word(Real x) {
  Word<Real> word;
  std::memcpy(&word, &x, sizeof word);
  return word;
}

template <class Real>
DESCENT_INLINE Real from_word(Word<Real> word) {
  Real x;
  std::memcpy(&x, &word, sizeof x);
  return x;
}

// a b + c: rounded once where the instruction set can, twice where it cannot.
DESCENT_INLINE float multiply_add(float a, float b, float c) {
#ifdef __FMA__
  return __builtin_fmaf(a, b, c);
#else
  return a * b + c;
#endif
}
DESCENT_INLINE double multiply_add(double a, double b, double c) {
#ifdef __FMA__
  return __builtin_fma(a, b, c);
#else
  return a * b + c;
#endif
}

// Numbers of the two formats. log 2 stands in two parts, the first with so few digits that its product
// with an exponent is exact (Cody & Waite 1980).
template <class Real>
struct Format;
template <>
struct Format<float> {
  static constexpr int kMantissa = 23;
  static constexpr float kRound = 0x1.8p23f;              // adding it rounds to a whole number
  static constexpr float kRoundBiased = 0x1.8p23f + 127;  // and the low bits then hold the biased exponent
  static constexpr float kLog2Head = 0.693359375f, kLog2Tail = -2.12194440e-4f;
  static constexpr float kLargest = 89, kSmallest = -104;  // beyond, exp is infinite or 0
  static constexpr float kTanhIsOne = 9.02f;               // beyond, tanh rounds to 1
};
template <>
struct Format<double> {
  static constexpr int kMantissa = 52;
  static constexpr double kRound = 0x1.8p52;
  static constexpr double kRoundBiased = 0x1.8p52 + 1023;
  static constexpr double kLog2Head = 6.93145751953125e-1, kLog2Tail = 1.42860682030941723212e-6;
  static constexpr double kLargest = 710, kSmallest = -746;
  static constexpr double kTanhIsOne = 19.1;
};

// (e^r − 1 − r) / r² for |r| ≤ log(2)/2 as a polynomial, the highest power first. float32: best in the
// relative error of e^r − 1. float64: Taylor; the first term left out is below 1e-17 of the result.
template <class Real>
struct ExpTail;
template <>
struct ExpTail<float> {
  static constexpr float kTerms[] = {0.00019913562573492527f, 0.0013941014185547829f, 0.00833327416330576f,
                                     0.04166635498404503f,    0.1666666716337204f,    0.5f};
};
template <>
struct ExpTail<double> {
  static constexpr double kTerms[] = {1.0 / 6227020800, 1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800,
                                      1.0 / 362880,     1.0 / 40320,     1.0 / 5040,     1.0 / 720,
                                      1.0 / 120,        1.0 / 24,        1.0 / 6,        0.5};
};

// Σ, the highest power first, of the first `count` terms. A fold and not a loop: inner loops keep compilers from making
// vectors of the outer one.
template <const auto& kTerms, class Real, std::size_t... k>
DESCENT_INLINE Real polynomial(Real x, std::index_sequence<k...>) {
  Real q = Real(kTerms[0]);
  ((q = multiply_add(q, x, Real(kTerms[k + 1]))), ...);
  return q;
}
template <const auto& kTerms, std::size_t count = std::size(kTerms), class Real>
DESCENT_INLINE Real polynomial(Real x) {
  return polynomial<kTerms>(x, std::make_index_sequence<count - 1>());
}

// 2^n for whole n within the exponents of normal numbers.
template <class Real>
DESCENT_INLINE Real power_of_two(Real n) {
  return from_word<Real>(to_word(n + Format<Real>::kRoundBiased) << Format<Real>::kMantissa);
}

// x = n log 2 + r with n whole and |r| ≤ log(2)/2; gives n, e^r − 1 and what its last rounding lost.
template <class Real>
struct Reduced {
  Real n, expm1_r, lost;
};
template <class Real>
DESCENT_INLINE Reduced<Real> reduce(Real x) {
  using F = Format<Real>;
  const Real n = multiply_add(x, Real(1.4426950408889634), F::kRound) - F::kRound;
  const Real r = multiply_add(n, -F::kLog2Tail, multiply_add(n, -F::kLog2Head, x));
  const Real tail = r * r * polynomial<ExpTail<Real>::kTerms>(r);
  const Real p = r + tail;
  return {n, p, tail - (p - r)};
}

template <class Real>
DESCENT_INLINE Real exp(Real x) {
  using F = Format<Real>;
  x = x > F::kLargest ? F::kLargest : x;
  x = x < F::kSmallest ? F::kSmallest : x;
  const auto [n, p, p_lost] = reduce(x);
  // Two factors, because 2^n itself may lie outside the normal numbers.
  const Real half = multiply_add(n, Real(0.5), F::kRound) - F::kRound;
  return (1 + p) * power_of_two(half) * power_of_two(n - half);
}

// e^x − 1 for x ≤ the largest exponent that stays finite with room to spare (tanh, elu).
template <class Real>
DESCENT_INLINE Real expm1_moderate(Real x) {
  const auto [n, p, p_lost] = reduce(x);
  const Real scale = power_of_two(n);
  return multiply_add(p, scale, scale - 1);
}

// tanh |x| = u / (u + 2) with u = e^(2|x|) − 1. What the roundings of u, of u + 2 and of the quotient
// lost is known exactly and put back: one correction of Newton's kind, with 1 / (u + 2) = (1 − q) / 2.
template <class Real>
DESCENT_INLINE Real tanh(Real x) {
  const Real size = std::abs(x);
  const Real a = size > Format<Real>::kTanhIsOne ? Format<Real>::kTanhIsOne : size;
  const auto [n, p, p_lost] = reduce(a + a);
  const Real scale = power_of_two(n);
  const Real u = multiply_add(p, scale, scale - 1);
  const Real u_lost = multiply_add(p_lost, scale, multiply_add(p, scale, (scale - 1) - u));
  const Real s = u + 2;
  const Real s_lost = (u < 2 ? u - (s - 2) : 2 - (s - u)) + u_lost;  // Dekker 1971: larger summand first
  const Real q = u / s;
  constexpr Real kNearOne = Real(Word<Real>(1) << (Format<Real>::kMantissa - 3));  // there 1 − q has no digits left
  const Real rest = u > kNearOne ? Real(0) : multiply_add(-q, s, u) + multiply_add(-q, s_lost, u_lost);
  const Real magnitude = multiply_add(rest, (1 - q) * Real(0.5), q);
  constexpr Word<Real> kSign = Word<Real>(1) << (sizeof(Real) * 8 - 1);
  return from_word<Real>(to_word(magnitude) | (to_word(x) & kSign));
}

// e^(−|x|) ≤ 1 and what its roundings lost.
template <class Real>
struct Decay {
  Real value, lost;
};
template <class Real>
DESCENT_INLINE Decay<Real> decay(Real x) {
  using F = Format<Real>;
  const Real size = std::abs(x);
  const auto [n, p, p_lost] = reduce(size > -F::kSmallest ? F::kSmallest : -size);
  const Real half = multiply_add(n, Real(0.5), F::kRound) - F::kRound;
  const Real scale = power_of_two(half) * power_of_two(n - half);
  const Real t = p + 1;
  return {t * scale, (p - (t - 1) + p_lost) * scale};
}

// 1 / (1 + e) for x ≥ 0 and e / (1 + e) below, with e = e^(−|x|); corrected as tanh is.
template <class Real>
DESCENT_INLINE Real sigmoid(Real x) {
  const auto [e, e_lost] = decay(x);
  const Real s = 1 + e;
  const Real s_lost = e - (s - 1) + e_lost;
  const Real above = x < 0 ? e : Real(1);
  const Real q = above / s;
  const Real rest = multiply_add(-q, s, above) + multiply_add(-q, s_lost, x < 0 ? e_lost : Real(0));
  return multiply_add(rest, x < 0 ? 1 - q : q, q);
}

// (atanh(q) − q) / q³ in powers of q² ≤ 1/9, the highest first; best in the absolute error.
template <class Real>
struct AtanhTail;
template <>
struct AtanhTail<float> {
  static constexpr float kTerms[] = {0.11612164612011674f, 0.10853287900440187f, 0.14296178997151418f,
                                     0.1999985316596486f, 0.3333333366026371f};
};
template <>
struct AtanhTail<double> {
  static constexpr double kTerms[] = {
      0.08082022805971766, 0.04400369243072337, 0.06000536404795356, 0.06657072104827468, 0.07692785032479312,
      0.09090894718066429, 0.11111111358713932, 0.1428571428355438,  0.20000000000007292, 0.3333333333333333};
};

// log(1 + e^x) = max(x, 0) + log(1 + e), and log(1 + e) = 2 atanh q with q = e / (2 + e), corrected as tanh is.
template <class Real>
DESCENT_INLINE Real softplus(Real x) {
  const auto [e, e_lost] = decay(x);
  const Real s = 2 + e;
  const Real s_lost = e - (s - 2) + e_lost;
  const Real q = e / s;
  const Real rest = (multiply_add(-q, s, e) + multiply_add(-q, s_lost, e_lost)) * (1 - q);  // twice that of q
  const Real y = q * q, head = q + q;
  const Real tail = rest + head * y * polynomial<AtanhTail<Real>::kTerms>(y);
  const Real sum = x + head;
  const Real sum_lost = x > head ? head - (sum - x) : x - (sum - head);
  const Real above = x > Format<Real>::kLargest ? x : sum + (sum_lost + tail);
  return x > 0 ? above : head + tail;
}

// e^x − 1 for x ≤ 0; −1 from where it rounds to that.
template <class Real>
DESCENT_INLINE Real expm1_negative(Real x) {
  constexpr Real kFloor = Format<Real>::kMantissa == 23 ? Real(-18) : Real(-38);
  return expm1_moderate(x < kFloor ? kFloor : x);
}

// exp of a vector of numbers ≤ 0 (or NaN), for softmax.
template <class Real>
DESCENT_INLINE typename Pack<Real>::Vector exp_of_negative(typename Pack<Real>::Vector x) {
  using P = Pack<Real>;
  using F = Format<Real>;
  using Vector = typename P::Vector;
  x = P::larger(P::all(F::kSmallest), x);
  const Vector round = P::all(F::kRound);
  const Vector n = P::multiply_add(x, P::all(Real(1.4426950408889634)), round) - round;
  const Vector r = P::multiply_add(n, P::all(-F::kLog2Tail), P::multiply_add(n, P::all(-F::kLog2Head), x));
  Vector q = P::all(ExpTail<Real>::kTerms[0]);
  for (std::size_t k = 1; k < std::size(ExpTail<Real>::kTerms); ++k)
    q = P::multiply_add(q, r, P::all(ExpTail<Real>::kTerms[k]));
  const Vector e = P::all(1) + P::multiply_add(r * r, q, r);
#if defined(__AVX512F__)
  return P::times_power_of_two(e, n);
#else
  Vector result;
  for (std::size_t j = 0; j < P::kSize; ++j) {
    const Real half = multiply_add(n[j], Real(0.5), F::kRound) - F::kRound;
    result[j] = e[j] * power_of_two(half) * power_of_two(n[j] - half);
  }
  return result;
#endif
}

}  // namespace descent::kernels::DESCENT_ISA
