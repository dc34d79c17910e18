#include "framework/formula/formula_sum.hpp"

#include "framework/derivative_check.hpp"
#include "framework/formula/printer.hpp"
#include "tests/support/allocations.hpp"
#include "tests/support/refusal.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <numeric>

namespace descent {
namespace {

using Point = std::vector<double>;

const Point kX = {1, 2, 3}, kY = {2, 4, 7};
const std::vector<DataColumn> kTable = {{"x", kX}, {"y", kY}};

FormulaSum sum_of(const std::string& text) { return FormulaSum(Formula::parse(text), kTable); }

TEST(FormulaSum, AddsARowATerm) {
  FormulaSum f(Formula::parse("sum((y - a*x - b)^2)"), kTable);
  EXPECT_EQ(f.variables(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(f.data_columns(), (std::vector<std::string>{"y", "x"}));
  EXPECT_EQ(f.dimension(), 2u);
  EXPECT_EQ(f.terms(), 3u);
  const Point w = {2, 1};  // residuals −1, −1, 0
  Point g(2);
  EXPECT_EQ(f.value(w), 2);
  EXPECT_EQ(f.value_and_gradient(w, g), 2);
  EXPECT_EQ(g, (Point{2 * 1 + 2 * 2, 4})) << "-2 sum(x r), -2 sum(r)";
  Matrix<double> h = zeros<double>(2, 2);
  f.hessian(w, view(h));
  EXPECT_EQ(h, (Matrix<double>{{28, 12}, {12, 6}}));
  Point hv(2);
  f.hessian_vector(w, Point{1, -1}, hv);
  EXPECT_EQ(hv, (Point{16, 6}));
}

TEST(FormulaSum, BatchesAreSumsOverTheirRows) {
  FormulaSum f(Formula::parse("sum((y - a*x)^2)"), kTable);
  const std::array<std::uint32_t, 4> batch = {2, 0, 2, 2};
  Point g(1), hv(1);
  EXPECT_EQ(f.value(Point{1}, batch), 3 * 16 + 1);
  EXPECT_EQ(f.value_and_gradient(Point{1}, g, batch), 49);
  EXPECT_EQ(g[0], -2 * (3 * 3 * 4 + 1));
  f.hessian_vector(Point{1}, Point{1}, hv, batch);
  EXPECT_EQ(hv[0], 2 * (3 * 9 + 1));
}

TEST(FormulaSum, TakesAFactorAndATermWithoutData) {
  FormulaSum f(Formula::parse("0.5*sum((y - a*x)^2) + 3a^2"), kTable);
  Point g(1), hv(1);
  EXPECT_EQ(f.value_and_gradient(Point{1}, g), (1 + 4 + 16) / 2.0 + 3);
  EXPECT_EQ(g[0], -(1 + 4 + 12) + 6);
  f.hessian_vector(Point{1}, Point{1}, hv);
  EXPECT_EQ(hv[0], 14 + 6);
  Matrix<double> h = zeros<double>(1, 1);
  f.hessian(Point{1}, view(h));
  EXPECT_EQ(h(0, 0), 20);
  double parts = 0;
  for (std::uint32_t row = 0; row < 3; ++row) parts += f.value(Point{1}, std::array{row});
  EXPECT_DOUBLE_EQ(parts, f.value(Point{1})) << "an epoch of batches carries the penalty once";
  const std::array<std::uint32_t, 1> last = {2};
  EXPECT_DOUBLE_EQ(f.value_and_gradient(Point{1}, g, last), 8 + 1);
  EXPECT_DOUBLE_EQ(g[0], -12 + 2);
  f.hessian_vector(Point{1}, Point{1}, hv, last);
  EXPECT_DOUBLE_EQ(hv[0], 9 + 2);
  f.hessian(Point{1}, view(h), last);
  EXPECT_DOUBLE_EQ(h(0, 0), 9 + 2);
  FormulaSum mean(Formula::parse("a^2 - sum(a*x)/3"), kTable);
  EXPECT_DOUBLE_EQ(mean.value(Point{1}), 1 - 2);
}

TEST(FormulaSum, DerivativesReadAsFormulas) {
  FormulaSum f(Formula::parse("sum((y - b1/(1 + exp(b2 - b3*x)))^2)"), kTable);
  const auto slopes = f.formula().gradient(f.variables());
  ASSERT_EQ(slopes.size(), 3u);
  EXPECT_EQ(to_text(slopes[0]), "sum(-2*(y - b1/(1 + exp(b2 - b3*x)))/(1 + exp(b2 - b3*x)))");
}

// N rows over several blocks, the last not full.
struct Table {
  Point x, y;
  explicit Table(std::size_t rows) : x(rows), y(rows) {
    for (std::size_t i = 0; i < rows; ++i) {
      x[i] = static_cast<double>(i) / 20 - 3;
      y[i] = 2 / (1 + std::exp(1 - 1.5 * x[i])) + 0.1 * std::sin(100.0 * static_cast<double>(i));
    }
  }
  std::vector<DataColumn> columns() const { return {{"x", x}, {"y", y}}; }
};

TEST(FormulaSum, AddsEveryRowOnce) {
  for (const std::size_t rows : {std::size_t(1), formula::kBlock - 1, formula::kBlock, 2 * formula::kBlock + 1}) {
    const Table table(rows);
    FormulaSum f(Formula::parse("sum((y - a*x)^2)"), table.columns());
    double value = 0, slope = 0, curvature = 0;
    for (std::size_t i = 0; i < rows; ++i) {
      const double r = table.y[i] - 0.3 * table.x[i];
      value += r * r;
      slope -= 2 * r * table.x[i];
      curvature += 2 * table.x[i] * table.x[i];
    }
    Point g(1), hv(1);
    EXPECT_NEAR(f.value_and_gradient(Point{0.3}, g), value, 1e-13 * value);
    EXPECT_NEAR(g[0], slope, 1e-12 * curvature);
    f.hessian_vector(Point{0.3}, Point{1}, hv);
    EXPECT_NEAR(hv[0], curvature, 1e-13 * curvature);
  }
}

TEST(FormulaSum, HasExactDerivativesOverManyRows) {
  const Table table(3 * formula::kBlock + 5);
  FormulaSum f(Formula::parse("sum((y - b1/(1 + exp(b2 - b3*x)))^2) + 0.1*b1^2"), table.columns());
  const Point w = {1.5, 0.5, 1}, v = {1, -2, 0.5};
  const std::vector<std::size_t> all = {0, 1, 2};
  const GradientCheck check = check_gradient(f, w, all);
  EXPECT_EQ(check.checked, 3u);
  EXPECT_LE(check.worst, 1e-9);
  Point hv(3), product(3, 0);
  Matrix<double> h = zeros<double>(3, 3);
  f.hessian_vector(w, v, hv);
  f.hessian(w, view(h));
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) product[i] += h(i, j) * v[j];
    EXPECT_NEAR(product[i], hv[i], 1e-12 * (std::abs(hv[0]) + std::abs(hv[1]) + std::abs(hv[2])));
    const auto slope = [&](double t) {
      Point moved = w, g(3);
      for (std::size_t j = 0; j < 3; ++j) moved[j] += t * v[j];
      f.value_and_gradient(moved, g);
      return g[i];
    };
    EXPECT_NEAR(ridders_derivative(slope, 0, 0.02).value, hv[i], 1e-8 * std::abs(hv[i]));
  }
}

TEST(FormulaSum, AllRowsByNameAreAllRows) {
  const Table table(200);
  FormulaSum f(Formula::parse("sum((y - a*sin(x) - b)^2)"), table.columns());
  std::vector<std::uint32_t> all(200);
  std::iota(all.begin(), all.end(), 0u);
  Point g(2), named(2);
  const Point w = {0.3, 0.7};
  EXPECT_EQ(f.value_and_gradient(w, g), f.value_and_gradient(w, named, all));
  EXPECT_EQ(g, named) << "bit for bit";
}

TEST(FormulaSum, DifferentiatesOnlyInFreeVariables) {
  const Point t = {0, 1, 2, 3};
  FormulaSum f(Formula::parse("sum(b^t)"), std::vector<DataColumn>{{"t", t}});
  Point g(1), hv(1);
  EXPECT_EQ(f.value_and_gradient(Point{-2}, g), 1 - 2 + 4 - 8);
  EXPECT_EQ(g[0], 1 - 4 + 12);
  f.hessian_vector(Point{-2}, Point{1}, hv);
  EXPECT_EQ(hv[0], 2 - 12);
  EXPECT_EQ(f.value_and_gradient(Point{0}, g), 1) << "0^0 is 1";
  EXPECT_EQ(g[0], 1);
}

TEST(FormulaSum, NamesTheRowWithoutAValue) {
  FormulaSum f = sum_of("sum((y - log(x - a))^2) + sqrt(a)");
  EXPECT_EQ(f.explain_nonfinite(Point{2}), "data row 1, log(x - a) at x = 1, a = 2: log of -1; it needs a number > 0");
  const std::array<std::uint32_t, 2> batch = {2, 1};
  EXPECT_EQ(f.explain_nonfinite(Point{2}, batch),
            "data row 2, log(x - a) at x = 2, a = 2: log of 0; it needs a number > 0");
  EXPECT_EQ(f.explain_nonfinite(Point{-1}), "sqrt(a) at a = -1: sqrt of -1; it needs a number >= 0");
  EXPECT_EQ(f.explain_nonfinite(Point{0.5}), "");
}

TEST(FormulaSum, NamesTheRowWithAKink) {
  const FormulaSum f = sum_of("sum(abs(y - a*x))");
  EXPECT_EQ(f.kinks(Point{2}),
            (std::vector<std::string>{"data row 1, abs(y - a*x) at y = 2, a = 2, x = 1: no derivative at abs of 0"}));
  EXPECT_TRUE(f.kinks(Point{1}).empty());
}

TEST(FormulaSum, AllocatesNothing) {
  if (!support::counts_allocations()) GTEST_SKIP() << "allocations are not counted in this build";
  const Table table(150);
  FormulaSum f(Formula::parse("sum((y - a*sin(x) - b)^2) + a^2"), table.columns());
  const Point w = {0.3, 0.7};
  Point g(2), hv(2);
  Matrix<double> h = zeros<double>(2, 2);
  const std::array<std::uint32_t, 3> batch = {5, 1, 149};
  const std::size_t before = support::allocations();
  f.value(w);
  f.value_and_gradient(w, g, batch);
  f.hessian_vector(w, g, hv);
  f.hessian(w, view(h));
  EXPECT_EQ(support::allocations(), before);
}

std::string refused(const std::string& text, const std::vector<DataColumn>& columns = kTable,
                    Fault fault = Fault::usage) {
  return test::refusal([&] { FormulaSum f(Formula::parse(text), columns); }, fault);
}

TEST(FormulaSum, RefusesFormulasThatDoNotFitTheTable) {
  EXPECT_EQ(refused("a*x^2"),
            "data was given, but the formula 'a*x^2' sums over no rows; write what is added up for each row as "
            "sum(...), for instance sum((y - a*x - b)^2)");
  EXPECT_EQ(refused("sum((u - a*v)^2)"),
            "no name in 'sum((u - a*v)^2)' is a column of the data; columns: x, y; names: u, a, v");
  EXPECT_EQ(refused("sum((Y - a*x)^2)"),
            "'Y' is no column of the data; did you mean 'y'? If it is a variable, give it another name (columns: x, "
            "y)");
  EXPECT_EQ(refused("sum(a*x) + y"),
            "'y' is a column of the data and stands outside sum(...); only inside has it a row");
  EXPECT_EQ(refused("sum((y - x)^2)"),
            "every name in 'sum((y - x)^2)' is a column of the data: no variable is left to change");
  const std::vector<DataColumn> doses = {{"dose", kX}, {"response", kY}};
  EXPECT_EQ(refused("sum((respons - a*dose)^2)", doses),
            "'respons' is no column of the data; did you mean 'response'? If it is a variable, give it another name "
            "(columns: dose, response)");
}

TEST(FormulaSum, RefusesBrokenTables) {
  const Point two = {1, 2}, none, spoilt = {1, std::numeric_limits<double>::quiet_NaN(), 3},
              huge = {1, 2, std::numeric_limits<double>::infinity()};
  const std::string text = "sum((y - a*x)^2)";
  EXPECT_EQ(refused(text, {{"x", kX}, {"y", two}}, Fault::data), "column 'y' has 2 rows, but column 'x' has 3");
  EXPECT_EQ(refused(text, {{"x", kX}, {"x", kY}}, Fault::data), "two columns are named 'x'; rename one");
  EXPECT_EQ(refused(text, {}, Fault::data), "the data has no rows; a sum needs at least one");
  EXPECT_EQ(refused(text, {{"x", none}, {"y", none}}, Fault::data), "the data has no rows; a sum needs at least one");
  EXPECT_EQ(refused(text, {{"x", kX}, {"y", spoilt}}, Fault::data),
            "column 'y', data row 2: nan; the sum needs a finite number in every cell it uses");
  EXPECT_EQ(refused(text, {{"x", huge}, {"y", kY}}, Fault::data),
            "column 'x', data row 3: inf; the sum needs a finite number in every cell it uses");
  FormulaSum unused(Formula::parse("sum((y - a)^2)"), std::vector<DataColumn>{{"x", spoilt}, {"y", kY}});
  EXPECT_EQ(unused.value(Point{2}), 29) << "a cell that is not used may be anything";
}

}  // namespace
}  // namespace descent
