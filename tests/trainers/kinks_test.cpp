#include "trainers/kinks.hpp"

#include "framework/formula/formula_objective.hpp"
#include "trainers/box.hpp"
#include "trainers/critical_search.hpp"

#include <fmt/format.h>
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

TEST(Kinks, WithAnInfiniteSlopeAreFound) {
  for (const char* formula : {"sqrt(abs(x))", "abs(x)^(2/3)", "sqrt(x^2)", "abs(x)^0.1 + x^2"}) {
    expect_one(formula, {0}, KinkKind::minimum);
    FormulaObjective f(Formula::parse(formula));  // a point of the grid is there
    EXPECT_EQ(find_critical_points(f, cube(1, -2, 2)).kinks.size(), 1u) << formula;
  }
  expect_one("1 - abs(x - 0.3)^0.4", {0.3}, KinkKind::maximum);
  for (const char* formula : {"sqrt(x)", "sign(x)*abs(x)^(1/3)", "sqrt(1 - x)"})
    EXPECT_TRUE(search(formula).kinks.empty()) << formula;
}

// f changes by 1e-12 or by 1e12, over 1e-9 or over 1e9.
TEST(Kinks, AreFoundAtAnyScale) {
  for (const char* unit : {"1e-12", "1e-9", "1e9", "1e12"})
    for (const char* formula : {"abs(x)", "(abs(x) + abs(y))", "(abs(x) + y^2)", "(max(x, -x) + sqrt(abs(y)))"})
      expect_one(fmt::format("{}*{}", unit, formula), {0, 0}, KinkKind::minimum);
  const CriticalPoints lines = search("1e-10*abs(x^2 - y^2) + 1e-10*abs(x - 1)");
  ASSERT_EQ(lines.kinks.size(), 2u) << lines.sentence() << ": (1, 1) and (1, -1) are no ends of a line";
  for (const double unit : {1e-9, 1e9}) {
    FormulaObjective f(Formula::parse(fmt::format("abs(x) + y^2/{}", unit)));
    const CriticalPoints found = find_critical_points(f, {{-unit, -unit}, {1.1 * unit, unit}});
    ASSERT_EQ(found.kinks.size(), 1u) << unit << ": " << found.sentence();
    EXPECT_TRUE(found.points.empty()) << unit;
    EXPECT_EQ(found.kinks[0].w, Point(2)) << unit;
  }
}

// The slope across is infinite, and the search sees little of the other variable.
TEST(Kinks, StandAtRoundNumbersWhereThoseAreNoWorse) {
  const CriticalPoints found = search("sqrt(abs(x)) + (y - 0.3)^2");
  ASSERT_EQ(found.kinks.size(), 1u);
  EXPECT_EQ(found.kinks[0].w, (Point{0, 0.3}));
}

}  // namespace
}  // namespace descent
