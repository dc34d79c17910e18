#include "app/config/optimizer_choice.hpp"

#include "framework/error.hpp"
#include "framework/text.hpp"

#include <cmath>
#include <limits>

namespace descent {
namespace {

ScheduleOptions schedule_options(const Config& config, const PlateauMonitor& plateau) {
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
          .monitor = plateau.monitor,
          .maximize = plateau.maximize};
}

}  // namespace

std::string chosen_line_search(const OptimizerConfig& optimizer) {
  if (optimizer.line_search == "none") return {};
  if (optimizer.line_search != "auto") return optimizer.line_search;
  const bool searches =
      optimizer.name == "conjugate_gradient" || optimizer.name == "lbfgs" || optimizer.name == "newton";
  return searches ? "wolfe" : "";
}

DirectionOptions direction_options(const OptimizerConfig& c) {
  return {.momentum = c.momentum,
          .beta1 = c.beta1,
          .beta2 = c.beta2,
          .rho = c.rho,
          .epsilon = c.epsilon,
          .weight_decay = c.weight_decay,
          .history = static_cast<double>(c.history),
          .restart = c.restart};
}

LineSearchOptions line_search_options(const LineSearchConfig& c) {
  return {.initial_step = c.initial_step,
          .max_step = c.max_step,
          .c1 = c.c1,
          .c2 = c.c2,
          .contraction = c.contraction,
          .growth = c.growth,
          .trials = static_cast<double>(c.trials),
          .memory = static_cast<double>(c.memory),
          .short_step = c.short_step,
          .minimum = std::isfinite(c.minimum) ? c.minimum : std::numeric_limits<double>::quiet_NaN(),
          .relaxation = c.relaxation};
}

template <class Real>
std::unique_ptr<Direction<Real>> chosen_direction(const Config& config) {
  return make_direction<Real>(config.optimizer.name, direction_options(config.optimizer));
}

template <class Real>
std::unique_ptr<StepSize<Real>> chosen_step_size(const Config& config, const PlateauMonitor& plateau) {
  const std::string search = chosen_line_search(config.optimizer);
  if (search.empty()) return make_schedule<Real>(schedule_options(config, plateau));
  return make_line_search<Real>(search, line_search_options(config.line_search));
}

template <class Real>
Options<Real> run_options(const Config& config, const std::atomic<bool>& interrupt) {
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
  options.interrupt = &interrupt;
  return options;
}

std::string optimizer_text(const Config& config) {
  const std::string search = chosen_line_search(config.optimizer);
  if (!search.empty()) return fmt::format("{}, line search {}", config.optimizer.name, search);
  return fmt::format("{}, γ = {}", config.optimizer.name, shortest(config.optimizer.learning_rate));
}

template std::unique_ptr<Direction<float>> chosen_direction(const Config&);
template std::unique_ptr<Direction<double>> chosen_direction(const Config&);
template std::unique_ptr<StepSize<float>> chosen_step_size(const Config&, const PlateauMonitor&);
template std::unique_ptr<StepSize<double>> chosen_step_size(const Config&, const PlateauMonitor&);
template Options<float> run_options(const Config&, const std::atomic<bool>&);
template Options<double> run_options(const Config&, const std::atomic<bool>&);

}  // namespace descent
