#include "app/console/terminal_chart.hpp"

#include "app/config/errors.hpp"
#include "framework/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

namespace descent {
namespace {

constexpr double kLogRatio = 20;  // of the largest to the smallest, from which a logarithm shows more

struct Extent {
  double low = HUGE_VAL, high = -HUGE_VAL;
  bool empty() const { return low > high; }
  void add(double v) {
    low = std::min(low, v);
    high = std::max(high, v);
  }
};

bool shows(double v, bool log) { return std::isfinite(v) && (!log || v > 0); }
double scaled(double v, bool log) { return log ? std::log10(v) : v; }

// Dots of braille: two across and four down in a character, each with the curve it belongs to.
class Canvas {
 public:
  Canvas(std::size_t columns, std::size_t rows)
      : columns_(columns), rows_(rows), dots_(columns * rows, 0), colours_(columns * rows, -1) {}

  std::size_t width() const { return 2 * columns_; }
  std::size_t height() const { return 4 * rows_; }

  void dot(std::size_t x, std::size_t y, int colour) {
    static constexpr unsigned char kBits[4][2] = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
    const std::size_t cell = (y / 4) * columns_ + x / 2;
    dots_[cell] |= kBits[y % 4][x % 2];
    colours_[cell] = colour;
  }

  // The dots between two points, each column's run joined.
  void line(double x0, double y0, double x1, double y1, int colour) {
    const auto steps = static_cast<int>(std::ceil(std::max({std::abs(x1 - x0), std::abs(y1 - y0), 1.0})));
    for (int k = 0; k <= steps; ++k) {
      const double t = static_cast<double>(k) / steps;
      dot(static_cast<std::size_t>(std::lround(x0 + t * (x1 - x0))),
          static_cast<std::size_t>(std::lround(y0 + t * (y1 - y0))), colour);
    }
  }

  std::string row(std::size_t row, bool colour) const {
    std::string text;
    int current = -1;
    for (std::size_t x = 0; x < columns_; ++x) {
      const std::size_t cell = row * columns_ + x;
      if (colour && colours_[cell] != current && dots_[cell] != 0) text += escape(current = colours_[cell]);
      text += braille(dots_[cell]);
    }
    return current >= 0 ? text + "\x1b[0m" : text;
  }

  static std::string escape(int colour) {
    constexpr int kAnsi[] = {34, 31, 32, 35, 33, 36};
    return fmt::format("\x1b[{}m", kAnsi[static_cast<std::size_t>(colour) % std::size(kAnsi)]);
  }

 private:
  static std::string braille(unsigned char dots) {
    if (dots == 0) return " ";
    return {'\xE2', static_cast<char>(0xA0 | (dots >> 6)), static_cast<char>(0x80 | (dots & 0x3F))};
  }

  std::size_t columns_, rows_;
  std::vector<unsigned char> dots_;
  std::vector<int> colours_;
};

std::string padded(const std::string& text, std::size_t width) {
  const std::size_t shown = shown_width(text);
  return std::string(width > shown ? width - shown : 0, ' ') + text;
}

std::string cut(const std::string& text, std::size_t width) {
  if (shown_width(text) <= width) return text;
  return text.substr(0, byte_of_character(text, width > 0 ? width - 1 : 0)) + "…";
}

// Names beside the rows where their curves end, each in a row of its own.
struct EndLabel {
  std::size_t row;
  const ChartCurve* curve;
};

std::vector<const ChartCurve*> labels_by_row(std::vector<EndLabel> labels, std::size_t rows) {
  std::vector<const ChartCurve*> at(rows, nullptr);
  for (const EndLabel& label : labels)
    for (std::size_t away = 0; away < rows; ++away) {
      const std::size_t below = label.row + away;
      if (below < rows && at[below] == nullptr) {
        at[below] = label.curve;
        break;
      }
      if (away <= label.row && at[label.row - away] == nullptr) {
        at[label.row - away] = label.curve;
        break;
      }
    }
  return at;
}

class ChartText {
 public:
  ChartText(const Chart& chart, std::size_t columns, std::size_t rows, bool colour)
      : chart_(chart), rows_(std::max<std::size_t>(rows, 2)), colour_(colour) {
    for (const ChartCurve& curve : chart.curves)
      for (std::size_t i = 0; i < curve.y.size(); ++i)
        if (shows(curve.y[i], chart.log)) {
          x_.add(curve.x[i]);
          y_.add(scaled(curve.y[i], chart.log));
        }
    if (y_.empty()) return;
    if (y_.low == y_.high) widen(y_);
    if (x_.low == x_.high) x_.high = x_.low + 1;
    constexpr std::size_t kLeastPlot = 12;
    for (const ChartCurve& curve : chart.curves) right_ = std::max(right_, shown_width(curve.name));
    for (const std::size_t row : {std::size_t{0}, rows_ / 2, rows_ - 1})
      left_ = std::max(left_, shown_width(number_at(row)));
    const std::size_t room = std::max<std::size_t>(columns, 40) - left_ - 3;
    right_ = std::min(right_, room - kLeastPlot);
    plot_ = room - right_;
  }

