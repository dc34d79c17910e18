// What is wrong with the weights a run starts from, said before its first step.
#pragma once

#include "app/experiment/experiment.hpp"
#include "models/unit_statistics.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace descent {

// The units at w (n) over a bounded sample of the training rows, evenly spaced: all rows of small data, fewer where the
// network is large, so that it costs less than an epoch.
struct StartingUnits {
  std::size_t rows = 0;  // looked at
  std::vector<LayerStatistics> layers;
  std::vector<EqualUnits> equal;
};
StartingUnits starting_units(const Experiment& experiment, ConstParams<double> w);

// One line each, with the remedy that was seen to help; none for a start as it should be:
//   dead        a quarter of the first layer's units or more, or half of a later one's, are 0 on every row (relu)
//   saturated   a quarter or more of a layer's units are flat on nearly every row (tanh, sigmoid)
//   equal       units of a layer with equal weights, which stay equal for ever
// Costs a pass over the sample, and a few more where something is wrong.
std::vector<std::string> bad_start_warnings(const Experiment& experiment);

}  // namespace descent
