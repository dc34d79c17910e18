// What tells runs apart.
#pragma once

#include "app/runs/recorded_run.hpp"

#include <string>
#include <vector>

namespace descent {

// The settings of several runs side by side.
struct SettingsRow {
  std::string key;                  // "optimizer.learning_rate"
  std::vector<std::string> values;  // one a run; empty where the run does not have it
  bool differs = false;             // never for run.name and run.out_dir, which only say where it was kept
};
std::vector<SettingsRow> compare_settings(const std::vector<RecordedRun>& runs);

// A name for each run that says only what differs: "learning_rate 0.1, momentum 0.9"; how it was logged does not count.
// Runs alike, and runs that differ in
// more than four settings, are called by their folders; names that come twice get the folder behind them.
std::vector<std::string> legend_names(const std::vector<RecordedRun>& runs);

}  // namespace descent
