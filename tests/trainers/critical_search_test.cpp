#include "trainers/critical_search.hpp"

#include "framework/error.hpp"
#include "framework/formula/formula_objective.hpp"
#include "tests/trainers/landscapes.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace descent {
namespace {

using support::JetObjective;
using support::KnownPoint;
using support::Landscape;

std::string text(const std::vector<double>& w) {
  std::string all;
  for (const double x : w) all += std::to_string(x) + " ";
  return all;
}

bool near(const std::vector<double>& a, const std::vector<double>& b, double tolerance) {
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!(std::abs(a[i] - b[i]) <= tolerance)) return false;
  return true;
}

// Each known one is found with its kind, and nothing else is.
void expect_all_and_nothing_else(const Landscape& l, const CriticalPoints& found) {
  std::vector<bool> known(found.points.size(), false);
  for (const KnownPoint& expected : l.points) {
    const double tolerance = expected.kind == PointKind::undecided ? 1e-3 : 1e-8;
    std::size_t hits = 0;
    for (std::size_t k = 0; k < found.points.size(); ++k) {
      if (!near(found.points[k].point.w, expected.w, tolerance)) continue;
      ++hits;
      known[k] = true;
      EXPECT_EQ(to_string(found.points[k].point.kind), to_string(expected.kind))
          << l.name << " at " << text(expected.w);
    }
    EXPECT_EQ(hits, 1u) << l.name << " at " << text(expected.w);
  }
  for (std::size_t k = 0; k < known.size(); ++k)
    EXPECT_TRUE(known[k]) << l.name << ": invented " << text(found.points[k].point.w)
                          << found.points[k].point.sentence();
}

TEST(CriticalSearch, FindsAllAndInventsNone) {
  for (const Landscape& l : support::landscapes()) {
    JetObjective f(l);
    const CriticalPoints found = find_critical_points(f, l.box);
    expect_all_and_nothing_else(l, found);
    EXPECT_EQ(found.continua.size(), l.continua.size()) << l.name << ": " << found.sentence();
    for (std::size_t k = 0; k < std::min(found.continua.size(), l.continua.size()); ++k) {
      EXPECT_NEAR(found.continua[k].value, l.continua[k], 1e-9) << l.name;
      EXPECT_GE(found.continua[k].at_least, 10u) << l.name;
      EXPECT_EQ(found.continua[k].dimensions, 1u) << l.name;
    }
    EXPECT_EQ(found.kinks.size(), l.kinks.size()) << l.name;
    for (std::size_t k = 0; k < std::min(found.kinks.size(), l.kinks.size()); ++k)
      EXPECT_TRUE(near(found.kinks[k].w, l.kinks[k], 1e-6)) << l.name;
    EXPECT_EQ(found.plateau_starts > 0, l.plateau) << l.name;
  }
  EXPECT_GE(support::landscapes().size(), 30u);
}

TEST(CriticalSearch, SixHumpCamelHasFifteen) {
  JetObjective f(
      [](const support::Jet* x) {
        const support::Jet s = square(x[0]), t = square(x[1]);
        return (4 - 2.1 * s + s * s / 3) * s + x[0] * x[1] + (4 * t - 4) * t;
      },
      2);
  const CriticalPoints found = find_critical_points(f, {{-2, -1.5}, {2, 1.5}});
  std::map<PointKind, int> kinds;
  for (const FoundPoint& p : found.points) ++kinds[p.point.kind];
  EXPECT_EQ(kinds[PointKind::minimum], 6);
  EXPECT_EQ(kinds[PointKind::maximum], 2);
  EXPECT_EQ(kinds[PointKind::saddle], 7);
  EXPECT_EQ(found.points.size(), 15u);
  EXPECT_TRUE(found.points[0].lowest && found.points[1].lowest);
  EXPECT_FALSE(found.points[2].lowest);
  EXPECT_NEAR(found.points[0].point.value, -1.031628453489877, 1e-12);
}

// Easom's: ∇f is below 1e-9 nearly everywhere, and what rounding leaves of it at the minimum is more than there.
TEST(CriticalSearch, FindsANeedleInAFlatField) {
  FormulaObjective f(Formula::parse("-cos(x)*cos(y)*exp(-(x - pi)^2 - (y - pi)^2)"));
  for (const double side : {5.0, 8.0, 10.0}) {
    const CriticalPoints found = find_critical_points(f, cube(2, -side, side));
    ASSERT_FALSE(found.points.empty()) << side;
    const FoundPoint& needle = found.points.front();
    EXPECT_TRUE(near(needle.point.w, {std::acos(-1.0), std::acos(-1.0)}, 1e-8)) << side << ": " << text(needle.point.w);
    EXPECT_EQ(needle.point.kind, PointKind::minimum);
    EXPECT_NEAR(needle.point.value, -1, 1e-14);
    EXPECT_TRUE(needle.lowest);
  }
}

