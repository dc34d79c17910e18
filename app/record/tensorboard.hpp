// The epochs of a run for TensorBoard: tb/train and tb/val in its folder.
//
// One tag in both makes one chart with two curves: "loss" (the sum), "loss_per_row", and every metric; "learning_rate"
// and "grad_norm" are of the training alone. The step is the epoch. tb itself holds the settings, so that the tab of
// hyper-parameters of `tensorboard --logdir runs` compares runs.
#pragma once

#include "app/config/config.hpp"
#include "app/record/event_file.hpp"
#include "trainers/report.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace descent {

// The settings that a person compares runs by, each under its path ("optimizer.learning_rate").
std::map<std::string, HyperParameter> hyper_parameters(const Config& config);

class TensorBoard {
 public:
  // `folder`: tb of a run; `monitors`: the names of EpochRecord::figures; `validation_rows` may be 0. `epochs`: those
  // of the run that goes on, whatever earlier files have beyond them is void; none for a new run.
  TensorBoard(const std::string& folder, const Config& config, const std::vector<std::string>& monitors,
              std::size_t validation_rows, std::optional<std::size_t> epochs);
  // All throw Error(runtime) as EventFile does.
  void epoch(const EpochRecord& record);
  void flush();
  void finish(bool success);

 private:
  struct Figure {
    std::size_t index;  // in EpochRecord::figures
    bool of_validation;
    std::string tag;
  };

  std::vector<Figure> figures_;
  std::size_t validation_rows_;
  EventFile settings_, train_;
  std::unique_ptr<EventFile> validation_;
  std::vector<std::pair<std::string, double>> train_values_, validation_values_;  // of the epoch being written
  double flushed_ = 0;
};

}  // namespace descent
