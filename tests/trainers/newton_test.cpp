// Newton, L-BFGS and conjugate gradients against what they are by definition.
#include "framework/error.hpp"
#include "framework/random.hpp"
#include "tests/trainers/landscapes.hpp"
#include "tests/trainers/search_suite.hpp"
#include "trainers/cholesky.hpp"
#include "trainers/dot.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace descent {
namespace {

using support::JetObjective;
using support::Quadratic;

std::vector<double> direction_at(Direction<double>& way, Objective<double>& f, const std::vector<double>& w,
                                 std::size_t step = 0) {
  std::vector<double> g(w.size()), d(w.size());
  const double value = f.value_and_gradient(w, g);
  way.compute({f, {}, w, g, value, step}, d);
  return d;
}

TEST(Newton, OneStepSolvesAQuadraticOfAnySize) {
  for (const std::size_t n : {1u, 3u, 17u, 120u}) {
    Quadratic<double> f(n, n == 1 ? 1 : 1e4, 9);
    std::vector<double> w(n, 1.0);
    const auto newton = make_direction<double>("newton");
    newton->start(n);
    const std::vector<double> d = direction_at(*newton, f, w);
    for (std::size_t i = 0; i < n; ++i) EXPECT_NEAR(w[i] + d[i], f.minimizer()[i], 1e-9) << n;
  }
}

TEST(Newton, IsShiftedToADescentDirectionWhereTheHessianIsIndefinite) {
  JetObjective f(support::landscape("x^4 + y^4 - 4 x y"));  // at 0.1 the Hessian has eigenvalues about ±4
  const auto newton = make_direction<double>("newton");
  newton->start(2);
  const std::vector<double> w = {0.1, 0.05};
  const std::vector<double> d = direction_at(*newton, f, w);
  std::vector<double> g(2);
  f.value_and_gradient(w, g);
  EXPECT_LT(dot<double>(g, d), 0);
  std::vector<double> end = w;
  support::search<double>(f, end, "newton", "armijo", {.gradient_tolerance = 1e-12});
  EXPECT_NEAR(std::abs(end[0]), 1, 1e-9) << "a minimum, not the saddle";
}

TEST(Newton, TakesAtMostTwoThousandWeights) {
  try {
    make_direction<float>("newton")->start(2001);
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "newton keeps the whole Hessian and takes at most 2000 weights, got 2001; use lbfgs");
  }
}

TEST(Newton, ConvergesQuadratically) {
  const support::Problem& p = support::problem("rosenbrock");
  support::Formula<double> f(p);
  std::vector<double> w = {1.1, 1.2};
  const Report r = support::search<double>(f, w, "newton", "armijo", {.gradient_tolerance = 1e-12});
  EXPECT_LE(r.steps, 8u) << r.sentence;
}

TEST(Cholesky, FactorsAndRefusesWhatIsNotPositiveDefinite) {
  Matrix<double> a = zeros<double>(2, 2);
  a(0, 0) = 4;
  a(1, 0) = a(0, 1) = 2;
  a(1, 1) = 5;
  Matrix<double> l = a;
  ASSERT_TRUE(cholesky_factor(view(l)));
  EXPECT_EQ(l(0, 0), 2);
  EXPECT_EQ(l(1, 0), 1);
  EXPECT_EQ(l(1, 1), 2);
  std::vector<double> x = {8, 14};
  cholesky_solve(view(std::as_const(l)), x);
  EXPECT_DOUBLE_EQ(x[0], 0.75);
  EXPECT_DOUBLE_EQ(x[1], 2.5);
  a(1, 1) = 1;
  EXPECT_FALSE(cholesky_factor(view(a))) << "singular";
}

