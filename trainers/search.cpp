#include "trainers/search.hpp"

#include "trainers/dot.hpp"
#include "trainers/finite.hpp"

#include <algorithm>
#include <cmath>

namespace descent {

template <class Real>
double Search<Real>::first_trial(const StepContext<Real>& context, double growth) const {
  if (context.natural_step) return std::min(1.0, options_.max_step);
  if (previous_gamma_ > 0) return std::min(previous_gamma_ * growth, options_.max_step);
  if (options_.initial_step > 0) return std::min(options_.initial_step, options_.max_step);
  const double length = norm<Real>(context.d), trial = std::max(1.0, norm<Real>(context.w)) / length;
  return std::isfinite(trial) && trial > 0 ? std::min(trial, options_.max_step) : 1;
}

template <class Real>
bool Search<Real>::accepts(LineFunction<Real>& line, double gamma, double f, double reference) const {
  const double rounding = rounding_of<Real>(reference), wanted = -options_.c1 * gamma * line.slope();
  const bool decreased = f <= reference - wanted && (wanted > rounding || f < reference - rounding);
  const bool drowned = wanted <= rounding && f <= reference + rounding;
  if (!decreased && !drowned) return false;  // NaN too
  if (decreased && !line.keeps()) return true;
  const double slope = line.value_and_slope(gamma).slope, start = std::abs(line.slope());
  if (!std::isfinite(slope)) return false;
  // Shorter than w resolves, the slope stays what it was; beyond 1.9 times the lowest point, the step gains little.
  return decreased || (slope >= -(1 - 2 * options_.c1) * start && slope <= 0.9 * start);
}

template <class Real>
double Search<Real>::backtrack(LineFunction<Real>& line, double trial, double reference) const {
  double gamma = trial;
  for (double k = 0; k < options_.trials; ++k, gamma *= options_.contraction) {
    // Most first trials are accepted, and then their gradient is wanted.
    const double f = k == 0 && line.keeps() ? line.value_and_slope(gamma).f : line.value(gamma);
    if (accepts(line, gamma, f, reference)) return gamma;
  }
  return 0;
}

template class Search<float>;
template class Search<double>;

}  // namespace descent
