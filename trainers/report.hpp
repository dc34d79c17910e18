// Why a minimisation stopped, where, and what it cost.
#pragma once

#include "framework/objective.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace descent {

enum class Reason {
  gradient_small,   // ‖∇L‖ ≤ tolerance
  target_reached,   // L ≤ loss target
  loss_settled,     // L no longer changes
  precision_limit,  // a line search: what a step would gain is less than L is rounded by
  no_descent,       // a line search: no step along −∇L lowers L, though it should
  unbounded,        // L falls without end
  early_stopping,   // the monitored figure made no progress
  epoch_budget,
  time_budget,
  diverged,     // a number that is not finite, or a loss beyond its bound
  interrupted,  // the caller asked; the last one, see reason_called
};
std::string_view to_string(Reason reason);                   // "gradient_small", …
std::optional<Reason> reason_called(std::string_view name);  // the other way

enum class Status { converged, stopped, diverged, interrupted };
Status status_of(Reason reason);
std::string_view to_string(Status status);

struct Report {
  Reason reason = Reason::epoch_budget;
  std::string sentence;        // one line for a person: why it stopped
  std::string place;           // diverged: where the first number that is not finite came up, if the objective knows
  std::size_t epochs = 0;      // whole epochs done
  std::size_t steps = 0;       // updates of w done, without one that was taken back
  std::size_t kept_epoch = 0;  // the epoch whose weights were kept (the best one after restore_best)
  double loss = 0;             // L as logged at the end of kept_epoch; NaN if it was not computed
  double gradient_norm = 0;    // ‖∇L‖ there; NaN if it was not computed
  double seconds = 0;
  Evaluations evaluations;  // asked of the objective during this run

  Status status() const { return status_of(reason); }
};

// What is known at the end of an epoch (epoch 0: before the first step).
struct EpochRecord {
  std::size_t epoch = 0;
  std::size_t step = 0;        // updates of w done so far
  std::size_t terms = 0;       // N
  std::size_t batch_size = 0;  // B, rows a step
  double loss = 0;             // L(w) = Σ; with `running`, the sum seen while w moved, NaN in epoch 0
  bool running = false;
  double gradient_norm = 0;     // ‖∇L(w)‖; NaN if not computed
  double gamma = 0;             // step size of the epoch's last step; 0 in epoch 0
  double seconds = 0;           // since the start
  std::vector<double> figures;  // the monitors' values, in the order of Options::monitors
};

}  // namespace descent
