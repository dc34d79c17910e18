#include "framework/formula/tape.hpp"

#include "framework/derivative_check.hpp"
#include "framework/formula/formula.hpp"
#include "framework/formula/formula_objective.hpp"
#include "tests/framework/formula/random_formula.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

namespace descent {
namespace {

using formula::Column;
using formula::Tape;
using Point = std::vector<double>;

Tape tape_of(const std::string& text) { return Formula::parse(text).tape(); }

Point gradient(const std::string& text, const Point& x) {
  const Tape tape = tape_of(text);
  Tape::Work work(tape);
  Point g(x.size());
  tape.gradient(x, g, work);
  return g;
}

Matrix<double> hessian(const std::string& text, const Point& x) {
  const Tape tape = tape_of(text);
  Tape::Work work(tape);
  Matrix<double> h = zeros<double>(x.size(), x.size());
  tape.hessian(x, view(h), work);
  return h;
}

TEST(Tape, HasTheDerivativesOfTheWorkedExample) {
  EXPECT_EQ(gradient("x^2 + x*y + y^2", {3, -2}), (Point{4, -1}));
  EXPECT_EQ(hessian("x^2 + x*y + y^2", {3, -2}), (Matrix<double>{{2, 1}, {1, 2}}));
}

TEST(Tape, HasTheDerivativesOfRosenbrock) {
  const std::string rosenbrock = "(1-x)^2 + 100*(y-x^2)^2";
  EXPECT_EQ(gradient(rosenbrock, {2, 3}), (Point{2 * 1 - 400 * 2 * -1, -200}));
  EXPECT_EQ(hessian(rosenbrock, {2, 3}), (Matrix<double>{{2 - 400 * 3 + 1200 * 4, -800}, {-800, 200}}));
}

TEST(Tape, ComputesEverythingOnce) {
  EXPECT_EQ(tape_of("x^2 + x*y + y^2").instructions(), 5u);
  EXPECT_EQ(tape_of("sin(x*y) + sin(y*x)^2").instructions(), 4u) << "x*y, sin, square, sum";
  EXPECT_EQ(tape_of("x^4 + x^2").instructions(), 3u);
  EXPECT_EQ(tape_of("exp(x)*y, exp(x)*z, exp(x)").instructions(), 3u) << "outputs share";
  EXPECT_EQ(tape_of("x*sqrt(2)").instructions(), 1u) << "constants are folded";
  EXPECT_EQ(tape_of("x").instructions(), 0u);
}

TEST(Tape, HasAValueForEachOutputAndTheirJacobian) {
  const Tape tape = tape_of("x^2*y, x + sin(y), 5");
  Tape::Work work(tape);
  const Point x = {3, 0.5};
  Point y(3);
  tape.values(x, y, work);
  EXPECT_EQ(y, (Point{4.5, 3 + std::sin(0.5), 5}));
  Matrix<double> j = zeros<double>(3, 2);
  tape.jacobian(x, view(j), work);
  EXPECT_EQ(j, (Matrix<double>{{3, 9}, {1, std::cos(0.5)}, {0, 0}}));
}

TEST(Tape, KnowsPowersOfEveryKind) {
  EXPECT_EQ(gradient("x^y", {2, 3}), (Point{12, 8 * std::log(2)}));
  EXPECT_EQ(hessian("x^y", {1, 2}), (Matrix<double>{{2, 1}, {1, 0}}));
  EXPECT_EQ(gradient("x^y", {0, 3}), (Point{0, 0})) << "0^y is 0 for all y > 0";
  EXPECT_EQ(hessian("x^y", {0, 3}), (Matrix<double>{{0, 0}, {0, 0}}));
  EXPECT_EQ(gradient("x^2.5", {4}), Point{20});
  EXPECT_EQ(hessian("x^2.5", {4}), Matrix<double>{{7.5}});
  EXPECT_EQ(hessian("x^2.5", {0}), Matrix<double>{{0}});
  EXPECT_EQ(gradient("x^-2", {2}), Point{-0.25});
  EXPECT_EQ(gradient("(-2)^(x*0 + 2)*y", {1, 3})[1], 4);
  EXPECT_NEAR(gradient("2^x", {3})[0], 8 * std::log(2), 1e-14);
}

TEST(Tape, GivesKinksTheSlopesOfTheTable) {
  EXPECT_EQ(gradient("abs(x) + sign(x) + step(x) + relu(x) + floor(x)", {0}), Point{0});
  EXPECT_EQ(gradient("max(x, y)", {1, 1}), (Point{0, 1})) << "of equal arguments the second";
  EXPECT_EQ(gradient("min(x, y)", {1, 1}), (Point{0, 1}));
}

TEST(Tape, StaysExactWhereFunctionsSaturate) {
  EXPECT_NEAR(gradient("tanh(x)", {20})[0] / (4 * std::exp(-40.0)), 1, 1e-12);
  EXPECT_NEAR(gradient("sigmoid(x)", {-40})[0] / std::exp(-40.0), 1, 1e-12);
  EXPECT_NEAR(gradient("sigmoid(x)", {40})[0] / std::exp(-40.0), 1, 1e-12);
  EXPECT_EQ(gradient("softplus(x)", {1e300})[0], 1);
  EXPECT_EQ(gradient("tanh(x)", {1e300})[0], 0);
  EXPECT_EQ(tape_of("softplus(x)").outputs(), 1u);
  EXPECT_EQ(Formula::parse("softplus(x)").value(Point{1e300}), 1e300);
  EXPECT_EQ(Formula::parse("sigmoid(x)").value(Point{-1e300}), 0);
}

TEST(Tape, LetsNanThrough) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const formula::Function& row : formula::functions()) {
    if (row.sums_rows) continue;
    const std::string name(row.name);
    EXPECT_TRUE(std::isnan(Formula::parse(name + (row.arguments() == 2 ? "(x, 0)" : "(x)")).value(Point{nan}))) << name;
    if (row.arguments() == 2) {
      EXPECT_TRUE(std::isnan(Formula::parse(name + "(0, x)").value(Point{nan}))) << name;
    }
  }
}

