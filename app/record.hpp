// The record of a run: one line per epoch on the terminal, in metrics.csv and in metrics.jsonl.
#pragma once

#include "app/terminal.hpp"
#include "trainers/report.hpp"

#include <string>
#include <vector>

namespace descent {

// The columns of metrics.csv and the keys of an epoch in metrics.jsonl, fixed before the first epoch.
// `monitors` are the names of EpochRecord::figures; `running`: the loss is the sum seen during the epoch, and
// its columns are called so.
std::vector<std::string> metric_columns(const std::vector<std::string>& monitors, bool running);

// One line of metrics.jsonl for an epoch. Numbers in shortest form; what is not finite is null and named
// in "nonfinite".
std::string epoch_json(const EpochRecord& record, const std::vector<std::string>& monitors);

// A text file that gets whole lines, each written at once, so that a reader never sees half of one.
class LineFile {
 public:
  // Throws Error(runtime) when the file cannot be made.
  explicit LineFile(const std::string& path);
  ~LineFile();
  LineFile(const LineFile&) = delete;
  LineFile& operator=(const LineFile&) = delete;
  // Throws Error(runtime) when the line cannot be written.
  void write(std::string line);

 private:
  std::string path_;
  int file_;
};

// metrics.csv and metrics.jsonl of a run.
class MetricsFiles {
 public:
  MetricsFiles(const std::string& csv_path, const std::string& json_path, std::vector<std::string> monitors,
               bool running);
  void event(const std::string& json) { json_.write(json); }  // the lines before and after the epochs
  void epoch(const EpochRecord& record);

 private:
  std::vector<std::string> monitors_;
  LineFile csv_, json_;
};

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
