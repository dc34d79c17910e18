// Networks without a hidden layer have optima known from classical statistics.
#include "models/summed_loss.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace descent {
namespace {

using Rows = std::vector<std::vector<long double>>;

// argmin ‖a x − b‖ by Householder reflections, in long double.
std::vector<long double> least_squares(Rows a, std::vector<long double> b) {
  const std::size_t m = a.size(), n = a[0].size();
  for (std::size_t k = 0; k < n; ++k) {
    std::vector<long double> v(m, 0);
    long double size = 0;
    for (std::size_t i = k; i < m; ++i) size += a[i][k] * a[i][k];
    for (std::size_t i = k; i < m; ++i) v[i] = a[i][k];
    v[k] += std::copysign(std::sqrt(size), a[k][k]);
    long double vv = 0;
    for (const long double x : v) vv += x * x;
    const auto reflect = [&](auto&& entry) {
      long double dot = 0;
      for (std::size_t i = k; i < m; ++i) dot += v[i] * entry(i);
      for (std::size_t i = k; i < m; ++i) entry(i) -= 2 * dot / vv * v[i];
    };
    for (std::size_t j = k; j < n; ++j) reflect([&](std::size_t i) -> long double& { return a[i][j]; });
    reflect([&](std::size_t i) -> long double& { return b[i]; });
  }
  std::vector<long double> x(n);
  for (std::size_t k = n; k-- > 0;) {
    x[k] = b[k];
    for (std::size_t j = k + 1; j < n; ++j) x[k] -= a[k][j] * x[j];
    x[k] /= a[k][k];
  }
  return x;
}

TEST(LeastSquares, TheOracleSolvesAProblemByHand) {
  // y = 1 + 2 t at t = 0, 1, 2 with residuals (1, −2, 1), which are orthogonal to both columns.
  const auto x = least_squares({{1, 0}, {1, 1}, {1, 2}}, {2, 1, 6});
  EXPECT_NEAR(static_cast<double>(x[0]), 1, 1e-15);
  EXPECT_NEAR(static_cast<double>(x[1]), 2, 1e-15);
}

struct Problem {
  Matrix<double> x;
  Matrix<double> t;
  Rows design;  // x with a column of ones behind, as the bias stands behind the weights
};

Problem problem(std::size_t rows, std::size_t inputs, std::uint32_t index) {
  Rng rng(21, Purpose::check, 0, index);
  Problem made{zeros<double>(rows, inputs), zeros<double>(rows, 1), Rows(rows)};
  for (std::size_t i = 0; i < rows; ++i) {
    double signal = 0.5;
    for (std::size_t j = 0; j < inputs; ++j) {
      made.x(i, j) = rng.normal();
      signal += made.x(i, j) * (j % 2 == 0 ? 1 : -1);
      made.design[i].push_back(made.x(i, j));
    }
    made.design[i].push_back(1);
    made.t(i, 0) = signal + rng.normal();
  }
  return made;
}

// Plain full-batch gradient descent until the gradient stands at rounding.
std::vector<double> descended(Objective<double>& objective, double gamma, int steps) {
  std::vector<double> w(objective.dimension()), g(w.size());
  for (int k = 0; k < steps; ++k) {
    objective.value_and_gradient(w, g);
    for (std::size_t j = 0; j < w.size(); ++j) w[j] -= gamma * g[j];
  }
  return w;
}

TEST(KnownAnswers, ALinearLayerBecomesLeastSquares) {
  for (std::uint32_t index = 0; index < 10; ++index) {
    const Problem p = problem(80, 1 + index % 6, index);
    std::vector<long double> t(p.t.begin(), p.t.end());
    const auto exact = least_squares(p.design, t);
    const Network<double> network({p.x.shape(1), {{.units = 1}}});
    SummedLoss<double> objective(network, find_loss<double>("squared_error"), {p.x, p.t, {}});
    const std::vector<double> w = descended(objective, 0.5 / 160, 3000);
    for (std::size_t j = 0; j < w.size(); ++j)
      EXPECT_NEAR(w[j], exact[j], 1e-10 * std::abs(static_cast<double>(exact[j]))) << index;
  }
}

// Iteratively reweighted least squares: Newton's method for the logistic likelihood.
std::vector<long double> irls(const Rows& design, const std::vector<long double>& t) {
  std::vector<long double> w(design[0].size(), 0);
  for (int iteration = 0; iteration < 30; ++iteration) {
    Rows weighted = design;
    std::vector<long double> response(t.size());
    for (std::size_t i = 0; i < t.size(); ++i) {
      long double z = 0;
      for (std::size_t j = 0; j < w.size(); ++j) z += design[i][j] * w[j];
      const long double p = 1 / (1 + std::exp(-z)), root = std::sqrt(p * (1 - p));
      for (long double& entry : weighted[i]) entry *= root;
      response[i] = root * (z + (t[i] - p) / (p * (1 - p)));
    }
    w = least_squares(weighted, response);
  }
  return w;
}

TEST(KnownAnswers, ASigmoidLayerBecomesLogisticRegression) {
  for (std::uint32_t index = 0; index < 5; ++index) {
    Problem p = problem(150, 1 + index % 3, index);
    std::vector<long double> t;
    for (double& target : p.t) t.push_back(target = target > 0.5);
    const auto exact = irls(p.design, t);
    const Network<double> network({p.x.shape(1), {{.units = 1}}});
    SummedLoss<double> objective(network, find_loss<double>("binary_cross_entropy"), {p.x, p.t, {}});
    const std::vector<double> w = descended(objective, 0.03, 6000);
    for (std::size_t j = 0; j < w.size(); ++j)
      EXPECT_NEAR(w[j], exact[j], 1e-9 * std::abs(static_cast<double>(exact[j]))) << index;
  }
}

TEST(KnownAnswers, SoftmaxOverTwoClassesIsLogisticRegressionOfTheirDifference) {
  Problem p = problem(150, 2, 1);
  std::vector<long double> t;
  for (double& target : p.t) t.push_back(target = target > 0.5);
  const auto exact = irls(p.design, t);
  const Network<double> network({2, {{.units = 2}}});
  SummedLoss<double> objective(network, find_loss<double>("cross_entropy"), {p.x, p.t, {}});
  const std::vector<double> w = descended(objective, 0.015, 6000);
  for (std::size_t j = 0; j < exact.size(); ++j)
    EXPECT_NEAR(w[2 * j + 1] - w[2 * j], exact[j], 1e-9 * std::abs(static_cast<double>(exact[j])));
}

}  // namespace
}  // namespace descent
