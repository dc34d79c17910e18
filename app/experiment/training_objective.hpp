// What a run minimises: the one place where network, loss and penalty of an experiment come together.
#pragma once

#include "app/experiment/experiment.hpp"
#include "models/l2_penalty.hpp"
#include "models/summed_loss.hpp"

#include <cstddef>
#include <limits>

namespace descent {

// L(w) = Σ over the training rows + ½ λ ‖W‖², with gradient and Hessian. Holds a copy of the rows, and nothing of the
// experiment.
template <class Real>
class TrainingObjective {
 public:
  // Of more rows than `most_rows` so many are taken, evenly spaced, with their share of the penalty: L is that share of
  // the whole, on average.
  explicit TrainingObjective(const Experiment& experiment,
                             std::size_t most_rows = std::numeric_limits<std::size_t>::max());
  TrainingObjective(const TrainingObjective&) = delete;
  TrainingObjective& operator=(const TrainingObjective&) = delete;

  Objective<Real>& objective() { return has_penalty_ ? static_cast<Objective<Real>&>(penalised_) : summed_; }
  SummedLoss<Real>& summed() { return summed_; }  // without the penalty
  const Network<Real>& network() const { return network_; }
  const Loss<Real>& loss() const { return loss_; }
  std::size_t rows() const { return summed_.terms(); }

 private:
  Network<Real> network_;
  const Loss<Real>& loss_;
  SummedLoss<Real> summed_;
  bool has_penalty_;
  L2Penalty<Real> penalised_;
};

}  // namespace descent
