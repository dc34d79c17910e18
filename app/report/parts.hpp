// Pieces of a report as JSON, in the form that app/report/report.js takes.
#pragma once

#include "app/runs/figures.hpp"
#include "app/runs/recorded_run.hpp"
#include "app/runs/run_model.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace descent {

// A sentence with a capital letter at its start, unless that is the start of a name such as val_loss.
std::string capital(std::string text);

// Seven digits are plenty for a screen; null for what is not finite.
nlohmann::ordered_json report_number(double x);
nlohmann::ordered_json report_numbers(const std::vector<double>& values);

// What every page says at its end; `of_losses`: it has some.
std::string report_foot(bool of_losses);

// A chart of curves.js: at most 5000 epochs, the best epoch of each run marked.
nlohmann::ordered_json report_chart(const Figure& figure, const std::vector<RecordedRun>& runs,
                                    const std::vector<std::string>& names);

// The layers with their shapes and weights.
nlohmann::ordered_json report_network(const Model& model);
// Counts of classes; null for numbers.
nlohmann::ordered_json report_confusion(const RunModel& run);
// The rows that the model gets most wrong: by −log of the probability of the true class, or by the error.
nlohmann::ordered_json report_samples(const RunModel& run);

// The learning rates that `descent tune` tried, from its tune.csv: any columns, known by their header.
nlohmann::ordered_json report_sweep(const std::string& csv_path);

}  // namespace descent
