#include "app/doctor/patient.hpp"

#include "app/config/optimizer_choice.hpp"
#include "app/config/setting_change.hpp"
#include "app/curvature/curvature_objective.hpp"
#include "app/curvature/sharpness.hpp"
#include "app/doctor/run_failure.hpp"
#include "framework/error.hpp"
#include "trainers/lanczos.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace descent {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// Share of L at the start by which it may end higher all the same: where γ is tiny, float32 weights move by roundings.
constexpr double kRounding = 1e-5;

// Whether a change leaves the data and the network as they are.
bool keeps_data_and_network(const std::string& set) {
  return set.starts_with("optimizer.") || set.starts_with("train.l2");
}

// Epochs of a trial: all of the run, unless that is long.
std::size_t trial_epochs(const Experiment& experiment, std::size_t weights, const Report& report) {
  constexpr double kOperations = 4e10, kSteps = 1e6;
  const double rows = static_cast<double>(experiment.train.size());
  const auto asked = static_cast<std::size_t>(experiment.config.train.epochs);
  const auto batch = static_cast<double>(experiment.config.train.batch_size);
  const double steps = batch == 0 ? 1 : std::ceil(rows / batch);
  const double affordable = std::min(kOperations / (12 * static_cast<double>(weights) * rows), kSteps / steps);
  const std::size_t least = 2 * (report.epochs + 1);
  return std::min(asked, std::max(least, static_cast<std::size_t>(std::min(affordable, 1e9))));
}

// λmax of an experiment's whole L.
double sharpness(const Experiment& experiment, ConstParams<double> w) {
  constexpr double kWork = 3e7, kTolerance = 1e-3;
  constexpr std::size_t kLeastRows = 100, kMostProducts = 150;
  const std::size_t rows = experiment.train.size();
  const auto affordable = static_cast<std::size_t>(kWork / static_cast<double>(w.size()));
  const std::size_t looked_at = std::min(rows, std::max(affordable, kLeastRows));
  const double share = static_cast<double>(looked_at) / static_cast<double>(rows);
  CurvatureObjective curvature(experiment, looked_at);
  return extreme_eigenvalues(curvature.objective(), w,
                             {.tolerance = kTolerance, .most_products = kMostProducts, .largest_only = true})
             .lambda_max /
         share;
}

}  // namespace

Patient::Patient(const Experiment& experiment, const TrainingResult& result, const std::atomic<bool>& interrupt,
                 std::span<const double> start)
    : experiment_(experiment),
      result_(result),
      interrupt_(interrupt),
      given_start_(start),
      start_(start.empty() ? starting_weights(experiment) : std::vector<double>(start.begin(), start.end())) {}

double Patient::batch_share() const {
  return static_cast<double>(batch_rows(experiment_)) / static_cast<double>(experiment_.train.size());
}

const StartingUnits& Patient::units_at_start() {
  if (!units_) units_ = starting_units(experiment_, start_);
  return *units_;
}

std::vector<LayerStatistics> Patient::units_at_end() const {
  return starting_units(experiment_, result_.model.weights).layers;
}

double Patient::sharpness_at_start() {
  if (!sharpness_at_start_) sharpness_at_start_ = sharpness(experiment_, start_);
  return *sharpness_at_start_;
}

double Patient::sharpness_at_end() {
  if (!sharpness_at_end_) sharpness_at_end_ = sharpness(experiment_, result_.model.weights);
  return *sharpness_at_end_;
}

double Patient::limit_of_gamma(double sharpness) const {
  if (!chosen_line_search(config().optimizer).empty()) return kNaN;
  const auto product = stable_product(config().optimizer.name, config().optimizer.momentum);
  return product && sharpness > 0 ? *product / (sharpness * batch_share()) : kNaN;
}

double Patient::sharpness_with(const std::string& set) const {
  try {
    const Experiment experiment = prepare(changed(config(), set));
    return sharpness(experiment, starting_weights(experiment));
  } catch (const Error&) {  // data from standard input cannot be read twice
    return kNaN;
  }
}

const Trial& Patient::attempt(const std::vector<std::string>& sets) {
  const auto [at, is_new] = trials_.try_emplace(sets);
  if (is_new) at->second = train_with(sets);
  return at->second;
}

Trial Patient::train_with(const std::vector<std::string>& sets) const {
  Trial trial;
  try {
    const Config config = changed(experiment_.config, sets);
    const bool same_network = std::ranges::all_of(sets, keeps_data_and_network);
    Experiment experiment = same_network ? experiment_ : prepare(config);
    experiment.config = config;
    experiment.warnings.clear();
    experiment.config.log.sharpness_every = 0;
    const std::vector<double> w = same_network ? start_ : starting_weights(experiment);
    trial.of = static_cast<std::size_t>(config.train.epochs);
    trial.epochs = trial_epochs(experiment, w.size(), report());
    if (trial.epochs < trial.of) {
      // A schedule that knows the end would lower γ sooner than in the whole run.
      experiment.config.train.epochs = static_cast<std::int64_t>(trial.epochs);
      experiment.config.schedule.name = "constant";
    }
    trial.before = CurvatureObjective(experiment).objective().value(w);
    Log silent(true, Color::never);
    const TrainingResult result =
        train(experiment, silent, nullptr, interrupt_, same_network ? given_start_ : std::span<const double>());
    trial.epochs = result.report.epochs;
    trial.after = result.train.loss + result.l2_penalty;
    const Status status = result.report.status();
    trial.survived = status != Status::diverged && status != Status::interrupted && std::isfinite(trial.after) &&
                     trial.after - trial.before <= kRounding * std::abs(trial.before) &&
                     !failure_of(experiment, result, w);
  } catch (const Error&) {  // the change does not fit this run, or data from standard input cannot be read twice
    trial.survived = false;
  }
  return trial;
}

}  // namespace descent
