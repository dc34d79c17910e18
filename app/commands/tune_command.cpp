#include "app/commands.hpp"
#include "app/config/render.hpp"
#include "app/config/writer.hpp"
#include "app/console/interrupt.hpp"
#include "app/files/json_number.hpp"
#include "app/record/run_folder.hpp"
#include "app/tuning/tune_picture.hpp"
#include "app/tuning/tune_tensorboard.hpp"
#include "app/tuning/tuning.hpp"
#include "datasets/csv.hpp"
#include "framework/error.hpp"
#include "framework/text.hpp"
#include "models/file_io.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>

namespace descent {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kTrials = "trials.jsonl", kTable = "tune.csv", kBest = "best.toml", kPicture = "tune.svg";

// Finished trials, a line each, written as they end.
class Journal {
 public:
  explicit Journal(const std::string& path) {
    std::error_code ignored;
    if (std::filesystem::exists(path, ignored)) {
      std::istringstream lines(read_file(path));
      // A line that was being written when the program died is no JSON; its trial is done again.
      for (std::string line; std::getline(lines, line);) {
        const auto json = nlohmann::json::parse(line, nullptr, false);
        if (json.is_object() && json.contains("trial") && json["trial"].is_string() && json.contains("result"))
          results_[json["trial"].get<std::string>()] = json["result"].dump();
      }
    }
    std::string whole;
    for (const auto& [name, result] : results_) whole += line(name, result);
    write_file_atomically(path, whole);
    file_.open(path, std::ios::app);
    if (!file_) throw Error(Fault::runtime, "cannot write '{}'", path);
  }
  std::optional<std::string> find(const std::string& name) const {
    const auto found = results_.find(name);
    return found == results_.end() ? std::nullopt : std::optional(found->second);
  }
  void add(const std::string& name, const std::string& result) {
    if (!(file_ << line(name, result) << std::flush)) throw Error(Fault::runtime, "cannot write the finished trials");
  }

 private:
  static std::string line(const std::string& name, const std::string& result) {
    return fmt::format("{{\"trial\":{},\"result\":{}}}\n", nlohmann::json(name).dump(), result);
  }
  std::map<std::string, std::string> results_;
  std::ofstream file_;
};

std::string open_folder(const TuneArguments& arguments, Config& config) {
  config.run.name = run_name(config, arguments.config.path);
  if (arguments.resume.empty()) {
    const RunFolder folder(config.run.out_dir, config.run.name + "-tune");
    write_file_atomically(folder.file(RunFolder::kConfig), to_toml(config));
    return folder.path();
  }
  const std::string kept = (std::filesystem::path(arguments.resume) / RunFolder::kConfig).string();
  if (read_file(kept) != to_toml(config))
    throw Error(Fault::config, "'{}' is not what this tuning was started with; give {} to go on, or start a new one",
                arguments.config.path, printable(kept, 400));
  return arguments.resume;
}

// An empty cell: there is no such number.
std::string cell(double x) { return std::isfinite(x) ? shortest(x) : ""; }

std::string table_csv(const Tuning& tuning) {
  std::string text =
      "gamma,gamma_over_limit,change,rounds,epochs,converged,epochs_to_target,best_" + tuning.figure + ",verdict\n";
  for (const Arm& arm : tuning.arms)
    text += fmt::format("{},{},{},{},{},{},{},{},{}\n", shortest(arm.gamma), cell(arm.gamma / tuning.limit),
                        csv_field(arm.change), arm.rounds, arm.epochs, shortest(arm.converged), cell(arm.to_target),
                        cell(arm.figure), csv_field(arm.verdict));
  return text;
}

Json to_json(const Tuning& tuning, const std::string& folder) {
  Json json;
  json["folder"] = folder.empty() ? Json(nullptr) : Json(folder);
  json["lambda_max"] = json_number(tuning.lambda_max);
  json["limit"] = json_number(tuning.limit);
  json["limit_remark"] = tuning.limit_remark;
  json["probe"] = tuning.probe ? Json(*tuning.probe) : Json(nullptr);
  if (tuning.range) {
    const RangeTest& range = *tuning.range;
    json["range_test"] = {{"steepest", json_number(range.steepest)},
                          {"valley", json_number(range.valley)},
                          {"minimum_tenth", json_number(range.minimum_tenth)},
                          {"remark", range.remark},
                          {"points", Json::array()}};
    for (const RangePoint& point : range.points) json["range_test"]["points"].push_back({point.gamma, point.loss});
  }
  json["recommended"] = json_number(tuning.recommended);
  json["reason"] = tuning.reason;
  json["figure"] = tuning.figure;
  json["target"] = json_number(tuning.target);
  json["epochs"] = tuning.epochs;
  json["exhaustive_epochs"] = tuning.exhaustive_epochs;
  json["trials"] = Json::array();
  for (const Arm& arm : tuning.arms)
    json["trials"].push_back({{"gamma", arm.gamma},
                              {"change", arm.change},
                              {"rounds", arm.rounds},
                              {"epochs", arm.epochs},
                              {"converged", arm.converged},
                              {"epochs_to_target", json_number(arm.to_target)},
                              {"figure", json_number(arm.figure)},
                              {"verdict", arm.verdict}});
  return json;
}

std::string shown(double x) { return std::isfinite(x) ? fmt::format("{:.4g}", x) : "-"; }

// "probe      goes down …", broken at 80 columns.
std::string line_of(std::string_view name, const std::string& text) {
  constexpr std::size_t kWidth = 80, kMargin = 11;
  const std::string margin(kMargin, ' ');
  return wrap(text, kWidth, fmt::format("{:<{}}", name, kMargin), margin);
}

std::string findings(const Tuning& tuning) {
  std::string text;
  if (!tuning.limit_remark.empty()) {
    const std::string limit = std::isnan(tuning.limit)
                                  ? tuning.limit_remark
                                  : fmt::format("γ < {} = {} ({} a row)", tuning.limit_remark, shown(tuning.limit),
                                                shown(tuning.limit * static_cast<double>(tuning.batch)));
    text += line_of("curvature", fmt::format("λmax {} at the start; {}", shown(tuning.lambda_max), limit));
    text += line_of("probe", tuning.probe ? fmt::format("goes down with all rows up to γ = {}", shown(*tuning.probe))
                                          : std::string("found no γ where going down ends"));
  }
  if (tuning.range) {
    const RangeTest& range = *tuning.range;
    text += line_of("range test", range.remark.empty()
                                      ? fmt::format("steepest {}, valley {}, minimum/10 {}", shown(range.steepest),
                                                    shown(range.valley), shown(range.minimum_tenth))
                                      : range.remark);
  }
  return text;
}

std::string arms_table(const Tuning& tuning) {
  if (tuning.arms.empty()) return "";
  std::string text = fmt::format("\n{:>10}{:>9}{:>7}{:>8}{:>11}{:>16}  verdict\n", "γ", "γ/limit", "seeds", "epochs",
                                 "to target", "best " + tuning.figure + "/row");
  std::string change;
  for (const Arm& arm : tuning.arms) {
    if (arm.change != change) text += fmt::format("{}\n", printable(arm.change, 78));
    change = arm.change;
    text += fmt::format("{:>10}{:>9}{:>6.0f}%{:>8}{:>11}{:>16}  {}\n", shown(arm.gamma),
                        std::isnan(tuning.limit) ? "-" : fmt::format("{:.3g}", arm.gamma / tuning.limit),
                        100 * arm.converged, arm.epochs, shown(arm.to_target), shown(arm.figure), arm.verdict);
  }
  return text + fmt::format("trained {} epochs, {:.0f} % of what all in full would have been\n", tuning.epochs,
                            100.0 * static_cast<double>(tuning.epochs) /
                                static_cast<double>(std::max<std::size_t>(1, tuning.exhaustive_epochs)));
}

}  // namespace