bool same_bits(double a, double b) { return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b); }

TEST(Tape, HasTheSameBitsForManyPointsAsForOne) {
  constexpr std::size_t kPoints = 3 * formula::kBlock / 2 + 1;  // the last block is not full
  for (std::uint32_t i = 0; i < 100; ++i) {
    test::RandomFormula random(i, false);
    const Formula f = Formula::parse(random.text(4) + ", x + y + z");
    const Tape tape = f.tape();
    Tape::Work one(tape), wide(tape, Tape::Work::Lanes::block);
    std::vector<Point> x(3, Point(kPoints));
    for (std::size_t p = 0; p < kPoints; ++p) {
      const Point point = random.point();
      for (std::size_t k = 0; k < 3; ++k) x[k][p] = k == 2 ? 0.5 : point[k];
    }
    const std::vector<Column> columns = {{x[0].data()}, {x[1].data()}, {x[2].data(), 0}};  // z: the same for all
    Matrix<double> y = zeros<double>(2, kPoints);
    tape.values(columns, kPoints, view(y), wide);
    for (std::size_t p = 0; p < kPoints; ++p) {
      Point values(2);
      tape.values(Point{x[0][p], x[1][p], x[2][p]}, values, one);
      for (std::size_t k = 0; k < 2; ++k)
        EXPECT_TRUE(same_bits(y(k, p), values[k]) || (std::isnan(y(k, p)) && std::isnan(values[k]))) << f.text();
    }
  }
}

TEST(Tape, DerivativesInLanesHaveTheBitsOfThoseAtOnePoint) {
  for (std::uint32_t i = 0; i < 100; ++i) {
    test::RandomFormula random(i, false);
    const Formula f = Formula::parse(random.text(4) + " + x*y*z");
    const Tape tape = f.tape();
    Tape::Work one(tape), wide(tape, Tape::Work::Lanes::block);
    std::vector<Point> points;
    const Point v = random.point();
    for (std::size_t p = 0; p < formula::kBlock; ++p) {
      points.push_back(random.point());
      for (std::size_t k = 0; k < 3; ++k) {
        wide.variable(k)[p] = points[p][k];
        wide.tangent(k)[p] = v[k];
      }
    }
    tape.forward(wide);
    tape.tangent(wide);
    tape.curvature(wide, 0);
    for (std::size_t p = 0; p < formula::kBlock; ++p) {
      Point g(3), hv(3);
      tape.gradient(points[p], g, one);
      tape.hessian_vector(points[p], v, hv, one);
      for (std::size_t k = 0; k < 3; ++k) {
        EXPECT_TRUE(same_bits(wide.adjoint_tangent(k)[p], hv[k]) || std::isnan(hv[k])) << f.text();
        EXPECT_TRUE(wide.adjoint(k)[p] == g[k] || std::isnan(g[k]) ||
                    std::abs(wide.adjoint(k)[p] - g[k]) <= 1e-14 * std::abs(g[k]))
            << f.text();
      }
    }
  }
}

