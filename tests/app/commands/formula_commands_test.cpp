// derive and critical as a person runs them: answers known by hand, and bad input.

#include "tests/support/program.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <sstream>

namespace descent {
namespace {

using test::Ran;
using test::run_program;
using test::TemporaryFolder;

void expect_error(const std::vector<std::string>& arguments, const std::string& message) {
  const Ran ran = run_program(arguments);
  EXPECT_EQ(ran.code, 2) << ran.out;
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.err, "error: " + message + "\n");
}

TEST(Derive, PrintsGradientAndHessian) {
  EXPECT_EQ(run_program({"derive", "x^2 + x*y + y^2", "--order", "2"}).out,
            "f(x, y) = x^2 + x*y + y^2\ngradient = [2*x + y, x + 2*y]\nHessian = [[2, 1], [1, 2]]\n");
  EXPECT_EQ(run_program({"derive", "x^3", "--latex"}).out, "f = x^{3}\n\\frac{df}{dx} = 3 x^{2}\n");
  EXPECT_EQ(run_program({"derive", "x^2*y, x + sin(y)"}).out,
            "f(x, y) = [x^2*y, x + sin(y)]\nJ = [[2*x*y, x^2], [1, cos(y)]]\n");
}

TEST(Derive, PredictsAlongTheGradient) {
  const Ran ran = run_program({"derive", "x^2 + x*y + y^2", "--at", "y=-2, x=3", "--json"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  const auto at = nlohmann::json::parse(ran.out).at("at");
  EXPECT_EQ(at.at("f"), 7);
  EXPECT_EQ(at.at("gradient"), (std::vector<double>{4, -1}));
  EXPECT_NEAR(at.at("eigenvalues")[0], 1, 1e-12);
  EXPECT_NEAR(at.at("eigenvalues")[1], 3, 1e-12);
  // uᵀHu/2 = (16 − 4 + 1)/17 beyond the first order.
  const auto& row = at.at("predictions")[1];
  EXPECT_NEAR(row.at("true").get<double>() - row.at("predicted").get<double>(), 0.01 * 13 / 17, 1e-12);
}

TEST(Derive, SaysThatAKinkHasNoSlope) {
  const Ran ran = run_program({"derive", "abs(x)", "--at", "0"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.out, "f(x) = abs(x)\nf'(x) = sign(x)\n\nat x = 0\nf = 0\nno slope here\n");
  EXPECT_EQ(ran.err, "note: abs(x) at x = 0: no derivative at abs of 0\n");
}

TEST(Derive, KnowsAKinkThatTheFormulaSmooths) {
  const Ran ran = run_program({"derive", "abs(x)^1.5", "--at", "0"});
  EXPECT_EQ(ran.err, "");
  EXPECT_NE(ran.out.find("\nslope f' = 0\ncurvature f'' = ∞\n"), std::string::npos) << ran.out;
  const Ran jumping = run_program({"derive", "x*abs(x)", "--at", "0"});
  EXPECT_NE(jumping.out.find("\ncurvature f'' = undefined\n"), std::string::npos) << jumping.out;
  const Ran several = run_program({"derive", "abs(x)^3, min(x, 0) + max(x, 0), abs(x)", "--at", "0"});
  EXPECT_NE(several.out.find("\nJ = [[0], [1], [0]]\n"), std::string::npos) << several.out;
  EXPECT_EQ(several.err, "note: abs(x) at x = 0: no derivative at abs of 0\n");
  const Ran json = run_program({"derive", "abs(x)^1.5", "--at", "0", "--json"});
  EXPECT_EQ(nlohmann::json::parse(json.out)["at"]["eigenvalues"], nlohmann::json::array({nullptr}));
}

// Σ (y − a x − b)² over (1, 2), (2, 4) at a = 1, b = 0: residuals 1 and 2.
TEST(Derive, BindsTheColumnsOfData) {
  const test::TemporaryFolder folder;
  const std::string data = folder.write("d.csv", "x,y\n1,2\n2,4\n");
  const Ran ran =
      run_program({"derive", "sum((y - a*x - b)^2)", "--data", data, "--at", "a=1,b=0", "--order", "2", "--json"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  const auto json = nlohmann::json::parse(ran.out);
  EXPECT_EQ(json["variables"], (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(json["gradient"], (std::vector<std::string>{"sum(-2*x*(y - a*x - b))", "sum(-2*(y - a*x - b))"}));
  EXPECT_EQ(json["at"]["f"], 5);
  EXPECT_EQ(json["at"]["gradient"], (std::vector<double>{-10, -6}));
  EXPECT_NEAR(json["at"]["eigenvalues"][1].get<double>(), 7 + std::sqrt(45), 1e-12);
  expect_error({"derive", "sum(a*x)", "--at", "a=1"},
               "--at: sum(...) runs over data rows; add --data FILE.csv, or leave --at out");
}

TEST(Derive, BreaksLongFormulasBeforeSignsOnTop) {
  const Ran ran = run_program({"derive", "(1.5-x+x*y)^2+(2.25-x+x*y^2)^2+(2.625-x+x*y^3)^2", "--order", "2"});
  EXPECT_NE(ran.out.find("\ndf/dx = 2*(y - 1)*(1.5 - x + x*y) + 2*(y^2 - 1)*(2.25 - x + x*y^2)\n"
                         "    + 2*(y^3 - 1)*(2.625 - x + x*y^3)\n"),
            std::string::npos)
      << ran.out;
  EXPECT_NE(ran.out.find("\nd2f/dx2 = 2*(y - 1)^2"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("\nd2f/dx dy = 2*x*(y - 1)"), std::string::npos) << ran.out;
  EXPECT_EQ(ran.out.find("d2f/dy dx"), std::string::npos) << "it is the same";
}

TEST(Derive, KeepsToEightyColumns) {
  const Ran ran = run_program({"derive", "sin(x)^3*exp(x*y)/(1 + x^2) + log(x + y)*tanh(x*y)", "--order", "2"});
  std::istringstream lines(ran.out);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80u) << line;
}

TEST(FormulaCommands, HelpKeepsToEightyColumns) {
  for (const char* command : {"minimize", "derive", "critical", "train", "generate"}) {
    std::istringstream lines(run_program({command, "--help"}).out);
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 81u) << line;  // γ has two bytes
  }
}

TEST(Derive, RefusesBadInput) {
  expect_error({"derive", "log(x)*y", "--at", "x=-1,y=2"}, "--at: log(x) at x = -1: log of -1; it needs a number > 0");
  expect_error({"derive", "3"}, "the formula '3' has no variables to derive by; write one, like x^2");
  expect_error({"derive", "x*y", "--at", "x=1"}, "--at: a variable is missing: y; write x=NUMBER,y=NUMBER");
  expect_error({"derive", "x*y", "--at", "x=1,x=2"}, "--at: the variable x stands there twice; give it once");
  expect_error({"derive", "rate*y", "--at", "raet=1,y=2"},
               "--at: unknown variable 'raet'; did you mean 'rate'? (known: rate, y)");
  expect_error({"derive", "x", "--at", ""}, "--at is empty; write x=NUMBER");
  expect_error({"derive", "x", "--at", "nan"},
               "--at: 'nan' is not a finite number; write it like 3, -0.5, 1e-3 or pi/2");
  expect_error({"derive", "x, y", "--order", "2"}, "--order 2 needs a formula with one output; this one has 2");
  EXPECT_EQ(run_program({"derive", "x + * y"}).code, 2);
  EXPECT_EQ(run_program({"derive", "(x"}).code, 2);
}

TEST(Critical, FindsAMinimumAndASaddle) {
  EXPECT_EQ(run_program({"critical", "x^3 - 3x + y^2", "--box", "x=-3:3,y=-3:3"}).out,
            "2 critical points in the box\n\n(x, y) = (1, 0)\n  local minimum; f = -2\n  eigenvalues (2, 6)\n\n"
            "(x, y) = (-1, 0)\n  saddle; f = 2\n  eigenvalues (-6, 2)\n  downhill along ±(1, 0)\n");
}

TEST(Critical, NeverCallsAFlatDirectionAMinimum) {
  for (const char* formula : {"x^4", "x^3 - 3x*y^2"}) {
    const Ran ran = run_program({"critical", formula, "--box", "-2:2"});
    EXPECT_NE(ran.out.find("undecided: flat direction"), std::string::npos) << ran.out;
    EXPECT_EQ(ran.out.find("minimum"), std::string::npos) << ran.out;
  }
}

TEST(Critical, ReportsACurveOfThemAsSuch) {
  const Ran ran = run_program({"critical", "(x^2 + y^2 - 1)^2", "--box", "-2:2", "--json"});
  const auto json = nlohmann::json::parse(ran.out);
  EXPECT_EQ(json.at("points").size(), 1u);
  ASSERT_EQ(json.at("continua").size(), 1u);
  EXPECT_EQ(json.at("continua")[0].at("dimensions"), 1);
}

TEST(Critical, SearchesASumOverData) {
  const TemporaryFolder folder;
  const std::string csv = folder.write("line.csv", "x,y\n1,2.1\n2,3.9\n3,6.2\n4,7.8\n");
  const Ran ran = run_program({"critical", "sum((y - a*x - b)^2)", "--data", csv, "--box", "-10:10"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_NE(ran.out.find("(a, b) = (1.94, 0.15)\n  minimum, lowest in the box; f = 0.082\n"), std::string::npos)
      << ran.out;
  const std::string plot = folder.file("line.gp");
  EXPECT_EQ(run_program({"critical", "sum((y - a*x)^2)", "--data", csv, "--box", "-10:10", "--plot", plot}).code, 0);
  EXPECT_EQ(run_program({"critical", "sum((y - a*x)^2)", "--box", "-10:10"}).code, 2);
}

TEST(Critical, SaysWhatAKinkAndAJumpAre) {
  EXPECT_EQ(run_program({"critical", "floor(x) + x^2", "--box", "-2:2.1"}).out,
            "no critical point in the box; 1 jump of f\n\nx = 0\n  f jumps here, and has no slope: no critical point; "
            "f = 0\n");
  EXPECT_EQ(run_program({"critical", "-abs(x)", "--box", "-1:2"}).out,
            "no critical point in the box; 1 extreme point at a kink of f\n\nx = 0\n  at a kink, without a slope: f is "
            "nowhere higher close by; f = 0\n");
}

TEST(Critical, DrawsOneAndTwoVariables) {
  const test::TemporaryFolder folder;
  for (const char* formula : {"x^4 - 3x^2 + x", "x*y"}) {
    const Ran ran = run_program({"critical", formula, "--box", "-2:2", "--plot", "a.svg"}, folder.path());
    EXPECT_EQ(ran.code, 0);
    EXPECT_EQ(ran.err, "drawn: a.svg\n");
    EXPECT_NE(test::read_text(folder.file("a.svg")).find("Critical points of"), std::string::npos);
  }
}

TEST(Critical, RefusesBadInput) {
  expect_error({"critical", "x*y"},
               "--box is missing: where to search, such as --box -5:5, or a range for each of x, y");
  expect_error({"critical", "x^2", "--box", "2:-2"},
               "--box: the low end 2 must be below the high end -2; swap them: -2:2");
  expect_error({"critical", "x*y", "--box", "x=1:2"}, "--box: a variable is missing: y; write x=LOW:HIGH,y=LOW:HIGH");
  expect_error({"critical", "x", "--box", "x=1"}, "--box: x: found '1', but a side of a box is LOW:HIGH, like -3:3");
  expect_error({"critical", "a+b+c+d+x+y+z", "--box", "-1:1"},
               "critical points are searched for 1 to 6 variables, got 7");
  expect_error({"critical", "x+y+z", "--box", "-1:1", "--plot", "a.png"},
               "--plot draws formulas of 1 or 2 variables; this one has 3");
  EXPECT_EQ(run_program({"critical", "x", "--box", "-1:1", "--plot", "a.bmp"}).code, 2);
}

}  // namespace
}  // namespace descent
