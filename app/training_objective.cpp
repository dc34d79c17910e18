#include "app/training_objective.hpp"

#include "models/evaluator.hpp"

namespace descent {

template <class Real>
TrainingObjective<Real>::TrainingObjective(const Experiment& experiment)
    : network_(experiment.network),
      loss_(find_loss<Real>(experiment.loss)),
      summed_(network_, loss_, training_rows<Real>(experiment.train)),
      has_penalty_(experiment.config.train.l2 > 0),
      penalised_(summed_, experiment.config.train.l2, weight_matrices(network_)) {}

template class TrainingObjective<float>;
template class TrainingObjective<double>;

}  // namespace descent
