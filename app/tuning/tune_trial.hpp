// One training of a sweep, without log and files, so that many can run side by side.
#pragma once

#include "app/experiment/experiment.hpp"

#include <atomic>
#include <cstddef>
#include <vector>

namespace descent {

struct TrialRecord {
  bool diverged = false, reached = false;  // train.loss_target
  bool interrupted = false;                // then nothing else holds
  std::size_t epochs = 0;                  // trained
  // The validation loss per row, where there are validation rows, else the training loss L per row; epoch 0 is the
  // start, a diverged run ends with its last finite epoch.
  std::vector<double> figures = {};
};

// The same weights as `train` has after `epochs` of its config.train.epochs, but for early stopping and max_seconds,
// which are left out: the schedule is that of the whole run. Reads training and validation rows only.
TrialRecord run_trial(const Experiment& experiment, std::size_t epochs, const std::atomic<bool>& interrupt);

}  // namespace descent
