#include "framework/formula/formula_objective.hpp"

#include "framework/negated.hpp"
#include "tests/support/allocations.hpp"
#include "tests/support/problems.hpp"
#include "tests/support/refusal.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace descent {
namespace {

using Point = std::vector<double>;

TEST(FormulaObjective, HasExactDerivatives) {
  FormulaObjective f(Formula::parse("x^2 + x*y + y^2"));
  EXPECT_EQ(f.dimension(), 2u);
  EXPECT_EQ(f.terms(), 1u);
  EXPECT_TRUE(f.has_hessian());
  const Point x = {3, -2}, v = {1, 10};
  Point g(2), hv(2);
  EXPECT_EQ(f.value(x), 7);
  EXPECT_EQ(f.value_and_gradient(x, g), 7);
  EXPECT_EQ(g, (Point{4, -1}));
  f.hessian_vector(x, v, hv);
  EXPECT_EQ(hv, (Point{12, 21}));
  Matrix<double> h = zeros<double>(2, 2);
  f.hessian(x, view(h));
  EXPECT_EQ(h, (Matrix<double>{{2, 1}, {1, 2}}));
}

TEST(FormulaObjective, AddsItsTermAsOftenAsABatchNamesIt) {
  FormulaObjective f(Formula::parse("x^3"));
  const std::array<std::uint32_t, 3> batch = {0, 0, 0};
  const Point x = {2}, v = {1};
  Point g(1), hv(1);
  Matrix<double> h = zeros<double>(1, 1);
  EXPECT_EQ(f.value(x, batch), 24);
  EXPECT_EQ(f.value_and_gradient(x, g, batch), 24);
  EXPECT_EQ(g[0], 36);
  f.hessian_vector(x, v, hv, batch);
  EXPECT_EQ(hv[0], 36);
  f.hessian(x, view(h), batch);
  EXPECT_EQ(h(0, 0), 36);
}

TEST(FormulaObjective, SaysWhereAValueEnds) {
  FormulaObjective f(Formula::parse("x + log(y - 3)"));
  EXPECT_EQ(f.explain_nonfinite(Point{0, 2}), "log(y - 3) at y = 2: log of -1; it needs a number > 0");
  EXPECT_EQ(f.explain_nonfinite(Point{0, 4}), "");
}

TEST(FormulaObjective, RefusesWhatIsNoFunctionOfItsVariables) {
  const auto refused = [](const std::string& text) {
    return test::refusal([&] { FormulaObjective f(Formula::parse(text)); });
  };
  EXPECT_EQ(refused("2 + 3"), "the formula '2 + 3' has no variables: nothing in it can change its value 5");
  EXPECT_EQ(refused("x, y"),
            "the formula 'x, y' has 2 outputs, but one is wanted here; commas separate outputs, and the decimal point "
            "is '.'");
  EXPECT_EQ(refused("sum((y - a*x)^2)"),
            "the formula 'sum((y - a*x)^2)' sums over the rows of a data table, but no data was given; give a table "
            "with the columns it names");
  EXPECT_EQ(test::refusal([] { Formula::parse("sum(x)").tape(); }),
            "the formula 'sum(x)' sums over the rows of a data table; it has no value without one");
}

// The classics of the support code, written by hand there, typed here.
TEST(FormulaObjective, AgreesWithTheClassicsWrittenByHand) {
  const std::pair<const char*, const char*> classics[] = {
      {"booth", "(x + 2y - 7)^2 + (2x + y - 5)^2"},
      {"matyas", "0.26(x^2 + y^2) - 0.48x*y"},
      {"himmelblau", "(x^2 + y - 11)^2 + (x + y^2 - 7)^2"},
      {"beale", "(1.5 - x + x*y)^2 + (2.25 - x + x*y^2)^2 + (2.625 - x + x*y^3)^2"},
      {"rosenbrock", "(1 - x)^2 + 100(y - x^2)^2"},
      {"mccormick", "sin(x + y) + (x - y)^2 - 1.5x + 2.5y + 1"},
      {"styblinski-tang", "(x^4 - 16x^2 + 5x + y^4 - 16y^2 + 5y)/2"},
      {"goldstein-price",
       "(1 + (x + y + 1)^2*(19 - 14x + 3x^2 - 14y + 6x*y + 3y^2))*"
       "(30 + (2x - 3y)^2*(18 - 32x + 12x^2 + 48y - 36x*y + 27y^2))"},
  };
  for (const auto& [name, text] : classics) {
    const support::Problem& problem = support::problem(name);
    FormulaObjective f(Formula::parse(text));
    Point g(2), expected(2);
    const double value = f.value_and_gradient(problem.start, g);
    problem.gradient(problem.start.data(), expected.data());
    EXPECT_NEAR(value, problem.value(problem.start.data()), 1e-12 * std::abs(value)) << name;
    for (int k = 0; k < 2; ++k) EXPECT_NEAR(g[k], expected[k], 1e-10 * (std::abs(g[0]) + std::abs(g[1]))) << name;
    EXPECT_NEAR(f.value(problem.minima[0]), problem.minimum, 1e-12) << name;
    Matrix<double> h = zeros<double>(2, 2);
    f.hessian(problem.minima[0], view(h));
    const double mean = (h(0, 0) + h(1, 1)) / 2, half = (h(0, 0) - h(1, 1)) / 2;
    const double largest = mean + std::sqrt(half * half + h(0, 1) * h(1, 0));
    EXPECT_NEAR(2 / largest / problem.limit, 1, 0.01) << name;
  }
}

TEST(FormulaObjective, AllocatesNothing) {
  if (!support::counts_allocations()) GTEST_SKIP() << "allocations are not counted in this build";
  FormulaObjective f(Formula::parse("sin(x)*exp(-y^2) + max(x, y)^2/(1 + z^2) + x^y"));
  const Point x = {0.5, 0.25, 2}, v = {1, 2, 3};
  Point g(3), hv(3);
  Matrix<double> h = zeros<double>(3, 3);
  const std::size_t before = support::allocations();
  f.value(x);
  f.value_and_gradient(x, g);
  f.hessian_vector(x, v, hv);
  f.hessian(x, view(h));
  EXPECT_EQ(support::allocations(), before);
}

TEST(Negated, TurnsMaximisingIntoMinimising) {
  FormulaObjective f(Formula::parse("3 - x^2 - 2y^2 + log(z)"));
  Negated<double> minus(f);
  EXPECT_EQ(minus.dimension(), 3u);
  EXPECT_EQ(minus.terms(), 1u);
  EXPECT_TRUE(minus.has_hessian());
  const Point x = {1, 2, 1}, v = {1, 1, 1};
  Point g(3), hv(3);
  EXPECT_EQ(minus.value(x), 6);
  EXPECT_EQ(minus.value_and_gradient(x, g), 6);
  EXPECT_EQ(g, (Point{2, 8, -1}));
  minus.hessian_vector(x, v, hv);
  EXPECT_EQ(hv, (Point{2, 4, 1}));
  Matrix<double> h = zeros<double>(3, 3);
  minus.hessian(x, view(h));
  EXPECT_EQ(h, (Matrix<double>{{2, 0, 0}, {0, 4, 0}, {0, 0, 1}}));
  EXPECT_EQ(minus.explain_nonfinite(Point{1, 1, -1}), "log(z) at z = -1: log of -1; it needs a number > 0");
}

class WithoutHessian final : public Objective<double> {
 public:
  std::size_t dimension() const override { return 1; }
  std::size_t terms() const override { return 1; }

 private:
  double do_value(ConstParams<double> w, Terms) override { return w[0]; }
  double do_value_and_gradient(ConstParams<double> w, Params<double> g, Terms) override {
    g[0] = 1;
    return w[0];
  }
};

TEST(Negated, PromisesNoHessianThatTheInnerLacks) {
  WithoutHessian plain;
  EXPECT_FALSE(Negated<double>(plain).has_hessian());
}

}  // namespace
}  // namespace descent
