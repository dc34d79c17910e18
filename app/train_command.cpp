#include "app/commands.hpp"
#include "app/config_writer.hpp"
#include "app/interrupt.hpp"
#include "app/result_json.hpp"
#include "app/training.hpp"
#include "framework/text.hpp"
#include "models/file_io.hpp"

#include <cmath>
#include <csignal>
#include <iostream>

namespace descent {
namespace {

int exit_code(const Config& config, const Report& report) {
  switch (report.status()) {
    case Status::diverged:
      return kDiverged;
    case Status::interrupted:
      return interrupting_signal() == SIGTERM ? kTerminated : kInterrupted;
    case Status::converged:
    case Status::stopped:
      break;
  }
  const bool target_asked = std::isfinite(config.train.loss_target);
  return target_asked && report.reason != Reason::target_reached ? kStoppedShort : kOk;
}

void print_summary(const TrainingResult& result, Log& log) {
  const Report& report = result.report;
  log.line("");
  log.line(fmt::format("{}: {}", to_string(report.status()), report.sentence));
  std::cout << describe("train", result.train) << '\n';
  if (result.validation) std::cout << describe("validation", *result.validation) << '\n';
  if (result.test) std::cout << describe("test", *result.test) << '\n';
}

}  // namespace

int train_command(const TrainArguments& arguments) {
  const ConfigResult read = read_config(arguments.config);
  Log log(arguments.quiet, arguments.color);
  for (const std::string& notice : read.notices) log.line("note: " + notice);
  const Experiment experiment = prepare(read.config);

  std::optional<RunFolder> folder;
  if (arguments.save) {
    folder.emplace(read.config.run.out_dir, run_name(read.config, arguments.config.path));
    log.add_file(folder->file(RunFolder::kLog));
    write_file_atomically(folder->file(RunFolder::kConfig), to_toml(read.config));
    save_split(folder->file(RunFolder::kSplit), experiment.split);
  }
  const TrainingResult result = train(experiment, log, folder ? &*folder : nullptr, watch_for_interrupts());

  nlohmann::ordered_json json;
  json["run"] = folder ? nlohmann::ordered_json(folder->path()) : nlohmann::ordered_json(nullptr);
  json["seed"] = read.config.run.seed;
  json.update(to_json(result));
  if (arguments.json)
    std::cout << json.dump() << std::endl;
  else
    print_summary(result, log);
  if (folder) {
    save_model(folder->file(RunFolder::kModel), result.model);
    write_file_atomically(folder->file(RunFolder::kResult), json.dump(2) + "\n");
    log.line(fmt::format("weights {}, kept in {}", weights_hash(result.model), printable(folder->path(), 200)));
  }
  return exit_code(read.config, result.report);
}

}  // namespace descent
