// Points where ∇f is continuous but has no slope: a second derivative is infinite, as of |x|^1.5 at 0.
#pragma once

#include "framework/objective.hpp"
#include "trainers/curvature.hpp"
#include "trainers/gradient_root.hpp"

#include <optional>
#include <vector>

namespace descent {

struct UnboundedCurvature {
  Spectrum spectrum;            // some values are ±∞, or 0 ± ∞
  std::vector<double> errors;   // (n): the true value is within ± this; 0 of an infinite one, ∞ of an undefined one
  std::vector<double> nearest;  // (n): a slope of up to this along such a one's vector vanishes within 2e-12 of w
};

// By differences of ∇f between w − h v and w + h v, for h from 1e-3 to 1e-12 of max(size, ‖w‖): a quotient whose gain
// from length to length goes like a power of 1/h, or stays the same as that of log(h), to the end, on both sides of w,
// and by so little that ∇f does not jump, has no bound. Nothing where none has. A finite curvature beside it hides it
// where it makes more of the rounding of w, about 1e-4 of it at the shortest h. Where the quotient has a bound on one
// side of w, as of relu(x)^1.5, or goes to ∞ on one and to −∞ on the other, as of x √|x|, there is no second
// derivative: the latter is seen by sums of ∇f instead of differences.
std::optional<UnboundedCurvature> unbounded_curvature(Objective<double>& objective, ConstParams<double> w,
                                                      double size = 1);

// A zero of ∇f with an infinite or undefined second derivative, where Newton's steps lead over it time and again: by
// the zeros of the slope along each eigenvector of the Hessian in turn, from `start` on; also those that it only
// touches, as that of x √|x| does. Variables are of order 1; `gradient_scale` as for GradientRootFinder, the rest of
// whose gradient is as small there.
GradientRoot find_unbounded_root(Objective<double>& objective, ConstParams<double> start, double gradient_scale);

}  // namespace descent
