// The direction, the step size and the run that a config asks for.
#pragma once

#include "app/config/config.hpp"
#include "trainers/direction.hpp"
#include "trainers/line_search.hpp"
#include "trainers/minimize.hpp"
#include "trainers/step_size.hpp"

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>

namespace descent {

// The figure that reduce_on_plateau watches, as in ScheduleOptions.
struct PlateauMonitor {
  std::size_t monitor = 0;
  bool maximize = false;
};

// optimizer.line_search with "auto" decided: the name of a line search, or "" where learning_rate and schedule say γ.
std::string chosen_line_search(const OptimizerConfig& optimizer);

DirectionOptions direction_options(const OptimizerConfig& optimizer);
LineSearchOptions line_search_options(const LineSearchConfig& constants);

// Both throw Error(usage) for constants that the config's own bounds let through, as c2 ≤ c1.
template <class Real>
std::unique_ptr<Direction<Real>> chosen_direction(const Config& config);
template <class Real>
std::unique_ptr<StepSize<Real>> chosen_step_size(const Config& config, const PlateauMonitor& plateau);

// What [train], [log] and the seed say of the run; `interrupt` must outlive it.
template <class Real>
Options<Real> run_options(const Config& config, const std::atomic<bool>& interrupt);

// "steepest, γ = 0.01"; "lbfgs, line search wolfe".
std::string optimizer_text(const Config& config);

}  // namespace descent
