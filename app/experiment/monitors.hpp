// The figures of an epoch beside its loss, and which of them a setting watches.
#pragma once

#include "app/experiment/experiment.hpp"
#include "models/evaluator.hpp"
#include "trainers/minimize.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace descent {

// val_loss and the validation metrics, then those metrics of the training rows that somebody watches. `validation` may
// be null; the evaluators must outlive the monitors.
template <class Real>
std::vector<Monitor<Real>> make_monitors(const Experiment& experiment, Evaluator<Real>* validation,
                                         Evaluator<Real>& train);

struct Watched {
  std::size_t index = 0;  // 0: the loss; i: the i-th monitor, from 1
  std::string name = "loss";
  bool maximize = false;
};

// What the setting `key` names, which is the loss, a metric of the training rows or a val_ figure. Throws Error(config)
// where the run has none of that name.
template <class Real>
Watched find_monitor(const std::vector<Monitor<Real>>& monitors, const std::vector<std::string>& metrics,
                     const std::string& key, const std::string& wanted, const std::string& mode);

// Whether the schedule looks at a figure at all.
bool watches(const ScheduleConfig& schedule);

// What the schedule watches; the loss where it does not look.
template <class Real>
Watched plateau_monitor(const Experiment& experiment, const std::vector<Monitor<Real>>& monitors);

}  // namespace descent
