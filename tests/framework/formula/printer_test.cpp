#include "framework/formula/printer.hpp"

#include "framework/formula/formula.hpp"
#include "framework/text.hpp"
#include "tests/framework/formula/random_formula.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace descent {
namespace {

std::string latex(const std::string& text) { return Formula::parse(text).latex(); }

TEST(Printer, WritesLatex) {
  EXPECT_EQ(latex("x^2 + x*y + y^2"), "x^{2} + x y + y^{2}");
  EXPECT_EQ(latex("(1-x)^2 + 100*(y-x^2)^2"), "\\left(1 - x\\right)^{2} + 100 \\left(y - x^{2}\\right)^{2}");
  EXPECT_EQ(latex("x/3 + 1/(2*x)"), "\\frac{x}{3} + \\frac{1}{2 x}");
  EXPECT_EQ(latex("(x - 1)/(x + 1)"), "\\frac{x - 1}{x + 1}");
  EXPECT_EQ(latex("-(x - 1)/(x + 1)"), "-\\frac{x - 1}{x + 1}");
  EXPECT_EQ(latex("-x*(x - 1)/(x + 1)^2"), "-\\frac{x \\left(x - 1\\right)}{\\left(x + 1\\right)^{2}}");
  EXPECT_EQ(latex("sin(x)^2 + sqrt(x) + abs(x) + floor(x)"),
            "\\sin^{2}\\left(x\\right) + \\sqrt{x} + \\left|x\\right| + \\left\\lfloor x\\right\\rfloor");
  EXPECT_EQ(latex("log(x) + log10(x) + asin(x)"),
            "\\ln\\left(x\\right) + \\log_{10}\\left(x\\right) + \\arcsin\\left(x\\right)");
  EXPECT_EQ(latex("3*2^x"), "3 \\cdot 2^{x}");
  EXPECT_EQ(latex("1e20 x + 1.5e-7"), "10^{20} x + 1.5 \\cdot 10^{-7}");
  EXPECT_EQ(latex("alpha*x1 + beta_2*rate + 2pi"), "\\alpha x_{1} + \\beta_{2} \\mathrm{rate} + 2 \\pi");
  EXPECT_EQ(latex("x^(y + 1)*2^(-x)"), "x^{y + 1} \\cdot 2^{-x}");
  EXPECT_EQ(latex("sum((y - a*x)^2)"), "\\sum_i\\left(\\left(y - a x\\right)^{2}\\right)");
  EXPECT_EQ(latex("max(x, 0)"), "\\max\\left(x, 0\\right)");
}

TEST(Printer, PutsParenthesesOnlyWhereTheyAreNeeded) {
  for (const char* text :
       {"x - (y - z)^2", "(x + y)*(x - y)", "x/(y*z)", "(x^2)^0.5", "x^(y^z)",   "(x^y)^z",  "(-2)^x",
        "-2^x",          "x^(-y)",          "2^(1/3)", "(1/3)^x",   "x*sin(y)",  "-(x + y)", "x - 2*(y + z)",
        "1/x^2",         "exp(-x^2)",       "0.5*x",   "(x + y)/2", "x*y/(2*z)", "1e+20*x",  "-1e-07*x"})
    EXPECT_EQ(Formula::parse(text).text(), text);
}

// Of two ways to compute the same number. Nearly all formulas are benign; those that cancel lose digits.
bool close(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) == std::isnan(b);
  return a == b || std::abs(a - b) <= 1e-9 * std::max(std::abs(a), std::abs(b)) || std::abs(a - b) < 1e-12;
}

double value(const Formula& f, const std::vector<double>& x) {
  std::vector<double> own;  // by name: a variable that has cancelled is gone from the printed text
  for (const std::string& name : f.variables()) own.push_back(x[static_cast<std::size_t>(name[0] - 'x')]);
  return f.value(own);
}

TEST(Printer, OrdersFactorsAsPeopleDo) {
  const auto text = [](const char* typed) { return Formula::parse(typed).text(); };
  EXPECT_EQ(text("x*b"), "b*x");
  EXPECT_EQ(text("x10*x2"), "x2*x10");
  EXPECT_EQ(text("exp(-x)*(1 - x)"), "(1 - x)*exp(-x)");
  EXPECT_EQ(text("(x - 10)*(x - 2)^3*(x + 1)^2*3"), "3*(x + 1)^2*(x - 2)^3*(x - 10)");
  EXPECT_EQ(text("sin(x)*y*pi"), "pi*y*sin(x)");
}

TEST(Printer, PrintsWhatParsesBackToTheSameValue) {
  std::size_t finite = 0;
  for (std::uint32_t i = 0; i < 1000; ++i) {
    test::RandomFormula random(i, false);
    const std::string text = random.text(4);
    const Formula f = Formula::parse(text), again = Formula::parse(f.text());
    for (int k = 0; k < 3; ++k) {
      const std::vector<double> x = random.point();
      const double a = value(f, x), b = value(again, x);
      EXPECT_TRUE(close(a, b)) << i << ": " << text << " prints as " << f.text() << "; " << a << " and " << b;
      finite += std::isfinite(a);
    }
  }
  EXPECT_GT(finite, 1000u);
}

TEST(Printer, DerivativesParseBackToTheSameValue) {
  for (std::uint32_t i = 0; i < 300; ++i) {
    test::RandomFormula random(i, true);
    const Formula f = Formula::parse(random.text(3));
    if (f.variables().empty()) continue;
    const std::vector<double> x = random.point();
    for (const formula::Expr& slope : f.gradient()) {
      const formula::Tape tape(std::vector{slope}, f.variables());
      formula::Tape::Work work(tape);
      std::vector<double> own;
      for (const std::string& name : f.variables()) own.push_back(x[static_cast<std::size_t>(name[0] - 'x')]);
      const double a = tape.value(own, work), b = value(Formula::parse(to_text(slope)), x);
      EXPECT_TRUE(close(a, b)) << f.text() << ": " << to_text(slope) << ": " << a << " and " << b;
    }
  }
}

}  // namespace
}  // namespace descent
