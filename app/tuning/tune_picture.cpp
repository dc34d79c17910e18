#include "app/tuning/tune_picture.hpp"

#include "app/pictures/curves.hpp"
#include "app/pictures/style.hpp"
#include "framework/text.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace descent {
namespace {

using pictures::LineStyle;
using pictures::Series;

constexpr std::size_t kColours = pictures::kSeries.size() - 1;  // the last is ink, as the limit is
constexpr LineStyle kCutStyle{.colour = pictures::kFaint, .width = 1.4, .dashed = true};

// Figures after fewer epochs are another curve, which breaks off where trials went on.
Series series_of(const Tuning& tuning, const std::string& change, std::size_t round) {
  Series series;
  for (const Arm& arm : tuning.arms) {
    if (arm.change != change) continue;
    series.x.push_back(arm.gamma);
    series.y.push_back(arm.rounds == round ? arm.figure : std::numeric_limits<double>::quiet_NaN());
  }
  return series;
}

// In the order of the trials.
std::vector<std::string> changes_of(const Tuning& tuning) {
  std::vector<std::string> changes;
  for (const Arm& arm : tuning.arms)
    if (std::ranges::find(changes, arm.change) == changes.end()) changes.push_back(arm.change);
  return changes;
}

double best_figure(const Tuning& tuning, const std::string& change) {
  double best = std::numeric_limits<double>::infinity();
  for (const Arm& arm : tuning.arms)
    if (arm.change == change && arm.figure < best) best = arm.figure;
  return best;
}

void add_rounds(const Tuning& tuning, std::size_t last_round, pictures::Curves& curves) {
  for (std::size_t round = 1; round <= last_round; ++round) {
    curves.series.push_back(series_of(tuning, "", round));
    curves.series.back().name = round == last_round ? "in full" : fmt::format("cut after round {}", round);
  }
}

void add_changes(const Tuning& tuning, std::size_t last_round, pictures::Curves& curves) {
  const std::vector<std::string> changes = changes_of(tuning);
  std::vector<std::string> ranked = changes;
  std::ranges::stable_sort(ranked, {}, [&](const std::string& change) { return best_figure(tuning, change); });
  ranked.resize(std::min(ranked.size(), kColours));
  const auto is_coloured = [&](const std::string& change) { return std::ranges::find(ranked, change) != ranked.end(); };
  std::vector<Series> coloured, others;
  for (const std::string& change : changes) {
    const bool named = is_coloured(change);
    LineStyle style{.colour = named ? pictures::series_colour(coloured.size()) : pictures::kFrame,
                    .width = pictures::kCurveWidth};
    std::vector<Series>& into = named ? coloured : others;
    into.push_back(series_of(tuning, change, last_round));
    into.back().name = named ? change : "";
    into.back().style = style;
    style.width = kCutStyle.width;
    style.dashed = true;
    for (std::size_t round = 1; round < last_round; ++round) {
      others.push_back(series_of(tuning, change, round));
      others.back().style = style;
    }
  }
  curves.series = std::move(others);
  curves.series.insert(curves.series.end(), coloured.begin(), coloured.end());
  if (ranked.size() < changes.size())
    curves.series.push_back({"others", {}, {}, LineStyle{.colour = pictures::kFrame}});
  if (last_round > 1) curves.series.push_back({"dashed: cut before the end", {}, {}, kCutStyle});
}

bool shows_something(const pictures::Curves& curves) {
  double low = INFINITY, high = -INFINITY;
  for (const Series& series : curves.series)
    for (const double y : series.y)
      if (std::isfinite(y) && y > 0) low = std::min(low, y), high = std::max(high, y);
  return low < high;
}

}  // namespace

void draw_tuning(const Tuning& tuning, const std::string& path) {
  pictures::Curves curves;
  curves.title = std::isnan(tuning.recommended) ? "No learning rate to recommend"
                                                : "Learning rate " + shortest(tuning.recommended);
  curves.x_label = "γ";
  curves.y_label = (tuning.arms.empty() ? "loss" : tuning.figure + " per row") + "  (log)";
  curves.log_x = curves.log_y = true;
  if (!std::isnan(tuning.recommended)) curves.best = tuning.recommended;
  if (!std::isnan(tuning.limit)) curves.limit = tuning.limit;
  std::size_t last_round = 0;
  for (const Arm& arm : tuning.arms) last_round = std::max(last_round, arm.rounds);
  if (tuning.arms.empty() && tuning.range) {
    Series series{"range test", {}, {}};
    for (const RangePoint& point : tuning.range->points)
      series.x.push_back(point.gamma), series.y.push_back(point.loss);
    curves.series.push_back(std::move(series));
  } else if (!tuning.arms.empty() && tuning.arms.front().change.empty()) {
    add_rounds(tuning, last_round, curves);
  } else {
    add_changes(tuning, last_round, curves);
  }
  if (shows_something(curves)) pictures::draw_curves(curves, {.path = path});
}

}  // namespace descent
