#include "app/record/metrics_files.hpp"

#include "framework/error.hpp"
#include "framework/text.hpp"

#include <fmt/compile.h>

#include <array>
#include <charconv>
#include <cmath>
#include <iterator>

namespace descent {
namespace {

// Calls use(value) for each column of metric_columns(), in that order.
template <class Use>
void each_value(const EpochRecord& record, Use use) {
  use(static_cast<double>(record.epoch));
  use(static_cast<double>(record.step));
  use(record.seconds);
  use(record.gamma);
  use(record.gamma * static_cast<double>(record.batch_size));
  use(record.loss);
  use(record.loss / static_cast<double>(record.terms));
  use(record.gradient_norm);
  for (const double figure : record.figures) use(figure);
}

}  // namespace

std::vector<std::string> metric_columns(const std::vector<std::string>& monitors, bool running) {
  const std::string loss = running ? "running_loss" : "train_loss";
  std::vector<std::string> columns = {"epoch",          "step", "time_s",          "lr",
                                      "lr_times_batch", loss,   loss + "_per_row", "grad_norm"};
  columns.insert(columns.end(), monitors.begin(), monitors.end());
  return columns;
}

MetricsFiles::MetricsFiles(const std::string& csv_path, const std::string& json_path, std::vector<std::string> monitors,
                           bool running)
    : csv_keys_(metric_columns(monitors, running)),
      csv_(csv_path, AppendFile::Open::create),
      json_(json_path, AppendFile::Open::create) {
  for (const std::string& column : csv_keys_) json_keys_.push_back(fmt::format(R"(,"{}":)", column));
  csv_.add_line(join(csv_keys_, ","));
}

MetricsFiles::MetricsFiles(const std::string& csv_path, const std::string& json_path, std::vector<std::string> monitors,
                           bool running, Sizes keep)
    : csv_keys_(metric_columns(monitors, running)),
      csv_(csv_path, AppendFile::Open::go_on),
      json_(json_path, AppendFile::Open::go_on) {
  for (const std::string& column : csv_keys_) json_keys_.push_back(fmt::format(R"(,"{}":)", column));
  forget_behind(keep);
}

void MetricsFiles::forget_behind(Sizes keep) {
  if (csv_.size() < keep.csv || json_.size() < keep.json)
    throw Error(Fault::data,
                "metrics.csv or metrics.jsonl is shorter than when the checkpoint was written; put back the "
                "files of the run, or train anew with --from");
  csv_.truncate(keep.csv);
  json_.truncate(keep.json);
  if (keep.csv == 0) csv_.add_line(join(csv_keys_, ","));
}

void MetricsFiles::event(const std::string& json) {
  json_.add_line(json);
  flush();
}

void MetricsFiles::epoch(const EpochRecord& record) {
  row_.clear();
  nonfinite_.clear();
  line_ = R"({"event":"epoch")";
  std::size_t column = 0;
  each_value(record, [&](double value) {
    std::array<char, 32> text;
    const bool count = column < 2;
    const char* const end =
        count ? std::to_chars(text.begin(), text.end(), static_cast<std::uint64_t>(value)).ptr
              : fmt::format_to(text.data(), FMT_COMPILE("{}"), std::isnan(value) ? std::abs(value) : value);
    const std::string_view number(text.data(), static_cast<std::size_t>(end - text.data()));
    if (column > 0) row_ += ',';
    row_ += number;
    line_ += json_keys_[column];
    if (std::isfinite(value)) {
      line_ += number;
    } else {
      line_ += "null";
      nonfinite_ += fmt::format(R"({}"{}")", nonfinite_.empty() ? "" : ",", csv_keys_[column]);
    }
    ++column;
  });
  if (!nonfinite_.empty()) line_ += fmt::format(R"(,"nonfinite":[{}])", nonfinite_);
  line_ += '}';
  csv_.add_line(row_);
  json_.add_line(line_);
  if (record.seconds - flushed_ < kDelay) return;
  flushed_ = record.seconds;
  flush();
}

void MetricsFiles::flush() {
  csv_.flush();
  json_.flush();
}

MetricsFiles::Sizes MetricsFiles::sync() {
  csv_.sync();
  json_.sync();
  return {csv_.size(), json_.size()};
}

}  // namespace descent
