// Steps of gradient descent whose figures are known from elsewhere.
#include "models/summed_loss.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace descent {
namespace {

Matrix<double> matrix(std::size_t rows, std::size_t cols, const std::vector<double>& numbers) {
  Matrix<double> m = zeros<double>(rows, cols);
  std::ranges::copy(numbers, m.begin());
  return m;
}

void step(Objective<double>& objective, std::vector<double>& w, double gamma) {
  std::vector<double> g(w.size());
  objective.value_and_gradient(w, g);
  for (std::size_t j = 0; j < w.size(); ++j) w[j] -= gamma * g[j];
}

// Sigmoid 3-2-1 with binary cross-entropy, γ = 0.1.
TEST(HandChecked, OneStepOfA321Network) {
  const Network<double> network({3, {{.units = 2, .activation = "sigmoid"}, {.units = 1}}});
  SummedLoss<double> objective(network, find_loss<double>("binary_cross_entropy"),
                               {matrix(1, 3, {.6, .8, .7}), matrix(1, 1, {0}), {}});
  std::vector<double> w = {.1, .2, .3, .1, .5, 0, .1, .1, .1, .2, 1};  // W1 (3, 2), b1, W2 (2, 1), b2
  EXPECT_NEAR(objective.value(w), 1.4500951146222292, 1e-12);
  step(objective, w, .1);
  EXPECT_NEAR(w[0], .0989992710187663, 1e-12);
  EXPECT_NEAR(w[1], .197754546692525, 1e-12);
  EXPECT_NEAR(w[10], .923454797809048, 1e-12);

  Workspace<double> work(network);
  work.reserve(1);
  const Matrix<double> x = matrix(1, 3, {.6, .8, .7});
  const MatrixView<double> y = network.forward(w, view(x), work, false);
  find_loss<double>("binary_cross_entropy").predict(y);
  EXPECT_NEAR(y(0, 0), .739870242309441, 1e-12);
}

// The 2-2-2 network of Mazur, "A step by step backpropagation example" (2015), with two differences:
// the squared error has no ½, and the biases learn. W is (I, O), the tutorial numbers by (O, I).
TEST(HandChecked, OneStepOfMazursNetwork) {
  const Network<double> network({2, {{.units = 2, .activation = "sigmoid"}, {.units = 2, .activation = "sigmoid"}}});
  SummedLoss<double> objective(network, find_loss<double>("squared_error"),
                               {matrix(1, 2, {.05, .10}), matrix(1, 2, {.01, .99}), {}});
  std::vector<double> w = {.15, .25, .20, .30, .35, .35, .40, .50, .45, .55, .60, .60};
  EXPECT_NEAR(objective.value(w), .59674221752, 5e-12);
  EXPECT_NEAR(objective.value(w) / 2, 0.298371109, 5e-10) << "the tutorial's own figure";
  step(objective, w, .25);
  // Half the rate undoes the missing ½, so the weights are the tutorial's.
  EXPECT_NEAR(w[6], 0.35891648, 5e-9);    // w5
  EXPECT_NEAR(w[8], 0.408666186, 5e-10);  // w6
  EXPECT_NEAR(w[7], 0.511301270, 5e-10);  // w7
  EXPECT_NEAR(w[9], 0.561370121, 5e-10);  // w8
  EXPECT_NEAR(w[0], 0.149780716, 5e-10);  // w1
  EXPECT_NEAR(w[2], 0.19956143, 5e-9);    // w2
  EXPECT_NEAR(w[1], 0.24975114, 5e-9);    // w3
  EXPECT_NEAR(w[3], 0.29950229, 5e-9);    // w4

  w = {.15, .25, .20, .30, .35, .35, .40, .50, .45, .55, .60, .60};
  step(objective, w, .5);
  EXPECT_NEAR(objective.value(w), .524569695496, 1e-12);
}

}  // namespace
}  // namespace descent
