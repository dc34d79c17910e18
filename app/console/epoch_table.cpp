#include "app/console/epoch_table.hpp"

#include "app/console/status_line.hpp"
#include "framework/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace descent {
namespace {

// Widths of the table's columns, the blank in front of each included; with five digits for the epoch, 79.
constexpr std::size_t kEpoch = 5, kLoss = 11, kPerRow = 10, kMetric = 8, kNorm = 10, kGamma = 9, kSeconds = 7;
constexpr std::size_t kSharpness = 8, kEdge = 7;  // in place of γ·B and the seconds
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

std::string column(std::string_view text, std::size_t width) { return fmt::format(" {:>{}}", text, width - 1); }

// A row of numbers, made without the machinery of format strings: a run of microseconds an epoch pays for each row.
class Row {
 public:
  // Right-aligned, at most so many digits, fewer where the column is too narrow; "-" where nothing was computed.
  void number(double x, int digits, std::size_t width) {
    if (std::isnan(x)) return cell("-", width);
    std::array<char, 64> text;
    std::size_t size = 0;
    do {
      const auto end = std::to_chars(text.begin(), text.end(), x, std::chars_format::general, digits).ptr;
      size = static_cast<std::size_t>(end - text.begin());
    } while (size >= width && --digits > 0);
    cell({text.data(), size}, width);
  }
  void seconds(double x) {
    std::array<char, 400> text;  // any double without an exponent
    const auto end = std::to_chars(text.begin(), text.end(), x, std::chars_format::fixed, x < 999 ? 2 : 0).ptr;
    cell({text.data(), static_cast<std::size_t>(end - text.begin())}, kSeconds);
  }
  void count(std::size_t n, std::size_t width) {
    std::array<char, 24> text;
    const auto end = std::to_chars(text.begin(), text.end(), n).ptr;
    pad({text.data(), static_cast<std::size_t>(end - text.begin())}, width);
  }
  const std::string& text() const { return text_; }

 private:
  void cell(std::string_view text, std::size_t width) {
    text_ += ' ';
    pad(text, width - 1);
  }
  void pad(std::string_view text, std::size_t width) {
    if (text.size() < width) text_.append(width - text.size(), ' ');
    text_ += text;
  }

  std::string text_;
};

std::size_t index_of(const std::vector<std::string>& names, const std::string& name) {
  return static_cast<std::size_t>(std::ranges::find(names, name) - names.begin());
}

}  // namespace

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
  log_.status(status_text({record.epoch, epochs_, record.seconds, per_row_, "L/N"}, log_.status_width()));
}

void EpochTable::print(const EpochRecord& record) {
  const double gamma = record.epoch == 0 ? kNaN : record.gamma;
  Row row;
  row.count(record.epoch, epoch_width_);
  row.number(record.loss, 6, kLoss);
  row.number(record.loss / static_cast<double>(record.terms), 4, kPerRow);
  if (val_loss_ != kNone) {
    row.number(record.figures[val_loss_] / static_cast<double>(validation_rows_), 4, kPerRow);
    row.number(record.figures[val_metric_], 4, kMetric);
  }
  row.number(record.gradient_norm, 4, kNorm);
  row.number(gamma, 3, kGamma);
  if (sharpness_ != kNone) {
    row.number(record.figures[sharpness_], 4, kSharpness);
    row.number(record.figures[sharpness_ + 1], 3, kEdge);
  } else {
    row.number(gamma * static_cast<double>(record.batch_size), 3, kGamma);
    row.seconds(record.seconds);
  }
  log_.row(row.text());
}

}  // namespace descent
