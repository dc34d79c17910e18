#include "app/commands.hpp"
#include "app/config_json.hpp"
#include "app/config_writer.hpp"
#include "app/formula_text.hpp"
#include "app/formula_training.hpp"
#include "app/interrupt.hpp"
#include "app/result_json.hpp"
#include "app/run_verdict.hpp"
#include "app/training.hpp"
#include "framework/error.hpp"
#include "framework/text.hpp"
#include "models/file_io.hpp"

#include <cmath>
#include <filesystem>
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
  std::string text =
      report.sentence.starts_with(status) ? report.sentence : fmt::format("{}: {}", status, report.sentence);
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

// Everything a training is made of, and where it is kept.
struct Job {
  Config config;
  std::optional<Experiment> experiment;
  std::unique_ptr<RunRecord> record;  // null with --no-save
};

Config config_of(const ConfigSource& source, Log& log) {
  ConfigResult read = read_config(source);
  for (const std::string& notice : read.notices) log.line("note: " + notice);
  // Who trains again from the folder's config.toml gets a run of the same name.
  read.config.run.name = run_name(read.config, source.path);
  return read.config;
}

Job new_job(const TrainArguments& arguments, const Config& config, Log& log) {
  Job job{.config = config, .experiment = prepare(config), .record = nullptr};
  if (!arguments.save) return job;
  job.record = std::make_unique<RunRecord>(RunFolder(job.config.run.out_dir, job.config.run.name), log);
  const RunFolder& folder = job.record->folder();
  log.add_file(folder.file(RunFolder::kLog));
  write_file_atomically(folder.file(RunFolder::kConfig), to_toml(job.config));
  save_split(folder.file(RunFolder::kSplit), job.experiment->split);
  return job;
}

nlohmann::json result_of(const RunFolder& folder) {
  std::error_code ignored;
  const std::string path = folder.file(RunFolder::kResult);
  if (!std::filesystem::exists(path, ignored)) return nullptr;
  return nlohmann::json::parse(read_file(path), nullptr, false);
}

std::string text_of(const nlohmann::json& json, const char* key) {
  return json.is_object() && json.contains(key) && json[key].is_string() ? json[key].get<std::string>() : std::string();
}

// Only what decides nothing about the path of the weights may change.
void refuse_changes(const Config& before, const Config& after) {
  for (const Difference& change : differences(before, after)) {
    const bool free = change.key == "train.max_seconds" || change.key == "log.every" ||
                      change.key.starts_with("train.checkpoint_every_");
    if (free || (change.key == "train.epochs" && after.train.epochs >= before.train.epochs)) continue;
    if (change.key == "train.epochs")
      throw Error(Fault::config, "train.epochs = {} is less than the {} of the run that is resumed; it may only grow",
                  change.after, change.before);
    throw Error(Fault::config,
                "{} = {} is not what the run that is resumed has ({}); only train.epochs and train.max_seconds may "
                "change. To train anew with it: train --from RUN --set {}={}",
                change.key, change.after, change.before, change.key, change.after);
  }
}

// Nothing in it, with a word on `log`, when the run is over.
std::optional<Job> resumed_job(const TrainArguments& arguments, Log& log) {
  Job job;
  job.record = RunRecord::go_on(RunFolder::existing(arguments.resume), log);
  const RunFolder& folder = job.record->folder();
  const std::string path = folder.file(RunFolder::kConfig);
  job.config = read_config({path, arguments.config.overrides}).config;
  const std::optional<Checkpoint>& checkpoint = job.record->checkpoint();
  refuse_changes(checkpoint ? parse_config(checkpoint->stamp.config, path).config : read_config({path, {}}).config,
                 job.config);
  const nlohmann::json result = result_of(folder);
  const std::string reason = text_of(result, "reason");
  const bool may_go_on = reason.empty() || reason == to_string(Reason::interrupted) ||
                         reason == to_string(Reason::time_budget) ||
                         (reason == to_string(Reason::epoch_budget) && checkpoint &&
                          checkpoint->stamp.epochs < static_cast<std::size_t>(job.config.train.epochs));
  if (!may_go_on) {
    log.warn(fmt::format("the run has ended: {}{}", text_of(result, "sentence"),
                         reason == to_string(Reason::epoch_budget) ? "; --set train.epochs=… gives it more" : ""));
    return std::nullopt;
  }
  log.add_file(folder.file(RunFolder::kLog));
  job.experiment = prepare(job.config);
  if (job.config != read_config({path, {}}).config) write_file_atomically(path, to_toml(job.config));
  if (!std::filesystem::exists(folder.file(RunFolder::kSplit)))
    save_split(folder.file(RunFolder::kSplit), job.experiment->split);
  return job;
}

