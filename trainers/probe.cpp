#include "trainers/probe.hpp"

#include "framework/error.hpp"
#include "framework/kernels/subnormals.hpp"
#include "framework/text.hpp"

#include <cmath>
#include <limits>
#include <vector>

namespace descent {
namespace {

template <class Real>
class Runs {
 public:
  Runs(Objective<Real>& objective, ConstParams<Real> w, Direction<Real>& direction, std::size_t steps)
      : objective_(objective),
        start_(w),
        direction_(direction),
        steps_(steps),
        w_(w.size()),
        g_(w.size()),
        d_(w.size()) {}

  bool falls(double gamma) {
    ++count_;
    w_.assign(start_.begin(), start_.end());
    direction_.start(w_.size());
    const bool remembers = !direction_.is_negative_gradient();
    const double f0 = objective_.value_and_gradient(w_, g_);
    double f = f0;
    for (std::size_t step = 0; step < steps_; ++step) {
      direction_.compute({.objective = objective_, .batch = {}, .w = w_, .g = g_, .f = f, .step = step}, d_);
      for (std::size_t i = 0; i < w_.size(); ++i) w_[i] += static_cast<Real>(gamma) * d_[i];
      const double next = objective_.value_and_gradient(w_, g_);
      // At a minimum f can only stand still, and rounding makes it tremble.
      const double rounding = 8 * static_cast<double>(std::numeric_limits<Real>::epsilon()) * std::abs(f);
      if (!std::isfinite(next) || (!remembers && next > f + rounding)) return false;
      f = next;
    }
    return f < f0;
  }
  std::size_t count() const { return count_; }

 private:
  Objective<Real>& objective_;
  ConstParams<Real> start_;
  Direction<Real>& direction_;
  std::size_t steps_, count_ = 0;
  std::vector<Real> w_, g_, d_;
};

}  // namespace

template <class Real>
Probe probe(Objective<Real>& objective, ConstParams<Real> w, Direction<Real>& direction, const ProbeOptions& options) {
  if (!(options.guess > 0) || !std::isfinite(options.guess) || options.steps == 0 || !(options.tolerance > 0) ||
      !(options.range > 1))
    throw Error(Fault::usage,
                "probe: expected guess > 0, steps ≥ 1, tolerance > 0 and range > 1, got {}, {}, {} and {}",
                shortest(options.guess), options.steps, shortest(options.tolerance), shortest(options.range));
  const kernels::FlushSubnormals flush(objective.flushes_subnormals());
  Runs<Real> runs(objective, w, direction, options.steps);
  double low = options.guess, high = options.guess;
  const double least = options.guess / options.range, most = options.guess * options.range;
  Probe result;
  if (runs.falls(low)) {
    do {
      low = high;
      high *= 2;
    } while (high <= most && runs.falls(high));
    result.bracketed = high <= most;
  } else {
    do {
      high = low;
      low /= 2;
    } while (low >= least && !runs.falls(low));
    result.bracketed = low >= least;
    if (!result.bracketed) low = 0;
  }
  while (result.bracketed && high > low * (1 + options.tolerance)) {
    const double middle = std::sqrt(low * high);
    (runs.falls(middle) ? low : high) = middle;
  }
  direction.start(w.size());
  result.gamma = low;
  result.runs = runs.count();
  return result;
}

template Probe probe(Objective<float>&, ConstParams<float>, Direction<float>&, const ProbeOptions&);
template Probe probe(Objective<double>&, ConstParams<double>, Direction<double>&, const ProbeOptions&);

}  // namespace descent
