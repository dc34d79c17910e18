#include "app/training/training.hpp"

#include "app/config/optimizer_choice.hpp"
#include "app/console/epoch_table.hpp"
#include "app/curvature/sharpness.hpp"
#include "app/experiment/data_checksum.hpp"
#include "app/experiment/monitors.hpp"
#include "app/experiment/training_objective.hpp"
#include "app/record/run_keeper.hpp"
#include "framework/error.hpp"
#include "framework/kernels/products.hpp"
#include "framework/kernels/threads.hpp"
#include "framework/text.hpp"
#include "models/evaluator.hpp"
#include "trainers/early_stopping.hpp"
#include "trainers/minimize.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>

namespace descent {
namespace {

// Passes every epoch on to those who write it down.
template <class Real>
class Recorder final : public Observer<Real> {
 public:
  Recorder(Sharpness& sharpness, EpochTable& table, RunRecord* files)
      : sharpness_(sharpness), table_(table), files_(files) {}
  void on_start(const EpochRecord& record, ConstParams<Real> w) override {
    table_.start(sharpness_.measured<Real>(record, w));
    sharpness_.warn();
  }
  std::optional<Stop> on_epoch(const EpochRecord& epoch, ConstParams<Real> w) override {
    const EpochRecord& record = sharpness_.measured<Real>(epoch, w);
    if (files_ != nullptr) files_->epoch(record);
    table_.epoch(record);
    sharpness_.warn();
    return std::nullopt;
  }

