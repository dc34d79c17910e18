// What a run folder holds, read back: the curves, the settings, the outcome. Works on the folder of a run that is
// still going on, or that died.
#pragma once

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace descent {

// A setting as text: {"optimizer.learning_rate", "0.1"}.
using Setting = std::pair<std::string, std::string>;

struct RecordedRun {
  std::string folder;                                     // as given
  std::string name;                                       // its last part
  nlohmann::ordered_json start = nullptr, end = nullptr;  // the events; null before they are written
  nlohmann::ordered_json result = nullptr;                // result.json; null before it is written
  std::vector<Setting> config;                            // every setting, in the order of the config

  std::vector<std::string> columns;         // what epochs were logged with, in the order of appearance
  std::vector<double> epochs;               // of each row, ascending
  std::vector<std::vector<double>> values;  // (columns, rows); NaN where nothing or no number was logged

  // A column by name, or null.
  const std::vector<double>* find(std::string_view column) const;
  // A whole number of the start event ("n_train"), or 0.
  std::size_t count(const char* key) const;
  // What was minimised, of a run on a formula; empty for a network.
  std::string formula() const;
  bool maximizes() const;  // of a run on a formula: whether f went up
  const char* loss_name() const { return formula().empty() ? "L/N" : "f"; }
  // What its figures call grad_norm: "‖∇L‖" of a network, "‖∇f‖" of a formula, "‖D∇f‖" in scaled variables.
  const char* gradient_name() const;
  // The setting's value; empty when there is none.
  std::string setting(std::string_view key) const;
  // result.json's "verdict" as a sentence; empty when there is none, or it was skipped.
  std::string verdict() const;
  // The epoch whose weights were kept because they were the best; without that the one of the lowest validation loss
  // (or training loss, when it is not the last; the highest f of a run that maximises). NaN when there is none.
  double best_epoch() const;
};

// Takes metrics.jsonl piece by piece, as a file grows: a line counts once its end is there. Events of unknown kinds and
// unknown keys are passed over; an epoch that comes again (after a resume) replaces what was logged from it on.
class RecordReader {
 public:
  // `path` names the file in messages.
  explicit RecordReader(std::string path) : path_(std::move(path)) {}

  // Throws Error(data) with path and line for a line that is no JSON object or an epoch without its number.
  void add(std::string_view bytes);
  const RecordedRun& record() const { return record_; }
  std::size_t lines() const { return lines_; }

 private:
  void line(std::string_view text);
  void epoch(const nlohmann::ordered_json& event);

  std::string path_, rest_;
  std::size_t lines_ = 0;
  RecordedRun record_;
};

// Reads a folder (or the metrics.jsonl in it). Throws Error(usage) for a folder that is no run's, Error(data) as
// RecordReader does or when no epoch was logged yet, Error(runtime) when a file cannot be read.
RecordedRun read_run(const std::string& folder);

// result.json of a run; null where there is none. Throws Error(data) when it is damaged.
nlohmann::ordered_json read_result(const std::string& folder);

// The settings of the run whose folder this is: those of its start event, else of config.toml; none without either.
std::vector<Setting> run_settings(const RecordedRun& record, const std::string& folder);

// Where read_run would look for the metrics; throws as it does.
std::string metrics_path(const std::string& folder);
// The folder of that file.
std::string run_of(const std::string& metrics_path);

// The settings of a JSON object {section: {key: value}}, or of the text of config.toml.
std::vector<Setting> flat_settings(const nlohmann::ordered_json& config);
std::vector<Setting> flat_settings(std::string_view toml, const std::string& path);

}  // namespace descent
