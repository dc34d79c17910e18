#include "app/doctor/run_failure.hpp"

#include "app/curvature/curvature_objective.hpp"
#include "app/doctor/bad_start.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace descent {
namespace {

constexpr double kAbove = 1e-3, kStuck = 1e-2;  // shares of the L at the start

// Enough to tell whether L fell, for a fraction of an epoch's cost where there are many.
std::size_t most_rows(std::size_t weights) {
  constexpr std::size_t kWork = 100'000'000, kLeast = 1000;
  return std::max(kLeast, kWork / std::max<std::size_t>(1, weights));
}

// What is wrong with the units of a layer, or nothing.
std::optional<std::string> sleeping(const StartingUnits& units, bool stuck) {
  const auto say = [](const LayerStatistics& layer, std::size_t units, std::string_view what) {
    return fmt::format("{} of {} {} units of layer {} ended {}", units, layer.units, layer.activation, layer.layer,
                       what);
  };
  for (const LayerStatistics& layer : units.layers) {
    if (layer.dead.size() == layer.units) return say(layer, layer.units, "dead: no gradient passes them");
    if (stuck && 2 * layer.saturated.size() >= layer.units)
      return say(layer, layer.saturated.size(), "saturated, and L hardly fell");
  }
  for (const EqualUnits& group : units.equal)
    if (stuck && group.units.size() == units.layers[group.layer].units)
      return say(units.layers[group.layer], group.units.size(), "equal to each other, and L hardly fell");
  return std::nullopt;
}

}  // namespace

std::optional<std::string> failure_of(const Experiment& experiment, const TrainingResult& result,
                                      std::span<const double> start) {
  const Status status = result.report.status();
  if (status == Status::diverged) return kDivergence;
  if (status == Status::interrupted) return std::nullopt;
  const std::vector<double>& end = result.model.weights;
  const std::vector<double> begin =
      start.empty() ? starting_weights(experiment) : std::vector<double>(start.begin(), start.end());
  if (end == begin && result.report.kept_epoch == 0 && result.report.epochs > 0)
    return "no epoch was better than the start, whose weights were kept";
  CurvatureObjective measured(experiment, most_rows(end.size()));
  const double from = measured.objective().value(begin), to = measured.objective().value(end);
  const double share = (from - to) / std::abs(from);  // NaN from 0 to 0
  if (share < -kAbove || !std::isfinite(to))
    return fmt::format("L ended at {:.4g}, above the {:.4g} it began with", to, from);
  return sleeping(starting_units(experiment, end), !(share > kStuck));
}

}  // namespace descent