int tune_command(const TuneArguments& arguments) {
  ConfigResult read = read_config(arguments.config);
  Config& config = read.config;
  Log log(arguments.quiet, arguments.color);
  for (const std::string& notice : read.notices) log.line("note: " + notice);
  if (config.data.path == "-" || config.data.validation_path == "-")
    throw Error(Fault::usage, "tune reads the data once a trial, which standard input cannot give; write it to a file");
  if (!arguments.save && !arguments.resume.empty())
    throw Error(Fault::usage, "--resume goes on with a folder, --no-save keeps none; leave one out");

  std::string folder;
  std::optional<Journal> journal;
  TrialStore store;
  const auto file = [&](std::string_view name) { return (std::filesystem::path(folder) / name).string(); };
  if (arguments.save) {
    folder = open_folder(arguments, config);
    journal.emplace(file(kTrials));
    store.find = [&](const std::string& name) { return journal->find(name); };
    store.add = [&](const std::string& name, const std::string& result) { journal->add(name, result); };
  }
  store.progress = [&](std::size_t done, std::size_t of) { log.status(fmt::format("trial {}/{}", done, of)); };

  const Tuning tuning = tune(config, store, watch_for_interrupts());
  if (tuning.interrupted) {
    log.warn(folder.empty() ? "interrupted"
                            : fmt::format("interrupted; go on with --resume {}", printable(folder, 400)));
    return kSignalled + interrupting_signal();
  }
  const Json json = to_json(tuning, folder);
  std::string text = findings(tuning) + arms_table(tuning);
  text += std::isnan(tuning.recommended)
              ? "\n" + wrap("no recommendation: " + tuning.reason, 80, "", "")
              : fmt::format("\nlearning_rate = {}\n{}", shortest(tuning.recommended), wrap(tuning.reason, 80, "", ""));
  std::cout << (arguments.json ? json.dump() + '\n' : text) << std::flush;
  if (folder.empty()) return kOk;
  write_file_atomically(file(kTable), table_csv(tuning));
  write_file_atomically(file(RunFolder::kResult), json.dump(2) + "\n");
  if (!std::isnan(tuning.recommended)) write_file_atomically(file(kBest), to_toml(tuning.best));
  if (config.log.tensorboard) write_trials(file(RunFolder::kTensorBoard), tuning);
  try {
    draw_tuning(tuning, file(kPicture));
  } catch (const Error& error) {
    log.warn(error.what());  // without gnuplot everything else is still there
  }
  log.line(
      fmt::format("kept in {}; train with: descent train {}", printable(folder, 200), printable(file(kBest), 200)));
  return kOk;
}

}  // namespace descent
