// What the units of a network do over a set of rows, and which of them are one unit in several copies: what makes a
// start bad before the first step is made.
#pragma once

#include "models/network.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace descent {

// |φ′(z)| below this is flat: tanh beyond ±0.995, sigmoid beyond 0.01 and 0.99. leaky_relu's 0.01 is not below it.
inline constexpr double kFlatSlope = 0.01;
// A saturated unit is flat on at least this share of the rows.
inline constexpr double kFlatShare = 0.9;

// Units by index, ascending.
struct LayerStatistics {
  std::size_t layer = 0;   // index in NetworkSpec::layers
  std::string activation;  // its name
  std::size_t units = 0;
  // Output 0 and slope φ′ = 0 on every row: no gradient passes, and none reaches the unit's weights.
  std::vector<std::size_t> dead;
  // Flat on kFlatShare of the rows. Only of activations that level off on both sides (tanh, sigmoid): a relu that is 0
  // on most rows is sparse, not saturated.
  std::vector<std::size_t> saturated;
  double size = 0;  // root mean square of the outputs over rows and units; may be inf
};

// One entry a layer, over the rows x (N, d), N ≥ 1, at w (n). In float64 whatever the training's precision. Allocates.
std::vector<LayerStatistics> unit_statistics(const NetworkSpec& spec, ConstParams<double> w, ConstMatrixView<double> x);

// Units of a dense layer with equal weights into them and equal weights out of them into the next dense layer. The loss
// is symmetric in them, so their gradients are equal, and no step of any method tells them apart: together they stay
// one unit for ever.
struct EqualUnits {
  std::size_t layer = 0;           // of the units
  std::vector<std::size_t> units;  // two or more, ascending
};

// By layer, then by first unit. The outputs of the network are not looked at: their targets differ.
std::vector<EqualUnits> equal_units(const NetworkSpec& spec, ConstParams<double> w);

}  // namespace descent
