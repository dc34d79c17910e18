#include "app/formula/training.hpp"

#include "app/config/optimizer_choice.hpp"
#include "app/formula/assignments.hpp"
#include "app/formula/reasons.hpp"
#include "app/formula/scale.hpp"
#include "app/formula/text.hpp"
#include "app/formula/training_starts.hpp"
#include "app/record/run_keeper.hpp"
#include "framework/text.hpp"
#include "models/checksum.hpp"
#include "models/file_io.hpp"
#include "trainers/early_stopping.hpp"
#include "trainers/minimize.hpp"
#include "trainers/verdict.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <sstream>

namespace descent {
namespace {

constexpr std::size_t kMostFigures = 16;  // variables with a column in metrics.csv

// One line an epoch, 80 columns wide: f, ‖∇f‖, γ and the first three variables.
class FormulaTable {
 public:
  FormulaTable(Log& log, const std::vector<std::string>& names, const Config& config, bool scaled)
      : log_(log),
        shown_(std::min<std::size_t>(names.size(), 3)),
        more_(names.size() > shown_),
        every_(static_cast<std::size_t>(config.log.every)),
        last_(static_cast<std::size_t>(config.train.epochs)),
        width_(std::max<std::size_t>(5, std::to_string(last_).size())) {
    head_ = fmt::format("{:>{}} {:>11} {:>9} {:>9}", "epoch", width_, "f", scaled ? "‖D∇f‖" : "‖∇f‖", "γ");
    for (std::size_t i = 0; i < shown_; ++i) head_ += fmt::format(" {:>10}", printable(names[i], 10));
    head_ += more_ ? " …" : "";
  }

  void start(const EpochRecord& record) {
    log_.heading(head_);
    print(record);
  }
  void row(const EpochRecord& record) {
    if (record.epoch % every_ == 0 || record.epoch == last_) return print(record);
    unprinted_ = record;
  }
  // The last epoch is shown in any case.
  void end() {
    if (unprinted_ && unprinted_->epoch > printed_) print(*unprinted_);
  }

 private:
  void print(const EpochRecord& record) {
    const auto number = [](double x, std::size_t width) { return std::isnan(x) ? "-" : compact(x, width); };
    std::string line = fmt::format("{:>{}} {:>11} {:>9} {:>9}", record.epoch, width_, number(record.loss, 11),
                                   number(record.gradient_norm, 9), record.epoch == 0 ? "-" : number(record.gamma, 9));
    for (std::size_t i = 0; i < shown_; ++i) line += fmt::format(" {:>10}", number(record.figures[i], 10));
    log_.line(line);
    printed_ = record.epoch;
  }

  Log& log_;
  std::size_t shown_;
  bool more_;
  std::size_t every_, last_, width_, printed_ = 0;
  std::string head_;
  std::optional<EpochRecord> unprinted_;
};

// Keeps the first and the last epoch for the final sentences where no StepTable does, and writes all down for whoever
// is there to read them; `table` and `files` may be null.
class FormulaRecorder final : public Observer<double> {
 public:
  FormulaRecorder(FormulaTable* table, RunRecord* files, double sign) : table_(table), files_(files), sign_(sign) {}
  void on_start(const EpochRecord& record, ConstParams<double> w) override {
    keep(record, w);
    first = last;
    if (table_ != nullptr) table_->start(of_f(record));
  }
  State<double> state() override {
    return {{{"first", first.w}},
            {{"step", &first.step}, {"f", &first.f}, {"gradient_norm", &first.gradient_norm}, {"gamma", &first.gamma}}};
  }
  std::optional<Stop> on_epoch(const EpochRecord& record, ConstParams<double> w) override {
    keep(record, w);
    const EpochRecord shown = of_f(record);
    if (files_ != nullptr) files_->epoch(shown);
    if (table_ != nullptr) table_->row(shown);
    return std::nullopt;
  }

  StepRecord first, last;

 private:
  EpochRecord of_f(EpochRecord record) const {
    record.loss *= sign_;
    return record;
  }
  void keep(const EpochRecord& record, ConstParams<double> w) {
    last.step = record.step;
    last.w.assign(w.begin(), w.end());
    last.f = record.loss;
    last.gradient_norm = record.gradient_norm;
    last.gamma = record.gamma;
    last.gamma_lambda = std::nan("");
  }

  FormulaTable* table_;
  RunRecord* files_;
  double sign_;
};

// What the variables are called as figures of an epoch: as they are unless a column is called so already.
std::vector<std::string> figure_names(const std::vector<std::string>& names) {
  const std::vector<std::string> columns = metric_columns({}, false);
  std::vector<std::string> figures(names.begin(),
                                   names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), kMostFigures)));
  for (std::string& name : figures)
    if (std::ranges::find(columns, name) != columns.end()) name += "_";
  return figures;
}

