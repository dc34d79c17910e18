// The trainings that are measured. `epochs --list` tells them to the peers.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace descent::benchmarks {

struct Workload {
  std::string name;
  std::vector<std::size_t> layers;  // inputs, hidden widths, outputs
  std::string activation;           // of the hidden layers
  std::size_t rows;                 // N
  std::size_t batch;                // B; N: one step an epoch
  std::string loss;                 // cross_entropy: random classes; squared_error: standard normal targets
  double gamma;                     // of the summed loss; so small that nothing diverges

  std::size_t weights() const {  // W, without biases
    std::size_t sum = 0;
    for (std::size_t l = 0; l + 1 < layers.size(); ++l) sum += layers[l] * layers[l + 1];
    return sum;
  }

  // Multiplications and additions of an epoch that products cannot avoid: 6·W a row (forward, and two products
  // backward), less 2·W₁, as nobody needs the derivative with respect to the inputs.
  double operations() const {
    const double w = static_cast<double>(weights()), w1 = static_cast<double>(layers[0] * layers[1]);
    return static_cast<double>(rows) * (6 * w - 2 * w1);
  }
};

std::vector<Workload> workloads();

}  // namespace descent::benchmarks
