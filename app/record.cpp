#include "app/record.hpp"

#include "app/status_line.hpp"
#include "framework/error.hpp"
#include "framework/text.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <limits>

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

// Widths of the table's columns, the blank in front of each included; with five digits for the epoch, 79.
constexpr std::size_t kEpoch = 5, kLoss = 11, kPerRow = 10, kMetric = 8, kNorm = 10, kGamma = 9, kSeconds = 7;
constexpr std::size_t kSharpness = 8, kEdge = 7;  // in place of γ·B and the seconds
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

std::string column(std::string_view text, std::size_t width) { return fmt::format(" {:>{}}", text, width - 1); }

// A number of at most so many digits, fewer where the column is too narrow; "-" where nothing was computed.
std::string number(double x, int digits, std::size_t width) {
  if (std::isnan(x)) return column("-", width);
  std::string text = fmt::format("{:.{}g}", x, digits);
  while (text.size() >= width && digits > 1) text = fmt::format("{:.{}g}", x, --digits);
  return column(text, width);
}

std::string seconds(double x) { return column(fmt::format("{:.{}f}", x, x < 999 ? 2 : 0), kSeconds); }

std::size_t index_of(const std::vector<std::string>& names, const std::string& name) {
  return static_cast<std::size_t>(std::ranges::find(names, name) - names.begin());
}

}  // namespace

std::vector<std::string> metric_columns(const std::vector<std::string>& monitors, bool running) {
  const std::string loss = running ? "running_loss" : "train_loss";
  std::vector<std::string> columns = {"epoch",          "step", "time_s",          "lr",
                                      "lr_times_batch", loss,   loss + "_per_row", "grad_norm"};
  columns.insert(columns.end(), monitors.begin(), monitors.end());
  return columns;
}

std::string epoch_json(const EpochRecord& record, const std::vector<std::string>& monitors) {
  const std::vector<std::string> columns = metric_columns(monitors, record.running);
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

MetricsFiles::MetricsFiles(const std::string& csv_path, const std::string& json_path, std::vector<std::string> monitors,
                           bool running)
    : monitors_(std::move(monitors)), csv_(csv_path), json_(json_path) {
  csv_.write(join(metric_columns(monitors_, running), ","));
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
      sharpness_(index_of(monitors, "sharpness") < monitors.size() ? index_of(monitors, "sharpness") : kNone),
      metric_(std::move(metric)),
      validation_rows_(validation_rows),
      epochs_(epochs),
      every_(every),
      epoch_width_(std::max(kEpoch, fmt::formatted_size("{}", epochs))) {}

void EpochTable::start(const EpochRecord& record) {
  std::string header = fmt::format("{:>{}}{}{}", "epoch", epoch_width_,
                                   column(record.running ? "running L" : "L(w)", kLoss), column("L/N", kPerRow));
  if (val_loss_ != kNone) header += column("val L/N", kPerRow) + column("val " + metric_.substr(0, 3), kMetric);
  header += column("‖∇L‖", kNorm) + column("γ", kGamma);
  header += sharpness_ != kNone ? column("λmax", kSharpness) + column("γ·λmax", kEdge)
                                : column("γ·B", kGamma) + column("s", kSeconds);
  log_.heading(header);
  print(record);
}

void EpochTable::epoch(const EpochRecord& record) {
  constexpr double kSoonOver = 0.5;  // seconds; a shorter run needs no status line
  if (record.epoch % every_ == 0 || record.epoch == epochs_) print(record);
  if (!log_.shows_status()) return;
  per_row_.push_back(record.loss / static_cast<double>(record.terms));
  if (record.seconds < kSoonOver || !log_.status_due()) return;
  log_.status(status_text({record.epoch, epochs_, record.seconds, per_row_}, log_.status_width()));
}

void EpochTable::print(const EpochRecord& record) {
  const double gamma = record.epoch == 0 ? kNaN : record.gamma;
  std::string line = fmt::format("{:>{}}{}{}", record.epoch, epoch_width_, number(record.loss, 6, kLoss),
                                 number(record.loss / static_cast<double>(record.terms), 4, kPerRow));
  if (val_loss_ != kNone)
    line += number(record.figures[val_loss_] / static_cast<double>(validation_rows_), 4, kPerRow) +
            number(record.figures[val_metric_], 4, kMetric);
  line += number(record.gradient_norm, 4, kNorm) + number(gamma, 3, kGamma);
  if (sharpness_ != kNone)
    line += number(record.figures[sharpness_], 4, kSharpness) + number(record.figures[sharpness_ + 1], 3, kEdge);
  else
    line += number(gamma * static_cast<double>(record.batch_size), 3, kGamma) + seconds(record.seconds);
  log_.line(line);
}

}  // namespace descent