 private:
  Sharpness& sharpness_;
  EpochTable& table_;
  RunRecord* files_;
};

// A full batch knows L(w) without another pass, so it is logged exactly in any case.
bool logs_running_loss(const Experiment& experiment) {
  return experiment.config.log.loss == "running" && batch_rows(experiment) < experiment.train.size();
}

void check_gradient_tolerance(const Experiment& experiment) {
  const Config& config = experiment.config;
  if (config.train.gradient_tolerance == 0 || batch_rows(experiment) == experiment.train.size()) return;
  if (config.log.loss == "exact" && config.log.gradient_norm) return;
  throw Error(Fault::config,
              "train.gradient_tolerance needs the norm of the whole gradient at the end of each epoch; set log.loss = "
              "\"exact\" and log.gradient_norm = true, or train.batch_size = \"full\"");
}

template <class Real>
Options<Real> make_options(const Experiment& experiment, std::vector<Monitor<Real>> monitors,
                           std::span<const std::uint32_t> row_names, const std::atomic<bool>& interrupt) {
  check_gradient_tolerance(experiment);
  Options<Real> options = run_options<Real>(experiment.config, interrupt);
  options.monitors = std::move(monitors);
  options.term_names = row_names;
  return options;
}

// What the start event of a network says.
nlohmann::ordered_json particulars(const Experiment& experiment, std::size_t weights, std::string_view data) {
  nlohmann::ordered_json json = {
      {"data", experiment.source},         {"data_checksum", data},
      {"loss", experiment.loss},           {"loss_log", logs_running_loss(experiment) ? "running" : "exact"},
      {"l2", experiment.config.train.l2},  {"weights", weights},
      {"n_train", experiment.train.size()}};
  if (experiment.validation) json["n_validation"] = experiment.validation->size();
  if (experiment.test) json["n_test"] = experiment.test->size();
  return json;
}

RunEnd end_of(const TrainingResult& result) {
  const Report& report = result.report;
  return {.status = report.status(),
          .reason = report.reason,
          .sentence = report.sentence,
          .epochs = report.epochs,
          .kept_epoch = report.kept_epoch,
          .weights_hash = result.weights_hash};
}

// The metric beside the validation loss in the table of epochs: the one that stops the run or lowers γ, else the first.
std::string shown_metric(const Config& config, const std::vector<std::string>& metrics) {
  constexpr std::string_view kVal = "val_";
  std::vector<std::string> watched;
  if (config.early_stopping.patience > 0) watched.push_back(config.early_stopping.monitor);
  if (config.schedule.name == "reduce_on_plateau") watched.push_back(config.schedule.monitor);
  for (const std::string& monitor : watched)
    if (monitor.starts_with(kVal) && std::ranges::find(metrics, monitor.substr(kVal.size())) != metrics.end())
      return monitor.substr(kVal.size());
  return metrics.front();
}

// What stands above the table of epochs.
template <class Real>
void introduce(const Experiment& experiment, const Network<Real>& network, Log& log) {
  const Config& config = experiment.config;
  std::string rows = fmt::format("{} rows train", experiment.train.size());
  if (experiment.validation) rows += fmt::format(", {} validate", experiment.validation->size());
  if (experiment.test) rows += fmt::format(", {} test", experiment.test->size());
  if (experiment.left_out > 0) rows += fmt::format("; {} left out, as cells are missing", experiment.left_out);
  if (experiment.filled > 0)
    rows += fmt::format("; {} missing cells filled with the {}", experiment.filled, config.data.missing);
  log.line(fmt::format("data     {}: {}", printable(experiment.source), rows));
  std::string layers = fmt::format("{}", network.inputs());
  for (const auto& layer : network.layers())
    if (layer->kind() == "dense") layers += fmt::format("-{}", layer->out());
  log.line(fmt::format("network  {}, {} weights, {}, seed {}", layers, network.parameters(),
                       to_string(experiment.precision), config.run.seed));
  const std::size_t batch = batch_rows(experiment);
  log.line(fmt::format("training {} by {} on the sum over a batch of {} rows{}", experiment.loss,
                       optimizer_text(config), batch, batch == experiment.train.size() ? " (all)" : ""));
  if (config.train.l2 > 0)
    log.line(fmt::format("penalty  ½ · {} · ‖W‖² is part of L(w), of γ's gradient too", shortest(config.train.l2)));
  if (logs_running_loss(experiment))
    log.line("logging  the running loss: the sum seen during an epoch, while w moved, not L(w) at its end");
  for (const std::string& warning : experiment.warnings) log.warn(warning);
}

// Everything one training holds, in the order in which it is made.
template <class Real>
class Training {
 public:
  Training(const Experiment& experiment, Log& log, std::span<const double> start)
      : experiment_(experiment),
        config_(experiment.config),
        log_(log),
        problem_(experiment),
        network_(problem_.network()),
        train_rows_(evaluator(experiment.train)),
        w_(network_.parameters()) {
    if (experiment.validation) validation_rows_.emplace(evaluator(*experiment.validation));
    monitors_ = make_monitors(experiment, validation_rows_ ? &*validation_rows_ : nullptr, train_rows_);
    for (const std::uint32_t row : experiment.train.rows) row_names_.push_back(row + 1);
    network_.initialize(w_, static_cast<std::uint64_t>(config_.run.seed));
    if (!start.empty())
      std::transform(start.begin(), start.end(), w_.begin(), [](double x) { return static_cast<Real>(x); });
  }
  Training(const Training&) = delete;
  Training& operator=(const Training&) = delete;

  TrainingResult run(RunRecord* record, const std::atomic<bool>& interrupt) {
    const Watched plateau = plateau_monitor(experiment_, monitors_);
    const auto direction = chosen_direction<Real>(config_);
    const auto step_size = chosen_step_size<Real>(config_, {plateau.index, plateau.maximize});
    auto early_stopping = make_early_stopping(record != nullptr);
    introduce(experiment_, network_, log_);

    std::vector<std::string> names;
    for (const auto& monitor : monitors_) names.push_back(monitor.name);
    Sharpness sharpness(experiment_, log_);
    for (const std::string& name : sharpness.columns()) names.push_back(name);
    if (record != nullptr) start(*record, names);
    EpochTable table(log_, names, shown_metric(config_, metric_names(experiment_.encoding.target_kind)),
                     experiment_.validation ? experiment_.validation->size() : 0,
                     static_cast<std::size_t>(config_.train.epochs), static_cast<std::size_t>(config_.log.every));
    Recorder<Real> recorder(sharpness, table, record);
    std::vector<Observer<Real>*> observers{&recorder};
    if (early_stopping) observers.push_back(&*early_stopping);

    Options<Real> options = make_options<Real>(experiment_, monitors_, row_names_, interrupt);
    std::optional<RunKeeper<Real>> keeper;
    if (record != nullptr) {
      keeper.emplace(
          *record, [this](ConstParams<Real> w, std::size_t epoch) { return model(w, epoch); },
          early_stopping ? &*early_stopping : nullptr, config_.train);
      keeper->serve(options);
    }
    const TrainingResult result =
        evaluate(minimize<Real>(problem_.objective(), w_, *direction, *step_size, options, observers));
    if (record != nullptr) {
      keeper->keep_best();
      record->finish(end_of(result));
    }
    return result;
  }

