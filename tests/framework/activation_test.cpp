#include "framework/activation.hpp"

#include "framework/derivative_check.hpp"
#include "framework/error.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>
#include <set>

namespace descent {
namespace {

template <class Real>
Real value(const Activation<Real>& activation, Real z) {
  activation.apply({&z, 1, 1});
  return z;
}

template <class Real>
Real derivative(const Activation<Real>& activation, Real z) {
  const Real from = activation.derivative_needs_input ? z : value(activation, z);
  Real dy = 1;
  activation.pull_back({&from, 1, 1}, {&dy, 1, 1});
  return dy;
}

// φ and φ′ in long double, written another way than the library's, stable for every z.
struct Truth {
  long double (*phi)(long double);
  long double (*slope)(long double);
};
long double logistic(long double z) { return 1 / (1 + std::exp(-z)); }  // no overflow in long double
long double tail(long double z) { return std::erfc(-z / std::sqrt(2.0L)) / 2; }
long double bell(long double z) { return std::exp(-z * z / 2) / std::sqrt(2 * std::acos(-1.0L)); }
const std::map<std::string_view, Truth> kTruth = {
    {"identity", {[](long double z) { return z; }, [](long double) { return 1.0L; }}},
    {"relu", {[](long double z) { return (z + std::abs(z)) / 2; }, [](long double z) { return z > 0 ? 1.0L : 0.0L; }}},
    {"leaky_relu",
     {[](long double z) { return std::max(z, (long double)0.01 * z); },
      [](long double z) { return z > 0 ? 1.0L : (long double)0.01; }}},
    {"elu",
     {[](long double z) { return z > 0 ? z : std::expm1(z); },
      [](long double z) { return std::exp(std::min(z, 0.0L)); }}},
    {"gelu", {[](long double z) { return z * tail(z); }, [](long double z) { return tail(z) + z * bell(z); }}},
    {"silu",
     {[](long double z) { return z * logistic(z); },
      [](long double z) { return logistic(z) * (1 + z * logistic(-z)); }}},
    {"sigmoid", {logistic, [](long double z) { return 1 / (4 * std::pow(std::cosh(z / 2), 2)); }}},
    {"tanh", {[](long double z) { return std::tanh(z); }, [](long double z) { return std::pow(std::cosh(z), -2); }}},
    {"softplus",
     {[](long double z) { return z > 0 ? z + std::log1p(std::exp(-z)) : std::log1p(std::exp(z)); }, logistic}},
};

template <class Real>
class Activations : public ::testing::Test {};
using Reals = ::testing::Types<float, double>;
TYPED_TEST_SUITE(Activations, Reals);

TYPED_TEST(Activations, AndTheirDerivativesEqualTheirFormulas) {
  constexpr double eps = std::numeric_limits<TypeParam>::epsilon();
  for (const auto& activation : activations<TypeParam>()) {
    ASSERT_TRUE(kTruth.contains(activation.name)) << activation.name;
    const Truth& truth = kTruth.at(activation.name);
    for (int i = -4000; i <= 4000; ++i) {
      const TypeParam z = static_cast<TypeParam>(i) / 200;  // −20 … 20
      const long double phi = truth.phi(z);
      ASSERT_NEAR(value(activation, z), phi, 4 * eps * std::max<long double>(std::abs(phi), 1)) << activation.name << z;
      ASSERT_NEAR(derivative(activation, z), truth.slope(z), 8 * eps) << activation.name << " at " << z;
    }
    for (const double tiny : {1e-1, 1e-3, 1e-8, 1e-15, 1e-30})
      for (const double sign : {-1.0, 1.0}) {
        const TypeParam z = static_cast<TypeParam>(sign * tiny);
        ASSERT_NEAR(derivative(activation, z), truth.slope(z), 8 * eps) << activation.name << " at " << z;
        if (truth.phi(0) == 0) {
          ASSERT_NEAR(value(activation, z) / z, truth.phi(z) / z, 8 * eps) << activation.name << " near 0: " << z;
        }
      }
  }
}

TEST(Activations, DerivativesEqualFiniteDifferencesOfTheirValues) {
  for (const auto& activation : activations<double>())
    for (int i = -60; i <= 60; ++i) {
      const double z = 0.1 * i + 0.05;
      const Derivative numeric = ridders_derivative([&](double x) { return value(activation, x); }, z, 0.04);
      EXPECT_NEAR(derivative(activation, z), numeric.value, 1e-9) << activation.name << " at " << z;
    }
}

// φ′ and φ″ as the row's `derivatives` has them.
std::pair<double, double> slopes(const Activation<double>& activation, double z) {
  const double from = activation.derivative_needs_input ? z : value(activation, z);
  double first = -1, second = -1;
  activation.derivatives({&from, 1, 1}, {&first, 1, 1}, {&second, 1, 1});
  return {first, second};
}

TEST(Activations, SecondDerivativesEqualFiniteDifferencesOfTheFirst) {
  for (const auto& activation : activations<double>())
    for (int i = -60; i <= 60; ++i) {
      const double z = 0.1 * i + 0.05;
      const Derivative numeric = ridders_derivative([&](double x) { return derivative(activation, x); }, z, 0.04);
      EXPECT_NEAR(slopes(activation, z).second, numeric.value, 1e-8) << activation.name << " at " << z;
      EXPECT_NEAR(slopes(activation, z).first, derivative(activation, z), 1e-15) << activation.name << " at " << z;
    }
}

TEST(Activations, SecondDerivativesAtKinksAndFarOutAreDocumentedAndFinite) {
  for (const char* line : {"identity", "relu", "leaky_relu"})
    for (const double z : {-1.0, 0.0, 1.0}) EXPECT_EQ(slopes(find_activation<double>(line), z).second, 0) << line;
  EXPECT_EQ(slopes(find_activation<double>("elu"), 0).second, 1) << "the left side, as its first derivative";
  for (const auto& activation : activations<double>())
    for (const double z : {-1e308, -710.0, -40.0, 40.0, 710.0, 1e308})
      EXPECT_NEAR(slopes(activation, z).second, 0, 1e-15) << activation.name << " at " << z;
}

TEST(Activations, AtExactlyZeroTakeTheDocumentedDerivative) {
  const std::map<std::string_view, std::pair<double, double>> at_zero = {
      {"identity", {0, 1}}, {"relu", {0, 0}},       {"leaky_relu", {0, 0.01}},
      {"elu", {0, 1}},      {"gelu", {0, 0.5}},     {"silu", {0, 0.5}},
      {"tanh", {0, 1}},     {"sigmoid", {.5, .25}}, {"softplus", {std::log(2.0), 0.5}}};
  for (const auto& activation : activations<double>())
    for (const double zero : {0.0, -0.0}) {
      EXPECT_EQ(value(activation, zero), at_zero.at(activation.name).first) << activation.name;
      EXPECT_NEAR(derivative(activation, zero), at_zero.at(activation.name).second, 1e-16) << activation.name;
    }
  EXPECT_EQ(derivative(find_activation<double>("relu"), 0.0), 0.0);
  EXPECT_EQ(derivative(find_activation<double>("leaky_relu"), 0.0), 0.01);
}

// (φ, φ′) far to the left and to the right; NaN stands for φ = z.
struct Limits {
  double low, low_slope, high, high_slope;
};
constexpr double kZ = std::numeric_limits<double>::quiet_NaN();

TYPED_TEST(Activations, FarOutAreFiniteAndAtTheirLimits) {
  const std::map<std::string_view, Limits> limits = {
      {"identity", {kZ, 1, kZ, 1}}, {"relu", {0, 0, kZ, 1}},   {"elu", {-1, 0, kZ, 1}}, {"gelu", {0, 0, kZ, 1}},
      {"silu", {0, 0, kZ, 1}},      {"sigmoid", {0, 0, 1, 0}}, {"tanh", {-1, 0, 1, 0}}, {"softplus", {0, 0, kZ, 1}}};
  const double huge = std::is_same_v<TypeParam, float> ? 1e30 : 1e308;
  for (const auto& activation : activations<TypeParam>())
    for (const double size : {40.0, 710.0, huge}) {
      const auto z = static_cast<TypeParam>(size);
      if (activation.name == "leaky_relu") {
        EXPECT_EQ(value(activation, z), z);
        EXPECT_EQ(value(activation, -z), -z * static_cast<TypeParam>(0.01));
        EXPECT_EQ(derivative(activation, z), 1);
        EXPECT_EQ(derivative(activation, -z), static_cast<TypeParam>(0.01));
        continue;
      }
      const Limits& limit = limits.at(activation.name);
      const auto expect = [&](TypeParam at, double phi, double slope) {
        const TypeParam got = value(activation, at), got_slope = derivative(activation, at);
        EXPECT_TRUE(std::isfinite(got) && std::isfinite(got_slope)) << activation.name << " at " << at;
        if (std::isnan(phi))
          EXPECT_EQ(got, at) << activation.name;
        else
          EXPECT_NEAR(got, phi, 1e-15) << activation.name << " at " << at;
        EXPECT_NEAR(got_slope, slope, 1e-15) << activation.name << " at " << at;
      };
      expect(-z, limit.low, limit.low_slope);
      expect(z, limit.high, limit.high_slope);
    }
}

TYPED_TEST(Activations, KeepRelativePrecisionInTheTailsThatDoNotSaturate) {
  constexpr double eps = std::numeric_limits<TypeParam>::epsilon();
  for (const std::string_view name : {"sigmoid", "softplus", "silu", "gelu"}) {
    const auto& activation = find_activation<TypeParam>(name);
    const auto z = static_cast<TypeParam>(name == "gelu" ? -8 : -40);
    const long double phi = kTruth.at(name).phi(z);
    EXPECT_NEAR(value(activation, z) / static_cast<TypeParam>(phi), 1, 64 * eps) << name;
  }
}

TYPED_TEST(Activations, LetNaNThrough) {
  for (const auto& activation : activations<TypeParam>())
    EXPECT_TRUE(std::isnan(value(activation, std::numeric_limits<TypeParam>::quiet_NaN()))) << activation.name;
}

TYPED_TEST(Activations, MultiplyTheDerivativeThatArrives) {
  for (const auto& activation : activations<TypeParam>()) {
    const auto z = static_cast<TypeParam>(0.3);
    const TypeParam from = activation.derivative_needs_input ? z : value(activation, z);
    TypeParam dy = -3;
    activation.pull_back({&from, 1, 1}, {&dy, 1, 1});
    EXPECT_EQ(dy, -3 * derivative(activation, z)) << activation.name;
  }
}

TEST(Activations, AreFoundByTheirNames) {
  std::set<std::string_view> names;
  for (const auto& activation : activations<float>()) {
    EXPECT_EQ(&find_activation<float>(activation.name), &activation);
    EXPECT_EQ(find_activation<double>(activation.name).default_initializer, activation.default_initializer);
    EXPECT_FALSE(activation.formula.empty());
    names.insert(activation.name);
  }
  EXPECT_EQ(names.size(), activation_names().size());
  try {
    find_activation<float>("rellu");
    FAIL() << "found";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::usage);
    EXPECT_TRUE(
        std::string_view(error.what()).starts_with("unknown activation 'rellu'; did you mean 'relu'? (known: "));
  }
}

}  // namespace
}  // namespace descent
