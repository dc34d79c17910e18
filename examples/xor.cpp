// Exclusive or, learned by w <- w - gamma grad L(w): the library in one screen.
#include "models/network.hpp"
#include "models/summed_loss.hpp"
#include "trainers/minimize.hpp"

#include <cmath>
#include <cstdio>
#include <vector>

int main() {
  using namespace descent;
  // Two inputs, four tanh units, one output: a logit.
  const Network<double> network({.inputs = 2, .layers = {{.units = 4, .activation = "tanh"}, {.units = 1}}});
  const Matrix<double> x{{0, 0}, {0, 1}, {1, 0}, {1, 1}};
  const Matrix<double> t{{0}, {1}, {1}, {0}};
  SummedLoss<double> loss(network, find_loss<double>("binary_cross_entropy"), {x, t, {}});

  std::vector<double> w(network.parameters());
  network.initialize(w, /*seed=*/1);
  const auto direction = make_direction<double>("steepest");
  const auto step_size = make_schedule<double>({.learning_rate = 1});
  Options<double> options;
  options.epochs = 5000;
  options.loss_target = 1e-3;
  const Report report = minimize<double>(loss, w, *direction, *step_size, options);

  std::printf("%s\nL = %g\n", report.sentence.c_str(), loss.value(w));
  Workspace<double> work(network);
  work.reserve(4);
  const MatrixView<double> logits = network.forward(w, view(x), work, false);
  for (std::size_t i = 0; i < 4; ++i)
    std::printf("%g xor %g = %.4f\n", x(i, 0), x(i, 1), 1 / (1 + std::exp(-logits(i, 0))));
  return report.status() == Status::converged ? 0 : 1;
}
