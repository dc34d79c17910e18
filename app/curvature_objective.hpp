// What a run minimised, in float64 whatever the precision of the training: for everything that needs second
// derivatives.
#pragma once

#include "app/experiment.hpp"
#include "models/l2_penalty.hpp"
#include "models/summed_loss.hpp"

#include <vector>

namespace descent {

// Weights in float64; those of a float32 training widen without loss.
template <class Real>
std::vector<double> widened(ConstParams<Real> w) {
  return {w.begin(), w.end()};
}

// L(w) = Σ over the training rows + ½ λ ‖W‖², with gradient and Hessian. Holds a copy of the rows, and nothing of the
// experiment.
class CurvatureObjective {
 public:
  explicit CurvatureObjective(const Experiment& experiment);
  CurvatureObjective(const CurvatureObjective&) = delete;
  CurvatureObjective& operator=(const CurvatureObjective&) = delete;

  Objective<double>& objective() { return has_penalty_ ? static_cast<Objective<double>&>(penalised_) : summed_; }
  SummedLoss<double>& summed() { return summed_; }  // without the penalty
  const Network<double>& network() const { return network_; }
  std::size_t rows() const { return summed_.terms(); }

 private:
  Network<double> network_;
  SummedLoss<double> summed_;
  bool has_penalty_;
  L2Penalty<double> penalised_;
};

}  // namespace descent
