// What minimize asks of its arguments; both throw Error(usage).
#pragma once

#include "trainers/minimize.hpp"

namespace descent {

// Options in range, w of the objective's dimension, and something there to test every tolerance on.
template <class Real>
void check_options(const Options<Real>& options, std::size_t n, const Objective<Real>& objective, bool full_batch);

// Second derivatives where the direction or the step size needs them.
template <class Real>
void check_methods(const Objective<Real>& objective, const Direction<Real>& direction, const StepSize<Real>& step_size);

}  // namespace descent
