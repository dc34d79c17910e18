#include "app/experiment/training_objective.hpp"

#include "models/evaluator.hpp"

namespace descent {
namespace {

template <class Real>
TrainingRows<Real> rows_of(const Dataset& data, std::size_t most) {
  if (most < data.size()) return training_rows<Real>(select_evenly(data, most));
  return training_rows<Real>(data);
}

}  // namespace

template <class Real>
TrainingObjective<Real>::TrainingObjective(const Experiment& experiment, std::size_t most_rows)
    : network_(experiment.network),
      loss_(find_loss<Real>(experiment.loss)),
      summed_(network_, loss_, rows_of<Real>(experiment.train, most_rows)),
      has_penalty_(experiment.config.train.l2 > 0),
      penalised_(summed_,
                 experiment.config.train.l2 *
                     (static_cast<double>(summed_.terms()) / static_cast<double>(experiment.train.size())),
                 weight_matrices(network_)) {}

template class TrainingObjective<float>;
template class TrainingObjective<double>;

}  // namespace descent
