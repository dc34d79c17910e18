// The tests that end a run at the end of an epoch, or where no step lowers f.
#pragma once

#include "trainers/minimize.hpp"
#include "trainers/observer.hpp"
#include "trainers/progress.hpp"

#include <optional>

namespace descent {

// gradient_small or target_reached, at the start (epoch 0) and after every epoch.
template <class Real>
std::optional<Stop> converged(const Progress& progress, const Options<Real>& options);

// diverged, unbounded or loss_settled, after an epoch. Counts the epochs in which L hardly changed.
template <class Real>
std::optional<Stop> settled_or_unbounded(Progress& progress, const Options<Real>& options);

// Where a line search finds no step at w (n), f being that of all terms: near the lowest value of f that the
// precision can tell, where the last step was to gain no more than f is rounded by or a change of √ε in w would not,
// precision_limit; else the line search has met something else than a smooth f, no_descent.
template <class Real>
Stop no_step(const Progress& progress, ConstParams<Real> w, bool at_minimum);

}  // namespace descent
