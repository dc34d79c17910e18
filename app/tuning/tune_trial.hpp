// One training of a sweep, without log and files, so that many can run side by side.
#pragma once

#include "app/experiment/experiment.hpp"
#include "trainers/snapshot.hpp"

#include <atomic>
#include <cstddef>
#include <limits>
#include <variant>
#include <vector>

namespace descent {

struct TrialRecord {
  bool diverged = false, reached = false;  // train.loss_target
  bool ended = false;                      // by these or another end of its own: it trains no further
  bool interrupted = false;                // then nothing else holds
  std::size_t epochs = 0;                  // trained
  // The validation loss per row, where there are validation rows, else the training loss L per row; epoch 0 is the
  // start, a diverged run ends with its last finite epoch. Infinite where it is not finite.
  std::vector<double> figures = {};
};

// A training that is taken up again when more of it is asked for.
//
// It has the same weights as `train` has after so many of its config.train.epochs: the schedule is that of the whole
// run. Stops on the way change no bit of them. Early stopping, gradient_tolerance and max_seconds are left out, and the
// loss is the exact one, whatever log.loss says.
class Trial {
 public:
  // Where it stands is kept between two calls when it takes no more than `most_bytes`; else it starts over, with the
  // same record.
  explicit Trial(std::size_t most_bytes = std::numeric_limits<std::size_t>::max()) : most_bytes_(most_bytes) {}

  // On until `epochs` are trained in all. The experiment is the same in every call, `epochs` never less. Reads training
  // and validation rows only. After an interruption the trial is where it was before the call.
  TrialRecord train(const Experiment& experiment, std::size_t epochs, const std::atomic<bool>& interrupt);

 private:
  template <class Real>
  TrialRecord run(const Experiment& experiment, std::size_t epochs, const std::atomic<bool>& interrupt);

  std::size_t most_bytes_;
  TrialRecord record_;  // until place_
  std::variant<std::monostate, Snapshot<float>, Snapshot<double>> place_;
};

}  // namespace descent