std::vector<Monitor<double>> variable_monitors(const std::vector<std::string>& figures, const FormulaScale& scale) {
  std::vector<Monitor<double>> monitors;
  for (std::size_t i = 0; i < figures.size(); ++i) {
    const double factor = scale.scales().empty() ? 1 : scale.scales()[i];
    monitors.push_back({figures[i], [i, factor](ConstParams<double> w) { return factor * w[i]; }});
  }
  return monitors;
}

Options<double> options_of(const Config& config, const std::atomic<bool>& interrupt) {
  Options<double> options = run_options<double>(config, interrupt);
  options.settled_epochs = kSettledEpochs;
  options.loss_bound = kLossBound;
  if (config.objective.maximize && std::isfinite(config.train.loss_target)) options.loss_target *= -1;  // of −f
  return options;
}

bool whole(const Config& config, const Objective<double>& f) {
  return config.train.batch_size == 0 || static_cast<std::size_t>(config.train.batch_size) >= f.terms();
}

// "objective.scale" may depend on the start, so that every run has a scale of its own.
FormulaScale scale_at(FormulaProblem& problem, const Config& config, ConstParams<double> w) {
  return FormulaScale(problem.descended(), "objective.scale", config.objective.scale, problem.names(), w);
}

Report descend(FormulaScale& scale, const Config& config, Params<double> w, const Options<double>& options,
               std::span<Observer<double>* const> observers) {
  const auto direction = chosen_direction<double>(config);
  const auto step_size = chosen_step_size<double>(config, {});
  scale.to_scaled(w);
  Report report = minimize<double>(scale.objective(), w, *direction, *step_size, options, observers);
  scale.from_scaled(w);
  return report;
}

std::optional<EarlyStopping<double>> early_stopping(const EarlyStoppingConfig& c, double sign) {
  if (c.patience == 0) return std::nullopt;
  return EarlyStopping<double>({.monitor = 0,
                                .name = "f",
                                .maximize = false,
                                .sign = sign,
                                .patience = static_cast<std::size_t>(c.patience),
                                .min_delta = c.min_delta,
                                .restore_best = c.restore_best});
}

void log_lines(Log& log, const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) log.line(line);
}

// Of the bytes of the file of rows; "" where there is none, or it comes through a pipe.
std::string rows_checksum(const std::string& path) {
  if (path.empty() || path == "-") return "";
  Fnv1a hash;
  hash.add(read_file(path));
  return hash.text();
}

// What the start event of a formula says.
nlohmann::ordered_json particulars(FormulaProblem& problem, const Config& config, const std::string& method,
                                   const std::string& data) {
  nlohmann::ordered_json json = {{"formula", problem.formula().text()},
                                 {"maximize", problem.maximize()},
                                 {"method", method},
                                 {"variables", problem.names()},
                                 {"n_train", problem.f().terms()}};
  if (!data.empty()) json.update({{"data", config.objective.data}, {"data_checksum", data}});
  return json;
}

RunEnd end_of(const FormulaTraining& training) {
  const FormulaRun& run = training.run;
  return {.status = run.status,
          .reason = run.report.reason,
          .sentence = run.why,
          .verdict = run.verdict(),
          .epochs = run.report.epochs,
          .kept_epoch = run.report.kept_epoch,
          .weights_hash = training.weights_hash};
}

class TrainFormula {
 public:
  TrainFormula(FormulaProblem& problem, const Config& config, Log& log, RunRecord* record,
               const std::atomic<bool>& interrupt)
      : problem_(problem),
        config_(config),
        log_(log),
        record_(record),
        full_(whole(config, problem.f())),
        figures_(figure_names(problem.names())),
        options_(options_of(config, interrupt)) {}

  FormulaTraining run() {
    training_.method = optimizer_text(config_) + (config_.objective.scale == "none" ? "" : ", scaled variables");
    log_lines(log_, problem_text(problem_, training_.method));
    const ObjectiveConfig& c = config_.objective;
    if (const auto random = random_starts("objective.start", c.start)) {
      const Box box = parse_box("objective.box", c.box, problem_.names());
      open_record();
      run_from_starts(*random, box);
    } else {
      std::vector<double> start = parse_point("objective.start", c.start, problem_.names());
      problem_.check_start(start);
      open_record();
      run_shown(std::move(start), options_);
    }
    if (record_ != nullptr) record_->finish(end_of(training_));
    return std::move(training_);
  }

 private:
  void open_record() {
    if (record_ == nullptr) return;
    const std::string data = rows_checksum(config_.objective.data);
    record_->start(config_, {.precision = Precision::float64,
                             .data = data,
                             .monitors = figures_,
                             .running = options_.loss_log == LossLog::running && !full_,
                             .particulars = particulars(problem_, config_, training_.method, data)});
    keeper_.emplace(*record_, nullptr, nullptr, config_.train);
    keeper_->serve(options_);
  }

