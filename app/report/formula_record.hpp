// A run of `descent train` on a formula, made from its record.
#pragma once

#include "app/runs/recorded_run.hpp"

#include <nlohmann/json.hpp>

namespace descent {

// The report of the run, as report_of_formula: the path is that of the epochs. The formula, its data and the start come
// from the start event, the settings and result.json. Throws Error when the formula or its data cannot be read, and
// Error(data) when the record lacks a variable.
nlohmann::ordered_json report_of_formula_record(const RecordedRun& run);

}  // namespace descent
