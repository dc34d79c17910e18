#include "app/record/run_record.hpp"

#include "app/config/json.hpp"
#include "app/config/writer.hpp"
#include "framework/error.hpp"
#include "framework/text.hpp"
#include "models/file_io.hpp"

#include <filesystem>

namespace descent {
namespace {

std::string start_event(const Config& config, const RunStart& start) {
  nlohmann::ordered_json event = {{"event", "start"},
                                  {"descent", DESCENT_VERSION},
                                  {"compiler", __VERSION__},
                                  {"seed", config.run.seed},
                                  {"precision", to_string(start.precision)}};
  event.update(start.particulars);
  event["columns"] = metric_columns(start.monitors, start.running);
  event["monitors"] = start.monitors;
  event["config"] = to_json(config);
  // A path may hold bytes that are no text.
  return event.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::string end_event(const RunEnd& end) {
  nlohmann::ordered_json event = {{"event", "end"},
                                  {"status", to_string(end.status)},
                                  {"reason", to_string(end.reason)},
                                  {"sentence", end.sentence}};
  if (end.verdict) event["verdict"] = *end.verdict;
  event.update({{"epochs", end.epochs}, {"kept_epoch", end.kept_epoch}, {"weights_hash", end.weights_hash}});
  return event.dump();
}

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

void RunRecord::start(const Config& config, const RunStart& start) {
  if (checkpoint_ && checkpoint_->stamp.data != start.data)
    throw Error(Fault::data,
                "the data is not what it was when this run began: its checksum is {}, not {}; bring back the data, or "
                "train anew with it (--from)",
                start.data, checkpoint_->stamp.data);
  config_ = to_toml(config);
  data_ = start.data;
  open_files(config, start);
  if (config.log.tensorboard) add_tensorboard(config, start);
}

void RunRecord::open_files(const Config& config, const RunStart& start) {
  const std::string csv = folder_.file(RunFolder::kMetricsCsv), json = folder_.file(RunFolder::kMetricsJson);
  if (!goes_on_) {
    files_.emplace(csv, json, start.monitors, start.running);
    files_->event(start_event(config, start));
    return;
  }
  files_.emplace(csv, json, start.monitors, start.running,
                 checkpoint_ ? checkpoint_->stamp.metrics : MetricsFiles::Sizes{});
  std::error_code ignored;
  std::filesystem::remove(folder_.file(RunFolder::kResult), ignored);  // of an end that is none any more
  files_->event(checkpoint_ ? resume_event(checkpoint_->stamp, config) : start_event(config, start));
  log_.line(checkpoint_
                ? fmt::format("resumed  behind epoch {}, step {}", checkpoint_->stamp.epochs, checkpoint_->stamp.steps)
                : "resumed  from the start: there was no checkpoint yet");
}

void RunRecord::epoch(const EpochRecord& record) {
  attempt([&] { files_->epoch(record); }, true);
  if (tensorboard_) attempt_tensorboard([&] { tensorboard_->epoch(record); });
}

void RunRecord::add_tensorboard(const Config& config, const RunStart& start) {
  const std::optional<std::size_t> epochs =
      !goes_on_ ? std::nullopt : std::optional(checkpoint_ ? checkpoint_->stamp.epochs : 0);
  attempt_tensorboard([&] {
    tensorboard_.emplace(folder_.file(RunFolder::kTensorBoard), config, start.monitors, start.validation_rows, epochs);
  });
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

void RunRecord::finish(const RunEnd& end) {
  attempt([&] { files_->event(end_event(end)); }, true);
  if (tensorboard_) attempt_tensorboard([&] { tensorboard_->finish(end.status != Status::diverged); });
}

template void RunRecord::keep(const Model*, const Position&, const State<float>&);
template void RunRecord::keep(const Model*, const Position&, const State<double>&);

}  // namespace descent
