#include "framework/derivative_check.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace descent {
namespace {

struct Known {
  const char* name;
  double (*f)(double);
  double (*slope)(double);
};
const Known kKnown[] = {
    {"x^3", [](double x) { return x * x * x; }, [](double x) { return 3 * x * x; }},
    {"exp", [](double x) { return std::exp(x); }, [](double x) { return std::exp(x); }},
    {"sin", [](double x) { return std::sin(x); }, [](double x) { return std::cos(x); }},
    {"1 / (1 + x^2)", [](double x) { return 1 / (1 + x * x); },
     [](double x) { return -2 * x / ((1 + x * x) * (1 + x * x)); }},
    {"7", [](double) { return 7.0; }, [](double) { return 0.0; }},
};

TEST(RiddersDerivative, HasNineDigitsOnSmoothFunctions) {
  for (const Known& known : kKnown)
    for (const double x : {-2.0, -0.3, 0.0, 0.7, 3.0}) {
      const Derivative derivative = ridders_derivative(known.f, x, 0.03);
      const double error = std::abs(derivative.value - known.slope(x));
      EXPECT_LE(error, 1e-9 * std::max(1.0, std::abs(known.slope(x)))) << known.name << " at " << x;
      EXPECT_LE(derivative.error, 1e-8) << known.name << " at " << x;
    }
}

TEST(RiddersDerivative, KnowsThatAKinkHasNone) {
  const Derivative derivative = ridders_derivative([](double x) { return std::abs(x); }, 0.005, 0.03);
  EXPECT_GT(derivative.error, 1e-4);
}

// A gradient that is told what to say.
class Told final : public Objective<double> {
 public:
  Told(double (*f)(ConstParams<double>), std::vector<double> gradient) : f_(f), gradient_(std::move(gradient)) {}
  std::size_t dimension() const override { return gradient_.size(); }
  std::size_t terms() const override { return 1; }

 private:
  double do_value(ConstParams<double> w, Terms) override { return f_(w); }
  double do_value_and_gradient(ConstParams<double> w, Params<double> g, Terms) override {
    std::ranges::copy(gradient_, g.begin());
    return f_(w);
  }
  double (*f_)(ConstParams<double>);
  std::vector<double> gradient_;
};

double bowl(ConstParams<double> w) { return w[0] * w[0] * w[0] + w[0] * w[1] + std::sin(w[1]); }
const std::vector<double> kAt = {1, 2};
const std::vector<double> kRight = {3 * 1 + 2, 1 + std::cos(2.0)};

GradientCheck check_told(std::vector<double> gradient) {
  Told objective(bowl, std::move(gradient));
  const std::vector<std::size_t> all = {0, 1};
  return check_gradient(objective, kAt, all);
}

TEST(CheckGradient, PassesARightGradient) {
  const GradientCheck check = check_told(kRight);
  EXPECT_EQ(check.checked, 2u);
  EXPECT_EQ(check.unsure, 0u);
  EXPECT_LE(check.worst, 1e-9);
}

TEST(CheckGradient, CatchesAWrongEntryAndNamesIt) {
  const GradientCheck check = check_told({kRight[0], kRight[1] * (1 + 1e-6)});
  EXPECT_NEAR(check.worst, 1e-6, 1e-8);
  EXPECT_EQ(check.worst_entry, 1u);
  EXPECT_EQ(check.analytic, kRight[1] * (1 + 1e-6));
  EXPECT_NEAR(check.numeric, kRight[1], 1e-9);
  EXPECT_GT(check_told({-kRight[0], kRight[1]}).worst, 1.9) << "a wrong sign";
  EXPECT_GT(check_told({kRight[1], kRight[0]}).worst, 0.5) << "entries that changed places";
}

TEST(CheckGradient, CatchesAZeroThatShouldNotBe) {
  EXPECT_EQ(check_told({0, 0}).worst, 1);
  EXPECT_EQ(check_told({kRight[0], 0}).worst, 1);
}

TEST(CheckGradient, CatchesANumberWhereThereShouldBeZero) {
  Told objective([](ConstParams<double> w) { return w[0]; }, {1, 1e-3});
  const std::vector<double> w = {1, 1};
  const std::vector<std::size_t> all = {0, 1};
  EXPECT_GT(check_gradient(objective, w, all).worst, 0.9);
}

TEST(CheckGradient, CatchesAGradientThatIsNotFinite) {
  for (const double bad : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()})
    for (const std::size_t entry : {0, 1}) {
      std::vector<double> gradient = kRight;
      gradient[entry] = bad;
      const GradientCheck check = check_told(gradient);
      EXPECT_TRUE(std::isnan(check.worst));
      EXPECT_EQ(check.worst_entry, entry);
      EXPECT_EQ(check.checked, 2u);
    }
}

TEST(CheckGradient, LeavesOutAKinkAndSaysSo) {
  Told objective([](ConstParams<double> w) { return std::max(w[0], 0.0) + w[1] * w[1]; }, {1, 2});
  const std::vector<double> w = {0.01, 1};
  const std::vector<std::size_t> all = {0, 1};
  const GradientCheck check = check_gradient(objective, w, all);
  EXPECT_EQ(check.unsure, 1u);
  EXPECT_EQ(check.checked, 1u);
  EXPECT_LE(check.worst, 1e-9);
}

TEST(CheckGradient, LooksOnlyAtTheEntriesAskedFor) {
  Told objective(bowl, {kRight[0], 77});
  const std::vector<std::size_t> first = {0};
  const GradientCheck check = check_gradient(objective, kAt, first);
  EXPECT_EQ(check.checked, 1u);
  EXPECT_LE(check.worst, 1e-9);
}

}  // namespace
}  // namespace descent
