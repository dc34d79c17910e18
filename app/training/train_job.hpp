// What one training works on: a new job, or one that goes on where a run was interrupted.
#pragma once

#include "app/config/config.hpp"
#include "app/console/terminal.hpp"
#include "app/experiment/experiment.hpp"
#include "app/formula/run.hpp"
#include "app/record/run_record.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace descent {

struct TrainJob {
  Config config;
  std::optional<Experiment> experiment = {};          // of a network
  std::unique_ptr<FormulaProblem> problem = nullptr;  // or a formula
  std::unique_ptr<RunRecord> record = nullptr;        // null when nothing is saved
  std::optional<Reason> ended = {};                   // there is nothing to do: the run of the record has ended so

  bool goes_on() const { return record != nullptr && record->goes_on(); }
};

// Reads the data and, with `save`, opens the folder with its log, config and split.
TrainJob new_job(const Config& config, bool save, Log& log);

// The job of the folder `run` behind its newest checkpoint; when that run has ended, a word on `log` says so.
// Throws Error(config) when the overrides change what decides the path of the weights: only train.epochs (upwards),
// train.max_seconds, log.every and the checkpoint times may change, and nothing where the run came to an end that more
// epochs do not move.
TrainJob resumed_job(const std::string& run, const std::vector<std::string>& overrides, Log& log);

// In result.json: what could not be written of the run's record. Its resume goes on from the checkpoint before that.
inline constexpr const char* kRecordFailure = "record_failure";

// From the result of the run in the folder; "" while it has none.
std::string kept_weights_hash(const RunFolder& folder);

}  // namespace descent
