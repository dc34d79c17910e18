#include "app/training.hpp"

#include "app/record.hpp"
#include "framework/error.hpp"
#include "framework/text.hpp"
#include "models/evaluator.hpp"
#include "models/l2_penalty.hpp"
#include "trainers/early_stopping.hpp"
#include "trainers/minimize.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace descent {
namespace {

// Passes every epoch on to those who write it down.
template <class Real>
class Recorder final : public Observer<Real> {
 public:
  Recorder(EpochTable& table, MetricsFiles* files) : table_(table), files_(files) {}
  void on_start(const EpochRecord& record, ConstParams<Real>) override { table_.start(record); }
  std::optional<Stop> on_epoch(const EpochRecord& record, ConstParams<Real>) override {
    if (files_ != nullptr) files_->epoch(record);
    table_.epoch(record);
    return std::nullopt;
  }

 private:
  EpochTable& table_;
  MetricsFiles* files_;
};

// val_loss and the validation metrics; one pass over the rows an epoch serves them all. Then those
// metrics of the training rows that somebody watches.
template <class Real>
std::vector<Monitor<Real>> make_monitors(const Experiment& experiment, Evaluator<Real>* validation,
                                         Evaluator<Real>& train) {
  std::vector<Monitor<Real>> monitors;
  const std::vector<std::string> metrics = metric_names(experiment.encoding.target_kind);
  const auto add = [&](const std::string& prefix, Evaluator<Real>& rows, const std::vector<std::string>& names) {
    if (names.empty()) return;
    const auto latest = std::make_shared<Evaluation>();
    monitors.push_back({prefix + "loss", [latest, &rows](ConstParams<Real> w) {
                          *latest = rows.evaluate(w);
                          return latest->loss;
                        }});
    for (const std::string& name : names)
      monitors.push_back({prefix + name, [latest, name](ConstParams<Real>) { return latest->metric(name); }});
  };
  if (validation != nullptr) add("val_", *validation, metrics);
  std::vector<std::string> watched;
  for (const std::string& monitor : {experiment.config.early_stopping.monitor, experiment.config.schedule.monitor})
    if (std::ranges::count(metrics, monitor) > 0 && std::ranges::count(watched, monitor) == 0)
      watched.push_back(monitor);
  add("train_", train, watched);
  return monitors;
}

struct Watched {
  std::size_t index;  // 0: the loss; i: the i-th monitor, from 1
  std::string name;
  bool maximize;
};

template <class Real>
Watched find_monitor(const std::vector<Monitor<Real>>& monitors, const std::string& wanted, const std::string& mode) {
  std::string name = wanted;
  const auto position = [&](const std::string& monitor) {
    return static_cast<std::size_t>(std::ranges::find(monitors, monitor, &Monitor<Real>::name) - monitors.begin()) + 1;
  };
  if (name == "auto") name = position("val_loss") <= monitors.size() ? "val_loss" : "loss";
  const std::string metric = name.starts_with("val_") ? name.substr(4) : name;
  const bool maximize = mode == "auto" ? larger_is_better(metric) : mode == "max";
  if (name == "loss") return {0, name, maximize};
  for (const std::string& candidate : {name, "train_" + name})
    if (const std::size_t index = position(candidate); index <= monitors.size()) return {index, candidate, maximize};
  std::vector<std::string> known{"loss"};
  for (const auto& monitor : monitors) known.push_back(monitor.name);
  throw Error(Fault::config, "nothing named '{}' can be monitored in this run; there are: {}", wanted, join(known));
}

template <class Real>
Options<Real> make_options(const Config& config, std::vector<Monitor<Real>> monitors,
                           const std::atomic<bool>& interrupt) {
  Options<Real> options;
  options.epochs = static_cast<std::size_t>(config.train.epochs);
  options.batch_size = static_cast<std::size_t>(config.train.batch_size);
  options.shuffle = config.train.shuffle;
  options.seed = static_cast<std::uint64_t>(config.run.seed);
  options.gradient_tolerance = config.train.gradient_tolerance;
  options.loss_target = config.train.loss_target;
  options.seconds = config.train.max_seconds;
  options.loss_log = config.log.loss == "running" ? LossLog::running : LossLog::exact;
  options.log_gradient_norm = config.log.gradient_norm;
  options.monitors = std::move(monitors);
  options.interrupt = &interrupt;
  return options;
}

DirectionOptions direction_options(const OptimizerConfig& c) {
  return {.momentum = c.momentum,
          .beta1 = c.beta1,
          .beta2 = c.beta2,
          .rho = c.rho,
          .epsilon = c.epsilon,
          .weight_decay = c.weight_decay};
}

ScheduleOptions schedule_options(const Config& config, const Watched& watched) {
  const ScheduleConfig& c = config.schedule;
  return {.name = c.name,
          .learning_rate = config.optimizer.learning_rate,
          .min_learning_rate = c.min_learning_rate,
          .warmup_epochs = c.warmup_epochs,
          .epochs = static_cast<double>(config.train.epochs),
          .factor = c.factor,
          .every = c.every,
          .patience = static_cast<std::size_t>(c.patience),
          .min_delta = c.min_delta,
          .monitor = watched.index,
          .maximize = watched.maximize};
}

template <class Real>
std::vector<Range> weight_matrices(const Network<Real>& network) {
  std::vector<Range> ranges;
  for (const NetworkBlock& named : network.blocks())
    if (named.block.is_matrix) ranges.push_back({named.block.offset, named.block.rows * named.block.cols});
  return ranges;
}

std::string start_event(const Experiment& experiment, std::size_t weights) {
  nlohmann::ordered_json event = {{"event", "start"},
                                  {"descent", DESCENT_VERSION},
                                  {"seed", experiment.config.run.seed},
                                  {"data", experiment.source},
                                  {"loss", experiment.loss},
                                  {"weights", weights},
                                  {"n_train", experiment.train.size()}};
  if (experiment.validation) event["n_validation"] = experiment.validation->size();
  if (experiment.test) event["n_test"] = experiment.test->size();
  return event.dump();
}

std::string end_event(const TrainingResult& result) {
  return nlohmann::ordered_json({{"event", "end"},
                                 {"status", to_string(result.report.status())},
                                 {"reason", to_string(result.report.reason)},
                                 {"sentence", result.report.sentence},
                                 {"epochs", result.report.epochs},
                                 {"kept_epoch", result.report.kept_epoch},
                                 {"weights_hash", weights_hash(result.model)}})
      .dump();
}

// What stands above the table of epochs.
template <class Real>
void introduce(const Experiment& experiment, const Network<Real>& network, Log& log) {
  const Config& config = experiment.config;
  std::string rows = fmt::format("{} rows train", experiment.train.size());
  if (experiment.validation) rows += fmt::format(", {} validate", experiment.validation->size());
  if (experiment.test) rows += fmt::format(", {} test", experiment.test->size());
  log.line(fmt::format("data     {}: {}", printable(experiment.source), rows));
  std::string layers = fmt::format("{}", network.inputs());
  for (const auto& layer : network.layers())
    if (layer->kind() == "dense") layers += fmt::format("-{}", layer->out());
  log.line(fmt::format("network  {}, {} weights, {}, seed {}", layers, network.parameters(),
                       to_string(experiment.precision), config.run.seed));
  const std::size_t n = experiment.train.size();
  const std::size_t batch = config.train.batch_size == 0 ? n : std::min<std::size_t>(n, config.train.batch_size);
  log.line(fmt::format("training {} by {}, γ = {} on the sum over a batch of {} rows{}", experiment.loss,
                       config.optimizer.name, shortest(config.optimizer.learning_rate), batch,
                       batch == n ? " (all)" : ""));
  for (const std::string& warning : experiment.warnings) log.warn(warning);
}

template <class Real>
TrainingResult train_in(const Experiment& experiment, Log& log, const RunFolder* folder,
                        const std::atomic<bool>& interrupt) {
  const Config& config = experiment.config;
  const Network<Real> network(experiment.network);
  const Loss<Real>& loss = find_loss<Real>(experiment.loss);
  const auto evaluator = [&](const Dataset& data) {
    return Evaluator<Real>(network, loss, experiment.encoding, data);
  };
  SummedLoss<Real> summed(network, loss, training_rows<Real>(experiment.train));
  L2Penalty<Real> penalised(summed, config.train.l2, weight_matrices(network));
  Objective<Real>& objective = config.train.l2 > 0 ? static_cast<Objective<Real>&>(penalised) : summed;

  Evaluator<Real> train_rows = evaluator(experiment.train);
  std::optional<Evaluator<Real>> validation_rows, test_rows;
  if (experiment.validation) validation_rows.emplace(evaluator(*experiment.validation));
  if (experiment.test) test_rows.emplace(evaluator(*experiment.test));
  std::vector<Monitor<Real>> monitors =
      make_monitors(experiment, validation_rows ? &*validation_rows : nullptr, train_rows);
  std::vector<std::string> names;
  for (const auto& monitor : monitors) names.push_back(monitor.name);

  const Watched plateau = find_monitor(monitors, config.schedule.monitor, "auto");
  const auto direction = make_direction<Real>(config.optimizer.name, direction_options(config.optimizer));
  const auto step_size = make_schedule<Real>(schedule_options(config, plateau));
  EpochTable table(log, names, metric_names(experiment.encoding.target_kind).front(),
                   experiment.validation ? experiment.validation->size() : 0,
                   static_cast<std::size_t>(config.train.epochs), static_cast<std::size_t>(config.log.every));
  std::optional<MetricsFiles> files;
  if (folder != nullptr)
    files.emplace(folder->file(RunFolder::kMetricsCsv), folder->file(RunFolder::kMetricsJson), names);
  Recorder<Real> recorder(table, files ? &*files : nullptr);
  std::vector<Observer<Real>*> observers{&recorder};
  std::optional<EarlyStopping<Real>> early_stopping;
  if (config.early_stopping.patience > 0) {
    const auto watched = find_monitor(monitors, config.early_stopping.monitor, config.early_stopping.mode);
    early_stopping.emplace(EarlyStoppingOptions{.monitor = watched.index,
                                                .name = watched.name,
                                                .maximize = watched.maximize,
                                                .patience = static_cast<std::size_t>(config.early_stopping.patience),
                                                .min_delta = config.early_stopping.min_delta,
                                                .restore_best = config.early_stopping.restore_best});
    observers.push_back(&*early_stopping);
  }

  std::vector<Real> w(network.parameters());
  network.initialize(w, static_cast<std::uint64_t>(config.run.seed));
  introduce(experiment, network, log);
  if (files) files->event(start_event(experiment, w.size()));

  TrainingResult result;
  result.report = minimize<Real>(objective, w, *direction, *step_size,
                                 make_options(config, std::move(monitors), interrupt), observers);
  result.train = train_rows.evaluate(w);
  if (validation_rows) result.validation = validation_rows->evaluate(w);
  if (test_rows) result.test = test_rows->evaluate(w);
  result.model = {.network = experiment.network,
                  .loss = experiment.loss,
                  .precision = experiment.precision,
                  .encoding = experiment.encoding,
                  .weights = {w.begin(), w.end()},
                  .seed = static_cast<std::uint64_t>(config.run.seed),
                  .epoch = result.report.kept_epoch};
  if (files) files->event(end_event(result));
  return result;
}

}  // namespace

TrainingResult train(const Experiment& experiment, Log& log, const RunFolder* folder,
                     const std::atomic<bool>& interrupt) {
  return experiment.precision == Precision::float32 ? train_in<float>(experiment, log, folder, interrupt)
                                                    : train_in<double>(experiment, log, folder, interrupt);
}

}  // namespace descent
