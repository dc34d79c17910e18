// The folder that keeps the record of one run.
#pragma once

#include "app/config/config.hpp"
#include "datasets/split.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace descent {

class RunFolder {
 public:
  // Makes <out_dir>/<date>_<time>_<name>, with _2, _3 … behind it where that exists: no folder is ever
  // used twice. Throws Error(runtime) with the reason of the operating system.
  RunFolder(const std::string& out_dir, const std::string& name);

  // The folder of a run that is there. Throws Error(usage) when it is none.
  static RunFolder existing(const std::string& path);

  const std::string& path() const { return path_; }
  std::string file(std::string_view name) const;

  static constexpr std::string_view kConfig = "config.toml";
  static constexpr std::string_view kLog = "train.log";
  static constexpr std::string_view kMetricsCsv = "metrics.csv";
  static constexpr std::string_view kMetricsJson = "metrics.jsonl";
  static constexpr std::string_view kModel = "model.safetensors";
  static constexpr std::string_view kSplit = "split.json";
  static constexpr std::string_view kResult = "result.json";
  static constexpr std::string_view kLast = "last.safetensors";  // the newest checkpoint
  static constexpr std::string_view kPrevious = "last.previous.safetensors";
  static constexpr std::string_view kBest = "best.safetensors";
  static constexpr std::string_view kTensorBoard = "tb";

 private:
  RunFolder() = default;

  std::string path_;
};

// While it lives, no other program trains into the folder.
class RunLock {
 public:
  // Throws Error(runtime) when another one does. Where the file system knows no locks, there is none.
  explicit RunLock(const std::string& folder);
  ~RunLock();
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;

 private:
  int folder_;
};

// Whether a program trains into the folder at this moment; nothing where that cannot be told, as in a file system
// without locks.
std::optional<bool> is_training(const std::string& folder);

// "descent train --resume runs/…", as a shell takes it.
std::string resume_command(const std::string& folder);

// The name of a run: run.name, or the stem of the config file with what a file name should not hold
// replaced; "run" when nothing is left.
std::string run_name(const Config& config, const std::string& config_path);

// Which rows of the data were for what, numbered from 0 in the order of the file.
void save_split(const std::string& path, const Split& split);
Split load_split(const std::string& path);

// Where a command takes a model file, a run folder with one in it will do.
std::string model_path(const std::string& model_or_run);

}  // namespace descent
