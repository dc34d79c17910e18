#include "app/report/run_report.hpp"

#include "app/console/status_line.hpp"
#include "app/report/formula_record.hpp"
#include "app/report/parts.hpp"
#include "app/runs/differences.hpp"
#include "app/runs/run_state.hpp"
#include "framework/error.hpp"
#include "framework/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

namespace descent {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

constexpr const char* kSweep = "tune.csv";

std::string text_at(const Json& object, const char* key) {
  return object.is_object() && object.contains(key) && object[key].is_string() ? object[key].get<std::string>() : "";
}

std::string number_at(const Json& object, const char* key) {
  if (!object.is_object() || !object.contains(key) || !object[key].is_number()) return "";
  return fmt::format("{:.5g}", object[key].get<double>());
}

std::string batch_words(const std::string& size) {
  return size == "full" || size == "0" ? "all rows" : fmt::format("a batch of {} rows", size);
}

// "Trained 131 weights on 120 rows of iris.csv by steepest descent with γ = 0.01 …"
std::string what_it_did(const RecordedRun& run) {
  const std::string weights = number_at(run.start, "weights");
  if (!run.formula().empty()) return fmt::format("Minimised {} by {}.", run.formula(), run.setting("optimizer.name"));
  std::string text = "Trained";
  if (!weights.empty()) text += fmt::format(" {} weights", run.count("weights"));
  if (const std::size_t rows = run.count("n_train"); rows > 0) text += fmt::format(" on {} rows", rows);
  if (const std::string source = text_at(run.start, "data"); !source.empty())
    text += " of " + fs::path(source).filename().string();
  if (const std::string name = run.setting("optimizer.name"); !name.empty())
    text += fmt::format(" by {}, γ = {} on the sum over {}", name, run.setting("optimizer.learning_rate"),
                        batch_words(run.setting("train.batch_size")));
  return text + ".";
}

std::string why_it_ended(const RecordedRun& run) {
  std::string sentence = text_at(run.end, "sentence");
  if (sentence.empty()) sentence = text_at(run.result, "sentence");
  if (!sentence.empty()) return capital(sentence) + ".";
  const std::string state = state_text(state_of(run, run.folder), run, run.folder);
  return state.empty() ? "The run ended." : fmt::format("The run {}.", state);
}

// The figures of result.json, a row for each part of the data, the loss per row and the metrics in columns.
Json figures_of(const Json& result) {
  std::vector<std::string> metrics;
  Json rows = Json::array();
  for (const char* name : {"test", "validation", "train"}) {
    if (!result.is_object() || !result.contains(name) || !result[name].is_object()) continue;
    const Json& part = result[name];
    if (metrics.empty())
      for (auto&& [metric, value] : part.items())
        if (!value.is_structured() && metric != "rows" && metric != "loss" && metric != "loss_per_row" &&
            metric != "balanced_accuracy" && metric != "mae")
          metrics.push_back(metric);
    Json row{std::string(name) == "train" ? "training" : name, part.value("rows", Json()),
             part.value("loss_per_row", Json())};
    for (const std::string& metric : metrics) row.push_back(part.value(metric, Json()));
    rows.push_back(row);
  }
  if (rows.empty()) return nullptr;
  std::vector<std::string> columns{"", "rows", "L/N"};
  columns.insert(columns.end(), metrics.begin(), metrics.end());
  return {{"columns", columns}, {"rows", rows}, {"caption", nullptr}};
}

Json facts_of(const RecordedRun& run) {
  Json facts = Json::array();
  const auto add = [&](const std::string& name, const std::string& value) {
    if (!value.empty()) facts.push_back({name, value});
  };
  if (!run.result.is_object())
    for (const Figure& figure : figures({run}, {"loss"}))
      for (const Curve& curve : figure.curves)
        add(curve.validation ? "validation" : "training", fmt::format("{} {:.4g}", run.loss_name(), curve.y.back()));
  if (const double best = run.best_epoch(); std::isfinite(best))
    add("best epoch", fmt::format("{} of {}", best, run.epochs.back()));
  else
    add("epochs", fmt::format("{}", run.epochs.back()));
  if (const std::vector<double>* seconds = run.find("time_s")) add("time", duration_text(seconds->back()));
  if (const std::vector<double>* norm = run.find("grad_norm"))
    if (std::isfinite(norm->back()))
      add(std::string(run.gradient_name()) + " at the end", fmt::format("{:.4g}", norm->back()));
  if (run.result.is_object() && run.result.contains("verdict"))
    for (const auto& [key, name] :
         {std::pair{"lambda_min", "λmin of the Hessian"}, {"lambda_max", "λmax of the Hessian"}})
      add(name, number_at(run.result["verdict"], key));
  add("weights hash", text_at(run.result, "weights_hash"));
  add("seed", run.setting("run.seed"));
  add("folder", run.folder);
  return facts;
}

Json summary_of(const std::vector<RecordedRun>& runs, const std::vector<std::string>& names) {
  Json cards = Json::array();
  for (std::size_t run = 0; run < runs.size(); ++run)
    cards.push_back({{"name", names[run]},
                     {"colour", run},
                     {"verdict", capital(runs[run].verdict())},
                     {"sentences", {what_it_did(runs[run]), why_it_ended(runs[run])}},
                     {"figures", figures_of(runs[run].result)},
                     {"facts", facts_of(runs[run])}});
  return cards;
}

Json config_of(const std::vector<RecordedRun>& runs, const std::vector<std::string>& names) {
  Json rows = Json::array();
  for (const SettingsRow& row : compare_settings(runs))
    rows.push_back({{"key", row.key}, {"values", row.values}, {"differs", row.differs}});
  return {{"runs", runs.size() == 1 ? std::vector<std::string>{"value"} : names}, {"rows", rows}};
}

// What the models do with their rows; why not, in `notes`.
Json models_of(const std::vector<RecordedRun>& runs, const std::vector<std::string>& names, Json& notes) {
  Json models = Json::array();
  for (std::size_t k = 0; k < runs.size(); ++k) {
    if (!runs[k].formula().empty()) continue;
    Json part = {{"name", names[k]}};
    try {
      const RunModel run = load_run_model(runs[k].folder);
      part["network"] = report_network(run.model);
      part["confusion"] = report_confusion(run);
      part["samples"] = report_samples(run);
    } catch (const Error& error) {
      notes.push_back(fmt::format("what the model does is not shown for {}: {}", names[k], error.what()));
    }
    models.push_back(part);
  }
  return models;
}

std::string title_of(const std::vector<RecordedRun>& runs) {
  if (runs.size() > 1) return fmt::format("{} runs compared", runs.size());
  const std::string name = runs.front().setting("run.name");
  return "Training of " + (name.empty() ? runs.front().name : name);
}

std::string subtitle_of(const std::vector<RecordedRun>& runs) {
  std::vector<std::string> names;
  for (const RecordedRun& run : runs) names.push_back(run.name);
  return join(names);
}

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

// What descent tune recommends, and why.
Json sweep_card(const std::string& folder) {
  const Json result = read_result(folder);
  Json sentences = {"A sweep of learning rates."};
  if (const std::string reason = text_at(result, "reason"); !reason.empty()) sentences.push_back(capital(reason) + ".");
  const std::string rate = number_at(result, "recommended");
  return {{"name", ""},
          {"verdict", rate.empty() ? "" : "Learning rate " + rate},
          {"sentences", sentences},
          {"facts", Json::array()}};
}

}  // namespace

