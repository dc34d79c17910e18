// How far to go along a direction: γ of w ← w + γ d.
#pragma once

#include "framework/objective.hpp"
#include "trainers/line_function.hpp"
#include "trainers/report.hpp"
#include "trainers/state.hpp"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace descent {

// Everything a step size may look at. f and g are those of this step's batch.
template <class Real>
struct StepContext {
  Objective<Real>& objective;
  Terms batch;
  ConstParams<Real> w, g, d;
  double f = 0;
  std::size_t step = 0;             // from 0
  double epoch = 0;                 // epochs done, with the fraction of the current one
  std::size_t steps_per_epoch = 1;  // S = ⌈N/B⌉
  // For step sizes that need a descent direction: f along d, and whether d was made for γ = 1. Else null.
  LineFunction<Real>* line = nullptr;
  bool natural_step = false;
};

template <class Real>
class StepSize {
 public:
  virtual ~StepSize() = default;
  // Forgets everything and makes room for n weights; minimize calls it once, before the first step.
  virtual void start(std::size_t /*n*/) {}
  // Whether length() reads context.d; if not, d may be empty there, and g and f those of an
  // earlier step.
  virtual bool looks_at_direction() const { return true; }
  // Whether length() takes it that f falls along d, gᵀd < 0, as line searches do. minimize then puts −g in the place of
  // a direction without that, and tells the direction so.
  virtual bool needs_descent() const { return false; }
  // Whether length() asks the objective for second derivatives.
  virtual bool needs_hessian() const { return false; }
  // γ of this step. 0, only where needs_descent(): no step along d lowers f. minimize then tries −g, and ends
  // when that does not help either.
  virtual double length(const StepContext<Real>& context) = 0;
  // Whether length() was 0 because f is at a minimum value known beforehand.
  virtual bool at_minimum() const { return false; }
  // What a person should know about the last length(), in words; mostly "".
  virtual std::string_view remark() const { return {}; }
  // Told what every epoch ended with (from epoch 1), before the observers see it; for reduce_on_plateau.
  virtual void epoch_ended(const EpochRecord&) {}
  // What a checkpoint must keep.
  virtual std::vector<StateValue> state() { return {}; }
  virtual std::vector<StateVector<Real>> vectors() { return {}; }
};

// γ of a schedule at t, the epochs since the warm-up ended (with the fraction of the current one).
//
// Warm-up: the step that starts at epoch e < warmup_epochs has γ = learning_rate · min(1, (e + 1/S) / warmup_epochs)
// with S steps in an epoch, so the first step moves and the last one of the warm-up has the full rate.
// Goyal et al., "Accurate, large minibatch SGD", 2017. Whatever the schedule, γ ≥ min_learning_rate.
struct ScheduleOptions {
  std::string name = "constant";
  double learning_rate = 0.01;   // base γ, of the summed loss; > 0
  double min_learning_rate = 0;  // cosine ends here; nothing goes below, the warm-up neither; ≤ learning_rate
  double warmup_epochs = 0;      // length of the warm-up in front of the schedule; 0: none
  double epochs = 100;           // cosine: length of the run, warm-up included; > warmup_epochs
  double factor = 0.5;           // step, exponential, reduce_on_plateau: γ is multiplied by this; in (0, 1]
  double every = 10;             // step, exponential: epochs a factor; inverse_time: epochs until γ is halved; > 0
  std::size_t patience =
      5;  // reduce_on_plateau: epochs without progress before a drop, not counting the warm-up; 0 counts as 1
  double min_delta = 0;     // reduce_on_plateau: progress is a change of the best by more than this; ≥ 0
  std::size_t monitor = 0;  // reduce_on_plateau: 0 the loss, i the i-th monitor (from 1)
  bool maximize = false;    // reduce_on_plateau: larger is better
};

struct ScheduleRow {
  std::string_view name;
  std::string_view formula;    // γ(t), for help texts
  std::string_view constants;  // the ScheduleOptions it uses besides those of every schedule, separated by spaces
  double (*gamma)(const ScheduleOptions& options, double t, double drops);  // drops: plateaus met so far
  bool watches = false;                                                     // counts plateaus of the monitored figure
};

std::span<const ScheduleRow> schedules();
std::vector<std::string> schedule_names();

// Throws Error(usage): unknown name, a constant out of range. A watching schedule throws it at the end of
// the first epoch when there is no such monitor.
template <class Real>
std::unique_ptr<StepSize<Real>> make_schedule(const ScheduleOptions& options);

}  // namespace descent
