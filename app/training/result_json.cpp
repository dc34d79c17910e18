#include "app/training/result_json.hpp"

#include "app/files/json_number.hpp"

#include <cmath>

namespace descent {
namespace {

using Json = nlohmann::ordered_json;

}  // namespace

Json to_json(const Evaluation& evaluation) {
  Json json = {{"rows", evaluation.rows},
               {"loss", json_number(evaluation.loss)},
               {"loss_per_row", json_number(evaluation.loss_per_row())}};
  for (const auto& [name, value] : evaluation.metrics) json[name] = json_number(value);
  if (const std::size_t classes = evaluation.confusion.shape(0); classes > 0) {
    Json rows = Json::array();
    for (std::size_t i = 0; i < classes; ++i) {
      Json row = Json::array();
      for (std::size_t j = 0; j < classes; ++j) row.push_back(static_cast<std::size_t>(evaluation.confusion(i, j)));
      rows.push_back(row);
    }
    json["confusion"] = rows;
  }
  return json;
}

Json to_json(const TrainingResult& result) {
  Json json = {{"status", to_string(result.report.status())},
               {"reason", to_string(result.report.reason)},
               {"sentence", result.report.sentence},
               {"epochs", result.report.epochs},
               {"steps", result.report.steps},
               {"kept_epoch", result.report.kept_epoch},
               {"seconds", json_number(result.report.seconds)},
               {"gradient_norm", json_number(result.report.gradient_norm)},
               {"weights_hash", result.weights_hash},
               {"l2_penalty", json_number(result.l2_penalty)},
               {"train", to_json(result.train)}};
  if (result.validation) json["validation"] = to_json(*result.validation);
  if (result.test) json["test"] = to_json(*result.test);
  return json;
}

// A share has four decimals. An rmse may be of any size, in the units of the data, and so may an r2 below 0.
std::string figure_text(const std::string& metric, double value) {
  if (std::isnan(value)) return "-";
  const double size = std::abs(value);
  const bool is_small = metric == "rmse" && size < 0.1 && size > 0;
  return is_small || size >= 1e6 ? fmt::format("{:#.4g}", value) : fmt::format("{:.4f}", value);
}

std::string describe(const std::string& name, const Evaluation& evaluation) {
  std::string line = fmt::format("{:<10} {:>7} rows  L {:<11.6g} L/N {:<9.4g}", name, evaluation.rows, evaluation.loss,
                                 evaluation.loss_per_row());
  for (const auto& [metric, value] : evaluation.metrics)
    if (metric != "balanced_accuracy" && metric != "mae")
      line += fmt::format("  {} {}", metric, figure_text(metric, value));
  return line;
}

}  // namespace descent
