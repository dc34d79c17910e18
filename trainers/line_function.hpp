// f along a step: φ(γ) = f(w + γ d) of the step's batch, for line searches.
//
// The point asked for last is kept, so that an accepted step is not evaluated again: minimize takes its
// weights, value and gradient over. They have the bits that evaluating again would give.
#pragma once

#include "framework/aligned.hpp"
#include "framework/objective.hpp"

#include <cstddef>
#include <vector>

namespace descent {

template <class Real>
class LineFunction {
 public:
  struct Point {
    double gamma = 0;
    double f = 0;      // φ(γ); NaN where a weight of w + γ d is not finite
    double slope = 0;  // φ′(γ) = ∇f(w + γ d)ᵀd; NaN when it was not asked for
    bool finite() const;
  };

  explicit LineFunction(Objective<Real>& objective) : objective_(objective) {}

  // Makes room for n weights; every line from then on allocates nothing.
  void start(std::size_t n) { gradient_.resize(n); }

  // The line from w (n) along d (n), where f and gᵀd are known; w + γ d is written to next (n). `keeps`: whether
  // the gradient at the accepted point will be used, as with a full batch: then asking for it costs nothing.
  void aim(ConstParams<Real> w, ConstParams<Real> d, Params<Real> next, Terms batch, double f, double slope,
           bool keeps);
  void forget() { known_ = Known::nothing; }

  double f() const { return f_; }          // φ(0)
  double slope() const { return slope_; }  // φ′(0)
  bool keeps() const { return keeps_; }
  // γ as the weights see it.
  static double rounded_gamma(double gamma) { return static_cast<double>(static_cast<Real>(gamma)); }

  double value(double gamma);           // φ(γ)
  Point value_and_slope(double gamma);  // φ(γ) and φ′(γ)

  // Whether `next` holds w + γ d, all of it finite; whether value and gradient there are known too.
  bool has_weights(double gamma) const { return known_ != Known::nothing && rounded_gamma(gamma) == last_.gamma; }
  bool has_gradient() const { return known_ == Known::gradient; }
  double last_value() const { return last_.f; }
  AlignedVector<Real>& last_gradient() { return gradient_; }  // (n), to be swapped out

 private:
  enum class Known { nothing, value, gradient };
  bool move_to(double gamma);

  Objective<Real>& objective_;
  ConstParams<Real> w_, d_;
  Params<Real> next_;
  Terms batch_;
  double f_ = 0, slope_ = 0;
  bool keeps_ = false;
  AlignedVector<Real> gradient_;  // (n), at the last point
  Point last_;
  Known known_ = Known::nothing;
};

extern template class LineFunction<float>;
extern template class LineFunction<double>;

}  // namespace descent