TEST(CriticalSearch, TheLowestIsOneOnlyWhereTheBoundaryIsNotLower) {
  JetObjective f(support::landscape("x^3 - 3x"));
  CriticalPoints found = find_critical_points(f, cube(1, -3, 3));
  EXPECT_FALSE(found.points[0].lowest) << "f(-3) = -18";
  EXPECT_TRUE(found.lowest.on_boundary);
  EXPECT_EQ(found.lowest.value, -18);
  found = find_critical_points(f, cube(1, -1.5, 3));
  EXPECT_TRUE(found.points[0].lowest);
  EXPECT_EQ(found.points[0].point.kind, PointKind::minimum);
}

TEST(CriticalSearch, ALocalMinimumIsNotTheLowestAtAnyScale) {
  for (const char* unit : {"1e-20", "1e-10", "1", "1e10"})
    for (const char* more : {"0", "1", "1e3"}) {
      FormulaObjective f(Formula::parse(fmt::format("{}*({} + x^4 - x^2 + 0.1x)", unit, more)));
      const CriticalPoints found = find_critical_points(f, cube(1, -2, 2));
      ASSERT_EQ(found.points.size(), 3u) << unit;
      EXPECT_TRUE(found.points[0].lowest) << unit << " and " << more;
      EXPECT_FALSE(found.points[1].lowest) << unit << " and " << more;
    }
}

TEST(CriticalSearch, KeepsOnlyPointsInTheBoxItsFacesIncluded) {
  JetObjective f(support::landscape("sin(x)"));
  const double half = std::acos(-1.0) / 2;
  EXPECT_EQ(find_critical_points(f, cube(1, -half, half)).points.size(), 2u);
  EXPECT_EQ(find_critical_points(f, cube(1, -half + 1e-6, half - 1e-6)).points.size(), 0u);
}

TEST(CriticalSearch, SaysWhatItFound) {
  const auto said = [](const char* name) {
    const Landscape& l = support::landscape(name);
    JetObjective f(l);
    return find_critical_points(f, l.box).sentence();
  };
  EXPECT_EQ(said("exp(x)"), "no critical point in the box");
  EXPECT_EQ(said("abs(x)"), "no critical point in the box; 1 extreme point at a kink of f");
  EXPECT_EQ(said("5"), "no critical point in the box; f does not change at all in a part of the box");
  EXPECT_EQ(said("x^3 - 3x"), "2 critical points in the box");
  const std::string circle = said("(x^2 + y^2 - 1)^2");
  EXPECT_EQ(circle.find("1 critical point in the box; at least "), 0u) << circle;
  EXPECT_NE(circle.find(" points on a curve of critical points, where f = "), std::string::npos) << circle;
}

CriticalPoints search(const char* formula, double low, double high) {
  FormulaObjective f(Formula::parse(formula));
  return find_critical_points(f, cube(f.dimension(), low, high));
}

// The slope of x √|x| keeps its sign over its zero: no step of Newton's leads there, nor does bisection.
TEST(CriticalSearch, FindsAZeroThatTheSlopeOnlyTouches) {
  const auto expect = [](const char* formula, const std::vector<double>& w) {
    const CriticalPoints found = search(formula, -2, 2);
    ASSERT_EQ(found.points.size(), 1u) << formula << ": " << found.sentence();
    EXPECT_TRUE(near(found.points[0].point.w, w, 1e-9)) << formula;
    EXPECT_EQ(found.points[0].point.kind, PointKind::undecided) << formula;
    EXPECT_TRUE(found.continua.empty() && found.kinks.empty()) << formula << ": " << found.sentence();
  };
  for (const char* formula : {"x*sqrt(abs(x))", "1e-9*x*abs(x)^0.2", "-1e9*x*abs(x)^0.9", "relu(x)^1.5"})
    expect(formula, {0});
  expect("(x - 0.3)*sqrt(abs(x - 0.3))", {0.3});
  for (const char* formula : {"x*sqrt(abs(x)) + y^2", "x*sqrt(abs(x)) - y*sqrt(abs(y))", "abs(x)^1.5 + y*sqrt(abs(y))",
                              "x*sqrt(abs(x)) + y^2 + x*y", "(x + 2y)*sqrt(abs(x + 2y)) + (x - y)^2"})
    expect(formula, {0, 0});
  for (const char* formula : {"x*sqrt(abs(x)) + 1e-3x", "x*sqrt(abs(x) + 1e-6)", "x + sqrt(abs(x))*x"})
    EXPECT_TRUE(search(formula, -2, 2).points.empty()) << formula;
}

