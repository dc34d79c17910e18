#include "app/bad_start.hpp"
#include "app/commands.hpp"
#include "app/config_writer.hpp"
#include "app/doctor.hpp"
#include "app/formula_text.hpp"
#include "app/formula_training.hpp"
#include "app/interrupt.hpp"
#include "app/result_json.hpp"
#include "app/run_verdict.hpp"
#include "app/training.hpp"
#include "framework/text.hpp"
#include "models/file_io.hpp"
#include "trainers/sentences.hpp"

#include <cmath>
#include <iostream>

namespace descent {
namespace {

int exit_code(const Config& config, const Report& report) {
  switch (report.status()) {
    case Status::diverged:
      return kDiverged;
    case Status::interrupted:
      return kSignalled + interrupting_signal();
    case Status::converged:
    case Status::stopped:
      break;
  }
  const bool short_of_target = std::isfinite(config.train.loss_target) && report.reason != Reason::target_reached;
  return short_of_target ? kStoppedShort : kOk;
}

// "stopped: reached the epoch budget …", and what somebody asked for in vain.
std::string outcome(const Config& config, const Report& report) {
  const std::string_view status = to_string(report.status());
  std::string text = without_advice(report.sentence);  // what to try is for the doctor to say
  if (!text.starts_with(status)) text = fmt::format("{}: {}", status, text);
  if (exit_code(config, report) == kStoppedShort)
    text += fmt::format("; the loss target {} was not reached", shortest(config.train.loss_target));
  return text;
}

std::string figures(const TrainingResult& result) {
  std::string text = describe("train", result.train) + '\n';
  if (result.validation) text += describe("validation", *result.validation) + '\n';
  if (result.test) text += describe("test", *result.test) + '\n';
  return text;
}

// The folder of this run with its log and config.
std::optional<RunFolder> open_folder(const TrainArguments& arguments, const Config& config, Log& log) {
  if (!arguments.save) return std::nullopt;
  RunFolder folder(config.run.out_dir, config.run.name);
  log.add_file(folder.file(RunFolder::kLog));
  write_file_atomically(folder.file(RunFolder::kConfig), to_toml(config));
  return folder;
}

int train_formula_command(const TrainArguments& arguments, const Config& config, Log& log) {
  FormulaProblem problem(config.objective.formula, config.objective.data, config.objective.maximize);
  const std::optional<RunFolder> folder = open_folder(arguments, config, log);
  const FormulaTraining training =
      train_formula(problem, config, log, folder ? &*folder : nullptr, watch_for_interrupts());
  const FormulaRun& run = training.run;

  nlohmann::ordered_json json;
  json["run"] = folder ? nlohmann::ordered_json(folder->path()) : nlohmann::ordered_json(nullptr);
  json["seed"] = config.run.seed;
  json["epochs"] = run.report.epochs;
  json["kept_epoch"] = run.report.kept_epoch;
  json["seconds"] = run.report.seconds;
  json.update(to_json(run, problem, training.method));
  if (training.basins) json["basins"] = to_json(*training.basins, problem);
  const int code = exit_code(config, run.report);
  log.line("");
  if (code == kDiverged || code == kStoppedShort)
    log.warn(run.why);
  else
    log.line(run.why);
  for (const std::string& note : run.notes) log.line("note: " + note);
  const std::string what = wrapped(run.what + ".");
  log.record(what);
  std::cout << (arguments.json ? json.dump() + '\n' : what) << std::flush;
  if (folder) {
    write_file_atomically(folder->file(RunFolder::kResult), json.dump(2) + "\n");
    log.line(fmt::format("kept in {}", printable(folder->path(), 200)));
  }
  return code;
}

// One training with its folder, if it is kept, and what was found.
struct Trained {
  int code = kOk;
  std::string output;  // for stdout
  RunVerdict verdict;
};

Trained train_once(const Experiment& experiment, const Config& config, Log& log, const TrainArguments& arguments,
                   std::span<const double> start) {
  const std::optional<RunFolder> folder = open_folder(arguments, config, log);
  if (folder) save_split(folder->file(RunFolder::kSplit), experiment.split);
  const TrainingResult result = train(experiment, log, folder ? &*folder : nullptr, watch_for_interrupts(), start);
  Trained trained;
  trained.code = exit_code(config, result.report);
  trained.verdict = judge(experiment, result, arguments.verdict || arguments.escape);

  nlohmann::ordered_json json;
  json["run"] = folder ? nlohmann::ordered_json(folder->path()) : nlohmann::ordered_json(nullptr);
  json["seed"] = config.run.seed;
  json.update(to_json(result));
  json["verdict"] = to_json(trained.verdict);
  log.line("");
  if (trained.code == kDiverged || trained.code == kStoppedShort)
    log.warn(outcome(config, result.report));
  else
    log.line(outcome(config, result.report));
  if (trained.code == kDiverged) {
    const Diagnosis diagnosis = diagnose(experiment, result, watch_for_interrupts(), start);
    json["doctor"] = to_json(diagnosis);
    for (const std::string& line : lines_of(diagnosis)) log.warn(line);
  }
  if (result.report.status() != Status::diverged && result.report.status() != Status::interrupted)
    log.line(describe(trained.verdict));
  log.record(figures(result));
  trained.output = arguments.json ? json.dump() + '\n' : figures(result);
  if (folder) {
    save_model(folder->file(RunFolder::kModel), result.model);
    write_file_atomically(folder->file(RunFolder::kResult), json.dump(2) + "\n");
    log.line(fmt::format("weights {}, kept in {}", weights_hash(result.model), printable(folder->path(), 200)));
  }
  return trained;
}

}  // namespace

int train_command(const TrainArguments& arguments) {
  ConfigResult read = read_config(arguments.config);
  Log log(arguments.quiet, arguments.color);
  for (const std::string& notice : read.notices) log.line("note: " + notice);
  // Who trains again from the folder's config.toml gets a run of the same name.
  if (arguments.save) read.config.run.name = run_name(read.config, arguments.config.path);
  if (!read.config.objective.formula.empty()) return train_formula_command(arguments, read.config, log);
  Experiment experiment = prepare(read.config);
  for (std::string& warning : bad_start_warnings(experiment)) experiment.warnings.push_back(std::move(warning));

  Trained trained = train_once(experiment, read.config, log, arguments, {});
  if (arguments.escape && trained.verdict.has_way_down()) {
    log.line("\nescape   training goes on from a step below, in a run of its own");
    read.config.run.name += "_escaped";
    trained = train_once(experiment, read.config, log, arguments, std::vector<double>(trained.verdict.way_down));
  }
  std::cout << trained.output << std::flush;
  return trained.code;
}

}  // namespace descent
