#include "trainers/critical_point.hpp"

#include "framework/formula/formula_objective.hpp"
#include "tests/support/blas_threads.hpp"
#include "tests/support/problems.hpp"
#include "tests/trainers/landscapes.hpp"
#include "trainers/curvature.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace descent {
namespace {

using support::Jet;
using support::JetObjective;
using support::landscape;

CriticalPoint at(const std::string& name, const std::vector<double>& w) {
  JetObjective f(landscape(name));
  return classify(f, w);
}

TEST(CriticalPoint, ByHand) {
  const CriticalPoint valley = at("x^2 + x y + y^2", {0, 0});
  EXPECT_EQ(valley.kind, PointKind::minimum);
  EXPECT_NEAR(valley.lambda_min(), 1, 1e-15);
  EXPECT_NEAR(valley.lambda_max(), 3, 1e-15);
  EXPECT_EQ(valley.sentence(), "a local minimum: the Hessian's eigenvalues are 1, 3, positive");
  EXPECT_NEAR(stability_limit(valley.lambda_max()), 2.0 / 3, 1e-15);

  const CriticalPoint saddle = at("x^4 + y^4 - 4 x y", {0, 0});
  EXPECT_EQ(saddle.kind, PointKind::saddle);
  EXPECT_NEAR(std::abs(saddle.downhill[0] + saddle.downhill[1]), std::sqrt(2), 1e-12) << "along (1, 1)";
  EXPECT_NEAR(std::abs(saddle.uphill[0] - saddle.uphill[1]), std::sqrt(2), 1e-12);
  EXPECT_EQ(at("x^2 - y^2", {0, 0}).sentence(),
            "a saddle point: the Hessian's eigenvalues are -2, 2; f falls along ±(0, 1), where its curvature is -2");

  EXPECT_EQ(at("-x^2 - y^2", {0, 0}).kind, PointKind::maximum);
  EXPECT_EQ(at("x^2", {0}).sentence(), "a local minimum: the second derivative is 2, positive");
  EXPECT_EQ(at("x^2", {1}).sentence(), "not a critical point: ‖∇f‖ = 2");
  EXPECT_EQ(at("abs(x)", {0}).kind, PointKind::kink);
  EXPECT_EQ(at("log(x)", {-1}).kind, PointKind::undefined);
}

TEST(CriticalPoint, FlatIsNeverAMinimumHoweverNearOneLooks) {
  for (const double x : {0.0, 1e-300, 1e-120, 1e-20, -1e-9, 1e-5, -5e-4}) {
    EXPECT_EQ(at("x^4", {x}).kind, PointKind::undecided) << x;
    EXPECT_EQ(at("x^6", {x}).kind, PointKind::undecided) << x;
    EXPECT_EQ(at("x^4 + y^4", {x, -x}).kind, PointKind::undecided) << x;
    EXPECT_EQ(at("x^2 + y^4", {0, x}).flat, 1u) << x;
    EXPECT_EQ(at("monkey saddle", {x, x / 3}).kind, PointKind::undecided) << x;
  }
  for (const double off : {0.0, 1e-9, -3e-6}) EXPECT_EQ(at("(x - 1)^4 expanded", {1 + off}).kind, PointKind::undecided);
  EXPECT_EQ(at("x^4", {0}).sentence(),
            "a critical point that stays undecided: flat to second order; the second derivatives cannot tell a minimum "
            "from a saddle");
  EXPECT_EQ(at("x^2 + y^4", {0, 0}).sentence(),
            "a critical point that stays undecided: 1 flat direction, ±(0, 1); no maximum, because f rises along the "
            "others");
}

CriticalPoint of_formula(const std::string& formula, const std::vector<double>& w) {
  FormulaObjective f(Formula::parse(formula));
  return classify(f, w);
}

TEST(CriticalPoint, ASecondDerivativeMayBeInfinite) {
  for (const double x : {0.0, 1e-300, 1e-25, -1e-17}) {
    EXPECT_EQ(of_formula("abs(x)^1.5", {x}).sentence(), "a local minimum: the second derivative is ∞, positive") << x;
    EXPECT_EQ(of_formula("-abs(x)^1.5", {x}).sentence(), "a local maximum: the second derivative is −∞, negative") << x;
    EXPECT_EQ(of_formula("abs(x)^1.5 - y^2", {x, 0}).sentence(),
              "a saddle point: the Hessian's eigenvalues are -2, ∞; f falls along ±(0, 1), where its curvature is -2");
  }
  const double third = 1.0 / 3;  // no double is the zero of ∇f
  EXPECT_EQ(of_formula("abs(3x - 1)^1.5 + abs(y)^1.5", {third, 1e-20}).kind, PointKind::minimum);
  EXPECT_EQ(of_formula("abs(x + 3y - 0.7)^1.5", {0.1, 0.2}).flat, 1u);
  EXPECT_EQ(of_formula("abs(x)^1.5 + x", {0}).kind, PointKind::not_critical) << "the slope is 1";
  EXPECT_EQ(of_formula("abs(x)^1.5 + abs(y)", {0, 0}).kind, PointKind::kink);
  EXPECT_EQ(of_formula("relu(x)^1.5 - x^2", {1e-20}).sentence().find("a local minimum"), std::string::npos)
      << "f falls on one side";
}

// However large a finite curvature beside it is, which hides it at every length.
TEST(CriticalPoint, AnInfiniteSecondDerivativeStandsBesideALargeFiniteOne) {
  const auto expect = [](const std::string& formula, const std::vector<double>& w, double finite) {
    const CriticalPoint p = of_formula(formula, w);
    ASSERT_TRUE(p.kind == PointKind::minimum || p.kind == PointKind::saddle) << formula << ": " << p.sentence();
    const std::size_t at = finite < 0 ? 0 : p.eigenvalues.size() - 2;
    EXPECT_NEAR(p.eigenvalues[at], finite, 1e-4 * std::abs(finite)) << formula;
    EXPECT_LE(std::abs(p.eigenvalues[at] - finite), p.errors[at]) << formula;
    EXPECT_EQ(p.eigenvalues.back(), std::numeric_limits<double>::infinity()) << formula;
  };
  for (const double large : {1e3, 1e5, 1e7, 1e9}) {
    const std::string k = fmt::format("{:.0f}", large);
    expect("abs(x)^1.5 + " + k + "y^2", {0, 0}, 2 * large);
    expect("abs(x)^1.5 - " + k + "y^2", {0, 0}, -2 * large);
    expect("abs(x - 1)^1.5 + " + k + "y^2", {1, 0}, 2 * large);
    expect("abs(x)^1.9 + " + k + "y^2 + z^2", {0, 0, 0}, 2 * large);
    // Across (1, 2), along which the other is infinite, x² has a curvature of 4/5 of its own.
    expect("abs(x + 2y)^1.5 + " + k + "x^2", {0, 0}, 1.6 * large);
  }
}

// The sweeps say 0 for the second derivative of |x|² at 0.
TEST(CriticalPoint, AConventionForASecondDerivativeGivesWayToItsLimit) {
  for (const char* formula : {"abs(x)^2", "abs(x^2)", "max(x^2, x^3)", "x^2*sign(x)^2 + 0*x"}) {
    const CriticalPoint p = of_formula(formula, {0});
    EXPECT_EQ(p.kind, PointKind::minimum) << formula << ": " << p.sentence();
    EXPECT_NEAR(p.lambda_min(), 2, 1e-6) << formula;
  }
  for (const char* formula : {"x*abs(x)", "abs(x)^3", "max(x, 0)^2", "x^4", "x^3"})
    EXPECT_EQ(of_formula(formula, {0}).kind, PointKind::undecided) << formula;
}

TEST(CriticalPoint, ASecondDerivativeMayNotExistWhereTheFirstIs0) {
  for (const double x : {1e-17, -1e-15, 1e-300}) {
    EXPECT_EQ(of_formula("x*sqrt(abs(x))", {x}).sentence(),
              "a critical point that stays undecided: no second derivative along ±(1); the second derivatives cannot "
              "tell a minimum from a saddle");
    EXPECT_EQ(of_formula("x*abs(x)^0.2 + 1e6y^2", {x, 0}).eigenvalue_text(0), "undefined");
    EXPECT_EQ(of_formula("relu(x)^1.5", {std::abs(x)}).kind, PointKind::undecided);
    EXPECT_EQ(of_formula("x*sqrt(abs(x)) - y^2", {x, 0}).sentence(),
              "a critical point that stays undecided: no second derivative along ±(1, 0); no minimum, because f falls "
              "along ±(0, 1), where its curvature is -2");
  }
  EXPECT_EQ(of_formula("x*sqrt(abs(x)) + 1e-3x", {1e-17}).kind, PointKind::not_critical);
}

TEST(CriticalPoint, ASecondDerivativeMayGoLikeALogarithm) {
  for (const double x : {1e-17, -1e-15, 1e-300}) {
    EXPECT_EQ(of_formula("x^2*log(abs(x))", {x}).sentence(), "a local maximum: the second derivative is −∞, negative");
    EXPECT_EQ(of_formula("-x^2*log(abs(x)) + 1e6y^2", {x, 0}).eigenvalues.back(),
              std::numeric_limits<double>::infinity());
  }
  EXPECT_NEAR(of_formula("x^2*log(abs(x))", {1e-6}).lambda_min(), 2 * std::log(1e-6) + 3, 1e-9);
  EXPECT_NEAR(of_formula("5x^2 - abs(x)^2.1", {0}).lambda_min(), 10, 1) << "that is an end, though it is slow";
}

TEST(CriticalPoint, AMinimumIsOneAtAnyScaleAndWhereDescentStopsShortOfIt) {
  EXPECT_EQ(at("1e-9 x^2", {0}).kind, PointKind::minimum);
  EXPECT_EQ(at("1e9 (x - 0.3)^2", {0.3 + 1e-7}).kind, PointKind::minimum) << "the gradient is 200 there";
  EXPECT_EQ(at("1e-9 x^2", {0.5}).kind, PointKind::not_critical) << "though the gradient is 1e-9";
  for (const support::Problem& p : support::problems()) {
    support::Formula<double> f(p);
    for (const auto& x : p.minima)
      for (const double off : {0.0, 1e-8}) {
        std::vector<double> w = x;
        w[0] += off;
        EXPECT_EQ(classify(f, w).kind, PointKind::minimum) << p.name;
      }
    EXPECT_EQ(classify(f, p.start).kind, PointKind::not_critical) << p.name;
  }
}

TEST(CriticalPoint, TheErrorOfAnEigenvalueBoundsIt) {
  support::Quadratic<double> f(12, 1e8, 4);
  const CriticalPoint p = classify(f, f.minimizer());
  EXPECT_EQ(p.kind, PointKind::minimum) << p.sentence();
  for (std::size_t i = 0; i < 12; ++i) EXPECT_LE(std::abs(p.eigenvalues[i] - f.eigenvalues()[i]), p.errors[i]) << i;
}

TEST(CriticalPoint, SaysTheWayDownFromACriticalStart) {
  EXPECT_EQ(
      critical_start_text(at("x^2 - y^2", {0, 0})),
      "the start is already a saddle point: the Hessian's eigenvalues are -2, 2; f falls along ±(0, 1), where its "
      "curvature is -2; start a little along that direction to go down");
  EXPECT_EQ(critical_start_text(at("x^2 - y^2", {1, 0})), "");
  EXPECT_EQ(critical_start_text(at("abs(x)", {0})),
            "the start is at a kink of f: its gradient jumps there, and 0 is only a convention");
}

TEST(Curvature, LimitsAreTheKnownOnes) {
  for (const support::Problem& p : support::problems()) {
    support::Formula<double> f(p);
    const double limit = stability_limit(hessian_spectrum(f, p.minima[0]).values.back());
    EXPECT_NEAR(limit, p.limit, 0.001 * p.limit) << p.name;
  }
}

TEST(Curvature, SpectrumOfAKnownMatrix) {
  support::Quadratic<double> f(20, 1e4, 7);
  const Spectrum s = hessian_spectrum(f, std::vector<double>(20, 0.0));
  for (std::size_t j = 0; j < 20; ++j) {
    EXPECT_NEAR(s.values[j], f.eigenvalues()[j], 1e-10 * 1e4);
    std::vector<double> v(20), hv(20);
    for (std::size_t i = 0; i < 20; ++i) v[i] = s.vectors(j, i);
    f.hessian_vector(v, v, hv);
    for (std::size_t i = 0; i < 20; ++i) EXPECT_NEAR(hv[i], s.values[j] * v[i], 1e-10 * 1e4);
  }
}

// Its bits would change with OPENBLAS_NUM_THREADS.
TEST(Curvature, ASpectrumIsTheWorkOfOneThread) {
  if (openblas_get_num_procs() == 1) GTEST_SKIP() << "there is no other thread";
  support::Quadratic<double> f(20, 1e4, 7);
  hessian_spectrum(f, std::vector<double>(20, 0.0));
  EXPECT_EQ(openblas_get_num_threads(), 1);
}

TEST(Curvature, NamesTheStepThatWasTooLong) {
  support::Formula<double> f(support::problem("valley"));
  EXPECT_EQ(stability_text(f, std::vector<double>{3, -2}, 0.7),
            "λmax = 3 at this point: γ must stay below 2/λmax = 0.666667, and γ = 0.7 is beyond it");
}

}  // namespace
}  // namespace descent
