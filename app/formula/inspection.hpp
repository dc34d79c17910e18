// inspect for the run of `train` on a formula: it keeps no model, but a record of what it came to.
#pragma once

#include "app/runs/recorded_run.hpp"

#include <optional>
#include <string>

namespace descent {

// The record, when `path` is the folder of a run on a formula; else nothing, and whoever reads it next says why.
std::optional<RecordedRun> formula_run_at(const std::string& path);

// Formula, method, start, why it stopped, the point and what it is; of a run without an end how far it has come.
// 80 columns wide.
std::string describe_formula_run(const RecordedRun& record);

}  // namespace descent
