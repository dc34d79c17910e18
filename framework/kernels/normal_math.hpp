// The normal distribution and gelu(z) = z Φ(z) as straight-line code, in float64 for both precisions: float32 has no
// digits to spare for the tail, where Φ falls as e^(−z²/2). Included once for each instruction set, in a namespace of
// its own.
//
// gelu is off by at most 2 ulp in float64 and 1 in float32; the tests measure it.
#pragma once

#include "framework/kernels/vector_math.hpp"

namespace descent::kernels::DESCENT_ISA {

// Φ(−a) (a + kPole) e^(a²/2) for 0 ≤ a ≤ kFarthest as a polynomial in (a − kPole) / (a + kPole), the highest power
// first; best in the absolute error, which is 5e-18 of values from 0.4 to 1.75.
struct NormalTail {
  static constexpr double kPole = 3.5;
  static constexpr double kFarthest = 39;  // beyond, Φ(−a) is 0 in float64
  static constexpr double kTerms[] = {
      1.5691103766456627e-09,  5.062059415246328e-09,   -4.1057852555823515e-09, -3.690785771190413e-08,
      -2.98157162047873e-08,   1.248249015759425e-07,   2.9423445557605215e-07,  -1.4402013511507835e-07,
      -1.4791427717652125e-06, -1.1645880536733884e-06, 5.6519413985765165e-06,  1.1506486478907127e-05,
      -1.878891681913762e-05,  -7.558463136719157e-05,  6.703323764980577e-05,   0.0004766570988030791,
      -0.00044501295099115713, -0.003189101048143628,   0.006476218919948955,    0.017407832602043358,
      -0.1160509287140811,     0.31542496988795254,     -0.565561816053779,      0.7444160754359381};
  static constexpr double kLost[] = {1.5432242920373957e-17, -2.1086797505427063e-18};  // of the last two
};

// What the product p of a and b lost when it was rounded.
DESCENT_INLINE double product_lost(double a, double b, double p) {
#ifdef __FMA__
  return __builtin_fma(a, b, -p);
#else
  // Both in two halves, whose products are exact (Dekker, "A floating-point technique for extending the available
  // precision", Numerische Mathematik 18, 1971).
  constexpr double kSplit = 134217729;  // 2²⁷ + 1
  const double a_big = kSplit * a, a_head = a_big - (a_big - a), a_tail = a - a_head;
  const double b_big = kSplit * b, b_head = b_big - (b_big - b), b_tail = b - b_head;
  return ((a_head * b_head - p) + a_head * b_tail + a_tail * b_head) + a_tail * b_tail;
#endif
}

struct Rounded {
  double value, lost;
};
// c + t q, with c = c.value + c.lost and so on.
DESCENT_INLINE Rounded horner(Rounded c, double t, Rounded q) {
  const double product = t * q.value;
  const double sum = c.value + product;
  const double part = sum - c.value;  // Knuth 1969: either summand may be the larger
  return {sum, (c.value - (sum - part)) + (product - part) + product_lost(t, q.value, product) + t * q.lost + c.lost};
}
// The polynomial at t + t_lost, the last two steps with what their roundings lost.
DESCENT_INLINE Rounded normal_tail(double t, double t_lost) {
  constexpr std::size_t kCount = std::size(NormalTail::kTerms);
  const double r = polynomial<NormalTail::kTerms, kCount - 2>(t);
  const Rounded q = horner({NormalTail::kTerms[kCount - 2], NormalTail::kLost[0]}, t, {r, 0});
  Rounded g = horner({NormalTail::kTerms[kCount - 1], NormalTail::kLost[1]}, t, q);
  g.lost += t_lost * (q.value + t * r);  // about the slope
  return g;
}

// Φ(−|z|) = tail · scale and e^(−z²/2) = density · scale, each number with what its roundings lost; scale is a power
// of two in two factors, because it may lie outside the normal numbers.
struct NormalParts {
  double tail, tail_lost, density, scale_one, scale_two;
};
DESCENT_INLINE NormalParts normal_parts(double z) {
  using F = Format<double>;
  constexpr double kPole = NormalTail::kPole;
  const double size = std::abs(z);
  const double a = size > NormalTail::kFarthest ? NormalTail::kFarthest : size;
  const double h = a * a;
  const auto [n, p, p_lost] = reduce(-h * 0.5);
  const double e = 1 + p;
  const double e_lost = (p - (e - 1)) + p_lost - 0.5 * product_lost(a, a, h) * e;

  const double d = a + kPole;
  const double d_lost = a > kPole ? kPole - (d - a) : a - (d - kPole);
  const double u = 1 / d;
  const double one = u * d;
  const double u_lost = u * ((1 - one) - product_lost(u, d, one) - u * d_lost);
  const double w = 2 * kPole * u, t = 1 - w;
  const double t_lost = ((1 - t) - w) - product_lost(2 * kPole, u, w) - 2 * kPole * u_lost;
  const auto [g, g_lost] = normal_tail(t, t_lost);

  const double eg = e * g;
  const double eg_lost = product_lost(e, g, eg) + e_lost * g + e * g_lost;
  const double tail = eg * u;
  const double half = multiply_add(n, 0.5, F::kRound) - F::kRound;
  return {tail, product_lost(eg, u, tail) + eg_lost * u + eg * u_lost, e, power_of_two(half), power_of_two(n - half)};
}

DESCENT_INLINE double gelu(double z) {
  const auto [tail, tail_lost, density, scale_one, scale_two] = normal_parts(z);
  const double near = z < -NormalTail::kFarthest ? -NormalTail::kFarthest : z;  // infinity · 0 is no number
  const double r = near * tail;
  const double r_lost = product_lost(near, tail, r) + near * tail_lost;
  const double below = (r + r_lost) * scale_one * scale_two;
  const double y = r * scale_one * scale_two;  // at most z / 2
  const double above = z - y;
  const double above_lost = ((z - above) - y) - r_lost * scale_one * scale_two;
  const double positive = z > NormalTail::kFarthest ? z : above + above_lost;
  return z < 0 ? below : positive;
}

// Φ(z) + z φ(z).
DESCENT_INLINE double gelu_derivative(double z) {
  const auto [tail, tail_lost, density, scale_one, scale_two] = normal_parts(z);
  constexpr double kOneOverRootTwoPi = 0.39894228040143267794;
  const double below = tail * scale_one * scale_two;
  const double near = z > NormalTail::kFarthest    ? NormalTail::kFarthest
                      : z < -NormalTail::kFarthest ? -NormalTail::kFarthest
                                                   : z;
  return (z < 0 ? below : 1 - below) + near * kOneOverRootTwoPi * density * scale_one * scale_two;
}

// The same to the digits of float32: the relative error is 7e-9 up to a = 14.5, where float32 is 0.
struct ShortNormalTail {
  static constexpr double kFarthest = 14.75;
  static constexpr double kTerms[] = {0.00011069140585058327, 0.0004218958808294084, -0.0004949518851940955,
                                      -0.003175311370115886,  0.006493121591024331,  0.017406379442018297,
                                      -0.11605304205956035,   0.31542504853338926,   -0.565561745020963,
                                      0.7444160741398795};
};
// Φ(−a) = tail and e^(−a²/2) = density for a = |z|.
struct ShortNormalParts {
  double a, tail, density;
};
DESCENT_INLINE ShortNormalParts short_normal_parts(double z) {
  using F = Format<double>;
  constexpr double kPole = NormalTail::kPole, kFarthest = ShortNormalTail::kFarthest, kLog2 = 0.69314718055994531;
  const double size = std::abs(z);
  const double a = size > kFarthest ? kFarthest : size;
  const double x = -0.5 * a * a;
  const double n = multiply_add(x, 1.4426950408889634, F::kRound) - F::kRound;
  const double r = multiply_add(n, -kLog2, x);
  const double density = (1 + multiply_add(r * r, polynomial<ExpTail<float>::kTerms>(r), r)) * power_of_two(n);
  const double u = 1 / (a + kPole);
  return {a, density * polynomial<ShortNormalTail::kTerms>(1 - 2 * kPole * u) * u, density};
}
DESCENT_INLINE float gelu(float z) {
  const auto [a, tail, density] = short_normal_parts(z);
  const double above = z;
  return static_cast<float>(z < 0 ? -a * tail : above - a * tail);
}
DESCENT_INLINE float gelu_derivative(float z) {
  constexpr double kOneOverRootTwoPi = 0.39894228040143267794;
  const auto [a, tail, density] = short_normal_parts(z);
  const double rise = a * kOneOverRootTwoPi * density;
  return static_cast<float>(z < 0 ? tail - rise : 1 - tail + rise);
}

}  // namespace descent::kernels::DESCENT_ISA
