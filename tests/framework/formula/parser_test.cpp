#include "framework/formula/parser.hpp"

#include "framework/formula/formula.hpp"
#include "framework/formula/printer.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace descent {
namespace {

// The formula at x = 3, y = -2, z = 5; its variables must be among these, in any order.
double value(const std::string& text) {
  const Formula f = Formula::parse(text);
  std::vector<double> x;
  for (const std::string& name : f.variables()) x.push_back(name == "x" ? 3 : name == "y" ? -2 : 5);
  return f.value(x);
}

std::string read(const std::string& text) { return Formula::parse(text).text(); }

TEST(Parser, ReadsTheWorkedExample) {
  const Formula f = Formula::parse("x^2 + x*y + y^2");
  EXPECT_EQ(f.variables(), (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(f.text(), "x^2 + x*y + y^2");
  EXPECT_EQ(f.value(std::vector<double>{3, -2}), 7);
}

TEST(Parser, BindsAsALearnerExpects) {
  EXPECT_EQ(value("-x^2"), -9) << "a sign binds looser than a power";
  EXPECT_EQ(value("(-x)^2"), 9);
  EXPECT_EQ(value("2^3^2"), 512) << "powers from the right";
  EXPECT_EQ(value("2**3**2"), 512);
  EXPECT_EQ(value("2^-x"), 0.125);
  EXPECT_EQ(value("2^-x^2"), std::pow(2.0, -9));
  EXPECT_EQ(value("x - y - z"), 0);
  EXPECT_EQ(value("x/y/z"), 3 / -2.0 / 5);
  EXPECT_EQ(value("x/y*z"), -7.5);
  EXPECT_EQ(value("2*-x"), -6);
  EXPECT_EQ(value("--x + +x - -x"), 9);
  EXPECT_EQ(value("-x*y"), 6);
  EXPECT_EQ(value("x - -y"), 1);
  EXPECT_EQ(value("2x^2"), 18);
}

TEST(Parser, ReadsProductsWithoutASign) {
  EXPECT_EQ(value("2x"), 6);
  EXPECT_EQ(value("3x y"), -18);
  EXPECT_EQ(value("2(x+1)"), 8);
  EXPECT_EQ(value("(x+1)(y-1)"), -12);
}

TEST(Parser, ReadsSignsOfPrint) {
  EXPECT_EQ(read("−x² + 2π·y×3 ÷ 4"), read("-x^2 + 2*pi*y*3/4"));
  EXPECT_EQ(read("x⁻¹ + y¹⁰"), read("x^-1 + y^10"));
  EXPECT_EQ(value("2x²y"), -36);
  EXPECT_EQ(read("x\u00A0+\u2009y"), "x + y");
}

TEST(Parser, TakesGreekAndAccentedLettersForNames) {
  const Formula f = Formula::parse("θ² + λ*größe + μ_1");
  EXPECT_EQ(f.variables(), (std::vector<std::string>{"θ", "λ", "größe", "μ_1"}));
  EXPECT_EQ(f.text(), "θ^2 + größe*λ + μ_1");
  EXPECT_EQ(f.latex(), "\\theta^{2} + \\mathrm{größe} \\lambda + \\mu_{1}");
}

TEST(Parser, TakesNamesWhole) {
  EXPECT_EQ(Formula::parse("xy + x2 + rate_1").variables(), (std::vector<std::string>{"xy", "x2", "rate_1"}));
  EXPECT_EQ(Formula::parse("single + expected + minimum + signal + logit").variables().size(), 5u)
      << "names may begin like a function";
}

TEST(Parser, NumbersVariablesAsTheyAppear) {
  EXPECT_EQ(Formula::parse("z + y*x + y").variables(), (std::vector<std::string>{"z", "y", "x"}));
  EXPECT_EQ(Formula::parse("0*b + a").variables(), (std::vector<std::string>{"b", "a"})) << "also those that cancel";
}

TEST(Parser, ReadsNumbers) {
  EXPECT_EQ(value("1e-3"), 1e-3);
  EXPECT_EQ(value(".5"), 0.5);
  EXPECT_EQ(value("5."), 5);
  EXPECT_EQ(value("2.5E+2"), 250);
  EXPECT_EQ(value("0.1"), 0.1);
  EXPECT_EQ(value("3.141592653589793"), 3.141592653589793);
  EXPECT_EQ(value("123456789012345678901234567890"), 123456789012345678901234567890.0);
  EXPECT_EQ(value("1.7976931348623157e308"), 1.7976931348623157e308);
  EXPECT_EQ(value("1e-400"), 0);
  EXPECT_EQ(value("0." + std::string(400, '0') + "1e50"), 0) << "the exponent alone does not tell small from large";
  EXPECT_EQ(value("4.9e-324"), 4.9e-324);
  EXPECT_DOUBLE_EQ(value("2e"), 2 * std::numbers::e) << "e is a constant where no digits follow";
  EXPECT_DOUBLE_EQ(value("2e - x"), 2 * std::numbers::e - 3);
}

TEST(Parser, KnowsConstantsAndFunctions) {
  EXPECT_DOUBLE_EQ(value("2pi"), 2 * std::numbers::pi);
  EXPECT_DOUBLE_EQ(value("e^x"), std::exp(3.0));
  EXPECT_EQ(value("ln(x)"), std::log(3.0));
  EXPECT_EQ(value("log(x)"), std::log(3.0));
  EXPECT_EQ(value("max(x, y, z)"), 5);
  EXPECT_EQ(value("min(x, y, z)"), -2);
  EXPECT_EQ(value("sin (x)"), std::sin(3.0)) << "a space before the parenthesis";
  EXPECT_EQ(value("floor(-x/2)"), -2);
  EXPECT_EQ(value("step(x) + step(y) + step(x - 3)"), 1);
}

TEST(Parser, SeparatesOutputsByCommas) {
  const Formula f = Formula::parse("x^2*y, x + sin(y)");
  ASSERT_EQ(f.outputs().size(), 2u);
  EXPECT_EQ(f.text(), "x^2*y, x + sin(y)");
}

TEST(Parser, TidiesWhatItReads) {
  EXPECT_EQ(read("x + x"), "2*x");
  EXPECT_EQ(read("y x"), "x*y") << "variables by name";
  EXPECT_EQ(read("x*y + 2y x"), "3*x*y");
  EXPECT_EQ(read("x*x^2"), "x^3");
  EXPECT_EQ(read("(x + y)*(y + x)"), "(x + y)^2");
  EXPECT_EQ(read("x + 0"), "x");
  EXPECT_EQ(read("1*x"), "x");
  EXPECT_EQ(read("0*x"), "0");
  EXPECT_EQ(read("x^1 + x^0"), "x + 1");
  EXPECT_EQ(read("(x^2)^3"), "x^6");
  EXPECT_EQ(read("x/3*3"), "x");
  EXPECT_EQ(read("3*0.1*x"), "0.3*x");
  EXPECT_EQ(read("x/3"), "x/3");
  EXPECT_EQ(read("1/(2x)"), "1/(2*x)");
  EXPECT_EQ(read("100000000000000000000 x"), "1e+20*x");
  EXPECT_EQ(read("sqrt(16) + abs(-3) + sin(0) + log(e)"), "8");
  EXPECT_EQ(read("sqrt(2)"), "sqrt(2)") << "what is not whole stays as it is";
  EXPECT_EQ(read("2^0.5"), "2^0.5");
}

TEST(Parser, ChangesNoValueAtAnyPoint) {
  for (const char* text : {"x/x", "x^2/x", "sqrt(x)^2", "0*log(x)", "(x^2)^0.5", "x^0.5*x^1.5", "0/x", "(1/x)^0"})
    EXPECT_EQ(read(text), text) << "true where x > 0 only, or where x is not 0";
  EXPECT_EQ(read("log(x) - log(x)"), "0*log(x)");
  EXPECT_EQ(read("x^3/x"), "x^3/x");
  EXPECT_EQ(read("x/x^2"), "1/x") << "neither has a value at 0";
  EXPECT_EQ(read("1/(1/x)"), "1/(1/x)");
  EXPECT_EQ(read("exp(x)/exp(x)"), "1") << "which is never 0";
  EXPECT_EQ(read("x - x + 0*exp(x)"), "0");
  EXPECT_TRUE(std::isnan(Formula::parse("x/x").value(std::vector<double>{0})));
  EXPECT_TRUE(std::isnan(Formula::parse("0*log(x)").value(std::vector<double>{-1})));
  EXPECT_EQ(Formula::parse("(2x)^2000").value(std::vector<double>{0.5}), 1) << "no overflow that was not there";
  EXPECT_EQ(Formula::parse("(x*y)^3").value(std::vector<double>{1e200, 1e-200}), 1);
  EXPECT_EQ(Formula::parse("1e308*10*x").value(std::vector<double>{0}), 0) << "nor one in a product of numbers";
}

TEST(Parser, StaysWithinItsLimits) {
  std::string sum = "x";
  for (int i = 0; i < 4999; ++i) sum += "+x";
  EXPECT_EQ(read(sum), "5000*x");
  const auto nested = [](int levels) { return std::string(levels, '(') + "x" + std::string(levels, ')'); };
  EXPECT_EQ(read(nested(200)), "x");
  EXPECT_EQ(read(std::string(200, '-') + "x"), "x");
  std::string many = "v0";
  for (int i = 1; i < 64; ++i) many += "+v" + std::to_string(i);
  EXPECT_EQ(Formula::parse(many).variables().size(), 64u);
}

}  // namespace
}  // namespace descent
