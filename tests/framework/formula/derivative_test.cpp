#include "framework/formula/derivative.hpp"

#include "framework/formula/formula.hpp"
#include "framework/formula/printer.hpp"
#include "tests/support/refusal.hpp"

#include <gtest/gtest.h>

namespace descent {
namespace {

using formula::Expr;
using formula::to_text;

std::vector<std::string> gradient(const std::string& text) {
  std::vector<std::string> result;
  for (const Expr& slope : Formula::parse(text).gradient()) result.push_back(to_text(slope));
  return result;
}
using Texts = std::vector<std::string>;

std::string hessian(const std::string& text) {
  std::string result;
  for (const auto& row : Formula::parse(text).hessian()) {
    std::string line;
    for (const Expr& entry : row) line += (line.empty() ? "" : ", ") + to_text(entry);
    result += (result.empty() ? "[" : ", [") + line + "]";
  }
  return "[" + result + "]";
}

TEST(Derivative, ReadsAsATeacherWouldWriteIt) {
  EXPECT_EQ(gradient("x^2 + x*y + y^2"), (Texts{"2*x + y", "x + 2*y"}));
  EXPECT_EQ(gradient("(1-x)^2 + 100*(y-x^2)^2"), (Texts{"-2*(1 - x) - 400*x*(y - x^2)", "200*(y - x^2)"}));
  EXPECT_EQ(gradient("sin(x)*exp(-y^2) + log(1+x^2) + abs(x)"),
            (Texts{"cos(x)*exp(-y^2) + 2*x/(1 + x^2) + sign(x)", "-2*y*sin(x)*exp(-y^2)"}));
  EXPECT_EQ(gradient("(x+2y-7)^2 + (2x+y-5)^2"), (Texts{"10*x + 8*y - 34", "8*x + 10*y - 38"}));
  EXPECT_EQ(gradient("0.26*(x^2+y^2) - 0.48*x*y"), (Texts{"0.52*x - 0.48*y", "0.52*y - 0.48*x"}));
  EXPECT_EQ(gradient("(x^2+y-11)^2 + (x+y^2-7)^2"),
            (Texts{"4*x*(x^2 + y - 11) + 2*(x + y^2 - 7)", "2*(x^2 + y - 11) + 4*y*(x + y^2 - 7)"}));
  EXPECT_EQ(gradient("sin(x+y) + (x-y)^2 - 1.5x + 2.5y + 1"),
            (Texts{"cos(x + y) + 2*(x - y) - 1.5", "cos(x + y) - 2*(x - y) + 2.5"}));
  EXPECT_EQ(gradient("x^3 - 3x y^2"), (Texts{"3*x^2 - 3*y^2", "-6*x*y"}));
  EXPECT_EQ(gradient("x^4 - 3x^2 + x"), Texts{"4*x^3 - 6*x + 1"});
  EXPECT_EQ(gradient("x^3/3 + 0.1x^3"), Texts{"1.3*x^2"});
  EXPECT_EQ(gradient("x*log(x)"), Texts{"log(x) + 1"}) << "true wherever x*log(x) has a value";
  EXPECT_EQ(gradient("1/x"), Texts{"-1/x^2"});
  EXPECT_EQ(gradient("x*y/(x + y)"), (Texts{"y^2/(x + y)^2", "x^2/(x + y)^2"}));
  EXPECT_EQ(gradient("sqrt(x^2 + y^2)"), (Texts{"x/sqrt(x^2 + y^2)", "y/sqrt(x^2 + y^2)"}));
  EXPECT_EQ(gradient("x^y"), (Texts{"y*x^(y - 1)", "x^y*log(x)"}));
  EXPECT_EQ(gradient("2^x"), Texts{"log(2)*2^x"});
  EXPECT_EQ(gradient("e^(-x^2)"), Texts{"-2*x*e^(-x^2)"});
  EXPECT_EQ(gradient("x^(1/3)"), Texts{"1/(3*x^(2/3))"});
  EXPECT_EQ(gradient("pi*x^2"), Texts{"2*pi*x"});
  EXPECT_EQ(gradient("7 + 0*x"), Texts{"0"});
}

TEST(Derivative, KnowsEveryFunction) {
  const std::pair<const char*, const char*> rows[] = {
      {"sin", "cos(x)"},
      {"cos", "-sin(x)"},
      {"tan", "1 + tan(x)^2"},
      {"asin", "1/sqrt(1 - x^2)"},
      {"acos", "-1/sqrt(1 - x^2)"},
      {"atan", "1/(1 + x^2)"},
      {"sinh", "cosh(x)"},
      {"cosh", "sinh(x)"},
      {"tanh", "1 - tanh(x)^2"},
      {"exp", "exp(x)"},
      {"log", "1/x"},
      {"log2", "1/(log(2)*x)"},
      {"log10", "1/(log(10)*x)"},
      {"sqrt", "1/(2*sqrt(x))"},
      {"abs", "sign(x)"},
      {"sign", "0"},
      {"step", "0"},
      {"relu", "step(x)"},
      {"sigmoid", "sigmoid(x)*(1 - sigmoid(x))"},
      {"softplus", "sigmoid(x)"},
      {"erf", "2*exp(-x^2)/sqrt(pi)"},
      {"floor", "0"},
  };
  std::size_t unary = 0;
  for (const formula::Function& row : formula::functions()) unary += row.value != nullptr;
  EXPECT_EQ(std::size(rows), unary) << "a row is missing here";
  for (const auto& [name, derivative] : rows) EXPECT_EQ(gradient(std::string(name) + "(x)"), Texts{derivative}) << name;
  EXPECT_EQ(gradient("max(x, y)"), (Texts{"step(x - y)", "1 - step(x - y)"}));
  EXPECT_EQ(gradient("min(x, y)"), (Texts{"step(y - x)", "1 - step(y - x)"}));
  EXPECT_EQ(gradient("sum((y - a*x)^2)"), (Texts{"sum(2*(y - a*x))", "sum(-2*x*(y - a*x))", "sum(-2*a*(y - a*x))"}))
      << "the derivative of a sum is the sum of the derivatives";
}

TEST(Derivative, AppliesTheChainRule) {
  EXPECT_EQ(gradient("sin(x^2)"), Texts{"2*x*cos(x^2)"});
  EXPECT_EQ(gradient("tanh(2x + y)"), (Texts{"2*(1 - tanh(2*x + y)^2)", "1 - tanh(2*x + y)^2"}));
  EXPECT_EQ(gradient("log(sin(x))"), Texts{"cos(x)/sin(x)"});
  EXPECT_EQ(gradient("relu(1 - x)"), Texts{"-step(1 - x)"});
}

TEST(Derivative, HessiansAreShortToo) {
  EXPECT_EQ(hessian("x^2 + x*y + y^2"), "[[2, 1], [1, 2]]");
  EXPECT_EQ(hessian("(1-x)^2 + 100*(y-x^2)^2"), "[[2 + 1200*x^2 - 400*y, -400*x], [-400*x, 200]]");
  EXPECT_EQ(hessian("(x^2+y-11)^2 + (x+y^2-7)^2"), "[[12*x^2 + 4*y - 42, 4*x + 4*y], [4*x + 4*y, 4*x + 12*y^2 - 26]]");
  EXPECT_EQ(hessian("x^3 - 3x y^2"), "[[6*x, -6*y], [-6*y, -6*x]]");
}

TEST(Derivative, JacobiansHaveARowForEachOutput) {
  const auto rows = Formula::parse("x^2*y, x + sin(y)").jacobian();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(to_text(rows[0][0]), "2*x*y");
  EXPECT_EQ(to_text(rows[0][1]), "x^2");
  EXPECT_EQ(to_text(rows[1][0]), "1");
  EXPECT_EQ(to_text(rows[1][1]), "cos(y)");
}

TEST(Derivative, NeedsOneOutput) {
  EXPECT_EQ(
      test::refusal([] { Formula::parse("3, 5*x").gradient(); }),
      "the formula '3, 5*x' has 2 outputs, but one is wanted here; commas separate outputs, and the decimal point "
      "is '.'");
}

TEST(Derivative, TooLongToWriteDownIsAnErrorButHasValues) {
  std::string product = "(1 + x)";
  for (int i = 1; i < 1000; ++i) product += "*(1 + x^" + std::to_string(i % 7 + 1) + "/" + std::to_string(i) + ")";
  const std::string too_long =
      "the derivative would have more than 200000 numbers, names and operators: too many to write down; its values at "
      "a point can still be computed";
  EXPECT_EQ(test::refusal([&] { Formula::parse(product).gradient(); }), too_long);
  std::string nested = "x";
  for (int i = 0; i < 60; ++i) nested = "sin(x*" + nested + ")";
  EXPECT_EQ(test::refusal([&] { Formula::parse(nested).hessian(); }), too_long);

  const Formula f = Formula::parse("sin(x)*" + product);
  const formula::Tape tape = f.tape();
  formula::Tape::Work work(tape);
  double g = 0;
  tape.gradient(std::vector<double>{1e-3}, std::span(&g, 1), work);
  EXPECT_FALSE(std::isnan(g));
}

}  // namespace
}  // namespace descent
