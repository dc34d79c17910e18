// What a network trains on: numbers only, with the names that make them readable.
#pragma once

#include "framework/tensor.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace descent {

struct Dataset {
  Matrix<double> inputs;                  // (N, d), standardised
  Matrix<double> targets;                 // (N, k); (N, 1) with class indices for classes
  std::vector<std::string> input_names;   // d; a one-hot input is "column=category"
  std::vector<std::string> target_names;  // k
  std::vector<std::string> classes;       // the name of each class, for class targets
  std::vector<std::uint32_t> rows;        // N, the table row each came from

  std::size_t size() const { return inputs.shape(0); }
};

// The given rows of a data set, in that order.
Dataset select(const Dataset& data, const std::vector<std::uint32_t>& rows);

// So many of its rows (≤ N), evenly spaced from the first.
Dataset select_evenly(const Dataset& data, std::size_t rows);

}  // namespace descent
