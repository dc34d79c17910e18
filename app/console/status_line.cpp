#include "app/console/status_line.hpp"

#include "app/console/terminal_chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace descent {

std::string duration_text(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0) return "? s";
  if (seconds > 0 && seconds < 0.0995) return fmt::format("{:.2g} ms", 1000 * seconds);
  if (seconds < 9.95) return fmt::format("{:.1f} s", seconds);
  if (seconds < 59.5) return fmt::format("{:.0f} s", seconds);
  const auto whole = [](double x) { return static_cast<long long>(std::min(std::floor(x + 0.5), 1e15)); };
  constexpr long long kMinute = 60, kHour = 3600, kDay = 86400;
  const long long s = whole(seconds);
  if (s < kHour) return fmt::format("{} min {} s", s / kMinute, s % kMinute);
  if (s < kDay) return fmt::format("{} h {} min", s / kHour, s % kHour / kMinute);
  return fmt::format("{} d {} h", s / kDay, s % kDay / kHour);
}

std::string status_text(const TrainingProgress& progress, std::size_t columns) {
  constexpr std::size_t kWidest = 24, kNarrowest = 6;  // of the curve
  const double rate = progress.seconds > 0 ? static_cast<double>(progress.epoch) / progress.seconds : 0;
  std::string first = progress.epochs > 0 ? fmt::format("epoch {}/{}", progress.epoch, progress.epochs)
                                          : fmt::format("epoch {}", progress.epoch);
  if (!progress.loss.empty()) first += fmt::format("  {} {:.4g}", progress.name, progress.loss.back());
  std::string speed, left;
  if (rate > 0) {
    speed = rate >= 10  ? fmt::format("  {:.0f} epochs/s", rate)
            : rate >= 1 ? fmt::format("  {:.1f} epochs/s", rate)
                        : fmt::format("  {} an epoch", duration_text(1 / rate));
    if (progress.epochs == progress.epoch)
      left = fmt::format("  {}", duration_text(progress.seconds));
    else if (progress.epochs > progress.epoch)
      left = fmt::format("  {} left", duration_text(static_cast<double>(progress.epochs - progress.epoch) / rate));
  }
  if (shown_width(first) + shown_width(speed) + shown_width(left) > columns) speed.clear();
  if (shown_width(first) + shown_width(left) > columns) left.clear();
  const std::string rest = speed + left;
  const std::size_t taken = shown_width(first) + shown_width(rest) + 1;
  if (columns >= taken + kNarrowest && progress.loss.size() > 1)
    first += " " + sparkline(progress.loss, std::min(kWidest, columns - taken));
  return first + rest;
}

}  // namespace descent
