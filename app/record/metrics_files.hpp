// metrics.csv and metrics.jsonl of a run.
#pragma once

#include "app/files/append_file.hpp"
#include "trainers/report.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace descent {

// The columns of metrics.csv and the keys of an epoch in metrics.jsonl, fixed before the first epoch.
// `monitors` are the names of EpochRecord::figures; `running`: the loss is the sum seen during the epoch, and
// its columns are called so.
std::vector<std::string> metric_columns(const std::vector<std::string>& monitors, bool running);

// A row an epoch in both. Numbers in shortest form that reads back to the same bits; what is not finite is nan, inf or
// -inf in the CSV, and null in the JSON, where "nonfinite" names it. Rows reach the files at the latest kDelay seconds
// of training after their epoch, so that an epoch of microseconds does not pay for a call of the operating system.
class MetricsFiles {
 public:
  static constexpr double kDelay = 0.05;

  struct Sizes {  // bytes
    std::size_t csv = 0, json = 0;
  };

  // `how`: new files, or those of a run that goes on, of which all behind `keep` is forgotten.
  MetricsFiles(const std::string& csv_path, const std::string& json_path, std::vector<std::string> monitors,
               bool running);
  MetricsFiles(const std::string& csv_path, const std::string& json_path, std::vector<std::string> monitors,
               bool running, Sizes keep);

  void event(const std::string& json);  // a line of the JSON file that is no epoch, at once
  void epoch(const EpochRecord& record);
  void flush();
  Sizes sync();  // all rows so far are on the disk

 private:
  void forget_behind(Sizes keep);

  std::vector<std::string> csv_keys_, json_keys_;  // ",\"lr\":"
  AppendFile csv_, json_;
  std::string row_, line_, nonfinite_;  // of the epoch being written
  double flushed_ = 0;                  // seconds of the run
};

}  // namespace descent
