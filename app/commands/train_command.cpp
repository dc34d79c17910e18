#include "app/commands.hpp"
#include "app/console/interrupt.hpp"
#include "app/doctor/bad_start.hpp"
#include "app/doctor/doctor.hpp"
#include "app/formula/text.hpp"
#include "app/formula/training.hpp"
#include "app/training/result_json.hpp"
#include "app/training/run_verdict.hpp"
#include "app/training/train_job.hpp"
#include "app/training/training.hpp"
#include "framework/error.hpp"
#include "framework/text.hpp"
#include "models/file_io.hpp"
#include "trainers/sentences.hpp"

#include <cmath>
#include <iostream>

namespace descent {
namespace {

int exit_code(const Config& config, Reason reason) {
  switch (status_of(reason)) {
    case Status::diverged:
      return kDiverged;
    case Status::interrupted:
      return kSignalled + interrupting_signal();
    case Status::converged:
    case Status::stopped:
      break;
  }
  const bool short_of_target = std::isfinite(config.train.loss_target) && reason != Reason::target_reached;
  return short_of_target ? kStoppedShort : kOk;
}

// "stopped: reached the epoch budget …", and what somebody asked for in vain.
std::string outcome(const Config& config, const Report& report) {
  const std::string_view status = to_string(report.status());
  std::string text = without_advice(report.sentence);  // what to try is for the doctor to say
  if (!text.starts_with(status)) text = fmt::format("{}: {}", status, text);
  if (exit_code(config, report.reason) == kStoppedShort)
    text += fmt::format("; the loss target {} was not reached", shortest(config.train.loss_target));
  return text;
}

std::string figures(const TrainingResult& result) {
  std::string text = describe("train", result.train) + '\n';
  if (result.validation) text += describe("validation", *result.validation) + '\n';
  if (result.test) text += describe("test", *result.test) + '\n';
  return text;
}

// What the JSON of every training begins with.
nlohmann::ordered_json opening(const RunFolder* folder, const Config& config) {
  return {{"run", folder != nullptr ? nlohmann::ordered_json(folder->path()) : nlohmann::ordered_json(nullptr)},
          {"seed", config.run.seed}};
}

void say_outcome(const std::string& text, int code, Log& log) {
  log.line("");
  if (code == kDiverged || code == kStoppedShort)
    log.warn(text);
  else
    log.line(text);
}

Config config_of(const ConfigSource& source, Log& log) {
  ConfigResult read = read_config(source);
  for (const std::string& notice : read.notices) log.line("note: " + notice);
  // Who trains again from the folder's config.toml gets a run of the same name.
  read.config.run.name = run_name(read.config, source.path);
  return read.config;
}

// Whether a repeated run ended where the first one did; with settings of its own, `anew`, it need not.
bool compare(const RunFolder& first, const std::string& got, bool anew, Log& log) {
  const std::string expected = kept_weights_hash(first);
  if (anew && expected != got) {
    log.line(fmt::format("trained anew: other settings than in {}, and other weights", printable(first.path(), 200)));
    return true;
  }
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

// The exit code of a run that repeats another one, `code` on its own.
int code_of_repeat(const TrainArguments& arguments, const std::string& hash, int code, bool interrupted, Log& log) {
  if (arguments.from.empty() || interrupted) return code;
  const bool same = compare(RunFolder::existing(arguments.from), hash, !arguments.config.overrides.empty(), log);
  return same || code != kOk ? code : static_cast<int>(kRuntimeError);
}

// Writes result.json. Throws Error(runtime) when something of the record could not be written.
void keep_result(const RunRecord& record, nlohmann::ordered_json json, const std::string& hash, Log& log) {
  const RunFolder& folder = record.folder();
  const std::string& failure = record.failure().empty() ? log.file_failure() : record.failure();
  if (!failure.empty()) json[kRecordFailure] = failure;
  write_file_atomically(folder.file(RunFolder::kResult), json.dump(2) + "\n");
  log.line(fmt::format("weights {}, kept in {}", hash, printable(folder.path(), 200)));
  if (json["status"] == to_string(Status::interrupted)) log.line("go on with " + resume_command(folder.path()));
  if (!failure.empty())
    throw Error(Fault::runtime, "the record of the run is not whole: {}; when that is mended, complete it with {}",
                failure, resume_command(folder.path()));
}

TrainJob escape_job(const TrainArguments& arguments, Config config, Log& log) {
  log.line(fmt::format("\nescape   training goes on from a step {}, in a run of its own",
                       config.objective.maximize ? "above" : "below"));
  config.run.name += "_escaped";
  return new_job(config, arguments.save, log);
}

// Shows and keeps what came out of the job; `shown`: on stdout too.
int finish(const TrainArguments& arguments, const TrainJob& job, const FormulaTraining& training, bool shown,
           Log& log) {
  const Config& config = job.config;
  FormulaProblem& problem = *job.problem;
  const RunRecord* const record = job.record.get();
  const FormulaRun& run = training.run;
  nlohmann::ordered_json json = opening(record != nullptr ? &record->folder() : nullptr, config);
  json["epochs"] = run.report.epochs;
  json["kept_epoch"] = run.report.kept_epoch;
  json["seconds"] = training.seconds;
  json["weights_hash"] = training.weights_hash;
  json.update(to_json(run, problem, training.method));
  if (training.basins) json["basins"] = to_json(*training.basins, problem);
  const int code = exit_code(config, run.report.reason);
  say_outcome(run.why, code, log);
  if (!run.warning.empty()) log.warn(run.warning);
  for (const std::string& note : run.notes) log.line("note: " + note);
  const std::string what = wrapped(run.what + ".");
  log.record(what);
  if (shown) std::cout << (arguments.json ? json.dump() + '\n' : what) << std::flush;
  if (record != nullptr) keep_result(*record, json, training.weights_hash, log);
  return code;
}

int train_formula_command(const TrainArguments& arguments, TrainJob job, Log& log) {
  const auto train = [&] {
    return train_formula(*job.problem, job.config, log, job.record.get(), watch_for_interrupts());
  };
  const FormulaTraining training = train();
  const auto escape = arguments.escape ? escape_config(*job.problem, training, job.config) : std::nullopt;
  int code = finish(arguments, job, training, !escape, log);
  if (escape) {
    job = escape_job(arguments, *escape, log);
    code = finish(arguments, job, train(), true, log);
  }
  const bool interrupted = training.run.status == Status::interrupted;
  return code_of_repeat(arguments, training.weights_hash, code, interrupted, log);
}

// Shows and keeps what came out of the job; `shown`: on stdout too.
int finish(const TrainArguments& arguments, const TrainJob& job, const TrainingResult& result,
           const RunVerdict& verdict, std::span<const double> start, bool shown, Log& log) {
  const RunRecord* record = job.record.get();
  nlohmann::ordered_json json = opening(record != nullptr ? &record->folder() : nullptr, job.config);
  json.update(to_json(result));
  json["verdict"] = to_json(verdict);
  const int code = exit_code(job.config, result.report.reason);
  say_outcome(outcome(job.config, result.report), code, log);
  if (const auto diagnosis = diagnose(*job.experiment, result, watch_for_interrupts(), start)) {
    json["doctor"] = to_json(*diagnosis);
    for (const std::string& line : lines_of(*diagnosis)) log.warn(line);
  }
  if (result.report.status() != Status::diverged && result.report.status() != Status::interrupted)
    log.line(describe(verdict));
  log.record(figures(result));
  if (shown) std::cout << (arguments.json ? json.dump() + '\n' : figures(result)) << std::flush;
  if (record != nullptr) {
    save_model(record->folder().file(RunFolder::kModel), result.model);
    keep_result(*record, json, result.weights_hash, log);
  }
  return code;
}

int train_network_command(const TrainArguments& arguments, TrainJob job, Log& log) {
  if (!job.goes_on())
    for (std::string& warning : bad_start_warnings(*job.experiment))
      job.experiment->warnings.push_back(std::move(warning));
  const TrainingResult result = train(*job.experiment, log, job.record.get(), watch_for_interrupts());
  const RunVerdict verdict = judge(*job.experiment, result, arguments.verdict || arguments.escape);
  const bool escapes = arguments.escape && verdict.has_way_down();
  int code = finish(arguments, job, result, verdict, {}, !escapes, log);
  if (escapes) {
    const std::vector<double> start = verdict.way_down;
    job = escape_job(arguments, job.config, log);
    const TrainingResult escaped = train(*job.experiment, log, job.record.get(), watch_for_interrupts(), start);
    code = finish(arguments, job, escaped, judge(*job.experiment, escaped, true), start, true, log);
  }
  return code_of_repeat(arguments, result.weights_hash, code, result.report.status() == Status::interrupted, log);
}

int train_job_command(const TrainArguments& arguments, TrainJob job, Log& log) {
  if (job.config.objective.formula.empty()) return train_network_command(arguments, std::move(job), log);
  return train_formula_command(arguments, std::move(job), log);
}

}  // namespace

int train_command(const TrainArguments& arguments) {
  const int sources = !arguments.config.path.empty() + !arguments.resume.empty() + !arguments.from.empty();
  if (sources != 1)
    throw Error(Fault::usage, "train takes one of CONFIG, --resume RUN and --from RUN; see descent train --help");
  if (!arguments.resume.empty() && !arguments.save)
    throw Error(Fault::usage, "--resume goes on in the folder of the run; it does not go with --no-save");
  Log log(arguments.quiet, arguments.color);
  if (!arguments.resume.empty()) {
    TrainJob job = resumed_job(arguments.resume, arguments.config.overrides, log);
    if (job.ended) return exit_code(job.config, *job.ended);
    return train_job_command(arguments, std::move(job), log);
  }
  ConfigSource source = arguments.config;
  if (!arguments.from.empty()) source.path = RunFolder::existing(arguments.from).file(RunFolder::kConfig);
  const Config config = config_of(source, log);
  return train_job_command(arguments, new_job(config, arguments.save, log), log);
}

}  // namespace descent
