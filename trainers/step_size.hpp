// How far to go along a direction: γ of w ← w + γ d.
#pragma once

#include "framework/objective.hpp"
#include "trainers/report.hpp"

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
  std::size_t step = 0;  // from 0
  double epoch = 0;      // epochs done, with the fraction of the current one
};

template <class Real>
class StepSize {
 public:
  virtual ~StepSize() = default;
  virtual void start() {}  // forgets everything; minimize calls it once, before the first step
  virtual double length(const StepContext<Real>& context) = 0;
  // Told what every epoch ended with, e.g. for reduce_on_plateau.
  virtual void epoch_ended(const EpochRecord&) {}
  virtual std::vector<double*> state() { return {}; }  // what a checkpoint must keep
};

// γ(t) = base · schedule(t) with t in epochs, and a linear warm-up in front.
struct ScheduleOptions {
  std::string name = "constant";
  double learning_rate = 0.01;      // base γ, of the summed loss
  double min_learning_rate = 0;     // cosine ends here; no schedule goes below
  double warmup_epochs = 0;         // γ rises linearly from 0 to base during these; the schedule starts after
  double epochs = 100;              // length of the run, for cosine
  double factor = 0.5;              // step, reduce_on_plateau: multiply by this; exponential: e-fold … see rows
  double every = 10;                // step: epochs between drops; exponential, inverse_time: the time scale
  std::size_t patience = 5;         // reduce_on_plateau: epochs without progress before a drop
  double min_delta = 0;             // reduce_on_plateau: the least change that counts as progress
  std::size_t monitor = 0;          // reduce_on_plateau: 0 the loss, i the i-th monitor (from 1)
  bool maximize = false;            // reduce_on_plateau: larger is better
};

struct ScheduleRow {
  std::string_view name;
  std::string_view formula;    // γ(t), for help texts
  std::string_view constants;  // the ScheduleOptions it uses, by name, separated by spaces
};

std::span<const ScheduleRow> schedules();
std::vector<std::string> schedule_names();

// Throws Error(usage): unknown name, a constant out of range.
template <class Real>
std::unique_ptr<StepSize<Real>> make_schedule(const ScheduleOptions& options);

}  // namespace descent
