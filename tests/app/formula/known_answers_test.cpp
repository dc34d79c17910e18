// Problems with known answers through the command line: test functions, quadratics, the stability limit.

#include "tests/support/problems.hpp"
#include "tests/support/program.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>

namespace descent {
namespace {

using nlohmann::json;
using test::Ran;
using test::run_program;

struct Known {
  const char* formula;
  const char* start;
  std::vector<std::pair<double, double>> minima;  // (x, y); one of them is to be reached
  double value;
  double limit;  // 2/λmax at the first of them
};

const Known kKnown[] = {
    {"(x + 2y - 7)^2 + (2x + y - 5)^2", "x=-8,y=9", {{1, 3}}, 0, 1.0 / 9},
    {"0.26 (x^2 + y^2) - 0.48 x y", "x=-8,y=9", {{0, 0}}, 0, 2},
    {"(x^2 + y - 11)^2 + (x + y^2 - 7)^2",
     "x=0,y=0",
     {{3, 2},
      {-2.805118086952745, 3.131312518250573},
      {-3.779310253377747, -3.283185991286170},
      {3.584428340330492, -1.848126526964404}},
     0,
     2 / (54 + std::sqrt(800.0))},
    {"(1.5 - x + x y)^2 + (2.25 - x + x y^2)^2 + (2.625 - x + x y^3)^2", "x=1,y=1", {{3, 0.5}}, 0, 0.0408332},
    {"100 (y - x^2)^2 + (1 - x)^2", "x=-1.2,y=1", {{1, 1}}, 0, 0.0019968},
    {"sin(x + y) + (x - y)^2 - 1.5x + 2.5y + 1",
     "x=-0.3,y=-1.3",
     {{-0.5471975512, -1.5471975512}},
     -1.9132229549810367,
     0.5},
    {"((x^4 - 16x^2 + 5x) + (y^4 - 16y^2 + 5y)) / 2",
     "x=-1,y=-1",
     {{-2.903534027771177, -2.903534027771177}},
     -78.33233140754285,
     2 / (6 * 2.903534027771177 * 2.903534027771177 - 16)},
    {"(1 + (x + y + 1)^2 (19 - 14x + 3x^2 - 14y + 6x y + 3y^2)) "
     "(30 + (2x - 3y)^2 (18 - 32x + 12x^2 + 48y - 36x y + 27y^2))",
     "x=0.2,y=-1.2",
     {{0, -1}},
     3,
     0.00207218},
};

json minimize_json(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "minimize");
  arguments.push_back("--json");
  return json::parse(run_program(arguments).out, nullptr, false);
}

TEST(KnownAnswers, AreReachedByEveryMethod) {
  for (const Known& known : kKnown)
    for (const char* method : {"steepest", "cg", "lbfgs", "newton"}) {
      const json run = minimize_json({known.formula, "--start", known.start, "--method", method});
      const double x = run["x"]["x"].get<double>(), y = run["x"]["y"].get<double>();
      double nearest = 1;
      for (const auto& [a, b] : known.minima) nearest = std::min(nearest, std::hypot(x - a, y - b));
      EXPECT_LE(nearest, 1e-6) << method << ' ' << known.formula << run["x"];
      EXPECT_NEAR(run["f"].get<double>(), known.value, 1e-10) << method << ' ' << known.formula;
      EXPECT_EQ(run["status"], "converged") << method << ' ' << known.formula;
      EXPECT_EQ(run["verdict"], "local minimum") << method << ' ' << known.formula;
    }
}

TEST(KnownAnswers, HaveTheirStabilityLimits) {
  for (const Known& known : kKnown) {
    const auto [x, y] = known.minima.front();
    const json run =
        minimize_json({known.formula, "--start", fmt::format("x={},y={}", x + 1e-3, y), "--method", "newton"});
    EXPECT_NEAR(run["limit"].get<double>() / known.limit, 1, 0.01) << known.formula;
  }
}

TEST(KnownAnswers, OfTheBowlAreExact) {
  const Ran ran = run_program({"derive", "x^2 + x y + y^2", "--order", "2", "--at", "x=3,y=-2", "--json"});
  const json derived = json::parse(ran.out);
  EXPECT_EQ(derived["gradient"], json({"2*x + y", "x + 2*y"}));
  EXPECT_EQ(derived["hessian"], json::parse(R"([["2", "1"], ["1", "2"]])"));
  EXPECT_EQ(derived["at"]["gradient"], json({4.0, -1.0}));
  const json run = minimize_json({"x^2 + x y + y^2", "--start", "x=3,y=-2", "--learning-rate", "0.1", "--steps", "1"});
  EXPECT_EQ(run["path"][1][0].get<double>(), 3 - 0.1 * 4);
  EXPECT_EQ(run["path"][1][1].get<double>(), -2 + 0.1 * 1);
}

// ½ wᵀA w − bᵀw as somebody would type it, with all digits.
struct Typed {
  std::string formula, start;
  std::vector<double> w0;
};

Typed typed(support::Quadratic<double>& f) {
  const std::size_t n = f.dimension();
  Matrix<double> a = Matrix<double>::from_shape({n, n});
  std::vector<double> zero(n, 0.0), g(n);
  f.hessian(zero, view(a));
  f.value_and_gradient(zero, g);
  Typed text;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = i; j < n; ++j)
      text.formula += fmt::format(" + ({}) x{} x{}", i == j ? a(i, i) / 2 : a(i, j), i + 1, j + 1);
    text.formula += fmt::format(" + ({}) x{}", g[i], i + 1);
    text.w0.push_back(f.minimizer()[i] + (i % 2 == 0 ? 1.0 : -0.5));
    text.start += fmt::format("{}x{}={}", i == 0 ? "" : ",", i + 1, text.w0.back());
  }
  text.formula.erase(0, 3);
  return text;
}

