// What a training run leaves in its folder while it runs: metrics files, checkpoints, events for TensorBoard.
//
// A disk that refuses never ends a training: the first refusal is warned of and remembered, the files keep what they
// hold, and whoever owns the record asks failure() at the end.
#pragma once

#include "app/console/terminal.hpp"
#include "app/record/checkpoint.hpp"
#include "app/record/metrics_files.hpp"
#include "app/record/run_folder.hpp"
#include "app/record/tensorboard.hpp"
#include "models/model.hpp"
#include "trainers/report.hpp"

#include <nlohmann/json.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace descent {

// What the start event says beside the config.
struct RunStart {
  Precision precision = Precision::float32;
  std::string data;                    // the checksum of the data
  std::vector<std::string> monitors;   // the names of EpochRecord::figures
  bool running = false;                // the loss is the sum seen during the epoch
  std::size_t validation_rows = 0;     // 0: the monitors are of no rows but the training's
  nlohmann::ordered_json particulars;  // an object: what only runs of this kind have
};

// What the end event says.
struct RunEnd {
  Status status = Status::stopped;
  Reason reason = Reason::epoch_budget;
  std::string sentence;
  std::optional<std::string> verdict = {};  // on the point, where one is known by then
  std::size_t epochs = 0, kept_epoch = 0;
  std::string weights_hash;
};

class RunRecord {
 public:
  // Of a new run in its new folder, which it locks.
  RunRecord(RunFolder folder, Log& log);
  // Of a run that goes on in its folder: from its newest checkpoint, or from the beginning where there is none yet.
  // Throws Error(runtime) when another program trains there, Error(data) when the checkpoint is damaged.
  static std::unique_ptr<RunRecord> go_on(RunFolder folder, Log& log);

  const RunFolder& folder() const { return folder_; }
  bool goes_on() const { return goes_on_; }
  const std::optional<Checkpoint>& checkpoint() const { return checkpoint_; }  // where the run goes on from

  // Opens the metrics files, of a run that goes on without the rows behind its checkpoint, and writes the first line:
  // the start event, or in the middle of a run what it goes on from, which is logged too. A result that the run had is
  // gone then. With log.tensorboard epochs go to TensorBoard too. Throws Error(data) when the checksum of the data is
  // not the checkpoint's, and Error as MetricsFiles does.
  void start(const Config& config, const RunStart& start);
  void epoch(const EpochRecord& record);
  // `model`: what stands at the state's weights; null where there is none.
  template <class Real>
  void keep(const Model* model, const Position& position, const State<Real>& state);
  void keep_best(const Model& model);
  void finish(const RunEnd& end);

  // The first thing that could not be written, and why; "" when all was.
  const std::string& failure() const { return failure_; }

 private:
  void attempt(const std::function<void()>& deed, bool metrics);
  void open_files(const Config& config, const RunStart& start);
  void add_tensorboard(const Config& config, const RunStart& start);
  void attempt_tensorboard(const std::function<void()>& deed);

  RunFolder folder_;
  RunLock lock_;
  Log& log_;
  bool goes_on_ = false, metrics_end_ = false;
  std::optional<Checkpoint> checkpoint_;
  std::optional<MetricsFiles> files_;
  std::optional<TensorBoard> tensorboard_;
  std::string config_, data_, failure_;
};

}  // namespace descent
