#include "app/doctor/divergence_causes.hpp"

#include "app/config/optimizer_choice.hpp"
#include "app/config/setting_change.hpp"
#include "app/curvature/sharpness.hpp"
#include "datasets/statistics.hpp"
#include "framework/error.hpp"
#include "framework/text.hpp"
#include "models/evaluator.hpp"
#include "trainers/sentences.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace descent {
namespace {

using Suspected = std::optional<Suspicion>;

// Standardised columns have root mean square 1; this much more is another scale.
constexpr double kForeignScale = 3;

struct ColumnRange {
  std::size_t column = 0;
  double low = 0, high = 0, size = 0;  // size: root mean square
};

// The column whose numbers are largest, by root mean square.
ColumnRange largest_column(ConstMatrixView<double> m) {
  ColumnRange found;
  for (std::size_t j = 0; j < m.cols; ++j) {
    ColumnRange range{j, m(0, j), m(0, j), 0};
    double largest = 0, squares = 0;
    for (std::size_t i = 0; i < m.rows; ++i) {
      range.low = std::min(range.low, m(i, j));
      range.high = std::max(range.high, m(i, j));
      largest = std::max(largest, std::abs(m(i, j)));
    }
    for (std::size_t i = 0; i < m.rows && largest > 0; ++i) squares += std::pow(m(i, j) / largest, 2);
    range.size = largest * std::sqrt(squares / static_cast<double>(m.rows));
    if (j == 0 || range.size > found.size) found = range;
  }
  return found;
}

// "file.csv:17" or "row 17 of <moons>".
std::string place_of(const Experiment& experiment, std::size_t i) {
  const std::uint32_t row = experiment.train.rows[i];
  if (row < experiment.lines.size()) return to_string(Place{printable(experiment.source), experiment.lines[row]});
  return fmt::format("row {} of {}", row + 1, printable(experiment.source));
}

std::string product_text(const Patient& patient, double sharpness) {
  const double product = patient.config().optimizer.learning_rate * sharpness * patient.batch_share();
  return fmt::format("{} = {:.3g}", patient.batch_share() < 1 ? "γ·λmax·B/N" : "γ·λmax", product);
}

// A line search chooses γ itself; optimizer.learning_rate plays no part.
bool searches_its_steps(const Patient& patient) { return !chosen_line_search(patient.config().optimizer).empty(); }

std::optional<double> limit_of_product(const Patient& patient) {
  if (searches_its_steps(patient)) return std::nullopt;
  return stable_product(patient.config().optimizer.name, patient.config().optimizer.momentum);
}

// ", which makes γ·λmax = 4.2e+05, beyond the limit 2", or "".
std::string consequence(Patient& patient) {
  const double limit = patient.limit_of_gamma(patient.sharpness_at_start());
  if (!(patient.config().optimizer.learning_rate > limit)) return {};
  return fmt::format(", and {} at the start, where {} is stable up to {:.3g}",
                     product_text(patient, patient.sharpness_at_start()), patient.config().optimizer.name,
                     *limit_of_product(patient));
}

// Ever smaller γ from `first` down.
std::vector<std::string> gentler_rates(double first) {
  constexpr int kMost = 14;
  std::vector<std::string> sets;
  for (int k = 0; k < kMost && first > std::numeric_limits<double>::min(); ++k, first /= k < 4 ? 3 : 30)
    sets.push_back("optimizer.learning_rate=" + round_down(first));
  return sets;
}

// The first number of `m` that the precision of the training cannot hold, as (row, column).
std::optional<std::pair<std::size_t, std::size_t>> unholdable(const Experiment& experiment, ConstMatrixView<double> m) {
  const bool single = experiment.precision == Precision::float32;
  for (std::size_t i = 0; i < m.rows; ++i)
    for (std::size_t j = 0; j < m.cols; ++j)
      if (!std::isfinite(single ? static_cast<double>(static_cast<float>(m(i, j))) : m(i, j))) return std::pair(i, j);
  return std::nullopt;
}

// Readers refuse NaN and infinities with file and line; what remains are numbers beyond the precision.
Suspected nonfinite_data(Patient& patient) {
  const Experiment& e = patient.experiment();
  const auto sentence = [&](std::size_t i, double x, const std::string& column) {
    return fmt::format("{}: {} in column '{}' is beyond what {} can hold, so the network meets an infinity",
                       place_of(e, i), shortest(x), printable(column), to_string(e.precision));
  };
  if (const auto at = unholdable(e, view(e.train.inputs)))
    return Suspicion{sentence(at->first, e.train.inputs(at->first, at->second), e.train.input_names[at->second]),
                     {"data.standardize=true", "run.precision=float64"}};
  if (const auto at = unholdable(e, view(e.train.targets)))
    return Suspicion{sentence(at->first, e.train.targets(at->first, at->second), e.train.target_names[at->second]),
                     {"data.standardize_targets=true", "run.precision=float64", "train.loss=huber"}};
  return std::nullopt;
}

// The first training row whose loss is not finite at w₀ though the network's outputs for it are.
template <class Real>
std::optional<std::size_t> overflowing_row(const Experiment& experiment) {
  const Network<Real> network(experiment.network);
  const Loss<Real>& loss = find_loss<Real>(experiment.loss);
  const TrainingRows<Real> rows = training_rows<Real>(experiment.train);
  std::vector<Real> w(network.parameters());
  network.initialize(w, static_cast<std::uint64_t>(experiment.config.run.seed));
  Workspace<Real> work(network);
  work.reserve(1);
  Matrix<Real> dy = zeros<Real>(1, network.outputs());
  const auto finite = [](auto x) { return std::isfinite(x); };
  for (std::size_t i = 0; i < experiment.train.size(); ++i) {
    const MatrixView<Real> y = network.forward(w, view(rows.inputs).rows_at(i, 1), work, false);
    if (!std::ranges::all_of(y.row(0), finite)) return std::nullopt;
    const double value = loss.evaluate(y, view(rows.targets).rows_at(i, 1), view(dy));
    if (!std::isfinite(value) || !std::ranges::all_of(dy, finite)) return i;
  }
  return std::nullopt;
}

Suspected overflow_at_start(Patient& patient) {
  const Experiment& e = patient.experiment();
  if (patient.report().steps > 0) return std::nullopt;
  const auto row = e.precision == Precision::float32 ? overflowing_row<float>(e) : overflowing_row<double>(e);
  if (!row) return std::nullopt;
  return Suspicion{fmt::format("the {} loss of {} overflows {} at the start: its target is {:.4g}", e.loss,
                               place_of(e, *row), to_string(e.precision), e.train.targets(*row, 0)),
                   {"data.standardize_targets=true", "train.loss=huber", "run.precision=float64"}};
}

// Where exp of an output overflows: a large count pulls the output up in proportion, and exp makes more of it than γ's
// limit at the start knows.
Suspected overflow_of_counts(Patient& patient) {
  constexpr double kLargeCount = 100;
  const Experiment& e = patient.experiment();
  const bool counts = find_loss<double>(e.loss).targets == TargetKind::counts;
  if (patient.report().status() != Status::diverged) return std::nullopt;
  const std::string& place = patient.report().place;  // the loss of a row, or a gradient that holds exp(y) as well
  if (!counts || place.starts_with("the output")) return std::nullopt;
  const ColumnRange target = largest_column(view(e.train.targets));
  if (!(target.high > kLargeCount)) return std::nullopt;
  const double gamma = patient.config().optimizer.learning_rate;
  const double limit = patient.limit_of_gamma(patient.sharpness_at_start()) / 2;
  return Suspicion{
      fmt::format("{} overflows: exp(y) is infinite in {} beyond y = {}, and counts up to {:.4g} in column '{}' pull y "
                  "there in a few steps of γ = {}{}",
                  place.empty() ? "a weight" : place, to_string(e.precision),
                  e.precision == Precision::float32 ? 88 : 709, target.high,
                  printable(e.train.target_names[target.column]), rounded(gamma), consequence(patient)),
      gentler_rates(limit < gamma / 3 ? limit : gamma / 3)};
}

Suspected weight_decay(Patient& patient) {
  const OptimizerConfig& o = patient.config().optimizer;
  const double product = o.learning_rate * o.weight_decay;
  // Beyond γ = 1 adamw's own steps are absurd, whatever the decay.
  if (o.name != "adamw" || !(product > 2) || o.learning_rate > 1) return std::nullopt;
  return Suspicion{fmt::format("γ · weight_decay = {:.3g}: each step multiplies the weights by 1 − γ · weight_decay = "
                               "{:.3g}, which grows beyond a product of 2",
                               product, 1 - product),
                   {"optimizer.weight_decay=0.01", "optimizer.weight_decay=0"}};
}

Suspected penalty(Patient& patient) {
  const auto limit = limit_of_product(patient);
  const double l2 = patient.config().train.l2;
  const double product = patient.config().optimizer.learning_rate * l2 * patient.batch_share();
  if (!limit || !(product > *limit)) return std::nullopt;
  const double most = *limit / (patient.config().optimizer.learning_rate * patient.batch_share());
  return Suspicion{fmt::format("the penalty alone has curvature {} = train.l2, and γ{} times that is {:.3g}, where {} "
                               "is stable up to {:.3g}",
                               shortest(l2), patient.batch_share() < 1 ? "·B/N" : "", product,
                               patient.config().optimizer.name, *limit),
                   {"train.l2=" + round_down(most / 4), "train.l2=" + round_down(most / 100), "train.l2=0"}};
}

// Numbers of another scale, which `set` standardises. Where that alone does not mend the run though more of
// γ·λmax is of their making than of γ's, γ is too large besides: then a smaller γ is the one change that does, and the
// sentence tells the two that are better.
Suspicion unscaled(Patient& patient, const std::string& set, std::string sentence) {
  constexpr double kMostOfIt = 30;
  constexpr std::size_t kTries = 5;
  Suspicion suspicion{std::move(sentence), {set}};
  if (patient.attempt({set}).survived) return suspicion;
  const double gamma = patient.config().optimizer.learning_rate;
  const double here = patient.sharpness_at_start(), there = patient.sharpness_with(set);
  const double limit = patient.limit_of_gamma(here), excess = here / there;
  if (!(gamma > limit) || !(excess > kMostOfIt) || !(excess > gamma / patient.limit_of_gamma(there))) return suspicion;
  const std::vector<std::string> rates = gentler_rates(std::min(gamma / 2, patient.limit_of_gamma(there) / 2));
  for (const std::string& rate : std::span(rates).first(std::min(rates.size(), kTries))) {
    if (!patient.attempt({set, rate}).survived) continue;
    suspicion.sentence += fmt::format(
        "; γ is too large besides, and a γ for these numbers as they are is tiny: better "
        "than the remedy are both of {} {}",
        pasteable(set), pasteable(rate));
    suspicion.sets = gentler_rates(limit / 2);
    break;
  }
  return suspicion;
}

Suspected unscaled_inputs(Patient& patient) {
  const Experiment& e = patient.experiment();
  if (patient.config().data.standardize) return std::nullopt;
  const ColumnRange range = largest_column(view(e.train.inputs));
  if (!(range.size > kForeignScale)) return std::nullopt;
  return unscaled(patient, "data.standardize=true",
                  fmt::format("input column '{}' runs from {:.4g} to {:.4g}, {:.3g} times the size of a standardised "
                              "one{}",
                              printable(e.train.input_names[range.column]), range.low, range.high, range.size,
                              consequence(patient)));
}

Suspected unscaled_targets(Patient& patient) {
  const Experiment& e = patient.experiment();
  if (patient.config().data.standardize_targets || e.encoding.target_kind != TargetKind::numbers) return std::nullopt;
  const ColumnRange range = largest_column(view(e.train.targets));
  if (!(range.size > kForeignScale)) return std::nullopt;
  return unscaled(patient, "data.standardize_targets=true",
                  fmt::format("target column '{}' runs from {:.4g} to {:.4g}, {:.3g} times the size of a standardised "
                              "one: so much larger are the gradients, and the first steps",
                              printable(e.train.target_names[range.column]), range.low, range.high, range.size));
}

std::string plain_initializers(const ModelConfig& model) {
  return change_layers(model, "initializer", "auto", [](LayerConfig& layer) { layer.initializer = "auto"; });
}
std::string plain_scales(const ModelConfig& model) {
  return change_layers(model, "initializer_scale", "1", [](LayerConfig& layer) { layer.initializer_scale = 1; });
}

Suspected sleeping_layer(Patient& patient, bool dead) {
  const auto count = [&](const LayerStatistics& l) { return dead ? l.dead.size() : l.saturated.size(); };
  for (const LayerStatistics& layer : patient.units_at_start().layers) {
    if (2 * count(layer) < layer.units) continue;
    std::vector<std::string> sets;
    if (!patient.config().data.standardize) sets.push_back("data.standardize=true");
    const ModelConfig& model = patient.config().model;
    sets.insert(sets.end(), {plain_scales(model), plain_initializers(model)});
    return Suspicion{
        fmt::format("{} of {} {} units of layer {} are {} at the start, {}{}", count(layer), layer.units,
                    layer.activation, layer.layer, dead ? "dead" : "saturated",
                    dead ? "0 on every row" : "all but constant on nearly every row", consequence(patient)),
        sets};
  }
  return std::nullopt;
}
Suspected saturated_layer(Patient& patient) { return sleeping_layer(patient, false); }
Suspected dead_layer(Patient& patient) { return sleeping_layer(patient, true); }

// Units that start as copies stay copies, and a layer of them is one unit.
Suspected equal_units(Patient& patient) {
  const StartingUnits& start = patient.units_at_start();
  for (const EqualUnits& group : start.equal)
    if (group.units.size() == start.layers[group.layer].units)
      return Suspicion{
          fmt::format("all {} {} units of layer {} start with equal weights and stay equal for ever, as one "
                      "unit would",
                      group.units.size(), start.layers[group.layer].activation, group.layer),
          {plain_initializers(patient.config().model)}};
  return std::nullopt;
}

Suspected initializer_scale(Patient& patient) {
  const NetworkSpec& spec = patient.experiment().network;
  const auto worst = std::ranges::max_element(
      spec.layers, {}, [](const LayerSpec& l) { return l.kind == "dense" ? l.initializer_scale : 0; });
  const bool constant = worst->initializer == "constant";
  if (!(worst->initializer_scale >= (constant ? 0.1 : 1.5))) return std::nullopt;
  const ModelConfig& model = patient.config().model;
  std::vector<std::string> sets = {plain_scales(model), plain_initializers(model)};
  if (constant) std::swap(sets[0], sets[1]);
  return Suspicion{
      fmt::format("initializer_scale = {} makes the first weights {}, and outputs of size {:.3g} at the "
                  "start{}",
                  shortest(worst->initializer_scale),
                  constant ? "that large, all alike"
                           : fmt::format("{} times as large as suits the layers", shortest(worst->initializer_scale)),
                  patient.units_at_start().layers.back().size, consequence(patient)),
      sets};
}

// " The steps left 16 of 16 relu units of layer 0 dead.", or "".
std::string dead_by_then(Patient& patient) {
  for (const LayerStatistics& layer : patient.units_at_end())
    if (2 * layer.dead.size() >= layer.units)
      return fmt::format("; its steps left {} of {} {} units of layer {} dead", layer.dead.size(), layer.units,
                         layer.activation, layer.layer);
  return {};
}

// A proof: γ is beyond the limit where the run starts.
Suspected learning_rate_beyond_limit(Patient& patient) {
  const double sharpness = patient.sharpness_at_start(), limit = patient.limit_of_gamma(sharpness);
  const OptimizerConfig& o = patient.config().optimizer;
  if (!(o.learning_rate > limit)) return std::nullopt;
  const std::string batch =
      patient.batch_share() < 1
          ? fmt::format(" (λmax = {:.4g} of all rows, of which a batch holds {} of {})", sharpness,
                        batch_rows(patient.experiment()), patient.experiment().train.size())
          : fmt::format(" (λmax = {:.4g})", sharpness);
  const std::string momentum = o.name == "steepest" ? "" : fmt::format(" with μ = {}", shortest(o.momentum));
  return Suspicion{fmt::format("{} at the start{}, where {}{} is stable up to {:.3g}: γ = {} must be below {}{}",
                               product_text(patient, sharpness), batch, o.name, momentum, *limit_of_product(patient),
                               rounded(o.learning_rate), round_down(limit), dead_by_then(patient)),
                   gentler_rates(limit / 2)};
}

// Methods that rescale the gradient: λmax sets no limit, but γ is about what a step changes a weight by.
Suspected learning_rate_of_rescaled(Patient& patient) {
  const OptimizerConfig& o = patient.config().optimizer;
  if (limit_of_product(patient) || searches_its_steps(patient)) return std::nullopt;
  const ConstParams<double> w = patient.start();
  double squares = 0;
  for (const double x : w) squares += x * x;
  const double size = std::sqrt(squares / static_cast<double>(w.size()));
  if (!(o.learning_rate > 0.1 * size)) return std::nullopt;
  return Suspicion{fmt::format("{} divides the gradient by its own size, so that λmax sets no limit and a step changes "
                               "each weight by about γ = {}; the weights start with a root mean square of {:.3g}{}",
                               o.name, rounded(o.learning_rate), size, dead_by_then(patient)),
                   gentler_rates(std::min(o.learning_rate / 10, size > 0 ? 0.01 * size : 0.001))};
}

// No proof: γ was within its limit at the start, yet a smaller one mends it.
Suspected learning_rate_on_the_way(Patient& patient) {
  if (searches_its_steps(patient)) return std::nullopt;
  const OptimizerConfig& o = patient.config().optimizer;
  const double start = patient.sharpness_at_start(), end = patient.sharpness_at_end();
  std::string sentence = fmt::format("γ = {} is too large for where its steps lead", rounded(o.learning_rate));
  if (limit_of_product(patient) && start > 0)
    sentence += fmt::format(": {} at the start is within the limit {:.3g}, but the landscape got sharper{}",
                            product_text(patient, start), *limit_of_product(patient),
                            end > start ? fmt::format(", {} at the last finite weights", product_text(patient, end))
                                        : " or batches differ");
  return Suspicion{sentence + dead_by_then(patient), gentler_rates(o.learning_rate / 3)};
}

Suspected precision(Patient& patient) {
  if (patient.experiment().precision == Precision::float64 || patient.report().status() != Status::diverged)
    return std::nullopt;
  return Suspicion{fmt::format("{}: beyond the largest float32, 3.4e+38",
                               patient.report().place.empty() ? "a number overflows" : patient.report().place),
                   {"run.precision=float64"}};
}

constexpr DivergenceCause kCauses[] = {
    {"non_finite_data", nonfinite_data},
    {"overflow_in_loss", overflow_at_start},
    {"weight_decay", weight_decay},
    {"penalty", penalty},
    {"unscaled_inputs", unscaled_inputs},
    {"unscaled_targets", unscaled_targets},
    {"saturated_layer", saturated_layer},
    {"dead_layer", dead_layer},
    {"equal_units", equal_units},
    {"initializer_scale", initializer_scale},
    {"overflow_in_loss", overflow_of_counts},
    {"learning_rate", learning_rate_beyond_limit},
    {"learning_rate", learning_rate_of_rescaled},
    {"learning_rate", learning_rate_on_the_way},
    {"precision", precision},
};

}  // namespace

std::span<const DivergenceCause> cause_table() { return kCauses; }

}  // namespace descent
