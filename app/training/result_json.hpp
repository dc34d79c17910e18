// Results as JSON: one object on stdout, keys in a fixed order, null for numbers that are not finite.
#pragma once

#include "app/training/training.hpp"
#include "models/metrics.hpp"

#include <nlohmann/json.hpp>

namespace descent {

// {"rows": …, "loss": …, "loss_per_row": …, metrics by name, "confusion": [[…]] for classes}
nlohmann::ordered_json to_json(const Evaluation& evaluation);

nlohmann::ordered_json to_json(const TrainingResult& result);

// A metric as people read it; "-" for what is not defined.
std::string figure_text(const std::string& metric, double value);

// The same figures in words, a line of 80 columns per set of rows; "-" for what is not defined.
std::string describe(const std::string& name, const Evaluation& evaluation);

}  // namespace descent
