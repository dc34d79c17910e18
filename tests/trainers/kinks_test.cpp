#include "trainers/kinks.hpp"

#include "framework/formula/formula_objective.hpp"
#include "trainers/box.hpp"
#include "trainers/critical_search.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

namespace descent {
namespace {

using Point = std::vector<double>;

CriticalPoints search(const std::string& formula) {
  FormulaObjective f(Formula::parse(formula));
  return find_critical_points(f, cube(f.dimension(), -2, 2.1));
}

void expect_one(const std::string& formula, const Point& w, KinkKind kind) {
  const CriticalPoints found = search(formula);
  ASSERT_EQ(found.kinks.size(), 1u) << formula << ": " << found.sentence();
  EXPECT_EQ(to_string(found.kinks[0].kind), to_string(kind)) << formula;
  EXPECT_TRUE(found.kinks[0].isolated) << formula;
  for (std::size_t i = 0; i < w.size(); ++i) EXPECT_NEAR(found.kinks[0].w[i], w[i], 1e-7) << formula;
}

TEST(Kinks, OfOneVariableAreAllFound) {
  const CriticalPoints found = search("abs(x^2 - 1)");
  ASSERT_EQ(found.kinks.size(), 2u);
  for (const Kink& kink : found.kinks) {
    EXPECT_EQ(kink.kind, KinkKind::minimum);
    EXPECT_NEAR(std::abs(kink.w[0]), 1, 1e-9);
    EXPECT_EQ(kink.value, 0);
  }
  EXPECT_EQ(found.sentence(), "1 critical point in the box; 2 extreme points at a kink of f");
}

// Where a start of the search happens to be at one, too.
TEST(Kinks, StandInOrderOfTheirValues) {
  FormulaObjective f(Formula::parse("min(abs(x) + 1, abs(x - 2))"));
  const CriticalPoints found = find_critical_points(f, cube(1, -4, 4));
  ASSERT_EQ(found.kinks.size(), 3u);
  EXPECT_EQ(found.kinks[0].value, 0);
  EXPECT_EQ(found.kinks[1].value, 1);
  EXPECT_NEAR(found.kinks[2].value, 1.5, 1e-9);
}

TEST(Kinks, ThatPointUpAreNoMinima) {
  expect_one("-abs(x)", {0}, KinkKind::maximum);
  expect_one("-abs(x) - abs(y)", {0, 0}, KinkKind::maximum);
  expect_one("-sqrt(x^2 + y^2)", {0, 0}, KinkKind::maximum);
}

// A search along the axes is stuck everywhere on the line x = y.
TEST(Kinks, OfARidgeAreAtItsLowestPoint) {
  expect_one("max(x, y) + x^2 + y^2", {-0.25, -0.25}, KinkKind::minimum);
  expect_one("max(x, 2y) + x^2 + y^2", {-0.4, -0.2}, KinkKind::minimum);
  expect_one("abs(x - y) + (x + y)^2", {0, 0}, KinkKind::minimum);
  expect_one("abs(1 - x) + 100 abs(y - x^2)", {1, 1}, KinkKind::minimum);
}

TEST(Kinks, OfSeveralVariablesAtOnceAreFound) {
  expect_one("abs(a) + abs(b) + abs(c) + (k - 1)^2", {0, 0, 0, 1}, KinkKind::minimum);
}

TEST(Kinks, ALineOfThemIsOne) {
  const CriticalPoints found = search("abs(x - y)");
  ASSERT_EQ(found.kinks.size(), 1u);
  EXPECT_FALSE(found.kinks[0].isolated);
}

// The gradient is steep beyond all bounds, but it does not jump; and a line of such points is one.
TEST(Kinks, OfTheGradientAreNoKinks) {
  for (const char* formula : {"abs(x)^1.5", "abs(x - 0.1)^1.2 + y^2", "abs(x^2 + y^2 - 1.3)^1.4"}) {
    const CriticalPoints found = search(formula);
    EXPECT_TRUE(found.kinks.empty()) << formula;
    EXPECT_EQ(found.points.size(), 1u) << formula << ": " << found.sentence();
  }
  for (const char* formula : {"abs(3x + y - 0.7)^1.5", "abs(7x - 3y + 0.2)^1.3", "abs(y - x^2)^1.5"}) {
    const CriticalPoints found = search(formula);
    EXPECT_TRUE(found.points.empty()) << formula << ": " << found.sentence();
    ASSERT_EQ(found.continua.size(), 1u) << formula;
    EXPECT_EQ(found.continua[0].dimensions, 1u) << formula;
  }
}

TEST(Kinks, WithAWayDownOrAtAPoleAreNone) {
  for (const char* formula : {"x + abs(x)/2", "abs(x) - abs(y)", "abs(x)^1.5 - abs(y)", "1/x^2", "log(x^2)", "tan(x)"})
    EXPECT_TRUE(search(formula).kinks.empty()) << formula;
}

// The slope of floor(x) + x² is 0 at 0, and it is lower by 1 just before that.
TEST(Kinks, AJumpIsNeverAMinimum) {
  for (const char* formula : {"floor(x) + x^2", "sign(x) + x^2", "x^2 - 1e-9*step(x)"})
    expect_one(formula, {0}, KinkKind::jump);
  const CriticalPoints found = search("floor(x) + x^2");
  EXPECT_TRUE(found.points.empty());
  EXPECT_EQ(found.sentence(), "no critical point in the box; 1 jump of f");
  FormulaObjective f(Formula::parse("floor(x) + x^2"));
  EXPECT_EQ(classify(f, Point{0}).kind, PointKind::jump);
  EXPECT_EQ(classify(f, Point{1e-12}).kind, PointKind::jump);
  EXPECT_EQ(classify(f, Point{1e-12}).sentence(), "not a critical point: f jumps here, it has no slope");
}

TEST(Kinks, AreKnownFromNearBy) {
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

TEST(Kinks, SteepIsNoJump) {
  for (const char* formula : {"sqrt(abs(x))", "1e6*x", "1e6 + 1e-6*x", "abs(x)^0.1"}) {
    FormulaObjective f(Formula::parse(formula));
    EXPECT_FALSE(value_jumps(f, Point{0})) << formula;
  }
}

}  // namespace
}  // namespace descent
