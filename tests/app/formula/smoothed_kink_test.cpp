#include "app/formula/smoothed_kink.hpp"

#include "framework/formula/formula_objective.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace descent {
namespace {

using Values = std::vector<double>;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
const double kNone = std::nan("");

std::optional<SmoothedKink> at(const std::string& formula, const Values& x) {
  const Formula typed = Formula::parse(formula);
  FormulaObjective f(typed);
  return smoothed_kink(f, typed, typed.variables(), x);
}

void expect(const std::string& formula, const Values& x, const Values& gradient, const Values& eigenvalues) {
  const auto found = at(formula, x);
  ASSERT_TRUE(found) << formula;
  for (std::size_t i = 0; i < x.size(); ++i) EXPECT_NEAR(found->gradient[i], gradient[i], 1e-12) << formula;
  ASSERT_EQ(found->eigenvalues.size(), eigenvalues.size()) << formula;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (std::isnan(eigenvalues[i]))
      EXPECT_TRUE(std::isnan(found->eigenvalues[i])) << formula << ": " << found->eigenvalues[i];
    else if (std::isinf(eigenvalues[i]))
      EXPECT_EQ(found->eigenvalues[i], eigenvalues[i]) << formula;
    else
      EXPECT_NEAR(found->eigenvalues[i], eigenvalues[i], 1e-5) << formula;
  }
}

TEST(SmoothedKink, HasTheDerivativesOfTheFormula) {
  expect("abs(x)^3", {0}, {0}, {0});
  expect("abs(x)^3 + abs(y)", {0, 1}, {0, 1}, {0, 0});
  expect("(2 + x)*abs(x)^2.5", {0}, {0}, {0});
  expect("relu(x)^1.5 + y^2", {-1, 1}, {0, 2}, {0, 2});
}

// The sweeps, and the formulas of the derivatives, take one side there, or 0.
TEST(SmoothedKink, IsNotWhatAConventionSays) {
  expect("abs(x)^2", {0}, {0}, {2});
  expect("max(x^2, x^3)", {0}, {0}, {2});
  expect("min(x, y) + max(x, y)", {1, 1}, {1, 1}, {0, 0});
  expect("x*sqrt(abs(x)) + 3x", {0}, {3}, {kNone});
}

TEST(SmoothedKink, MayHaveNoSecondDerivativeOrAnInfiniteOne) {
  expect("abs(x)^1.5", {0}, {0}, {kInfinity});
  expect("-abs(x - 1)^1.2 + y^2", {1, 3}, {0, 6}, {-kInfinity, 2});
  for (const char* formula : {"x*abs(x)", "max(x, 0)^2", "x^2*step(x)", "relu(x)^1.5"})
    expect(formula, {0}, {0}, {kNone});
}

TEST(SmoothedKink, IsNoneWhereTheFormulaHasAKink) {
  for (const char* formula : {"abs(x)", "floor(x)", "sqrt(abs(x))", "sqrt(x)", "x^1.5", "x^2 + 1e-12*abs(x)",
                              "1e-12*abs(x)", "1e6*x^2 + abs(x)", "max(x, 2x)", "x*step(x)", "step(x)"})
    EXPECT_FALSE(at(formula, {0})) << formula;
  EXPECT_FALSE(at("abs(x)^3 + abs(y)", {1, 0}));
  EXPECT_FALSE(at("abs(x - y)", {1, 1}));
  EXPECT_FALSE(at("sqrt(x^2 + y^2)", {0, 0}));
}

}  // namespace
}  // namespace descent
