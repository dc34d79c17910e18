// The record of a run as a person reads it: one line per epoch.
#pragma once

#include "app/console/terminal.hpp"
#include "trainers/report.hpp"

#include <string>
#include <vector>

namespace descent {

// The table of epochs that a person reads, 80 columns wide.
class EpochTable {
 public:
  // `metric`: the monitor shown beside val_loss; "sharpness" and the one behind it take the place of γ·B and seconds;
  // `every`: epochs between lines.
  EpochTable(Log& log, const std::vector<std::string>& monitors, std::string metric, std::size_t validation_rows,
             std::size_t epochs, std::size_t every);
  void start(const EpochRecord& record);
  void epoch(const EpochRecord& record);

 private:
  void print(const EpochRecord& record);

  Log& log_;
  std::size_t val_loss_, val_metric_, sharpness_;  // indices into figures, or none
  std::string metric_;
  std::size_t validation_rows_, epochs_, every_, epoch_width_;
  std::vector<double> per_row_;  // L/N of each epoch, for the status line; empty where none is shown
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
};

}  // namespace descent
