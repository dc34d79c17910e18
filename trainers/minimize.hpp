// Gradient descent: w ← w + γ d until something says stop. Knows objectives, never networks.
#pragma once

#include "framework/objective.hpp"
#include "trainers/direction.hpp"
#include "trainers/observer.hpp"
#include "trainers/report.hpp"
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
  std::size_t epochs = 100;                // an epoch is one pass over objective.terms()
  std::size_t batch_size = 0;              // terms a step; 0: all of them, one step an epoch
  bool shuffle = true;                     // a new order of the terms every epoch, from `seed`
  std::uint64_t seed = 1;
  double gradient_tolerance = 0;           // stop when ‖∇L(w)‖ ≤ this; 0: where it is exactly zero
  double loss_target = -std::numeric_limits<double>::infinity();  // stop when L(w) ≤ this
  double seconds = std::numeric_limits<double>::infinity();       // stop at the first step after this
  LossLog loss_log = LossLog::exact;
  bool log_gradient_norm = true;           // exact log only: also ‖∇L(w)‖, at two more passes for mini-batches
  std::vector<Monitor<Real>> monitors;
  const std::atomic<bool>* interrupt = nullptr;  // looked at before every step
};

// Moves w (n) from where it is. A full batch evaluates every point once: the gradient that closes an
// epoch opens the next. When a loss, gradient or weight stops being finite, the run ends in that step
// with the last weights at which all was finite, and the sentence names epoch, terms and place.
// Steady state allocates nothing, observers and monitors aside.
template <class Real>
Report minimize(Objective<Real>& objective, Params<Real> w, Direction<Real>& direction, StepSize<Real>& step_size,
                const Options<Real>& options = {}, std::span<Observer<Real>* const> observers = {});

}  // namespace descent
