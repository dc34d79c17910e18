// critical finds all critical points and invents none, on functions whose points are known by hand.

#include "tests/support/program.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <map>

namespace descent {
namespace {

using nlohmann::json;

enum Kind { minimum, maximum, saddle, undecided };

struct Point {
  Kind kind;
  std::vector<double> x;
};

struct Row {
  const char* formula;
  const char* box;
  std::vector<Point> points;
};

constexpr double kPi = 3.14159265358979323846;
constexpr double kLow = -2.903534027771177, kMiddle = 0.1567312752155797, kHigh = 2.7468027525555975;
constexpr double kThird = 2 * kPi / 3;

const Row kRows[] = {
    {"x^2", "-3:3", {{minimum, {0}}}},
    {"-x^2", "-3:3", {{maximum, {0}}}},
    {"(x - 5)^2 / 2", "-10:10", {{minimum, {5}}}},
    {"x^3", "-2:2", {{undecided, {0}}}},
    {"x^4", "-2:2", {{undecided, {0}}}},
    {"x^6", "-2:2", {{undecided, {0}}}},
    {"x^3 - 3x", "-3:3", {{minimum, {1}}, {maximum, {-1}}}},
    {"x^4 - 2x^2", "-3:3", {{minimum, {1}}, {minimum, {-1}}, {maximum, {0}}}},
    {"3x^4 - 4x^3", "-2:2", {{undecided, {0}}, {minimum, {1}}}},
    {"x^5 - 5x", "-2:2", {{minimum, {1}}, {maximum, {-1}}}},
    {"sin(x)", "0:6.5", {{maximum, {kPi / 2}}, {minimum, {3 * kPi / 2}}}},
    {"x*exp(-x)", "-1:5", {{maximum, {1}}}},
    {"x^2*exp(-x)", "-1:5", {{minimum, {0}}, {maximum, {2}}}},
    {"exp(-x^2)", "-3:3", {{maximum, {0}}}},
    {"exp(-x)", "-5:30", {}},
    {"2x + 1", "-3:3", {}},
    {"x + 1/x", "0.1:5", {{minimum, {1}}}},
    {"x*log(x)", "0.01:3", {{minimum, {1 / std::exp(1.0)}}}},
    {"exp(x) - x", "-3:3", {{minimum, {0}}}},
    {"cosh(x - 1)", "-3:3", {{minimum, {1}}}},
    {"log(x^2 + 1)", "-4:4", {{minimum, {0}}}},
    {"sqrt(1 + (x + 2)^2)", "-4:4", {{minimum, {-2}}}},
    {"x^2 + y^2", "-3:3", {{minimum, {0, 0}}}},
    {"x^2 - y^2", "-3:3", {{saddle, {0, 0}}}},
    {"x*y", "-3:3", {{saddle, {0, 0}}}},
    {"x^2 + x*y + y^2", "-3:3", {{minimum, {0, 0}}}},
    {"x^4 + y^4", "-2:2", {{undecided, {0, 0}}}},
    {"x^2 + y^4", "-2:2", {{undecided, {0, 0}}}},
    {"x^3 - 3x*y^2", "-2:2", {{undecided, {0, 0}}}},
    {"x^3 - 3x + y^2", "-3:3", {{minimum, {1, 0}}, {saddle, {-1, 0}}}},
    {"x^3 + y^3 - 3x*y", "-3:3", {{minimum, {1, 1}}, {saddle, {0, 0}}}},
    {"x^4 + y^4 - 4x*y", "-2:2", {{minimum, {1, 1}}, {minimum, {-1, -1}}, {saddle, {0, 0}}}},
    {"(x^2 - 1)^2 + y^2", "-2:2", {{minimum, {1, 0}}, {minimum, {-1, 0}}, {saddle, {0, 0}}}},
    {"x^2*y + y^2 + 2y", "-3:3", {{saddle, {0, -1}}}},
    {"sin(x)*sin(y)", "0.1:3", {{maximum, {kPi / 2, kPi / 2}}}},
    {"(x + 2y - 7)^2 + (2x + y - 5)^2", "-10:10", {{minimum, {1, 3}}}},
    {"0.26 (x^2 + y^2) - 0.48 x y", "-10:10", {{minimum, {0, 0}}}},
    {"100 (y - x^2)^2 + (1 - x)^2", "-2:2", {{minimum, {1, 1}}}},
    {"(1.5 - x + x y)^2 + (2.25 - x + x y^2)^2 + (2.625 - x + x y^3)^2", "x=2:4,y=0:1", {{minimum, {3, 0.5}}}},
    {"(x^2 + y - 11)^2 + (x + y^2 - 7)^2",
     "-5:5",
     {{minimum, {3, 2}},
      {minimum, {-2.8051180869, 3.1313125183}},
      {minimum, {-3.7793102534, -3.2831859913}},
      {minimum, {3.5844283403, -1.8481265270}},
      {maximum, {-0.2708445907, -0.9230385565}},
      {saddle, {0.0866775046, 2.8842547012}},
      {saddle, {3.3851541842, 0.0738518798}},
      {saddle, {-3.0730257508, -0.0813530447}},
      {saddle, {-0.1279613467, -1.9537149804}}}},
    {"sin(x + y) + (x - y)^2 - 1.5x + 2.5y + 1",
     "-3:3",
     {{minimum, {(1 - kThird) / 2, (-1 - kThird) / 2}},
      {saddle, {(1 + kThird) / 2, (-1 + kThird) / 2}},
      {minimum, {(1 + 2 * kThird) / 2, (-1 + 2 * kThird) / 2}},
      {saddle, {(1 - 2 * kThird) / 2, (-1 - 2 * kThird) / 2}}}},
    {"((x^4 - 16x^2 + 5x) + (y^4 - 16y^2 + 5y)) / 2",
     "-5:5",
     {{minimum, {kLow, kLow}},
      {minimum, {kLow, kHigh}},
      {minimum, {kHigh, kLow}},
      {minimum, {kHigh, kHigh}},
      {maximum, {kMiddle, kMiddle}},
      {saddle, {kLow, kMiddle}},
      {saddle, {kMiddle, kLow}},
      {saddle, {kHigh, kMiddle}},
      {saddle, {kMiddle, kHigh}}}},
    {"x^2 + y^2 + z^2 - x", "-3:3", {{minimum, {0.5, 0, 0}}}},
    {"x^2 + y^2 - z^2", "-3:3", {{saddle, {0, 0, 0}}}},
    {"x^4 + y^2 + z^2", "-2:2", {{undecided, {0, 0, 0}}}},
    {"x^2 + y^2 + z^2 + x y z",
     "-3:3",
     {{minimum, {0, 0, 0}}, {saddle, {-2, 2, 2}}, {saddle, {2, -2, 2}}, {saddle, {2, 2, -2}}, {saddle, {-2, -2, -2}}}},
    {"(a^2 - 1)^2 + b^2 + c^2 + d^2",
     "-2:2",
     {{minimum, {1, 0, 0, 0}}, {minimum, {-1, 0, 0, 0}}, {saddle, {0, 0, 0, 0}}}},
    {"a^2 + 2b^2 + 3c^2 + 4d^2 + (p - 1)^2", "-2:2", {{minimum, {0, 0, 0, 0, 1}}}},
    {"a b + c^2 + d^2 + p^2", "-2:2", {{saddle, {0, 0, 0, 0, 0}}}},
    {"-a^2 - b^2 - c^2 - d^2 - p^2 - q^2 + q", "-2:2", {{maximum, {0, 0, 0, 0, 0, 0.5}}}},
    {"a^2 + b^2 + c^2 + d^2 + p^2 + q^3 - 3q", "-2:2", {{minimum, {0, 0, 0, 0, 0, 1}}, {saddle, {0, 0, 0, 0, 0, -1}}}},
    {"abs(x)^1.5", "-2:2", {{minimum, {0}}}},
    {"-abs(x)^1.5", "-2:2.1", {{maximum, {0}}}},
    {"abs(x - 1)^1.5", "-2:2.1", {{minimum, {1}}}},
    {"abs(x - 1/3)^1.2 + 3", "-2:2.1", {{minimum, {1.0 / 3}}}},
    {"abs(x)^1.9", "-2:2.1", {{minimum, {0}}}},
    {"cos(x) + 0.1 abs(x)^1.5", "-1:1", {{minimum, {0}}, {maximum, {-0.0225037985}}, {maximum, {0.0225037985}}}},
    {"abs(x)^1.5 + y^2", "-2:2.1", {{minimum, {0, 0}}}},
    {"abs(x)^1.5 - y^2", "-2:2.1", {{saddle, {0, 0}}}},
    {"abs(x)^1.5 - abs(y)^1.5", "-2:2.1", {{saddle, {0, 0}}}},
    {"abs(x)^1.5 + y^4", "-2:2.1", {{undecided, {0, 0}}}},
    {"abs(2x + y - 0.3)^1.5 + (x - 3y)^2", "-2:2.1", {{minimum, {0.9 / 7, 0.3 / 7}}}},
    {"abs(x^2 - y)^1.5 + (x - 1)^2", "-2:2.1", {{minimum, {1, 1}}}},
    {"(x^2 + y^2)^0.75 + z^2", "-2:2", {{minimum, {0, 0, 0}}}},
    {"abs(a)^1.5 + b^2 + c^2 + d^2", "-2:2.1", {{minimum, {0, 0, 0, 0}}}},
};

TEST(CriticalKnown, FindsAllAndInventsNone) {
  const char* const names[] = {"minimum", "maximum", "saddle", "undecided"};
  EXPECT_GE(std::size(kRows), 30u);
  for (const Row& row : kRows) {
    const test::Ran ran = test::run_program({"critical", row.formula, "--box", row.box, "--json"});
    ASSERT_EQ(ran.code, 0) << row.formula << ran.err;
    const json found = json::parse(ran.out);
    EXPECT_EQ(found["points"].size(), row.points.size()) << row.formula << ' ' << found["points"];
    EXPECT_TRUE(found["continua"].empty()) << row.formula;
    const auto variables = found["variables"].get<std::vector<std::string>>();
    for (const Point& point : row.points) {
      const bool met = std::ranges::any_of(found["points"], [&](const json& each) {
        // Degenerate points are known less well: rounding moves them.
        const double within = point.kind == undecided ? 1e-3 : 1e-6;
        for (std::size_t i = 0; i < variables.size(); ++i)
          if (std::abs(each["x"][variables[i]].get<double>() - point.x[i]) > within) return false;
        return each["kind"] == names[point.kind];
      });
      EXPECT_TRUE(met) << row.formula << ": " << names[point.kind] << ' ' << json(point.x) << ' ' << found["points"];
    }
  }
}

}  // namespace
}  // namespace descent