// A sine has 636620 of them here.
TEST(CriticalSearch, SaysWhereItCameToNoEnd) {
  const CriticalPoints found = search("sin(x)", -1e6, 1e6);
  EXPECT_FALSE(found.complete);
  EXPECT_EQ(
      found.sentence(),
      fmt::format("at least {} critical points in the box; the last starts found new ones still", found.points.size()));
  for (const char* formula : {"sin(x)", "x^4", "(x^2 + y^2 - 1)^2", "x^2*y^2", "(x - y)^4"})
    EXPECT_TRUE(search(formula, -5, 5).complete) << formula;
}

TEST(CriticalSearch, SaysThatFIsMostlyUndefined) {
  EXPECT_EQ(search("x^2", -1e200, 1e200).sentence(),
            "no critical point in the box; f is not a finite number at 400 of 401 points looked at");
  EXPECT_EQ(search("log(x)", -3, -1).sentence(),
            "no critical point in the box; f is not a finite number at 401 of 401 points looked at");
  EXPECT_EQ(search("log(x)", -1, 3).sentence(), "no critical point in the box");
}

TEST(CriticalSearch, CallsACurveACurve) {
  const auto expect = [](const char* formula, const std::string& what) {
    const std::string said = search(formula, -2, 2.1).sentence();
    EXPECT_NE(said.find(" points " + what), std::string::npos) << formula << ": " << said;
  };
  expect("(x - y)^4", "on a curve of critical points, where f = 0");
  expect("(x^2 + y^2 - 1.3)^4", "on a curve of critical points, where f = 0");
  expect("(x^2 + y^2 + z^2 - 1.3)^2", "on a surface of critical points, where f = 0");
  expect("1e-20*(x - y)^4 + 1e-20", "on a curve of critical points, where f = 1e-20");
  expect("x^3*(2y + 1)", "on a curve of critical points, where f = 0");
  EXPECT_EQ(search("x^3*(2y + 1)", -3, 3).plateau_starts, 0u) << "f is 0 on a line, and nowhere beside it";
  EXPECT_GT(search("relu(x)^3*(2y + 1)", -3, 3).plateau_starts, 0u);
  expect("relu(x)^2", "in an interval of critical points, where f = 0");
}

// f changes over 1e-9, or is 1e300 times as large.
TEST(CriticalSearch, FindsAnInfiniteCurvatureAtAnyScale) {
  for (const double unit : {1e-9, 1e-3, 1.0, 1e9}) {
    const std::string u = "(x/" + fmt::format("{}", unit) + ")";
    FormulaObjective f(Formula::parse("cos" + u + " + 0.1*abs" + u + "^1.5"));
    const CriticalPoints found = find_critical_points(f, cube(1, -unit, unit));
    ASSERT_EQ(found.points.size(), 3u) << unit << ": " << found.sentence();
    EXPECT_EQ(found.points[0].point.kind, PointKind::minimum) << unit;
    EXPECT_EQ(found.points[0].point.lambda_max(), std::numeric_limits<double>::infinity()) << unit;
    for (const std::size_t k : {1, 2}) {
      EXPECT_EQ(found.points[k].point.kind, PointKind::maximum) << unit;
      EXPECT_NEAR(std::abs(found.points[k].point.w[0]), 0.0225037985 * unit, 1e-9 * unit);
    }
  }
  for (const char* scale : {"1e-200", "1e200", "1e290"}) {
    FormulaObjective f(Formula::parse(fmt::format("{0}*abs(x)^1.5 + {0}*y^2", scale)));
    const CriticalPoints found = find_critical_points(f, cube(2, -2, 2.1));
    ASSERT_EQ(found.points.size(), 1u) << scale << ": " << found.sentence();
    EXPECT_EQ(found.points[0].point.kind, PointKind::minimum) << scale;
  }
}

std::string message(const Box& box) {
  JetObjective f(support::landscape("x^2 + y^2"));
  try {
    find_critical_points(f, box);
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::usage);
    return error.what();
  }
  return "";
}

TEST(CriticalSearch, RefusesABoxThatIsNone) {
  EXPECT_EQ(message({{-3, 3}, {3, -3}}), "the box of variable 2 goes from 3 to -3; the lower end comes first");
  EXPECT_EQ(message({{-3}, {3}}), "the box has 1 lower and 1 upper ends for 2 variables");
  EXPECT_EQ(message({{-3, 0}, {3, INFINITY}}), "the box of variable 2 goes from 0 to inf; both must be finite");
  EXPECT_EQ(message({{-3, NAN}, {3, 1}}), "the box of variable 2 goes from nan to 1; both must be finite");
  EXPECT_EQ(message({{-3, -1e308}, {3, 1e308}}),
            "the box of variable 2 goes from -1e+308 to 1e+308: its width is too large for a number");
}

}  // namespace
}  // namespace descent
