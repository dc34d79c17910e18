#include "app/record/run_record.hpp"

#include "app/config/writer.hpp"
#include "framework/error.hpp"
#include "framework/text.hpp"
#include "models/file_io.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>

namespace descent {
namespace {

std::string resume_event(const CheckpointStamp& from, const Config& config) {
  return nlohmann::ordered_json({{"event", "resume"},
                                 {"epoch", from.epochs},
                                 {"step", from.steps},
                                 {"step_in_epoch", from.step_in_epoch},
                                 {"epochs", config.train.epochs}})
      .dump();
}

}  // namespace

RunRecord::RunRecord(RunFolder folder, Log& log) : folder_(std::move(folder)), lock_(folder_.path()), log_(log) {}

std::unique_ptr<RunRecord> RunRecord::go_on(RunFolder folder, Log& log) {
  auto record = std::make_unique<RunRecord>(std::move(folder), log);
  record->goes_on_ = true;
  const RunFolder& files = record->folder_;
  for (const std::string_view name : {RunFolder::kLast, RunFolder::kBest, RunFolder::kModel, RunFolder::kConfig,
                                      RunFolder::kResult, RunFolder::kSplit})
    remove_leftovers(files.file(name));
  std::string notice;
  record->checkpoint_ = load_checkpoint(files.file(RunFolder::kLast), files.file(RunFolder::kPrevious), notice);
  if (!notice.empty()) log.warn(notice);
  return record;
}

void RunRecord::attempt(const std::function<void()>& deed, bool metrics) {
  if (metrics && metrics_end_) return;
  try {
    deed();
  } catch (const Error& error) {
    if (metrics) metrics_end_ = true;
    if (failure_.empty())
      log_.warn(fmt::format("{}; the training goes on, {}", error.what(),
                            metrics ? "without rows in the metrics files" : "and tries again later"));
    if (failure_.empty()) failure_ = error.what();
  }
}

void RunRecord::start(const Config& config, const std::string& data, const std::vector<std::string>& monitors,
                      bool running, const std::string& start_event) {
  if (checkpoint_ && checkpoint_->stamp.data != data)
    throw Error(Fault::data,
                "the data is not what it was when this run began: its checksum is {}, not {}; bring back the data, or "
                "train anew with it (--from)",
                data, checkpoint_->stamp.data);
  config_ = to_toml(config);
  data_ = data;
  const std::string csv = folder_.file(RunFolder::kMetricsCsv), json = folder_.file(RunFolder::kMetricsJson);
  if (!goes_on_) {
    files_.emplace(csv, json, monitors, running);
    files_->event(start_event);
    return;
  }
  files_.emplace(csv, json, monitors, running, checkpoint_ ? checkpoint_->stamp.metrics : MetricsFiles::Sizes{});
  std::error_code ignored;
  std::filesystem::remove(folder_.file(RunFolder::kResult), ignored);  // of an end that is none any more
  files_->event(checkpoint_ ? resume_event(checkpoint_->stamp, config) : start_event);
  log_.line(checkpoint_
                ? fmt::format("resumed  behind epoch {}, step {}", checkpoint_->stamp.epochs, checkpoint_->stamp.steps)
                : "resumed  from the start: there was no checkpoint yet");
}

void RunRecord::epoch(const EpochRecord& record) {
  attempt([&] { files_->epoch(record); }, true);
  if (tensorboard_) attempt_tensorboard([&] { tensorboard_->epoch(record); });
}

void RunRecord::add_tensorboard(const Config& config, const std::vector<std::string>& monitors,
                                std::size_t validation_rows) {
  const std::optional<std::size_t> epochs =
      !goes_on_ ? std::nullopt : std::optional(checkpoint_ ? checkpoint_->stamp.epochs : 0);
  attempt_tensorboard(
      [&] { tensorboard_.emplace(folder_.file(RunFolder::kTensorBoard), config, monitors, validation_rows, epochs); });
}

// Its files are left alone from the first refusal on.
void RunRecord::attempt_tensorboard(const std::function<void()>& deed) {
  bool done = false;
  attempt(
      [&] {
        deed();
        done = true;
      },
      false);
  if (!done) tensorboard_.reset();
}

template <class Real>
void RunRecord::keep(const Model* model, const Position& position, const State<Real>& state) {
  CheckpointStamp stamp{.config = config_,
                        .data = data_,
                        .metrics = {},
                        .epochs = position.epochs,
                        .steps = position.steps,
                        .step_in_epoch = position.step_in_epoch,
                        .ended = {}};
  if (position.ended != nullptr) stamp.ended = *position.ended;
  if (tensorboard_) attempt_tensorboard([&] { tensorboard_->flush(); });
  // A checkpoint behind which rows are missing would be worse than an older one.
  attempt([&] { stamp.metrics = files_->sync(); }, true);
  if (metrics_end_) return;
  attempt(
      [&] {
        replace_file_keeping(folder_.file(RunFolder::kPrevious), folder_.file(RunFolder::kLast),
                             encode_checkpoint(model, stamp, state));
      },
      false);
}

void RunRecord::keep_best(const Model& model) {
  attempt([&] { save_model(folder_.file(RunFolder::kBest), model); }, false);
}

void RunRecord::finish(const std::string& end_event, bool success) {
  attempt([&] { files_->event(end_event); }, true);
  if (tensorboard_) attempt_tensorboard([&] { tensorboard_->finish(success); });
}

template void RunRecord::keep(const Model*, const Position&, const State<float>&);
template void RunRecord::keep(const Model*, const Position&, const State<double>&);

}  // namespace descent
