#include "app/training/train_job.hpp"

#include "app/config/json.hpp"
#include "app/config/reader.hpp"
#include "app/config/writer.hpp"
#include "framework/error.hpp"
#include "framework/text.hpp"
#include "models/file_io.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>

namespace descent {
namespace {

nlohmann::json result_of(const RunFolder& folder) {
  std::error_code ignored;
  const std::string path = folder.file(RunFolder::kResult);
  if (!std::filesystem::exists(path, ignored)) return nullptr;
  return nlohmann::json::parse(read_file(path), nullptr, false);
}

std::string text_of(const nlohmann::json& json, const char* key) {
  return json.is_object() && json.contains(key) && json[key].is_string() ? json[key].get<std::string>() : std::string();
}

struct End {
  Reason reason;
  std::string sentence;
  bool whole;  // nothing is missing in the record
};

// Of the run in the folder, if it came to one: by its result, or by its checkpoint when it was killed in between.
std::optional<End> end_of(const RunFolder& folder, const std::optional<Checkpoint>& checkpoint) {
  const nlohmann::json result = result_of(folder);
  if (const std::optional<Reason> reason = reason_called(text_of(result, "reason")))
    return End{*reason, text_of(result, "sentence"), !result.contains(kRecordFailure)};
  if (checkpoint && checkpoint->stamp.ended)
    return End{checkpoint->stamp.ended->reason, checkpoint->stamp.ended->sentence, false};
  return std::nullopt;
}

bool has_more_to_do(Reason reason, const std::optional<Checkpoint>& checkpoint, const Config& config) {
  if (reason != Reason::epoch_budget) return can_go_on(reason);
  return checkpoint && checkpoint->stamp.epochs < static_cast<std::size_t>(config.train.epochs);
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
    throw Error(
        Fault::config,
        "{} = {} is not what the run that is resumed has ({}); only train.epochs, train.max_seconds, "
        "log.every and train.checkpoint_every_… may change. To train anew with it: train --from RUN --set {}={}",
        change.key, change.after, change.before, change.key, change.after);
  }
}

void prepare_work(TrainJob& job) {
  const ObjectiveConfig& c = job.config.objective;
  if (c.formula.empty())
    job.experiment = prepare(job.config);
  else
    job.problem = std::make_unique<FormulaProblem>(c.formula, c.data, c.maximize);
}

}  // namespace

TrainJob new_job(const Config& config, bool save, Log& log) {
  TrainJob job;
  job.config = config;
  prepare_work(job);
  if (!save) return job;
  job.record = std::make_unique<RunRecord>(RunFolder(job.config.run.out_dir, job.config.run.name), log);
  const RunFolder& folder = job.record->folder();
  log.add_file(folder.file(RunFolder::kLog));
  write_file_atomically(folder.file(RunFolder::kConfig), to_toml(job.config));
  if (job.experiment) save_split(folder.file(RunFolder::kSplit), job.experiment->split);
  return job;
}

TrainJob resumed_job(const std::string& run, const std::vector<std::string>& overrides, Log& log) {
  TrainJob job;
  job.record = RunRecord::go_on(RunFolder::existing(run), log);
  const RunFolder& folder = job.record->folder();
  const std::string path = folder.file(RunFolder::kConfig);
  job.config = read_config({path, overrides}).config;
  const Config kept = read_config({path, {}}).config;
  const std::optional<Checkpoint>& checkpoint = job.record->checkpoint();
  refuse_changes(checkpoint ? parse_config(checkpoint->stamp.config, path).config : kept, job.config);
  const bool changed = job.config != kept;
  const std::optional<End> end = end_of(folder, checkpoint);
  if (end && changed && !can_go_on(end->reason))
    throw Error(Fault::config,
                "the run has ended, and no setting makes it go on: {}. To train anew with other settings: train --from "
                "RUN --set …",
                end->sentence);
  if (end && end->whole && !has_more_to_do(end->reason, checkpoint, job.config)) {
    log.warn(fmt::format("the run has ended: {}{}", end->sentence,
                         end->reason == Reason::epoch_budget ? "; --set train.epochs=… gives it more" : ""));
    job.ended = end->reason;
    return job;
  }
  log.add_file(folder.file(RunFolder::kLog));
  prepare_work(job);
  if (changed) write_file_atomically(path, to_toml(job.config));
  if (job.experiment && !std::filesystem::exists(folder.file(RunFolder::kSplit)))
    save_split(folder.file(RunFolder::kSplit), job.experiment->split);
  return job;
}

std::string kept_weights_hash(const RunFolder& folder) { return text_of(result_of(folder), "weights_hash"); }

}  // namespace descent
