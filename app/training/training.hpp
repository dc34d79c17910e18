// One training run: an experiment in, a model and its figures out.
#pragma once

#include "app/console/terminal.hpp"
#include "app/experiment/experiment.hpp"
#include "app/record/run_record.hpp"
#include "models/metrics.hpp"
#include "models/model.hpp"
#include "trainers/report.hpp"

#include <atomic>
#include <optional>
#include <span>
#include <string>

namespace descent {

struct TrainingResult {
  Model model;
  std::string weights_hash;  // of the model
  Report report;
  double l2_penalty = 0;  // ½ λ ‖W‖², the part of the logged L(w) that `train` does not hold
  Evaluation train;
  std::optional<Evaluation> validation, test;
};

// Trains and shows every epoch on `log` and, when there is one, in the record, from whose checkpoint it goes on.
// `interrupt` ends the run before its next step. `start` (n): the weights to begin with; empty: random ones.
TrainingResult train(const Experiment& experiment, Log& log, RunRecord* record, const std::atomic<bool>& interrupt,
                     std::span<const double> start = {});

}  // namespace descent