constexpr int kQuadratics = 50;

support::Quadratic<double> quadratic(int number) {
  const double part = number / (kQuadratics - 1.0);
  return {static_cast<std::size_t>(2 + number % 19), std::pow(10.0, 4 * part), static_cast<std::uint64_t>(number)};
}

TEST(Quadratics, FollowTheClosedFormForAThousandSteps) {
  for (int number = 0; number < kQuadratics; ++number) {
    auto f = quadratic(number);
    const Typed text = typed(f);
    const double gamma = 1 / f.eigenvalues().back();
    const json run = minimize_json({text.formula, "--start", text.start, "--learning-rate", fmt::format("{}", gamma),
                                    "--steps", "999", "--tolerance", "0"});
    const auto& path = run["path"];
    ASSERT_GE(path.size(), 2u) << run["sentence"];
    double worst = 0;
    for (std::size_t k = 0; k < path.size(); ++k) {
      const std::vector<double> w = f.descended(text.w0, gamma, k);
      for (std::size_t i = 0; i < w.size(); ++i) worst = std::max(worst, std::abs(path[k][i].get<double>() - w[i]));
    }
    EXPECT_LE(worst, 1e-10) << number;
  }
}

TEST(Quadratics, ConvergeBelowTheLimitAndDivergeAboveIt) {
  for (int number = 0; number < kQuadratics; ++number) {
    auto f = quadratic(number);
    const Typed text = typed(f);
    for (const double factor : {1 - 1e-3, 1 + 1e-3}) {
      const double gamma = factor * 2 / f.eigenvalues().back();
      const json run = minimize_json(
          {text.formula, "--start", text.start, "--learning-rate", fmt::format("{}", gamma), "--steps", "1000000"});
      EXPECT_EQ(run["status"], factor < 1 ? "converged" : "diverged") << number << ' ' << run["sentence"];
    }
  }
}

}  // namespace
}  // namespace descent
