#include "app/doctor/bad_start.hpp"

#include "app/config/setting_change.hpp"
#include "framework/error.hpp"
#include "framework/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <string_view>

namespace descent {
namespace {

enum class Flaw { dead, saturated, equal };
constexpr std::array kFlaws = {Flaw::dead, Flaw::saturated, Flaw::equal};

Dataset sample_of(const Experiment& experiment, std::size_t weights) {
  constexpr std::size_t kWork = 50'000'000, kLeastRows = 64, kMostRows = 4096;
  const std::size_t have = experiment.train.size();
  const std::size_t rows = std::min(have, std::clamp(kWork / std::max<std::size_t>(weights, 1), kLeastRows, kMostRows));
  return select_evenly(experiment.train, rows);
}

// One unit in four is worth a word. Behind the first layer one in two: there a narrow relu layer has a few dead units
// by chance, and they can wake up, as their inputs change.
bool worth_a_word(std::size_t units, const LayerStatistics& layer, Flaw flaw) {
  const std::size_t share = flaw == Flaw::dead && layer.layer > 0 ? 2 : 4;
  return units > 0 && units * share >= layer.units;
}

bool has(const StartingUnits& start, Flaw flaw) {
  if (flaw == Flaw::equal) return !start.equal.empty();
  return std::ranges::any_of(start.layers, [&](const LayerStatistics& layer) {
    return worth_a_word(flaw == Flaw::dead ? layer.dead.size() : layer.saturated.size(), layer, flaw);
  });
}

// Changes that may mend a start, the most telling first.
std::vector<std::string> remedies(const Config& config) {
  std::vector<std::string> sets;
  if (!config.data.standardize) sets.push_back("data.standardize=true");
  const ModelConfig& model = config.model;
  sets.push_back(
      change_layers(model, "initializer_scale", "1", [](LayerConfig& layer) { layer.initializer_scale = 1; }));
  sets.push_back(change_layers(model, "initializer", "auto", [](LayerConfig& layer) { layer.initializer = "auto"; }));
  sets.push_back(change_layers(model, "activation", "leaky_relu", [](LayerConfig& layer) {
    if (layer.activation == "relu") layer.activation = "leaky_relu";
  }));
  if (config.run.seed < std::numeric_limits<std::int64_t>::max())
    sets.push_back(fmt::format("run.seed={}", config.run.seed + 1));
  return sets;
}

// "; try --set …" with the first change after which no flaw is left, or, if there is none, not this one; or "".
std::string remedy(const Experiment& experiment, Flaw flaw) {
  std::string partly;
  for (const std::string& set : remedies(experiment.config)) {
    try {
      const Experiment mended = prepare(changed(experiment.config, set));
      const StartingUnits after = starting_units(mended, starting_weights(mended));
      if (has(after, flaw)) continue;
      if (std::ranges::none_of(kFlaws, [&](Flaw other) { return has(after, other); })) return "; try " + pasteable(set);
      if (partly.empty()) partly = "; try " + pasteable(set);
    } catch (const Error&) {  // data from standard input cannot be read twice
    }
  }
  return partly;
}

// "units 0, 1, 4, … 16 units"
std::string listed(const std::vector<std::size_t>& units) {
  constexpr std::size_t kShown = 4;
  std::string text;
  for (std::size_t i = 0; i < std::min(units.size(), kShown); ++i)
    text += fmt::format("{}{}", i == 0 ? "" : ", ", units[i]);
  return units.size() > kShown ? text + ", …" : text;
}

std::string rows_looked_at(const Experiment& experiment, std::size_t rows) {
  if (rows == experiment.train.size()) return fmt::format("the {} training rows", rows);
  return fmt::format("{} of the {} training rows", rows, experiment.train.size());
}

}  // namespace

StartingUnits starting_units(const Experiment& experiment, ConstParams<double> w) {
  const Dataset rows = sample_of(experiment, w.size());
  return {rows.size(), unit_statistics(experiment.network, w, view(rows.inputs)), equal_units(experiment.network, w)};
}

std::vector<std::string> bad_start_warnings(const Experiment& experiment) {
  const StartingUnits start = starting_units(experiment, starting_weights(experiment));
  const std::string rows = rows_looked_at(experiment, start.rows);
  std::map<Flaw, std::string> remedies_found;  // each is looked for once
  const auto mend = [&](Flaw flaw) {
    const auto [at, is_new] = remedies_found.try_emplace(flaw);
    if (is_new) at->second = remedy(experiment, flaw);
    return at->second;
  };
  std::vector<std::string> warnings;
  for (const LayerStatistics& layer : start.layers) {
    const auto warn = [&](Flaw flaw, std::size_t units, const std::string& what) {
      if (worth_a_word(units, layer, flaw))
        warnings.push_back(fmt::format("bad start: {} of {} {} units of layer {} are {}{}", units, layer.units,
                                       layer.activation, layer.layer, what, mend(flaw)));
    };
    warn(Flaw::dead, layer.dead.size(), fmt::format("dead, 0 on each of {}: no gradient reaches them", rows));
    warn(Flaw::saturated, layer.saturated.size(),
         fmt::format("saturated, their slope below {} on at least {:.0f} % of {}: they learn slowly, if at all",
                     kFlatSlope, 100 * kFlatShare, rows));
  }
  for (const EqualUnits& group : start.equal) {
    const bool all = group.units.size() == start.layers[group.layer].units;
    warnings.push_back(fmt::format(
        "bad start: {}{} units of layer {} ({}) have equal weights and stay equal for ever, as one unit would{}",
        all ? "all " : "", group.units.size(), group.layer, listed(group.units), mend(Flaw::equal)));
  }
  return warnings;
}

}  // namespace descent
