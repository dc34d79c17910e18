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

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace descent {

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
  // `start_event`, or in the middle of a run what it goes on from, which is logged too. A result that the run had is
  // gone then. `data`: the checksum of the data. Throws Error(data) when that is not the checkpoint's, and Error as
  // MetricsFiles does.
  void start(const Config& config, const std::string& data, const std::vector<std::string>& monitors, bool running,
             const std::string& start_event);
  void epoch(const EpochRecord& record);
  // `model`: what stands at the state's weights; null where there is none.
  template <class Real>
  void keep(const Model* model, const Position& position, const State<Real>& state);
  void keep_best(const Model& model);
  // From now on epochs go to TensorBoard too; after start().
  void add_tensorboard(const Config& config, const std::vector<std::string>& monitors, std::size_t validation_rows);
  void finish(const std::string& end_event, bool success);

  // The first thing that could not be written, and why; "" when all was.
  const std::string& failure() const { return failure_; }

 private:
  void attempt(const std::function<void()>& deed, bool metrics);
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
