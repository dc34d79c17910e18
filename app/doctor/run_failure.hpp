// Whether a training failed though it may have ended with finite numbers.
#pragma once

#include "app/training/training.hpp"

#include <optional>
#include <span>
#include <string>

namespace descent {

inline constexpr const char* kDivergence = "the run diverged";

// What went wrong, as a sentence without its full stop: the run diverged; or L ended above where it began, by 0.1 % or
// more; or no epoch was better than the start, and early stopping kept that; or a hidden layer ended dead, 0 on every
// row; or half of one saturated, or all its units equal, while L fell by less than 1 %. Nothing for a run that did
// better, and for one that was interrupted. The weights judged are those kept, on a sample of the rows where they are
// many; `start`: as given to train().
std::optional<std::string> failure_of(const Experiment& experiment, const TrainingResult& result,
                                      std::span<const double> start = {});

}  // namespace descent
