// What one training works on: a new job, or one that goes on where a run was interrupted.
#pragma once

#include "app/config.hpp"
#include "app/experiment.hpp"
#include "app/run_record.hpp"
#include "app/terminal.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace descent {

struct TrainJob {
  Config config;
  std::optional<Experiment> experiment;
  std::unique_ptr<RunRecord> record;  // null when nothing is saved

  bool goes_on() const { return record != nullptr && record->goes_on(); }
};

// Reads the data and, with `save`, opens the folder with its log, config and split.
TrainJob new_job(const Config& config, bool save, Log& log);

// The job of the folder `run` behind its newest checkpoint; nothing, with a word on `log`, when that run has ended.
// Throws Error(config) when the overrides change what decides the path of the weights: only train.epochs (upwards),
// train.max_seconds, log.every and the checkpoint times may change.
std::optional<TrainJob> resumed_job(const std::string& run, const std::vector<std::string>& overrides, Log& log);

// From the result of the run in the folder; "" while it has none.
std::string kept_weights_hash(const RunFolder& folder);

}  // namespace descent