  void run_from_starts(std::size_t count, const Box& box) {
    TrainingStarts starts(count, problem_.names().size(), options_);
    if (starts.ends().done() > 0 && !starts.ends().complete())
      log_.line(fmt::format("starts   {} of {} are done already", starts.ends().done(), count));
    const auto run = [&](Objective<double>&, Params<double> w) -> std::optional<Report> {
      FormulaRun at;
      at.start.assign(w.begin(), w.end());
      FormulaScale scale = scale_at(problem_, config_, w);
      FormulaRecorder recorder(nullptr, nullptr, problem_.sign());
      Observer<double>* const observers[] = {&recorder};
      at.report = descend(scale, config_, w, starts.next(), observers);
      if (TrainingStarts::is_end(at.report.reason)) return at.report;
      at.scales = scale.scales();
      at.rows = {std::move(recorder.first)};
      at.last = std::move(recorder.last);
      at.notes.push_back(fmt::format("this is where random start {} of {} stood", starts.ends().done() + 1, count));
      conclude(std::move(at), w, starts.ends().seconds());
      return std::nullopt;
    };
    Basins basins = minimize_from_starts<double>(
        problem_.descended(), box, run,
        {.starts = count, .seed = static_cast<std::uint64_t>(config_.run.seed), .ends = &starts.ends()});
    if (!starts.ends().complete()) return;
    log_lines(log_, basins_text(basins, problem_));
    std::vector<double> start = basins.from[basins.basins.empty() ? 0 : basins.basins.front().starts.front()];
    training_.basins = std::move(basins);
    problem_.check_start(start);
    run_shown(std::move(start), starts.next());
  }

  // The run that is logged and recorded epoch by epoch.
  void run_shown(std::vector<double> w, Options<double> options) {
    FormulaRun run;
    run.start = w;
    FormulaScale scale = scale_at(problem_, config_, w);
    run.scales = scale.scales();
    options.monitors = variable_monitors(figures_, scale);
    FormulaTable table(log_, problem_.names(), config_, !run.scales.empty());
    FormulaRecorder recorder(&table, record_, problem_.sign());
    StepTable steps({.most_weights = kEigenvaluesEach});
    auto stopper = early_stopping(config_.early_stopping, problem_.sign());
    std::vector<Observer<double>*> observers{&recorder};
    if (full_) observers.push_back(&steps);
    if (stopper) observers.push_back(&*stopper);
    run.report = descend(scale, config_, w, options, observers);
    table.end();
    run.rows = full_ ? std::move(steps.rows) : std::vector<StepRecord>{recorder.first};
    run.last = full_ ? std::move(steps.last) : std::move(recorder.last);
    conclude(std::move(run), w, options.seconds_before);
  }

  void conclude(FormulaRun run, ConstParams<double> w, double seconds_before) {
    finish_run(problem_, run, w, config_.train.gradient_tolerance,
               {.budget = "train.epochs", .start = "--set objective.start="});
    training_.weights_hash = weights_hash(w, Precision::float64);
    training_.seconds = seconds_before + run.report.seconds;
    training_.run = std::move(run);
  }

  FormulaProblem& problem_;
  const Config& config_;
  Log& log_;
  RunRecord* record_;
  bool full_;
  std::vector<std::string> figures_;
  Options<double> options_;  // of every run, but for its monitors
  std::optional<RunKeeper<double>> keeper_;
  FormulaTraining training_;
};

}  // namespace

FormulaTraining train_formula(FormulaProblem& problem, const Config& config, Log& log, RunRecord* record,
                              const std::atomic<bool>& interrupt) {
  return TrainFormula(problem, config, log, record, interrupt).run();
}

std::optional<Config> escape_config(FormulaProblem& problem, const FormulaTraining& training, const Config& config) {
  const FormulaRun& run = training.run;
  const std::vector<double>& v = way_on(run.end, problem.maximize());
  if (v.empty() || run.status == Status::diverged || run.status == Status::interrupted) return std::nullopt;
  const bool among_starts = random_starts("objective.start", config.objective.start) && !training.basins;
  if (among_starts) return std::nullopt;
  const WayDown way = way_down(problem.descended(), run.end.w, v);
  if (way.drop == 0) return std::nullopt;
  std::vector<std::string> start;
  for (std::size_t i = 0; i < v.size(); ++i)
    start.push_back(fmt::format("{}={}", problem.names()[i], shortest(run.end.w[i] + way.step * v[i])));
  Config escape = config;
  escape.objective.start = join(start, ",");
  escape.objective.box.clear();  // of random starts
  return escape;
}

}  // namespace descent