  std::string text() const {
    if (y_.empty()) return chart_.title + ": no finite value to draw\n";
    Canvas canvas(plot_, rows_);
    std::vector<EndLabel> labels;
    for (const ChartCurve& curve : chart_.curves) draw(curve, canvas, labels);
    std::ranges::stable_sort(labels, {}, &EndLabel::row);
    const std::vector<const ChartCurve*> names = labels_by_row(labels, rows_);
    std::string text = chart_.title + (chart_.log ? " (log)\n" : "\n");
    for (std::size_t row = 0; row < rows_; ++row) {
      const bool numbered = row == 0 || row == rows_ / 2 || row == rows_ - 1;
      text += padded(numbered ? number_at(row) : "", left_) + (numbered ? " ┤" : " │") + canvas.row(row, colour_);
      if (names[row] != nullptr) text += label(*names[row]);
      trim(text);
      text += '\n';
    }
    return text + bottom();
  }

 private:
  static void widen(Extent& extent) {
    const double half = extent.low == 0 ? 1 : std::abs(extent.low) / 10;
    extent = {extent.low - half, extent.high + half};
  }
  static void trim(std::string& text) {
    while (text.ends_with(' ')) text.pop_back();
  }

  std::string number_at(std::size_t row) const {
    const double t = static_cast<double>(row) / static_cast<double>(rows_ - 1);
    const double v = y_.high + t * (y_.low - y_.high);
    return fmt::format("{:.3g}", chart_.log ? std::pow(10.0, v) : v);
  }

  std::string label(const ChartCurve& curve) const {
    const std::string name = cut(curve.name, right_);
    return colour_ ? " " + Canvas::escape(curve.colour) + name + "\x1b[0m" : " " + name;
  }

  double column_of(double x, const Canvas& canvas) const {
    return (x - x_.low) / (x_.high - x_.low) * static_cast<double>(canvas.width() - 1);
  }
  double row_of(double y, const Canvas& canvas) const {
    return (y_.high - scaled(y, chart_.log)) / (y_.high - y_.low) * static_cast<double>(canvas.height() - 1);
  }

  void draw(const ChartCurve& curve, Canvas& canvas, std::vector<EndLabel>& labels) const {
    std::optional<std::pair<double, double>> last;
    double end = -1;
    for (std::size_t i = 0; i < curve.y.size(); ++i) {
      if (!shows(curve.y[i], chart_.log)) {
        last.reset();
        continue;
      }
      const std::pair at{column_of(curve.x[i], canvas), row_of(curve.y[i], canvas)};
      const std::pair from = last.value_or(at);
      canvas.line(from.first, from.second, at.first, at.second, curve.colour);
      last = at;
      end = at.second;
    }
    if (end >= 0 && right_ > 0) labels.push_back({static_cast<std::size_t>(std::lround(end)) / 4, &curve});
  }

  std::string bottom() const {
    const std::string low = fmt::format("{:.6g}", x_.low), high = fmt::format("{:.6g}", x_.high);
    std::string line = std::string(left_, ' ') + " └";
    for (std::size_t i = 0; i < plot_; ++i) line += "─";
    std::string numbers = std::string(left_ + 2, ' ') + low;
    const std::size_t end = left_ + 2 + plot_, label = shown_width(chart_.x_label);
    const std::size_t middle = left_ + 2 + (plot_ > label ? (plot_ - label) / 2 : 0);
    if (shown_width(numbers) + 2 <= middle && middle + label + 2 + high.size() <= end)
      numbers += std::string(middle - shown_width(numbers), ' ') + chart_.x_label;
    return line + '\n' + numbers + padded(high, end > shown_width(numbers) ? end - shown_width(numbers) : 0) + '\n';
  }

  const Chart& chart_;
  std::size_t rows_;
  bool colour_;
  Extent x_, y_;
  std::size_t left_ = 0, right_ = 0, plot_ = 0;  // characters: numbers, names, dots
};

}  // namespace

std::string terminal_chart(const Chart& chart, std::size_t columns, std::size_t rows, bool colour) {
  return ChartText(chart, columns, rows, colour).text();
}

std::string sparkline(std::span<const double> values, std::size_t columns) {
  constexpr const char* kBars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  Extent extent;
  for (const double v : values)
    if (std::isfinite(v)) extent.add(v);
  if (extent.empty() || columns == 0) return "";
  const bool log = extent.low > 0 && extent.high > kLogRatio * extent.low;
  const double low = scaled(extent.low, log), high = scaled(extent.high, log);
  const std::size_t cells = std::min(columns, values.size());
  std::string text;
  for (std::size_t cell = 0; cell < cells; ++cell) {
    const std::size_t from = cell * values.size() / cells, to = (cell + 1) * values.size() / cells;
    double sum = 0;
    int count = 0;
    for (std::size_t i = from; i < to; ++i)
      if (shows(values[i], log)) {
        sum += scaled(values[i], log);
        ++count;
      }
    const double height = high > low ? (sum / std::max(count, 1) - low) / (high - low) : 0;
    text += count == 0 ? " " : kBars[std::clamp(static_cast<int>(height * 8), 0, 7)];
  }
  return text;
}

std::size_t shown_width(std::string_view text) { return count_characters(text); }

}  // namespace descent
