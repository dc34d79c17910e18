#include "app/runs/run_model.hpp"

#include "app/config/reader.hpp"
#include "app/experiment/experiment.hpp"
#include "app/record/run_folder.hpp"
#include "framework/error.hpp"

#include <algorithm>
#include <filesystem>

namespace descent {
namespace {

const Dataset* rows_of(const Experiment& experiment, const std::string& part) {
  if (part == "train") return &experiment.train;
  const std::optional<Dataset>& rows = part == "test" ? experiment.test : experiment.validation;
  return rows ? &*rows : nullptr;
}

bool same_split(const Split& a, const Split& b) {
  return a.train == b.train && a.validation == b.validation && a.test == b.test;
}

bool same_columns(const Encoding& a, const Encoding& b) {
  return a.input_names() == b.input_names() && a.output_names() == b.output_names() && a.input_mean == b.input_mean &&
         a.input_scale == b.input_scale && a.target_mean == b.target_mean;
}

// The data as the run saw them, which only holds when nobody changed the file since.
Experiment data_of(const std::filesystem::path& folder, const Model& model) {
  const Experiment experiment = prepare(read_config({(folder / RunFolder::kConfig).string(), {}}).config);
  const std::filesystem::path split = folder / RunFolder::kSplit;
  if (!same_columns(experiment.encoding, model.encoding) || !same_split(experiment.split, load_split(split.string())))
    throw Error(Fault::data, "{}: these are not the data the run in '{}' was trained on; they have changed since",
                experiment.source, folder.string());
  return experiment;
}

}  // namespace

std::vector<std::string> RunModel::classes() const {
  if (model.encoding.targets.size() != 1) return {};
  const std::vector<std::string>& names = model.encoding.targets.front().classes;
  if (model.encoding.target_kind == TargetKind::binary && names.empty()) return {"0", "1"};
  return names;
}

std::size_t RunModel::true_class(std::size_t row) const { return static_cast<std::size_t>(rows.targets(row, 0)); }

std::size_t RunModel::predicted_class(std::size_t row) const {
  const auto y = view(predictions).row(row);
  if (model.encoding.target_kind == TargetKind::binary) return y[0] > 0.5 ? 1 : 0;
  return static_cast<std::size_t>(std::ranges::max_element(y) - y.begin());
}

double RunModel::actual(std::size_t row, std::size_t k) const {
  const double y = rows.targets(row, k);
  const Encoding& encoding = model.encoding;
  return encoding.target_kind == TargetKind::numbers ? y * encoding.target_scale[k] + encoding.target_mean[k] : y;
}

RunModel load_run_model(const std::string& folder, const std::string& part) {
  RunModel run{.model = load_model(model_path(folder)), .part = part, .rows = {}, .predictions = {}, .evaluation = {}};
  const Experiment experiment = data_of(folder, run.model);
  const Dataset* rows = nullptr;
  if (part == "auto") {
    for (const char* name : {"test", "validation", "train"})
      if ((rows = rows_of(experiment, name)) != nullptr) {
        run.part = name;
        break;
      }
  } else {
    rows = rows_of(experiment, part);
  }
  if (rows == nullptr) throw Error(Fault::usage, "the run in '{}' had no {} rows", folder, part);
  run.rows = *rows;
  run.predictions = predict(run.model, run.rows);
  run.evaluation = evaluate(run.model, run.rows);
  return run;
}

}  // namespace descent
