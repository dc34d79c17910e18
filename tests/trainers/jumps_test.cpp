#include "trainers/jumps.hpp"

#include "framework/formula/formula_objective.hpp"

#include <gtest/gtest.h>

#include <string>

namespace descent {
namespace {

using Point = std::vector<double>;

TEST(Jumps, AreKnownFromNearBy) {
  const auto jumps = [](const char* formula, const Point& w, double distance) {
    FormulaObjective f(Formula::parse(formula));
    return jumps_within(f, w, distance);
  };
  for (const char* formula :
       {"abs(x)", "1e6*x^2 + abs(x)", "floor(x) + x^2", "sqrt(abs(x))", "x*step(x)", "max(x, 2*x)"})
    for (const double x : {0.0, 1e-6}) EXPECT_TRUE(jumps(formula, {x}, 0)) << formula << " at " << x;
  for (const char* formula : {"abs(x)^1.5", "x*abs(x)", "max(x, 0)^2", "1e8*x^2", "exp(x)", "x", "1e12 + x^2"})
    for (const double x : {0.0, 1e-6}) EXPECT_FALSE(jumps(formula, {x}, 0)) << formula << " at " << x;
  EXPECT_FALSE(jumps("abs(x)", {0.5}, 0.25));
  EXPECT_TRUE(jumps("abs(x)", {0.5}, 0.75));
  EXPECT_TRUE(jumps("abs(x - y)", {1, 1}, 0));
  EXPECT_FALSE(jumps("abs(x - y)^1.5 + x*y", {1, 1}, 0));
  std::string many = "abs(x20)";  // beyond the axes that are looked along
  for (int i = 1; i < 20; ++i) many = "x" + std::to_string(i) + "^2 + " + many;
  EXPECT_TRUE(jumps(many.c_str(), Point(20), 0));
}

TEST(Jumps, SteepIsNone) {
  for (const char* formula : {"sqrt(abs(x))", "1e6*x", "1e6 + 1e-6*x", "abs(x)^0.1"}) {
    FormulaObjective f(Formula::parse(formula));
    EXPECT_FALSE(value_jumps(f, Point{0})) << formula;
  }
}

TEST(Jumps, OfTheGradientAreKnownAtAnyScale) {
  const auto jumps = [](const std::string& formula, double x, double size = 1) {
    FormulaObjective f(Formula::parse(formula));
    return gradient_jumps(f, Point{x}, size);
  };
  for (const char* unit : {"1e-200*", "1e-12*", "", "1e12*", "1e200*"}) {
    for (const char* formula : {"abs(x)", "max(x, 2x)", "(1e-6*abs(x) + x^2)", "(exp(x) + abs(x))"})
      EXPECT_TRUE(jumps(std::string(unit) + formula, 0)) << unit << formula;
    for (const char* formula : {"x^2", "(x - 1)^6", "(x + x^3)", "exp(x)", "abs(x)^1.5", "x"})
      EXPECT_FALSE(jumps(std::string(unit) + formula, 0)) << unit << formula;
  }
  EXPECT_TRUE(jumps("1e9*x^2 + abs(x)", 0, 1e-9)) << "which a length of 1 hides";
  for (int i = 0; i < 200; ++i)  // all that is left of ∇f is rounding
    EXPECT_FALSE(jumps("x^6 - 60x^5 + 1500x^4 - 20000x^3 + 150000x^2 - 600000x + 1e6", 10 + 1e-9 * i)) << i;
}

TEST(Jumps, AtAPointAreKnownHoweverSmall) {
  const auto jumps = [](const char* formula, const Point& w) {
    FormulaObjective f(Formula::parse(formula));
    return jumps_at(f, w);
  };
  for (const char* formula : {"abs(x)", "1e6*x^2 + 1e-3*abs(x)", "1e-12*abs(x)", "x^2 + 1e-9*step(x)", "sqrt(x)",
                              "sqrt(abs(x))", "exp(x) + 1e-9*relu(x)"})
    EXPECT_TRUE(jumps(formula, {0})) << formula;
  for (const char* formula :
       {"abs(x)^3", "abs(x)^1.1", "x*sqrt(abs(x))", "max(x^2, x^3)", "1e9*x^2 + x", "exp(x)", "abs(x) + 2*min(x, 0)"})
    EXPECT_FALSE(jumps(formula, {0})) << formula;
  EXPECT_TRUE(jumps("abs(x - y)", {3, 3}));
  EXPECT_FALSE(jumps("min(x, y) + max(x, y) + x*y", {3, 3}));
}

TEST(Jumps, APoleIsNone) {
  for (const char* formula : {"1/x", "tan(x + pi/2)", "1/x^3", "1/x^2", "log(x^2)", "1/x + floor(y)"}) {
    FormulaObjective f(Formula::parse(formula));
    for (const double x : {-5e-13, 3e-12, 1e-9}) {
      Point w(f.dimension(), 0.5);
      w[0] = x;
      EXPECT_FALSE(value_jumps(f, w)) << formula << " at " << x;
      EXPECT_FALSE(gradient_jumps(f, w)) << formula << " at " << x;
    }
  }
  FormulaObjective beside(Formula::parse("1/x + floor(y)"));
  EXPECT_TRUE(value_jumps(beside, Point{1e-12, 1}));
}

}  // namespace
}  // namespace descent