Json report_of_runs(const std::vector<std::string>& folders) {
  std::vector<RecordedRun> runs;
  Json data = Json::object(), notes = Json::array(), sweep = nullptr;
  for (const std::string& folder : folders) {
    const fs::path csv = fs::path(folder) / kSweep;
    const bool swept = is_there(csv);
    if (swept && sweep.is_null()) sweep = report_sweep(csv.string());
    if (!swept || is_there(fs::path(folder) / "metrics.jsonl")) runs.push_back(read_run(folder));
  }
  if (runs.size() == 1 && sweep.is_null() && !runs.front().formula().empty())
    return report_of_formula_record(runs.front());
  data["foot"] = report_foot(runs.empty() ||
                             std::ranges::any_of(runs, [](const RecordedRun& run) { return run.formula().empty(); }));
  if (runs.empty()) {
    data["title"] = "Learning rates";
    data["subtitle"] = fs::weakly_canonical(folders.front()).filename().string();
    data["summary"] = Json::array({sweep_card(folders.front())});
  } else {
    const std::vector<std::string> names = legend_names(runs);
    data["title"] = title_of(runs);
    data["subtitle"] = subtitle_of(runs);
    data["summary"] = summary_of(runs, names);
    data["charts"] = Json::array();
    for (const Figure& figure : figures(runs)) data["charts"].push_back(report_chart(figure, runs, names));
    data["config"] = config_of(runs, names);
    data["models"] = models_of(runs, names, notes);
  }
  if (!sweep.is_null()) data["sweep"] = sweep;
  data["notes"] = notes;
  return data;
}

}  // namespace descent
