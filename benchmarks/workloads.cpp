#include "benchmarks/workloads.hpp"

namespace descent::benchmarks {

std::vector<Workload> workloads() {
  // A squared error of standard normal targets is far steeper than a cross-entropy of random classes.
  return {
      {"iris", {4, 16, 3}, "tanh", 150, 150, "cross_entropy", 1e-4},
      {"iris-mb", {4, 16, 3}, "tanh", 150, 16, "cross_entropy", 1e-4},
      {"digits", {64, 32, 10}, "relu", 1797, 32, "cross_entropy", 1e-4},
      {"mnist", {784, 128, 10}, "relu", 10'000, 64, "cross_entropy", 1e-4},
      {"wide", {784, 512, 512, 10}, "relu", 10'000, 128, "cross_entropy", 1e-4},
      {"reg", {1, 64, 64, 1}, "tanh", 2'048, 256, "squared_error", 1e-6},
      {"deep", {32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 1}, "tanh", 2'048, 64, "squared_error", 1e-6},
  };
}

}  // namespace descent::benchmarks
