// Random starts for a weight matrix W (I, O), as rows of one table. Biases start at 0.
#pragma once

#include "framework/random.hpp"
#include "framework/tensor.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace descent {

struct Initializer {
  std::string_view name;
  std::string_view formula;  // the distribution, for help texts
  // Fills W; `scale` multiplies the standard deviation, limit or constant. Draws in float64 whatever
  // the precision of training, so float and double networks start at the same (rounded) point.
  void (*fill)(MatrixView<double> w, double scale, Rng& rng);
};

std::span<const Initializer> initializers();

// Throws Error(usage) with the known names.
const Initializer& find_initializer(std::string_view name);

std::vector<std::string> initializer_names();

}  // namespace descent
