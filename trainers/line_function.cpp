#include "trainers/line_function.hpp"

#include "framework/kernels/simd.hpp"
#include "trainers/dot.hpp"

#include <cmath>
#include <limits>

namespace descent {

template <class Real>
bool LineFunction<Real>::Point::finite() const {
  return std::isfinite(f) && std::isfinite(slope);
}

template <class Real>
void LineFunction<Real>::aim(ConstParams<Real> w, ConstParams<Real> d, Params<Real> next, Terms batch, double f,
                             double slope, bool keeps) {
  w_ = w;
  d_ = d;
  next_ = next;
  batch_ = batch;
  f_ = f;
  slope_ = slope;
  keeps_ = keeps;
  forget();
}

// Whether the weights there are finite; if not, nobody needs to ask the objective.
template <class Real>
bool LineFunction<Real>::move_to(double gamma) {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  last_ = {rounded_gamma(gamma), kNaN, kNaN};
  forget();
  kernels::FiniteCheck<Real> check;
  kernels::simd<Real>().move(w_.data(), d_.data(), static_cast<Real>(gamma), next_.data(), w_.size(), check);
  return check.passed();
}

template <class Real>
double LineFunction<Real>::value(double gamma) {
  if (has_weights(gamma)) return last_.f;
  if (!move_to(gamma)) return last_.f;
  last_.f = objective_.value(next_, batch_);
  known_ = Known::value;
  return last_.f;
}

template <class Real>
typename LineFunction<Real>::Point LineFunction<Real>::value_and_slope(double gamma) {
  if (has_weights(gamma) && known_ == Known::gradient) return last_;
  if (!move_to(gamma)) return last_;
  last_.f = objective_.value_and_gradient(next_, gradient_, batch_);
  last_.slope = dot<Real>(gradient_, d_);
  known_ = Known::gradient;
  return last_;
}

template class LineFunction<float>;
template class LineFunction<double>;

}  // namespace descent
