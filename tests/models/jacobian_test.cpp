// Jacobians of the outputs, and the Gauss–Newton matrix that is made of them.
#include "models/jacobian.hpp"

#include "framework/derivative_check.hpp"
#include "models/summed_loss.hpp"
#include "tests/support/random_network.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace descent {
namespace {

using test::RandomProblem;

double output(const RandomProblem& p, std::vector<double> w, const Matrix<double>& x, std::size_t row, std::size_t k) {
  const Network<double> network(p.spec);
  Workspace<double> work(network);
  work.reserve(x.shape(0));
  return network.forward(w, view(x), work, false)(row, k);
}

TEST(Jacobian, EqualsDifferencesOfTheOutputs) {
  for (std::uint32_t index = 0; index < 12; ++index) {
    RandomProblem p = test::random_problem(index);
    for (LayerSpec& layer : p.spec.layers)
      if (layer.activation.ends_with("elu") && layer.activation != "gelu") layer.activation = "silu";  // no kinks
    const Network<double> network(p.spec);
    const Matrix<double> by_weight = weight_jacobian<double>(network, p.w, view(p.x));
    const Matrix<double> by_input = input_jacobian<double>(network, p.w, view(p.x));
    const std::size_t rows = p.x.shape(0), outputs = network.outputs();
    ASSERT_EQ(by_weight.shape(0), rows * outputs);
    ASSERT_EQ(by_input.shape(0), rows * outputs);
    Rng rng(4, Purpose::check, 0, index);
    for (int trial = 0; trial < 20; ++trial) {
      const std::size_t i = rng.below(static_cast<std::uint32_t>(rows));
      const std::size_t k = rng.below(static_cast<std::uint32_t>(outputs));
      const std::size_t j = rng.below(static_cast<std::uint32_t>(p.w.size()));
      const std::size_t d = rng.below(static_cast<std::uint32_t>(p.x.shape(1)));
      std::vector<double> w = p.w;
      const auto along_w = [&](double at) {
        w[j] = at;
        return output(p, w, p.x, i, k);
      };
      EXPECT_NEAR(by_weight(i * outputs + k, j), ridders_derivative(along_w, p.w[j], 0.05).value, 1e-8) << index;
      Matrix<double> x = p.x;
      const auto along_x = [&](double at) {
        x(i, d) = at;
        return output(p, p.w, x, i, k);
      };
      EXPECT_NEAR(by_input(i * outputs + k, d), ridders_derivative(along_x, p.x(i, d), 0.05).value, 1e-8) << index;
    }
  }
}

TEST(Jacobian, TimesTheLossesCurvatureIsTheGaussNewtonProduct) {
  for (std::uint32_t index = 0; index < 60; ++index) {
    const RandomProblem p = test::random_problem(index);
    const Network<double> network(p.spec);
    const Loss<double>& loss = find_loss<double>(p.loss);
    SummedLoss<double> objective(network, loss, test::rows_of<double>(p));
    const std::size_t n = p.w.size(), rows = p.x.shape(0), outputs = network.outputs();
    Rng rng(6, Purpose::check, 0, index);
    std::vector<double> v(n), gv(n), expected(n, 0.0);
    for (double& x : v) x = rng.normal();
    objective.gauss_newton_vector(p.w, v, gv);

    const Matrix<double> jacobian = weight_jacobian<double>(network, p.w, view(p.x));
    Matrix<double> y_dot = zeros<double>(rows, outputs), s = zeros<double>(rows, outputs);
    for (std::size_t r = 0; r < rows * outputs; ++r)
      for (std::size_t j = 0; j < n; ++j) y_dot.data()[r] += jacobian(r, j) * v[j];
    Workspace<double> work(network);
    work.reserve(rows);
    loss.curve(network.forward(p.w, view(p.x), work, false), view(p.t), view(std::as_const(y_dot)), view(s));
    double size = 0, down = 0;
    for (std::size_t j = 0; j < n; ++j) {
      for (std::size_t r = 0; r < rows * outputs; ++r) expected[j] += jacobian(r, j) * s.data()[r];
      size = std::max(size, std::abs(expected[j]));
      down += gv[j] * v[j];
    }
    for (std::size_t j = 0; j < n; ++j) ASSERT_NEAR(gv[j], expected[j], 1e-12 * size) << index << ' ' << p.loss;
    EXPECT_GE(down, -1e-12 * size) << "never indefinite, " << p.loss;
  }
}

TEST(GaussNewton, IsTheHessianWhereTheNetworkIsLinear) {
  const Network<double> network({4, {{.units = 3, .activation = "identity"}}});
  TrainingRows<double> rows{zeros<double>(12, 4), zeros<double>(12, 1), {}};
  Rng rng(8, Purpose::check);
  for (double& x : rows.inputs) x = rng.normal();
  for (double& t : rows.targets) t = rng.below(3);
  SummedLoss<double> objective(network, find_loss<double>("cross_entropy"), rows);
  std::vector<double> w(15), v(15), hv(15), gv(15);
  for (double& x : w) x = rng.normal();
  for (double& x : v) x = rng.normal();
  objective.hessian_vector(w, v, hv);
  objective.gauss_newton_vector(w, v, gv);
  for (std::size_t j = 0; j < 15; ++j) EXPECT_NEAR(hv[j], gv[j], 1e-13);
}

}  // namespace
}  // namespace descent
