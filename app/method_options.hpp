// What a config says of direction and schedule, in the words of the trainers.
#pragma once

#include "app/config.hpp"
#include "trainers/direction.hpp"
#include "trainers/step_size.hpp"

namespace descent {

DirectionOptions direction_options(const OptimizerConfig& config);

// `monitor`: the figure that reduce_on_plateau watches, as ScheduleOptions counts them.
ScheduleOptions schedule_options(const Config& config, std::size_t monitor, bool maximize);

}  // namespace descent
