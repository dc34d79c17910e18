// The trials of a tuning for TensorBoard's tab of hyper-parameters.
#pragma once

#include "app/tuning/tuning.hpp"

#include <string>

namespace descent {

// A folder a trial below `folder`, numbered from 01 in the order of tuning.arms: those of its settings that the tuning
// varies, and at its last epoch "best_<figure>_per_row", "epochs_to_target" (where it came there) and "converged". What
// `folder` held is replaced. Throws Error(runtime) as EventFile does.
void write_trials(const std::string& folder, const Tuning& tuning);

}  // namespace descent
