#include "app/tuning/tune_trial.hpp"

#include "app/config/optimizer_choice.hpp"
#include "app/experiment/training_objective.hpp"
#include "models/evaluator.hpp"
#include "trainers/minimize.hpp"

#include <optional>

namespace descent {
namespace {

// The end of a run that can go on, where it is not too large.
template <class Real>
class EndKeeper final : public Checkpointer<Real> {
 public:
  explicit EndKeeper(std::size_t most_bytes) : most_bytes_(most_bytes) {}
  bool wants(const Position& position) override {
    return position.ended != nullptr && position.ended->reason == Reason::epoch_budget;
  }
  void keep(const Position& position, const State<Real>& state) override {
    std::size_t numbers = 0;
    for (const StateVector<Real>& vector : state.vectors) numbers += vector.values.size();
    if (numbers <= most_bytes_ / sizeof(Real)) kept = take(position, state);
  }
  std::optional<Snapshot<Real>> kept;

 private:
  std::size_t most_bytes_;
};

}  // namespace

template <class Real>
TrialRecord Trial::run(const Experiment& experiment, std::size_t epochs, const std::atomic<bool>& interrupt) {
  const Config& config = experiment.config;
  TrainingObjective<Real> problem(experiment);
  const Network<Real>& network = problem.network();
  std::optional<SummedLoss<Real>> validation;
  if (experiment.validation) validation.emplace(network, problem.loss(), training_rows<Real>(*experiment.validation));

  const Snapshot<Real>* const before = std::get_if<Snapshot<Real>>(&place_);
  EndKeeper<Real> keeper(most_bytes_);
  Options<Real> options;
  options.epochs = epochs;
  options.batch_size = static_cast<std::size_t>(config.train.batch_size);
  options.shuffle = config.train.shuffle;
  options.seed = static_cast<std::uint64_t>(config.run.seed);
  options.loss_target = config.train.loss_target;
  options.log_gradient_norm = false;
  options.interrupt = &interrupt;
  options.resume = before;
  options.checkpointer = &keeper;
  if (validation) options.monitors.push_back({"val_loss", [&](ConstParams<Real> w) { return validation->value(w); }});

  std::vector<Real> w(network.parameters());
  network.initialize(w, static_cast<std::uint64_t>(config.run.seed));
  const auto direction = chosen_direction<Real>(config);
  const auto schedule = chosen_step_size<Real>(config, {validation ? std::size_t{1} : 0, false});
  History<Real> history;
  Observer<Real>* const observers[] = {&history};
  const Report report = minimize<Real>(problem.objective(), w, *direction, *schedule, options, observers);
  if (report.reason == Reason::interrupted) return {.interrupted = true};

  TrialRecord record;
  record.diverged = report.reason == Reason::diverged;
  record.reached = report.reason == Reason::target_reached;
  record.ended = report.reason != Reason::epoch_budget;
  record.epochs = report.epochs;
  if (before != nullptr) record.figures = record_.figures;
  const double rows = static_cast<double>(validation ? validation->terms() : problem.rows());
  for (const EpochRecord& epoch : history.records)  // a resumed run shows where it began once more
    if (epoch.epoch >= record.figures.size())
      record.figures.push_back((validation ? epoch.figures.front() : epoch.loss) / rows);
  place_ = std::monostate();
  if (keeper.kept) {
    place_ = std::move(*keeper.kept);
    record_ = record;
  }
  return record;
}

TrialRecord Trial::train(const Experiment& experiment, std::size_t epochs, const std::atomic<bool>& interrupt) {
  if (experiment.precision == Precision::float32) return run<float>(experiment, epochs, interrupt);
  return run<double>(experiment, epochs, interrupt);
}

}  // namespace descent
