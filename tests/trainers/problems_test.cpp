// The shared problems are what their rows say.
#include "tests/support/problems.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

namespace descent {
namespace {

TEST(Problems, GradientsAreThoseOfCentralDifferences) {
  const double h = std::cbrt(2.2e-16);
  for (const support::Problem& p : support::problems()) {
    support::Formula<double> f(p);
    std::vector<double> x = p.start, g(x.size()), unused(x.size());
    for (double& v : x) v += 0.123;
    f.value_and_gradient(x, g);
    for (std::size_t i = 0; i < x.size(); ++i) {
      std::vector<double> up = x, down = x;
      up[i] += h;
      down[i] -= h;
      const double slope = (f.value(up) - f.value(down)) / (up[i] - down[i]);
      EXPECT_NEAR(g[i], slope, 1e-7 * (1 + std::abs(g[i]))) << p.name << " " << i;
    }
  }
}

TEST(Problems, MinimaAreCriticalAndHaveTheirValue) {
  for (const support::Problem& p : support::problems()) {
    support::Formula<double> f(p);
    for (const std::vector<double>& x : p.minima) {
      std::vector<double> g(x.size());
      EXPECT_NEAR(f.value_and_gradient(x, g), p.minimum, 1e-12 * (1 + std::abs(p.minimum))) << p.name;
      for (const double v : g) EXPECT_NEAR(v, 0, 1e-12) << p.name;
    }
  }
}

TEST(Problems, LimitsAreTwoOverTheLargestCurvature) {
  for (const support::Problem& p : support::problems()) {
    support::Formula<double> f(p);
    const std::vector<double>& x = p.minima[0];
    std::vector<double> v(x.size(), 1), up(x), down(x), gu(x), gd(x);
    v[0] = 0.7;
    double curvature = 0;
    for (int k = 0; k < 200; ++k) {  // power iteration on difference quotients of the gradient
      for (std::size_t i = 0; i < x.size(); ++i) {
        up[i] = x[i] + 1e-5 * v[i];
        down[i] = x[i] - 1e-5 * v[i];
      }
      f.value_and_gradient(up, gu);
      f.value_and_gradient(down, gd);
      curvature = 0;
      for (std::size_t i = 0; i < x.size(); ++i) {
        v[i] = (gu[i] - gd[i]) / 2e-5;
        curvature += v[i] * v[i];
      }
      curvature = std::sqrt(curvature);
      for (double& e : v) e /= curvature;
    }
    EXPECT_NEAR(2 / curvature, p.limit, 1e-3 * p.limit) << p.name;
  }
}

TEST(Problems, AQuadraticHasItsMinimizerAndSpectrum) {
  support::Quadratic<double> f(12, 1e4, 3);
  std::vector<double> w = f.minimizer(), g(12);
  f.value_and_gradient(w, g);
  for (const double v : g) EXPECT_NEAR(v, 0, 1e-10);
  EXPECT_EQ(f.eigenvalues().front(), 1);
  EXPECT_EQ(f.eigenvalues().back(), 1e4);
  double trace = 0, sum = 0;
  for (std::size_t i = 0; i < 12; ++i) {
    std::vector<double> e = f.minimizer();
    e[i] += 1;
    f.value_and_gradient(e, g);
    trace += g[i];
    sum += f.eigenvalues()[i];
  }
  EXPECT_NEAR(trace, sum, 1e-9 * sum);
}

TEST(Problems, LeastSquaresIsASumOverItsRows) {
  support::LeastSquares<double> f(5, 3, 0.1, 1);
  const std::vector<double> w = {0.3, -0.2, 1};
  std::vector<double> g(3), part(3), sum(3, 0.0);
  const double whole = f.value_and_gradient(w, g);
  double total = 0;
  for (std::uint32_t i = 0; i < 5; ++i) {
    total += f.value_and_gradient(w, part, std::span(&i, 1));
    for (std::size_t j = 0; j < 3; ++j) sum[j] += part[j];
  }
  EXPECT_NEAR(whole, total, 1e-14 * whole);
  EXPECT_NEAR(whole, f.value(w), 0);
  for (std::size_t j = 0; j < 3; ++j) EXPECT_NEAR(g[j], sum[j], 1e-13);
}

}  // namespace
}  // namespace descent
