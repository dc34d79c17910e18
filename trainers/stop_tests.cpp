#include "trainers/stop_tests.hpp"

#include "trainers/finite.hpp"
#include "trainers/sentences.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace descent {

template <class Real>
std::optional<Stop> converged(const Progress& progress, const Options<Real>& options) {
  const EpochRecord& record = progress.record;
  if (record.gradient_norm <= options.gradient_tolerance ||
      (progress.epochs > 0 && record.gradient_norm <= progress.tolerance))
    return Stop{Reason::gradient_small, gradient_small_text(progress.epochs, progress.norm, progress.tolerance)};
  if (record.loss <= options.loss_target)
    return Stop{Reason::target_reached,
                target_reached_text(progress.epochs, record.running, record.loss, options.loss_target)};
  return std::nullopt;
}

template <class Real>
std::optional<Stop> settled_or_unbounded(Progress& progress, const Options<Real>& options) {
  const double loss = progress.record.loss, bound = options.loss_bound * (1 + std::abs(progress.start_loss));
  if (loss > bound)
    return Stop{Reason::diverged, loss_bound_text(progress.epochs, loss, progress.start_loss, progress.gamma)};
  if (loss < -bound) return Stop{Reason::unbounded, unbounded_text(progress.epochs, loss)};
  const double change = std::abs(loss - progress.previous_loss);
  progress.settled = change <= options.loss_tolerance * std::abs(loss) ? progress.settled + 1 : 0;
  if (options.settled_epochs > 0 && progress.settled >= options.settled_epochs)
    return Stop{Reason::loss_settled, loss_settled_text(progress.epochs, progress.settled, options.loss_tolerance,
                                                        progress.record.gradient_norm)};
  return std::nullopt;
}

template <class Real>
Stop no_step(const Progress& progress, ConstParams<Real> w, bool at_minimum) {
  const double epsilon = static_cast<double>(std::numeric_limits<Real>::epsilon()), f = progress.f;
  const bool gained_nothing =
      progress.last_gain <= 1e4 * epsilon * std::max(std::abs(f), std::abs(progress.start_loss));
  const bool gains_nothing =
      progress.norm * std::sqrt(epsilon) * std::max(1.0, norm<Real>(w)) <= 1e4 * epsilon * std::abs(f);
  if (!at_minimum && !gained_nothing && !gains_nothing)
    return {Reason::no_descent, no_descent_text(progress.steps, progress.norm)};
  return {Reason::precision_limit, precision_limit_text(progress.steps, at_minimum, f, progress.norm)};
}

template std::optional<Stop> converged(const Progress&, const Options<float>&);
template std::optional<Stop> converged(const Progress&, const Options<double>&);
template std::optional<Stop> settled_or_unbounded(Progress&, const Options<float>&);
template std::optional<Stop> settled_or_unbounded(Progress&, const Options<double>&);
template Stop no_step(const Progress&, ConstParams<float>, bool);
template Stop no_step(const Progress&, ConstParams<double>, bool);

}  // namespace descent
