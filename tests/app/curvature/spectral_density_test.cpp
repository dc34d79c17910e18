// Trace and density of Hessians' spectra from random probes, against those of all eigenvalues.
#include "trainers/spectral_density.hpp"

#include "models/summed_loss.hpp"
#include "tests/support/problems.hpp"
#include "trainers/curvature.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

namespace descent {
namespace {

using support::Quadratic;

double sum(const std::vector<double>& v) { return std::accumulate(v.begin(), v.end(), 0.0); }

TEST(SpectralDensity, OfAWholeSpectrumIsExact) {
  Quadratic<double> f(20, 100, 3);
  const SpectralDensity density = spectral_density(f, std::vector<double>(20));
  EXPECT_TRUE(density.exact);
  EXPECT_EQ(density.values.size(), 20u);
  EXPECT_NEAR(density.trace, sum(f.eigenvalues()), 1e-10);
  EXPECT_EQ(density.trace_error, 0);
  EXPECT_EQ(density.count(0, 1e3), 20);
  EXPECT_EQ(density.count(50, 1e3) + density.count(0, 50), 20);
}

TEST(SpectralDensity, OfProbesAgreesWithAllEigenvalues) {
  const Network<double> network({8, {{.units = 20, .activation = "tanh"}, {.units = 4}}});
  Rng rng(1, Purpose::check);
  TrainingRows<double> rows{zeros<double>(60, 8), zeros<double>(60, 1), {}};
  for (double& x : rows.inputs) x = rng.normal();
  for (double& t : rows.targets) t = rng.below(4);
  SummedLoss<double> f(network, find_loss<double>("cross_entropy"), rows);
  std::vector<double> w(network.parameters());
  network.initialize(w, 5);
  const std::vector<double> values = hessian_spectrum(f, w).values;
  const double n = static_cast<double>(values.size()), largest = values.back();
  const SpectralDensity density = spectral_density(f, w, {.probes = 30, .whole = 0});
  EXPECT_FALSE(density.exact);
  EXPECT_EQ(density.products, 30u * 64);
  EXPECT_NEAR(sum(density.counts), n, 1e-9 * n);
  EXPECT_NEAR(density.trace, sum(values), 4 * density.trace_error);
  EXPECT_LE(density.trace_error, 0.1 * std::abs(sum(values)));
  EXPECT_NEAR(density.values.back(), largest, 1e-6 * largest) << "the ends are found as Lanczos finds them";
  EXPECT_NEAR(density.values.front(), values.front(), 1e-6 * largest);
  for (const double x : {-0.05, 0.0, 0.05, 0.3, 0.9}) {
    double exact = 0;
    for (const double value : values) {
      const double z = (x * largest - value) / (0.1 * largest);
      exact += std::exp(-z * z / 2) / (0.1 * largest * std::sqrt(2 * std::acos(-1.0)));
    }
    EXPECT_NEAR(density.density(x * largest, 0.1 * largest), exact, 0.1 * exact + 0.01 * n / largest) << x;
  }
  double second = 0, moment = 0;  // Σ λ²
  for (const double value : values) second += value * value;
  for (std::size_t i = 0; i < density.values.size(); ++i)
    moment += density.counts[i] * density.values[i] * density.values[i];
  EXPECT_NEAR(moment, second, 0.2 * second);
}

TEST(SpectralDensity, SeesFlatDirectionsByNumber) {
  support::LeastSquares<double> f(40, 200, 0.1, 4);  // 160 of 200 eigenvalues are 0
  const SpectralDensity density = spectral_density(f, std::vector<double>(200), {.probes = 40, .whole = 0});
  EXPECT_NEAR(density.count(-1e-6, 1e-6), 160, 8);
  EXPECT_EQ(density.count(-1e9, -1e-6), 0);
}

TEST(SpectralDensity, TheSameSeedGivesTheSameBitsAndAnotherOtherProbes) {
  Quadratic<double> f(100, 1e3, 8);
  const std::vector<double> w(100);
  const auto at = [&](std::uint64_t seed) { return spectral_density(f, w, {.whole = 0, .seed = seed}); };
  EXPECT_EQ(at(3).values, at(3).values);
  EXPECT_EQ(at(3).trace, at(3).trace);
  EXPECT_NE(at(3).values, at(4).values);
}

TEST(SpectralDensity, IsEmptyWhereTheHessianIsNotFinite) {
  const Network<double> network({1, {{.units = 30, .activation = "softplus"}, {.units = 1}}});
  TrainingRows<double> rows{zeros<double>(2, 1), zeros<double>(2, 1), {}};
  rows.inputs.fill(1e200);
  SummedLoss<double> f(network, find_loss<double>("squared_error"), rows);
  for (const std::size_t whole : {0u, 500u}) {
    const SpectralDensity density = spectral_density(f, std::vector<double>(91, 1e160), {.whole = whole});
    EXPECT_TRUE(density.values.empty());
    EXPECT_FALSE(std::isfinite(density.trace));
    EXPECT_EQ(density.count(-1e300, 1e300), 0);
  }
}

TEST(SpectralDensity, OfZerosAndOfOneEigenvalueManyTimesEndsEarly) {
  const Network<double> network({2, {{.units = 1, .bias = false}}});
  TrainingRows<double> rows{zeros<double>(2, 2), zeros<double>(2, 1), {}};
  SummedLoss<double> f(network, find_loss<double>("squared_error"), rows);
  const SpectralDensity zero = spectral_density(f, std::vector<double>(2), {.whole = 0});
  EXPECT_EQ(zero.trace, 0);
  EXPECT_NEAR(zero.count(-1e-300, 0), 2, 1e-12);
  rows.inputs(0, 0) = rows.inputs(1, 1) = 1;
  SummedLoss<double> g(network, find_loss<double>("squared_error"), rows);
  const SpectralDensity twice = spectral_density(g, std::vector<double>(2), {.whole = 0});
  EXPECT_NEAR(twice.trace, 4, 1e-14);
  EXPECT_NEAR(twice.count(1.999, 2.001), 2, 1e-12);
}

}  // namespace
}  // namespace descent
