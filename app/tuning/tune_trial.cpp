#include "app/tuning/tune_trial.hpp"

#include "app/config/optimizer_choice.hpp"
#include "app/experiment/training_objective.hpp"
#include "models/evaluator.hpp"
#include "trainers/minimize.hpp"

#include <cmath>
#include <optional>

namespace descent {
namespace {

template <class Real>
TrialRecord run(const Experiment& experiment, std::size_t epochs, const std::atomic<bool>& interrupt) {
  const Config& config = experiment.config;
  TrainingObjective<Real> problem(experiment);
  const Network<Real>& network = problem.network();
  std::optional<SummedLoss<Real>> validation;
  if (experiment.validation) validation.emplace(network, problem.loss(), training_rows<Real>(*experiment.validation));

  Options<Real> options;
  options.epochs = epochs;
  options.batch_size = static_cast<std::size_t>(config.train.batch_size);
  options.shuffle = config.train.shuffle;
  options.seed = static_cast<std::uint64_t>(config.run.seed);
  options.loss_target = config.train.loss_target;
  options.log_gradient_norm = false;
  options.interrupt = &interrupt;
  if (validation) options.monitors.push_back({"val_loss", [&](ConstParams<Real> w) { return validation->value(w); }});

  std::vector<Real> w(network.parameters());
  network.initialize(w, static_cast<std::uint64_t>(config.run.seed));
  const auto direction = chosen_direction<Real>(config);
  const auto schedule = chosen_step_size<Real>(config, {validation ? std::size_t{1} : 0, false});
  History<Real> history;
  Observer<Real>* const observers[] = {&history};
  const Report report = minimize<Real>(problem.objective(), w, *direction, *schedule, options, observers);

  TrialRecord record;
  record.interrupted = report.reason == Reason::interrupted;
  record.diverged = report.reason == Reason::diverged;
  record.reached = report.reason == Reason::target_reached;
  record.epochs = report.epochs;
  const double rows = static_cast<double>(validation ? validation->terms() : problem.rows());
  for (const EpochRecord& epoch : history.records)
    record.figures.push_back((validation ? epoch.figures.front() : epoch.loss) / rows);
  return record;
}

}  // namespace

TrialRecord run_trial(const Experiment& experiment, std::size_t epochs, const std::atomic<bool>& interrupt) {
  if (experiment.precision == Precision::float32) return run<float>(experiment, epochs, interrupt);
  return run<double>(experiment, epochs, interrupt);
}

}  // namespace descent
