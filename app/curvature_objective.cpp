#include "app/curvature_objective.hpp"

#include "models/evaluator.hpp"

namespace descent {

CurvatureObjective::CurvatureObjective(const Experiment& experiment)
    : network_(experiment.network),
      summed_(network_, find_loss<double>(experiment.loss), training_rows<double>(experiment.train)),
      has_penalty_(experiment.config.train.l2 > 0),
      penalised_(summed_, experiment.config.train.l2, weight_matrices(network_)) {}

}  // namespace descent
