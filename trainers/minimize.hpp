// Gradient descent: w ← w + γ d until something says stop. Knows objectives, never networks.
#pragma once

#include "framework/objective.hpp"
#include "trainers/direction.hpp"
#include "trainers/observer.hpp"
#include "trainers/report.hpp"
#include "trainers/snapshot.hpp"
#include "trainers/step_size.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace descent {

// A named figure of w computed at the end of every epoch: validation loss, accuracy, …
template <class Real>
struct Monitor {
  std::string name;
  std::function<double(ConstParams<Real> w)> value;
};

enum class LossLog {
  exact,    // L(w) at the end of the epoch: one more pass over the terms for mini-batches
  running,  // the sum seen during the epoch, while w moved: free
};

template <class Real>
struct Options {
  std::size_t epochs = 100;    // an epoch is one pass over objective.terms()
  std::size_t batch_size = 0;  // terms a step; 0 or ≥ N: all of them in order, one step an epoch
  bool shuffle = true;         // a new order of the terms every epoch, from (seed, epoch); see batches.hpp
  std::uint64_t seed = 1;
  // Stop when ‖∇L(w)‖ ≤ this; 0: where it is exactly zero. Tested at the start and at the end of every epoch.
  // With mini-batches a tolerance > 0 needs the exact log with the gradient norm.
  double gradient_tolerance = 0;
  // Besides, relative to ‖∇L‖ at the start, which is tested from the end of the first epoch.
  double relative_gradient_tolerance = 0;
  // Stop when the logged loss changed by at most loss_tolerance · |L| in each of so many epochs in a row; 0: never.
  std::size_t settled_epochs = 0;
  double loss_tolerance = 0;
  // Diverged when the logged loss exceeds loss_bound · (1 + |L at the start|); unbounded below −that.
  double loss_bound = std::numeric_limits<double>::infinity();
  // Stop when the logged loss is ≤ this (with the running log: the running sum). Tested like the tolerance.
  double loss_target = -std::numeric_limits<double>::infinity();
  double seconds = std::numeric_limits<double>::infinity();  // stop before the first step after this
  double seconds_before = 0;                                 // how many of them earlier runs took
  LossLog loss_log = LossLog::exact;  // a full batch is always logged exactly, with ‖∇L(w)‖: both are known
  bool log_gradient_norm = true;      // exact log only: also ‖∇L(w)‖, at two more passes for mini-batches
  std::vector<Monitor<Real>> monitors = {};        // evaluated at the start and at the end of every epoch
  const std::atomic<bool>* interrupt = nullptr;    // looked at before every step
  std::span<const std::uint32_t> term_names = {};  // (N), what sentences call term i; empty: i
  Checkpointer<Real>* checkpointer = nullptr;      // asked after every step and at the end; see snapshot.hpp
  // Go on from here instead of from w. Objective, direction, step size, observers and the other options must be those
  // of the run it was taken from; only epochs and seconds may be larger, and the schedule may follow them.
  const Snapshot<Real>* resume = nullptr;
};

// Moves w (n) from where it is. A full batch evaluates every point once: the gradient that closes an
// epoch opens the next.
//
// When a loss, gradient or weight stops being finite, the run ends in that step with the last weights at which all
// was finite, and the sentence names epoch, step, terms, γ and place. Such a step and its epoch are not counted, nor
// shown to observers. A monitor that is not finite ends nothing.
//
// Observers see every epoch, all of them in order, before any stop. At the end of an epoch the reasons go
// before each other so: gradient_small, target_reached, diverged by loss_bound
// or unbounded, loss_settled, the first observer's Stop, epoch_budget.
//
// A step size that needs_descent() and a direction along which f does not fall: −g takes its place, and the
// direction is told to restart. Where no step along −g lowers f either, a run on a full batch ends, with
// precision_limit when the last step gained no more than f is rounded by and no_descent else; a mini-batch is
// passed over.
//
// A resumed run evaluates nothing twice: observers get the last record in on_start, then their state, and the seconds
// and evaluations of the report go on from those of the snapshot. Where the snapshot is the end of a run that cannot go
// on (see snapshot.hpp), the same report comes back, whatever the options say.
//
// Steady state allocates nothing, observers, monitors and checkpoints aside. If an observer, monitor or the objective
// throws, w holds the weights of that moment. Throws Error(usage) when an option is out of range, w has the
// wrong size, a tolerance is asked for that nothing is there to test, or second derivatives that are not there;
// Error(data) when the snapshot is of another run.
template <class Real>
Report minimize(Objective<Real>& objective, Params<Real> w, Direction<Real>& direction, StepSize<Real>& step_size,
                const Options<Real>& options = {}, std::span<Observer<Real>* const> observers = {});

}  // namespace descent
