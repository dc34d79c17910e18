#include "framework/formula/readable.hpp"

#include "framework/formula/derivative.hpp"
#include "framework/formula/formula.hpp"
#include "framework/formula/printer.hpp"
#include "tests/framework/formula/random_formula.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace descent {
namespace {

using formula::Expr;

std::string slope(const std::string& text) { return to_text(Formula::parse(text).gradient()[0]); }
std::string curvature(const std::string& text) { return to_text(Formula::parse(text).hessian()[0][0]); }

struct Row {
  const char *formula, *slope, *curvature;
};

// Textbook functions: the first and second derivative in x, as they stand in the book.
TEST(Readable, IsWhatATeacherWrites) {
  const Row rows[] = {
      {"x^4 - 2x^2", "4*x^3 - 4*x", "12*x^2 - 4"},
      {"x/(x^2 + 1)", "(1 - x^2)/(x^2 + 1)^2", "2*x*(x^2 - 3)/(x^2 + 1)^3"},
      {"(x^2 - 1)/(x^2 + 1)", "4*x/(x^2 + 1)^2", "4*(1 - 3*x^2)/(x^2 + 1)^3"},
      {"(3x + 2)/(x - 4)", "-14/(x - 4)^2", "28/(x - 4)^3"},
      {"x^2/(2x + 1)", "2*x*(x + 1)/(2*x + 1)^2", "2/(2*x + 1)^3"},
      {"1/x + x", "1 - 1/x^2", "2/x^3"},
      {"x*exp(-x)", "(1 - x)*exp(-x)", "(x - 2)*exp(-x)"},
      {"x^2*exp(-x^2)", "2*x*(1 - x^2)*exp(-x^2)", "2*(1 - 5*x^2 + 2*x^4)*exp(-x^2)"},
      {"log(x)/x", "(1 - log(x))/x^2", "(2*log(x) - 3)/x^3"},
      {"sin(x)/x", "cos(x)/x - sin(x)/x^2", "2*sin(x)/x^3 - 2*cos(x)/x^2 - sin(x)/x"},
      {"log(sin(x))", "cos(x)/sin(x)", "-1/sin(x)^2"},
      {"sinh(x)/cosh(x)", "1/cosh(x)^2", "-2*sinh(x)/cosh(x)^3"},
      {"tanh(x)^2", "2*tanh(x)*(1 - tanh(x)^2)", "2*(1 - tanh(x)^2)*(1 - 3*tanh(x)^2)"},
      {"exp(x)/(1 + exp(x))", "exp(x)/(1 + exp(x))^2", "exp(x)*(1 - exp(x))/(1 + exp(x))^3"},
      {"sqrt(1 - x^2)", "-x/sqrt(1 - x^2)", "-1/(1 - x^2)^(3/2)"},
      {"x*sqrt(x)", "3*sqrt(x)/2", "3/(4*sqrt(x))"},
      {"(x^2 + 1)^(3/2)", "3*x*sqrt(x^2 + 1)", "3*(2*x^2 + 1)/sqrt(x^2 + 1)"},
      {"sqrt(x)/(1 + sqrt(x))", "1/(2*sqrt(x)*(1 + sqrt(x))^2)", "-(1 + 3*sqrt(x))/(4*x^(3/2)*(1 + sqrt(x))^3)"},
      {"x^x", "x^x*(1 + log(x))", "x^(x - 1)*(1 + x + 2*x*log(x) + x*log(x)^2)"},
      {"(x + 1)^2*(x - 2)^3", "(x + 1)*(x - 2)^2*(5*x - 1)", "2*(x - 2)*(10*x^2 - 4*x - 5)"},
      {"abs(x)^3", "3*x*abs(x)", "6*abs(x)"},
      {"x*abs(x)", "2*abs(x)", "2*sign(x)"},
      {"relu(x)^2", "2*relu(x)", "2*step(x)"},
      {"atan(x/y)", "y/(y^2 + x^2)", "-2*x*y/(y^2 + x^2)^2"},
      {"sqrt(x^2 + y^2)", "x/sqrt(x^2 + y^2)", "y^2/(x^2 + y^2)^(3/2)"},
      {"x*y/(x^2 + y^2)", "y*(y^2 - x^2)/(x^2 + y^2)^2", "2*x*y*(x^2 - 3*y^2)/(x^2 + y^2)^3"},
      {"(x^2 + y - 11)^2 + (x + y^2 - 7)^2", "4*x*(x^2 + y - 11) + 2*(x + y^2 - 7)", "12*x^2 + 4*y - 42"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(slope(row.formula), row.slope) << row.formula;
    EXPECT_EQ(curvature(row.formula), row.curvature) << row.formula;
  }
}

// Where f has a value.
void expect_same(const Expr& f, const Expr& plain, const Expr& tidy, std::vector<std::string> names,
                 const std::vector<double>& x, std::size_t& compared) {
  const formula::Tape tape(std::vector{plain, tidy, f}, std::move(names));
  formula::Tape::Work work(tape);
  double y[3];
  tape.values(x, y, work);
  if (to_text(plain).find("(0)") != std::string::npos) return;  // log(0): a part without a value
  if (!std::isfinite(y[0]) || std::abs(y[0]) > 1e8 || !std::isfinite(y[2])) return;
  ++compared;
  EXPECT_NEAR(y[0], y[1], 1e-7 * std::max(1.0, std::abs(y[0]))) << to_text(plain) << "\n" << to_text(tidy);
}

TEST(Readable, HasTheValuesOfWhatItStandsFor) {
  std::size_t compared = 0, changed = 0;
  for (std::uint32_t i = 0; i < 1500; ++i) {
    test::RandomFormula random(i, true);
    const Formula f = Formula::parse(random.text(4));
    for (std::uint32_t k = 0; k < f.variables().size(); ++k) {
      std::size_t budget = formula::kMostDerivativeNodes;
      const Expr plain = differentiate(f.outputs()[0], k, budget), tidy = formula::readable(plain);
      changed += !equal(plain, tidy);
      EXPECT_LE(to_text(tidy).size(), to_text(plain).size());
      for (int p = 0; p < 3; ++p) {
        std::vector<double> x = random.point();
        x.resize(f.variables().size());
        expect_same(f.outputs()[0], plain, tidy, f.variables(), x, compared);
      }
    }
  }
  EXPECT_GT(compared, 2000u);
  EXPECT_GT(changed, 250u);
}

TEST(Readable, LeavesLongFormulasAlone) {
  std::string text = "x";
  for (int i = 0; i < 400; ++i) text += " + sin(x + " + std::to_string(i) + ")*exp(-x)";
  const Formula f = Formula::parse(text);
  EXPECT_TRUE(equal(formula::readable(f.outputs()[0]), f.outputs()[0]));
}

}  // namespace
}  // namespace descent
