#include "app/method_options.hpp"

namespace descent {

DirectionOptions direction_options(const OptimizerConfig& c) {
  return {.momentum = c.momentum,
          .beta1 = c.beta1,
          .beta2 = c.beta2,
          .rho = c.rho,
          .epsilon = c.epsilon,
          .weight_decay = c.weight_decay};
}

ScheduleOptions schedule_options(const Config& config, std::size_t monitor, bool maximize) {
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
          .monitor = monitor,
          .maximize = maximize};
}

}  // namespace descent