// The BFGS matrix built in full: H ← (I − ρ s yᵀ) H (I − ρ y sᵀ) + ρ s sᵀ from γ I, Nocedal & Wright (7.16).
TEST(Lbfgs, IsTheFullBfgsMatrixOfItsPairs) {
  const std::size_t n = 5, kept = 3;
  Quadratic<double> f(n, 50, 2);
  const auto lbfgs = make_direction<double>("lbfgs", {.history = static_cast<double>(kept)});
  lbfgs->start(n);
  Rng rng(3, Purpose::check);
  std::vector<std::vector<double>> ws, gs;
  for (std::size_t k = 0; k < 8; ++k) {
    std::vector<double> w(n), g(n);
    for (double& v : w) v = rng.normal();
    f.value_and_gradient(w, g);
    const std::vector<double> d = direction_at(*lbfgs, f, w, k);
    ws.push_back(w);
    gs.push_back(g);
    if (k == 0) continue;
    const std::size_t pairs = std::min(k, kept);
    std::vector<double> h(n * n, 0.0);
    for (std::size_t j = k - pairs + 1; j <= k; ++j) {
      std::vector<double> s(n), y(n), hy(n, 0.0);
      for (std::size_t i = 0; i < n; ++i) s[i] = ws[j][i] - ws[j - 1][i], y[i] = gs[j][i] - gs[j - 1][i];
      const double sy = dot<double>(s, y);
      if (j == k - pairs + 1) {
        std::vector<double> sl(n), yl(n);
        for (std::size_t i = 0; i < n; ++i) sl[i] = ws[k][i] - ws[k - 1][i], yl[i] = gs[k][i] - gs[k - 1][i];
        for (std::size_t i = 0; i < n; ++i) h[i * n + i] = dot<double>(sl, yl) / dot<double>(yl, yl);
      }
      for (std::size_t a = 0; a < n; ++a)
        for (std::size_t b = 0; b < n; ++b) hy[a] += h[a * n + b] * y[b];
      const double yhy = dot<double>(y, hy);
      for (std::size_t a = 0; a < n; ++a)
        for (std::size_t b = 0; b < n; ++b)
          h[a * n + b] += (1 + yhy / sy) * s[a] * s[b] / sy - (hy[a] * s[b] + s[a] * hy[b]) / sy;
    }
    for (std::size_t a = 0; a < n; ++a) {
      double expected = 0;
      for (std::size_t b = 0; b < n; ++b) expected -= h[a * n + b] * g[b];
      EXPECT_NEAR(d[a], expected, 1e-10 * (1 + std::abs(expected))) << "step " << k;
    }
  }
}

TEST(Lbfgs, SkipsAPairOfNegativeCurvature) {
  JetObjective f(support::landscape("x^4 - x^2"));
  const auto lbfgs = make_direction<double>("lbfgs");
  lbfgs->start(1);
  direction_at(*lbfgs, f, {0.1});
  const std::vector<double> d = direction_at(*lbfgs, f, {0.2}, 1);  // f″ < 0 between
  std::vector<double> g(1);
  f.value_and_gradient(std::vector<double>{0.2}, g);
  EXPECT_DOUBLE_EQ(d[0], -g[0]) << "as without a pair";
}

TEST(ConjugateGradient, SecondDirectionByHand) {
  // Hessian [[2, 1], [1, 2]] from (3, −2): g = (4, −1), exact γ = 17/26.
  support::Formula<double> f(support::problem("valley"));
  const auto cg = make_direction<double>("conjugate_gradient");
  cg->start(2);
  EXPECT_EQ(direction_at(*cg, f, {3, -2}), (std::vector<double>{-4, 1}));
  const double gamma = 17.0 / 26;
  const std::vector<double> w = {3 - 4 * gamma, -2 + gamma};
  std::vector<double> g(2);
  f.value_and_gradient(w, g);
  const std::vector<double> d = direction_at(*cg, f, w, 1);
  const double beta = dot<double>(g, g) / 17;  // Fletcher and Reeves' is the same on a quadratic
  EXPECT_NEAR(d[0], -g[0] + beta * -4, 1e-14);
  EXPECT_NEAR(d[1], -g[1] + beta * 1, 1e-14);
  // Conjugate: d₀ᵀ H d₁ = 0.
  EXPECT_NEAR(-4 * (2 * d[0] + d[1]) + 1 * (d[0] + 2 * d[1]), 0, 1e-13);
}

}  // namespace
}  // namespace descent