// Whether a repeated run ended where the first one did.
bool compare(const RunFolder& first, const TrainingResult& result, Log& log) {
  const std::string expected = text_of(result_of(first), "weights_hash"), got = weights_hash(result.model);
  if (expected.empty()) {
    log.warn(fmt::format("'{}' has no {} to compare with: that run did not end", printable(first.path(), 200),
                         RunFolder::kResult));
    return false;
  }
  if (expected == got)
    log.line(fmt::format("repeated: the same weights as in {}, bit for bit", printable(first.path(), 200)));
  else
    log.warn(
        fmt::format("not repeated: {} has the weights {}; the data, the settings, the version or the kind of "
                    "processor differ",
                    printable(first.path(), 200), expected));
  return expected == got;
}

int finish(const TrainArguments& arguments, const Job& job, const TrainingResult& result, const RunVerdict& verdict,
           bool last, Log& log) {
  const RunRecord* record = job.record.get();
  nlohmann::ordered_json json;
  json["run"] = record != nullptr ? nlohmann::ordered_json(record->folder().path()) : nlohmann::ordered_json(nullptr);
  json["seed"] = job.config.run.seed;
  json.update(to_json(result));
  json["verdict"] = to_json(verdict);
  const int code = exit_code(job.config, result.report);
  log.line("");
  if (code == kDiverged || code == kStoppedShort)
    log.warn(outcome(job.config, result.report));
  else
    log.line(outcome(job.config, result.report));
  if (result.report.status() != Status::diverged && result.report.status() != Status::interrupted)
    log.line(describe(verdict));
  log.record(figures(result));
  if (last) std::cout << (arguments.json ? json.dump() + '\n' : figures(result)) << std::flush;
  if (record != nullptr) {
    const RunFolder& folder = record->folder();
    save_model(folder.file(RunFolder::kModel), result.model);
    write_file_atomically(folder.file(RunFolder::kResult), json.dump(2) + "\n");
    log.line(fmt::format("weights {}, kept in {}", weights_hash(result.model), printable(folder.path(), 200)));
    const std::string& failure = record->failure().empty() ? log.file_failure() : record->failure();
    if (!failure.empty()) throw Error(Fault::runtime, "the record of the run is not whole: {}", failure);
  }
  return code;
}

}  // namespace

int train_command(const TrainArguments& arguments) {
  const int sources = !arguments.config.path.empty() + !arguments.resume.empty() + !arguments.from.empty();
  if (sources != 1)
    throw Error(Fault::usage, "train takes one of CONFIG, --resume RUN and --from RUN; see descent train --help");
  if (!arguments.resume.empty() && !arguments.save)
    throw Error(Fault::usage, "--resume goes on in the folder of the run; it does not go with --no-save");
  Log log(arguments.quiet, arguments.color);
  std::optional<Job> job;
  if (!arguments.resume.empty()) {
    job = resumed_job(arguments, log);
    if (!job) return kOk;
  } else {
    ConfigSource source = arguments.config;
    if (!arguments.from.empty()) source.path = RunFolder::existing(arguments.from).file(RunFolder::kConfig);
    const Config config = config_of(source, log);
    if (!config.objective.formula.empty()) return train_formula_command(arguments, config, log);
    job = new_job(arguments, config, log);
  }
  const TrainingResult result = train(*job->experiment, log, job->record.get(), watch_for_interrupts());
  const RunVerdict verdict = judge(*job->experiment, result, arguments.verdict || arguments.escape);
  const bool escapes = arguments.escape && verdict.has_way_down();
  int code = finish(arguments, *job, result, verdict, !escapes, log);
  if (escapes) {
    log.line("\nescape   training goes on from a step below, in a run of its own");
    Config config = job->config;
    config.run.name += "_escaped";
    const std::vector<double> start = verdict.way_down;
    job = new_job(arguments, config, log);
    const TrainingResult escaped = train(*job->experiment, log, job->record.get(), watch_for_interrupts(), start);
    code = finish(arguments, *job, escaped, judge(*job->experiment, escaped, true), true, log);
  }
  if (arguments.from.empty() || result.report.status() == Status::interrupted) return code;
  const bool same = compare(RunFolder::existing(arguments.from), result, log);
  return same || code != kOk ? code : static_cast<int>(kRuntimeError);
}

}  // namespace descent
