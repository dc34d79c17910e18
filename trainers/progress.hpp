// Where a minimisation stands: everything it carries from one step to the next but weights, gradient and what the
// direction, the step size and the observers keep themselves.
#pragma once

#include "trainers/report.hpp"
#include "trainers/state.hpp"

#include <cstddef>
#include <limits>
#include <vector>

namespace descent {

struct Progress {
  static constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

  std::size_t epochs = 0, steps = 0;  // done
  std::size_t step_in_epoch = 0;      // steps of the current epoch done
  std::size_t settled = 0;            // epochs in a row in which L hardly changed
  double f = kNaN;                    // L of the batch evaluated last
  double norm = kNaN;                 // ‖∇L‖ over all terms where it was evaluated last
  double running = 0;                 // Σ of the batch values of this epoch
  bool has_gamma = false;             // there was an update
  double gamma = 0;                   // of the last update
  double start_loss = kNaN;           // L at the start
  double previous_loss = kNaN;        // of the epoch before that of the record
  double tolerance = 0;               // ‖∇L‖ that ends the run
  double last_gain = kNaN;            // −γ gᵀd of the last step
  double seconds = 0;                 // since the start, without the time between an end and a resume
  Evaluations evaluations;            // asked of the objective
  EpochRecord record;                 // of the last epoch
};

std::vector<StateNumber> numbers_of(Progress& progress);

}  // namespace descent
