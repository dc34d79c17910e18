// The trials of a tuning's arms, as far as app/tuning/race.hpp wants them.
#pragma once

#include "app/tuning/tuning.hpp"

namespace descent {

// Fills tuning.arms' figures, target, epochs and exhaustive_epochs, and returns the chosen arm's index, or none. The
// arms have gamma, change and config. Throws what `make` throws, of the first trial in order.
std::optional<std::size_t> sweep(Tuning& tuning, const Config& config, const TrialStore& store,
                                 const std::atomic<bool>& interrupt,
                                 const std::function<Experiment(const Config&)>& make);

}  // namespace descent
