#include "app/record.hpp"

#include "framework/error.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>

namespace descent {
namespace {

// One value of each column of metric_columns(), in that order.
std::vector<double> metric_values(const EpochRecord& record) {
  const double rows = static_cast<double>(record.terms);
  std::vector<double> values = {static_cast<double>(record.epoch),
                                static_cast<double>(record.step),
                                record.seconds,
                                record.gamma,
                                record.gamma * static_cast<double>(record.batch_size),
                                record.loss,
                                record.loss / rows,
                                record.gradient_norm};
  values.insert(values.end(), record.figures.begin(), record.figures.end());
  return values;
}

std::size_t index_of(const std::vector<std::string>& names, const std::string& name) {
  return static_cast<std::size_t>(std::ranges::find(names, name) - names.begin());
}

}  // namespace

std::vector<std::string> metric_columns(const std::vector<std::string>& monitors) {
  std::vector<std::string> columns = {
      "epoch", "step", "time_s", "lr", "lr_times_batch", "train_loss", "train_loss_per_row", "grad_norm"};
  columns.insert(columns.end(), monitors.begin(), monitors.end());
  return columns;
}

std::string epoch_json(const EpochRecord& record, const std::vector<std::string>& monitors) {
  const std::vector<std::string> columns = metric_columns(monitors);
  const std::vector<double> values = metric_values(record);
  std::string line = R"({"event":"epoch")", nonfinite;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (std::isfinite(values[i])) {
      line += fmt::format(R"(,"{}":{})", columns[i], values[i]);
      continue;
    }
    line += fmt::format(R"(,"{}":null)", columns[i]);
    if (!nonfinite.empty()) nonfinite += ',';
    nonfinite += fmt::format(R"("{}")", columns[i]);
  }
  if (!nonfinite.empty()) line += fmt::format(R"(,"nonfinite":[{}])", nonfinite);
  return line + "}";
}

LineFile::LineFile(const std::string& path)
    : path_(path), file_(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0644)) {
  if (file_ < 0) throw Error(Fault::runtime, "cannot create '{}': {}", path, std::strerror(errno));
}

LineFile::~LineFile() { ::close(file_); }

void LineFile::write(std::string line) {
  line += '\n';
  std::string_view rest = line;
  while (!rest.empty()) {
    const ssize_t written = ::write(file_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) throw Error(Fault::runtime, "cannot write '{}': {}", path_, std::strerror(errno));
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

MetricsFiles::MetricsFiles(const std::string& csv_path, const std::string& json_path, std::vector<std::string> monitors)
    : monitors_(std::move(monitors)), csv_(csv_path), json_(json_path) {
  std::string header;
  for (const std::string& column : metric_columns(monitors_)) header += (header.empty() ? "" : ",") + column;
  csv_.write(header);
}

void MetricsFiles::epoch(const EpochRecord& record) {
  std::string row;
  for (const double value : metric_values(record)) row += fmt::format("{}{}", row.empty() ? "" : ",", value);
  csv_.write(row);
  json_.write(epoch_json(record, monitors_));
}

EpochTable::EpochTable(Log& log, const std::vector<std::string>& monitors, std::string metric,
                       std::size_t validation_rows, std::size_t epochs, std::size_t every)
    : log_(log),
      val_loss_(validation_rows > 0 ? index_of(monitors, "val_loss") : kNone),
      val_metric_(validation_rows > 0 ? index_of(monitors, "val_" + metric) : kNone),
      metric_(std::move(metric)),
      validation_rows_(validation_rows),
      epochs_(epochs),
      every_(every) {}

void EpochTable::start(const EpochRecord& record) {
  std::string header = fmt::format("{:>5}{:>11}{:>10}", "epoch", "L(w)", "L/N");
  if (val_loss_ != kNone) header += fmt::format("{:>10}{:>8}", "val L/N", "val " + metric_.substr(0, 3));
  header += fmt::format("{:>10}{:>9}{:>9}{:>7}", "‖∇L‖", "γ", "γ·B", "s");
  log_.heading(header);
  print(record);
}

void EpochTable::epoch(const EpochRecord& record) {
  constexpr double kSoonOver = 0.5;  // seconds; a shorter run needs no status line
  if (record.epoch % every_ == 0 || record.epoch == epochs_) print(record);
  if (!log_.shows_status() || record.seconds < kSoonOver) return;
  const double rate = static_cast<double>(record.epoch) / record.seconds;
  log_.status(fmt::format("epoch {}/{}  L {:.5g}  {:.0f} epochs/s  {:.0f} s left", record.epoch, epochs_, record.loss,
                          rate, static_cast<double>(epochs_ - record.epoch) / rate));
}

void EpochTable::print(const EpochRecord& record) {
  // A number of so many digits, "-" where nothing was computed.
  const auto cell = [](double x, int digits) { return std::isnan(x) ? "-" : fmt::format("{:.{}g}", x, digits); };
  const double gamma = record.epoch == 0 ? std::nan("") : record.gamma;
  std::string line = fmt::format("{:>5}{:>11}{:>10}", record.epoch, cell(record.loss, 6),
                                 cell(record.loss / static_cast<double>(record.terms), 4));
  if (val_loss_ != kNone)
    line += fmt::format("{:>10}{:>8}", cell(record.figures[val_loss_] / static_cast<double>(validation_rows_), 4),
                        cell(record.figures[val_metric_], 4));
  line += fmt::format("{:>10}{:>9}{:>9}{:>7.2f}", cell(record.gradient_norm, 4), cell(gamma, 3),
                      cell(gamma * static_cast<double>(record.batch_size), 3), record.seconds);
  log_.line(line);
}

}  // namespace descent
