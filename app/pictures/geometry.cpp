#include "app/pictures/geometry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace descent::pictures {
namespace {

constexpr double kHuge = 1e300;

// 1, 2 or 5 times a power of ten, at least `rough`.
double round_step(double rough) {
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (factor * power >= rough * (1 - 1e-9)) return factor * power;
  return 10 * power;
}

std::vector<Tick> log_ticks(const Axis& axis, int count) {
  const double low = std::log10(axis.range.low), high = std::log10(axis.range.high);
  std::vector<Tick> result;
  const double needed = (high - low) / count;
  int every = 1;
  for (const int round : {1, 2, 3, 4, 5, 6, 8, 10, 20, 30, 40, 50, 100, 200})
    if (every < needed) every = round;
  const bool between = high - low < 2.5;
  for (int decade = static_cast<int>(std::floor(low)); decade <= high + 1; ++decade)
    for (const double factor : {1.0, 2.0, 5.0}) {
      const double value = factor * std::pow(10.0, decade);
      if (!axis.range.contains(value) || (factor > 1 && !between)) continue;
      if (factor == 1 && decade % every != 0) continue;
      result.push_back(number_label(value, value));
    }
  return result;
}

}  // namespace

std::optional<Range> range_of(std::span<const double> values, bool positive) {
  std::optional<Range> result;
  for (const double v : values) {
    if (!std::isfinite(v) || (positive && v <= 0)) continue;
    if (!result) result = Range{v, v};
    result->low = std::min(result->low, v);
    result->high = std::max(result->high, v);
  }
  return result;
}

Range usual_range(std::span<const double> values) {
  constexpr double kFar = 3;  // times the span of nine tenths of the values
  std::vector<double> sorted(values.begin(), values.end());
  std::erase_if(sorted, [](double v) { return !std::isfinite(v); });
  if (sorted.empty()) return {0, 1};
  std::ranges::sort(sorted);
  const double low = sorted[sorted.size() / 20], high = sorted[sorted.size() - 1 - sorted.size() / 20];
  if (!(high > low)) return {sorted.front(), sorted.back()};
  const double reach = kFar * (high - low);
  return {std::max(sorted.front(), low - reach), std::min(sorted.back(), high + reach)};
}

Range padded(Range range, double part, bool log) {
  if (log) {
    const double low = std::log10(range.low), high = std::log10(range.high);
    const double extra = std::max(part * (high - low), high - low < 0.05 ? 0.3 : 0.02);
    return {std::pow(10.0, std::max(low - extra, -300.0)), std::pow(10.0, std::min(high + extra, 300.0))};
  }
  range = {std::clamp(range.low, -kHuge, kHuge), std::clamp(range.high, -kHuge, kHuge)};
  const double size = std::max(std::abs(range.low), std::abs(range.high));
  double extra = part * range.span();
  if (range.span() <= size * 1e-12) extra = size > 0 ? size * 0.1 : 1;
  return {range.low - extra, range.high + extra};
}

Box around(Point centre, double width, double height) {
  return {centre.x - width / 2, centre.y - height / 2, centre.x + width / 2, centre.y + height / 2};
}

Tick number_label(double value, double step) {
  if (std::abs(value) < step * 1e-6) value = 0;
  const double size = std::abs(value);
  const int digits = size > 0 ? std::clamp(static_cast<int>(std::ceil(std::log10(size / step) + 1e-9)) + 1, 1, 15) : 1;
  Tick result{value, "", ""};
  if (size == 0 || ((size < 999999.5 || digits > 5) && size < 1e9 && size >= 1e-4)) {
    result.markup = fmt::format("{:.{}g}", value, digits);
    if (result.markup.find('e') != std::string::npos) result.markup = fmt::format("{:.0f}", value);
    if (const auto minus = result.markup.find('-'); minus == 0) result.markup.replace(0, 1, "−");
    result.text = result.markup;
    return result;
  }
  int exponent = static_cast<int>(std::floor(std::log10(size)));
  std::string mantissa = fmt::format("{:.{}g}", value / std::pow(10.0, exponent), digits);
  if (mantissa == "10" || mantissa == "-10") mantissa.pop_back(), ++exponent;
  const std::string sign = exponent < 0 ? "−" : "";
  std::string factor = mantissa + "·";
  if (mantissa == "1") factor = "";
  if (mantissa[0] == '-') factor = "−" + (mantissa == "-1" ? std::string() : factor.substr(1));
  result.markup = fmt::format("{}10^{{{}{}}}", factor, sign, std::abs(exponent));
  result.text = fmt::format("{}10{}{}", factor, sign, std::abs(exponent));
  return result;
}

double Axis::fraction(double value) const {
  if (!log) return (value - range.low) / range.span();
  return std::log(value / range.low) / std::log(range.high / range.low);
}

std::vector<Tick> ticks(const Axis& axis, int count) {
  if (axis.log && axis.range.high / axis.range.low > 3) return log_ticks(axis, count);
  const double step = round_step(axis.range.span() / count);
  std::vector<Tick> result;
  for (double at = std::ceil(axis.range.low / step - 1e-9); at * step <= axis.range.high + 1e-9 * step; ++at) {
    result.push_back(number_label(at * step, step));
    if (result.size() > 100) break;  // a step lost in rounding
  }
  return result;
}

Point Panel::pixel(Point data) const {
  return {box.left + x.fraction(data.x) * box.width(), box.bottom - y.fraction(data.y) * box.height()};
}

std::vector<Point> Panel::upright(double at) const {
  constexpr double kInside = 1e-4;
  const Range range = y.range;
  if (y.log)
    return {{at, range.low * std::pow(range.high / range.low, kInside)},
            {at, range.high * std::pow(range.low / range.high, kInside)}};
  return {{at, range.low + kInside * range.span()}, {at, range.high - kInside * range.span()}};
}

std::optional<std::pair<Point, Point>> clipped(Point a, Point b, Range x, Range y) {
  if (!std::isfinite(a.x + a.y + b.x + b.y)) return std::nullopt;
  const double dx = b.x - a.x, dy = b.y - a.y;
  double enter = 0, leave = 1;
  const auto cut = [&](double speed, double room) {  // speed·t <= room
    if (speed == 0) return room >= 0;
    if (speed > 0) {
      leave = std::min(leave, room / speed);
    } else {
      enter = std::max(enter, room / speed);
    }
    return enter <= leave;
  };
  if (!cut(-dx, a.x - x.low) || !cut(dx, x.high - a.x) || !cut(-dy, a.y - y.low) || !cut(dy, y.high - a.y))
    return std::nullopt;
  const Point from = enter > 0 ? Point{a.x + enter * dx, a.y + enter * dy} : a;
  const Point to = leave < 1 ? Point{a.x + leave * dx, a.y + leave * dy} : b;
  return std::pair{from, to};
}

}  // namespace descent::pictures
