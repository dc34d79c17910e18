// A run that failed, and what can be found out about it afterwards: the questions that the causes in
// app/divergence_causes.cpp ask. Runs repeat bit for bit, so a change can be tried on the very run that failed.
#pragma once

#include "app/doctor/bad_start.hpp"
#include "app/training/training.hpp"

#include <atomic>
#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace descent {

// How the run went with one setting changed.
struct Trial {
  bool survived = false;  // L ended no higher than it began, but for roundings, and failure_of() finds nothing
  std::size_t epochs = 0;
  std::size_t of = 0;  // epochs of the whole run
  double before = 0;   // L at its start and end
  double after = 0;
};

// Everything is computed when it is first asked for, and at most once.
class Patient {
 public:
  // The references must outlive the patient. `interrupt` ends a trial, which then did not survive.
  // `start`: as given to train().
  Patient(const Experiment& experiment, const TrainingResult& result, const std::atomic<bool>& interrupt,
          std::span<const double> start = {});

  const Experiment& experiment() const { return experiment_; }
  const Config& config() const { return experiment_.config; }
  const Report& report() const { return result_.report; }

  double batch_share() const;  // B/N

  ConstParams<double> start() const { return start_; }  // w₀
  const StartingUnits& units_at_start();
  std::vector<LayerStatistics> units_at_end() const;  // at the weights kept

  // λmax of the whole L at w₀ and at the weights kept; NaN where the Hessian is not finite. Over a sample of the
  // rows where all would cost too much, scaled to all.
  double sharpness_at_start();
  double sharpness_at_end();
  // γ that stands at the limit 2/λmax of the method, in the batch's equivalent; NaN where there is none.
  double limit_of_gamma(double sharpness) const;

  double sharpness_with(const std::string& set) const;  // λmax at the start after a change; NaN where that cannot be

  // Trains with the settings "section.key=value" on top: the whole run where it is short, else at least twice as far as
  // it got. Nothing is printed or written.
  const Trial& attempt(const std::vector<std::string>& sets);

 private:
  Trial train_with(const std::vector<std::string>& sets) const;

  const Experiment& experiment_;
  const TrainingResult& result_;
  const std::atomic<bool>& interrupt_;
  const std::span<const double> given_start_;
  const std::vector<double> start_;
  std::optional<StartingUnits> units_;
  std::map<std::vector<std::string>, Trial> trials_;
  std::optional<double> sharpness_at_start_, sharpness_at_end_;
};

}  // namespace descent
