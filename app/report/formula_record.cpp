#include "app/report/formula_record.hpp"

#include "app/formula/assignments.hpp"
#include "app/formula/scale.hpp"
#include "app/report/formula_report.hpp"
#include "app/report/parts.hpp"
#include "app/runs/run_state.hpp"
#include "framework/error.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace descent {
namespace {

using Json = nlohmann::ordered_json;

FormulaMethod method_of(const RecordedRun& record) {
  FormulaMethod method;
  method.direction = record.setting("optimizer.name");
  const std::string search = record.setting("optimizer.line_search"), rate = record.setting("optimizer.learning_rate");
  if (!search.empty() && search != "none") {
    method.line_search = search;
  } else {
    double gamma = 0;
    std::from_chars(rate.data(), rate.data() + rate.size(), gamma);
    method.learning_rate = gamma;
  }
  return method;
}

// The column of a variable; one whose name a figure has already is logged with _ behind it.
const std::vector<double>& column_of(const RecordedRun& record, const std::string& name) {
  for (const std::string& candidate : {name, name + "_"})
    if (const std::vector<double>* column = record.find(candidate)) return *column;
  throw Error(Fault::data, "the record in '{}' has no variable '{}'", record.folder, name);
}

double number_or_nan(const std::vector<double>* column, std::size_t row) {
  return column == nullptr ? std::nan("") : (*column)[row];
}

std::string sentence(const Json& event, const char* key) {
  return event.is_object() && event.contains(key) && event[key].is_string() ? event[key].get<std::string>() : "";
}

// Where it began, from result.json; nothing before that is written.
std::optional<StepRecord> start_of(const RecordedRun& record, FormulaProblem& problem, ConstParams<double> scales) {
  if (!record.result.is_object() || !record.result.contains("start")) return std::nullopt;
  const Json& start = record.result["start"];
  StepRecord row;
  for (const std::string& name : problem.names()) {
    if (!start.is_object() || !start.contains(name) || !start[name].is_number()) return std::nullopt;
    row.w.push_back(start[name].get<double>());
  }
  std::vector<double> g(row.w.size());
  row.f = problem.f().value_and_gradient(row.w, g);
  row.gradient_norm = 0;
  for (std::size_t i = 0; i < g.size(); ++i)
    row.gradient_norm = std::hypot(row.gradient_norm, scales.empty() ? g[i] : scales[i] * g[i]);
  return row;
}

// Of the variables that steps were taken in, where they were scaled: from result.json, or as they are at the start of
// the config. Those of a random start are lost with it, unless they are the same everywhere.
void set_scales(const RecordedRun& record, FormulaProblem& problem, FormulaRun& run) {
  if (record.result.is_object() && record.result.contains("scales")) {
    for (const std::string& name : problem.names()) run.scales.push_back(record.result["scales"].value(name, 1.0));
    return;
  }
  const std::string start = record.setting("objective.start"), scale = record.setting("objective.scale");
  if (scale.empty() || scale == "none") return;
  const bool random = random_starts("objective.start", start).has_value();
  run.has_lost_scales = random && (scale == "auto" || scale == "magnitude");
  if (run.has_lost_scales) return;
  const std::vector<double> from =
      random ? std::vector<double>(problem.names().size()) : parse_point("objective.start", start, problem.names());
  run.scales = FormulaScale(problem.descended(), "objective.scale", scale, problem.names(), from).scales();
}

FormulaRun run_of(const RecordedRun& record, FormulaProblem& problem) {
  FormulaRun run;
  set_scales(record, problem, run);
  if (const auto start = start_of(record, problem, run.scales)) run.rows.push_back(*start);
  const std::vector<double>*loss = record.find("train_loss"), *norm = record.find("grad_norm"),
        *rate = record.find("lr");
  if (loss == nullptr) loss = record.find("running_loss");
  for (std::size_t i = 0; i < record.epochs.size(); ++i) {
    StepRecord row;
    row.step = static_cast<std::size_t>(record.epochs[i]);
    for (const std::string& name : problem.names()) row.w.push_back(column_of(record, name)[i]);
    row.f = number_or_nan(loss, i);
    row.gradient_norm = number_or_nan(norm, i);
    row.gamma = number_or_nan(rate, i);
    row.gamma_lambda = row.gamma_curvature = std::nan("");
    run.rows.push_back(std::move(row));
  }
  run.last = run.rows.back();
  run.start = run.rows.front().w;
  run.report.steps = run.last.step;
  run.end = classify(problem.f(), run.last.w);
  const std::string status = sentence(record.end, "status");
  for (const Status each : {Status::converged, Status::diverged, Status::interrupted})
    if (status == to_string(each)) run.status = each;
  run.why = sentence(record.end, "sentence");
  if (run.why.empty()) run.why = "the run " + state_text(state_of(record, record.folder), record, record.folder);
  run.what = sentence(record.result, "what");
  if (run.what.empty()) run.what = "the point it came to: " + verdict_text(run.end.kind);
  set_lambda_max(problem, run);
  return run;
}

}  // namespace

Json report_of_formula_record(const RecordedRun& record) {
  FormulaProblem problem(record.formula(), record.setting("objective.data"), record.maximizes());
  const FormulaRun run = run_of(record, problem);
  Json data = report_of_formula(problem, method_of(record), run);
  data["subtitle"] = record.name;
  Json rows = Json::array();
  for (const auto& [key, value] : record.config)
    rows.push_back({{"key", key}, {"values", Json::array({value})}, {"differs", false}});
  data["config"] = {{"runs", {"value"}}, {"rows", rows}};
  return data;
}

}  // namespace descent
