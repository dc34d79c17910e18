// Random small training problems: any layers, any activations, any loss.
#pragma once

#include "framework/activation.hpp"
#include "framework/loss.hpp"
#include "framework/random.hpp"
#include "models/network.hpp"
#include "models/summed_loss.hpp"

#include <string>
#include <vector>

namespace descent::test {

struct RandomProblem {
  NetworkSpec spec;
  std::string loss;
  Matrix<double> x;  // (N, d)
  Matrix<double> t;  // (N, k)
  std::vector<double> w;
};

inline std::size_t between(Rng& rng, std::uint32_t low, std::uint32_t high) { return low + rng.below(high - low + 1); }

inline Matrix<double> random_targets(const Loss<double>& loss, std::size_t rows, std::size_t outputs, Rng& rng) {
  Matrix<double> t = zeros<double>(rows, loss.targets == TargetKind::classes ? 1 : outputs);
  for (double& element : t) switch (loss.targets) {
      case TargetKind::classes:
        element = rng.below(static_cast<std::uint32_t>(outputs));
        break;
      case TargetKind::binary:
        element = rng.below(2);
        break;
      case TargetKind::counts:
        element = rng.below(5);
        break;
      case TargetKind::numbers:
        element = rng.normal();
        break;
    }
  return t;
}

// 1 to 4 layers, widths 1 to 17, 1 to 9 rows; activations and losses in turn by `index`, so that
// hundreds of problems meet every pair. Weights are drawn from the activation's own initializer,
// biases from ±1/2.
inline RandomProblem random_problem(std::uint32_t index) {
  Rng rng(99, Purpose::check, 0, index);
  const auto activations = activation_names();
  const auto losses = loss_names();
  RandomProblem problem;
  problem.loss = losses[index % losses.size()];
  const Loss<double>& loss = find_loss<double>(problem.loss);
  problem.spec.inputs = between(rng, 1, 17);
  const std::size_t layers = between(rng, 1, 4);
  for (std::size_t l = 0; l < layers; ++l) {
    const bool last = l + 1 == layers;
    LayerSpec layer;
    layer.units = between(rng, last && loss.targets == TargetKind::classes ? 2 : 1, 17);
    layer.activation = activations[(index / losses.size() + l) % activations.size()];
    layer.bias = rng.below(8) != 0;
    if (last && rng.below(2) == 0) layer.activation = "identity";
    problem.spec.layers.push_back(layer);
    if (!last && rng.below(6) == 0) problem.spec.layers.push_back({.kind = "activation", .activation = "tanh"});
  }
  const std::size_t rows = between(rng, 1, 9);
  const Network<double> network(problem.spec);
  problem.x = zeros<double>(rows, problem.spec.inputs);
  for (double& element : problem.x) element = rng.normal();
  problem.t = random_targets(loss, rows, network.outputs(), rng);
  problem.w.resize(network.parameters());
  network.initialize(problem.w, index);
  for (const NetworkBlock& named : network.blocks())
    if (!named.block.is_matrix)
      for (std::size_t j = 0; j < named.block.cols; ++j) problem.w[named.block.offset + j] = rng.uniform(-0.5, 0.5);
  return problem;
}

template <class Real>
TrainingRows<Real> rows_of(const RandomProblem& problem) {
  return {xt::cast<Real>(problem.x), xt::cast<Real>(problem.t), {}};
}

}  // namespace descent::test
