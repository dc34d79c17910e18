// What a run minimised, in float64 whatever the precision of the training: for everything that needs second
// derivatives.
#pragma once

#include "app/experiment/training_objective.hpp"

#include <vector>

namespace descent {

// Weights in float64; those of a float32 training widen without loss.
template <class Real>
std::vector<double> widened(ConstParams<Real> w) {
  return {w.begin(), w.end()};
}

using CurvatureObjective = TrainingObjective<double>;

}  // namespace descent