TEST(Tape, FillsAGrid) {
  const Tape tape = tape_of("a*x + y^2");
  const Point xs = {0, 1, 2}, ys = {10, 20}, at = {7, 0, 0};
  Matrix<double> z = zeros<double>(2, 3);
  evaluate_grid(tape, at, 1, xs, 2, ys, view(z));
  EXPECT_EQ(z, (Matrix<double>{{100, 107, 114}, {400, 407, 414}}));
  Matrix<double> curve = zeros<double>(1, 100);
  Point many(100);
  for (std::size_t i = 0; i < many.size(); ++i) many[i] = static_cast<double>(i);
  evaluate_grid(tape, at, 1, many, 2, Point{3}, view(curve));
  for (std::size_t i = 0; i < many.size(); ++i) EXPECT_EQ(curve(0, i), 7 * many[i] + 9);
}

TEST(Tape, LeavesInactiveVariablesOutOfDerivatives) {
  const Formula f = Formula::parse("b^t");
  const Tape tape(f.outputs(), f.variables(), 1);
  Tape::Work work(tape);
  Point g(2), hv(2);
  EXPECT_EQ(tape.gradient(Point{-2, 3}, g, work), -8);
  EXPECT_EQ(g, (Point{12, 0})) << "where a derivative in t would need log(-2)";
  tape.hessian_vector(Point{-2, 3}, Point{1, 1}, hv, work);
  EXPECT_EQ(hv, (Point{-12, 0}));
}

// Finite differences and exact derivatives agree on random smooth formulas, where the differences can be trusted.
TEST(Tape, GradientsAgreeWithDifferencesOnRandomFormulas) {
  std::size_t formulas = 0, checked = 0;
  for (std::uint32_t i = 0; formulas < 300 && i < 2000; ++i) {
    test::RandomFormula random(i, true);
    FormulaObjective f(Formula::parse("0*(x + y + z) + " + random.text(4)));
    const Point x = random.point();
    Point g(3);
    if (!std::isfinite(f.value_and_gradient(x, g)) || !f.explain_nonfinite(x).empty()) continue;
    const std::vector<std::size_t> all = {0, 1, 2};
    const GradientCheck check = check_gradient(f, x, all);
    ++formulas;
    checked += check.checked;
    EXPECT_LE(check.worst, 1e-8) << i << ": " << f.formula().text() << " in " << check.worst_entry << ": "
                                 << check.analytic << " and " << check.numeric;
  }
  EXPECT_EQ(formulas, 300u);
  EXPECT_GT(checked, 500u);
}

TEST(Tape, HessianVectorsAgreeWithDifferencesOfGradients) {
  std::size_t formulas = 0, checked = 0;
  for (std::uint32_t i = 0; formulas < 300 && i < 2000; ++i) {
    test::RandomFormula random(i, true);
    FormulaObjective f(Formula::parse("0*(x + y + z) + " + random.text(4)));
    const Point x = random.point(), v = random.point();
    Point g(3), hv(3);
    if (!std::isfinite(f.value_and_gradient(x, g)) || !f.explain_nonfinite(x).empty()) continue;
    f.hessian_vector(x, v, hv);
    ++formulas;
    for (std::size_t k = 0; k < 3; ++k) {
      const auto along = [&](double t) {
        Point moved = x, slope(3);
        for (std::size_t j = 0; j < 3; ++j) moved[j] += t * v[j];
        f.value_and_gradient(moved, slope);
        return slope[k];
      };
      const Derivative numeric = ridders_derivative(along, 0, 0.02);
      double scale = std::max({std::abs(hv[0]), std::abs(hv[1]), std::abs(hv[2]), std::abs(numeric.value)});
      if (!(numeric.error <= 1e-10 * scale)) continue;
      ++checked;
      EXPECT_LE(std::abs(hv[k] - numeric.value), 1e-8 * scale) << i << ": " << f.formula().text();
    }
  }
  EXPECT_EQ(formulas, 300u);
  EXPECT_GT(checked, 400u);
}

TEST(Tape, HessiansAreSymmetric) {
  for (std::uint32_t i = 0; i < 200; ++i) {
    test::RandomFormula random(i, true);
    const std::string text = "x*y*z + " + random.text(4);
    const Matrix<double> h = hessian(text, random.point());
    for (std::size_t j = 0; j < 3; ++j)
      for (std::size_t k = 0; k < j; ++k)
        if (std::isfinite(h(j, k)) && std::isfinite(h(k, j))) {
          EXPECT_NEAR(h(j, k), h(k, j), 1e-9 * (std::abs(h(j, k)) + std::abs(h(j, j)) + std::abs(h(k, k)))) << text;
        }
  }
}

}  // namespace
}  // namespace descent