 private:
  Evaluator<Real> evaluator(const Dataset& data) const {
    return Evaluator<Real>(network_, problem_.loss(), experiment_.encoding, data);
  }

  Watched watched(const std::string& key, const std::string& monitor, const std::string& mode) const {
    return find_monitor(monitors_, metric_names(experiment_.encoding.target_kind), key, monitor, mode);
  }

  void start(RunRecord& record, const std::vector<std::string>& monitors) {
    const std::string data = data_checksum(experiment_);
    record.start(config_, {.precision = experiment_.precision,
                           .data = data,
                           .monitors = monitors,
                           .running = logs_running_loss(experiment_),
                           .validation_rows = experiment_.validation ? experiment_.validation->size() : 0,
                           .particulars = particulars(experiment_, w_.size(), data)});
  }

  // Without patience it only watches, for the best weights of a run that is kept.
  std::optional<EarlyStopping<Real>> make_early_stopping(bool keep_best) const {
    const EarlyStoppingConfig& c = config_.early_stopping;
    const bool stops = c.patience > 0;
    if (!stops && !(keep_best && validation_rows_)) return std::nullopt;
    const Watched figure = stops ? watched("early_stopping.monitor", c.monitor, c.mode)
                                 : watched("early_stopping.monitor", "auto", "auto");
    return EarlyStopping<Real>(
        {.monitor = figure.index,
         .name = figure.name,
         .maximize = figure.maximize,
         .patience = stops ? static_cast<std::size_t>(c.patience) : std::numeric_limits<std::size_t>::max(),
         .min_delta = c.min_delta,
         .restore_best = stops && c.restore_best,
         .keep_best = keep_best});
  }

  // ½ λ ‖W‖² at w.
  double l2_penalty() const {
    double squares = 0;
    for (const Range& range : weight_matrices(network_))
      for (const Real x : std::span(w_).subspan(range.first, range.count))
        squares += static_cast<double>(x) * static_cast<double>(x);
    return config_.train.l2 / 2 * squares;
  }

  Model model(ConstParams<Real> w, std::size_t epoch) const {
    return {.network = experiment_.network,
            .loss = experiment_.loss,
            .precision = experiment_.precision,
            .encoding = experiment_.encoding,
            .weights = {w.begin(), w.end()},
            .seed = static_cast<std::uint64_t>(config_.run.seed),
            .epoch = epoch};
  }

  TrainingResult evaluate(Report report) {
    TrainingResult result;
    result.l2_penalty = l2_penalty();
    result.train = train_rows_.evaluate(w_);
    if (validation_rows_) result.validation = validation_rows_->evaluate(w_);
    if (experiment_.test) result.test = evaluator(*experiment_.test).evaluate(w_);
    result.model = model(w_, report.kept_epoch);
    result.weights_hash = weights_hash(result.model);
    result.report = std::move(report);
    return result;
  }

  const Experiment& experiment_;
  const Config& config_;
  Log& log_;
  TrainingObjective<Real> problem_;
  const Network<Real>& network_;
  Evaluator<Real> train_rows_;
  std::optional<Evaluator<Real>> validation_rows_;
  std::vector<Monitor<Real>> monitors_;
  std::vector<std::uint32_t> row_names_;  // of the training rows, as numbers from 1 in the order of the file
  std::vector<Real> w_;
};

}  // namespace

TrainingResult train(const Experiment& experiment, Log& log, RunRecord* record, const std::atomic<bool>& interrupt,
                     std::span<const double> start) {
  kernels::set_backend(experiment.config.run.kernels);
  kernels::set_threads(static_cast<std::size_t>(experiment.config.run.threads));
  if (experiment.precision == Precision::float32) return Training<float>(experiment, log, start).run(record, interrupt);
  return Training<double>(experiment, log, start).run(record, interrupt);
}

}  // namespace descent
