#include "app/tuning/tune_trial.hpp"

#include "app/config/optimizer_choice.hpp"
#include "app/experiment/monitors.hpp"
#include "app/experiment/training_objective.hpp"
#include "models/evaluator.hpp"
#include "trainers/minimize.hpp"

#include <cmath>
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

// What a trial looks at after every epoch: val_loss in front, where there are validation rows, and nothing else unless
// the schedule watches a figure; then all as `train` has them, for what it decides depends on their last bits.
template <class Real>
class Figures {
 public:
  Figures(const Experiment& experiment, const TrainingObjective<Real>& problem) {
    if (watches(experiment.config.schedule)) {
      const auto evaluator = [&](const Dataset& data) {
        return Evaluator<Real>(problem.network(), problem.loss(), experiment.encoding, data);
      };
      train_.emplace(evaluator(experiment.train));
      if (experiment.validation) validation_.emplace(evaluator(*experiment.validation));
      monitors_ = make_monitors(experiment, validation_ ? &*validation_ : nullptr, *train_);
    } else if (experiment.validation) {
      val_loss_.emplace(problem.network(), problem.loss(), training_rows<Real>(*experiment.validation));
      monitors_.push_back({"val_loss", [this](ConstParams<Real> w) { return val_loss_->value(w); }});
    }
  }
  Figures(const Figures&) = delete;
  Figures& operator=(const Figures&) = delete;

  const std::vector<Monitor<Real>>& monitors() const { return monitors_; }

 private:
  std::optional<Evaluator<Real>> train_, validation_;
  std::optional<SummedLoss<Real>> val_loss_;
  std::vector<Monitor<Real>> monitors_;
};

}  // namespace

template <class Real>
TrialRecord Trial::run(const Experiment& experiment, std::size_t epochs, const std::atomic<bool>& interrupt) {
  const Config& config = experiment.config;
  TrainingObjective<Real> problem(experiment);
  const Network<Real>& network = problem.network();
  const Figures<Real> figures(experiment, problem);
  const Watched plateau = plateau_monitor(experiment, figures.monitors());

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
  options.monitors = figures.monitors();

  std::vector<Real> w(network.parameters());
  network.initialize(w, static_cast<std::uint64_t>(config.run.seed));
  const auto direction = chosen_direction<Real>(config);
  const auto schedule = chosen_step_size<Real>(config, {plateau.index, plateau.maximize});
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
  const auto& validation = experiment.validation;
  const double rows = static_cast<double>(validation ? validation->size() : problem.rows());
  for (const EpochRecord& epoch : history.records) {
    if (epoch.epoch < record.figures.size()) continue;  // a resumed run shows where it began once more
    const double figure = (validation ? epoch.figures.front() : epoch.loss) / rows;
    record.figures.push_back(std::isfinite(figure) ? figure : std::numeric_limits<double>::infinity());
  }
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
