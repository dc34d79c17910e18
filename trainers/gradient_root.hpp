// A zero of ∇f near a start, of any kind: minimum, maximum or saddle. For few variables.
#pragma once

#include "framework/objective.hpp"

#include <vector>

namespace descent {

struct GradientRoot {
  bool found = false;     // the steps shrank to nothing, and ‖g‖ with them
  bool plateau = false;   // ∇f and the Hessian are 0 or below the normal range: f may be constant there
  std::vector<double> w;  // (n)
  double value = 0;
  double gradient_norm = 0;
  std::size_t iterations = 0;
};

// Newton's iteration on ∇f = 0, extrapolated where it converges linearly because the Hessian is singular at the root
// (by the ratio of two steps, as Aitken does), and replaced by a Levenberg-Marquardt step on ½‖∇f‖² (Nocedal & Wright
// 2006, section 10.3) where it does not lower ‖∇f‖. At a singular root ‖∇f‖ may have to rise on the way, its
// parts being of different orders; so a search that ends short of a root goes on with Newton's steps alone. Variables
// are taken to be of order 1: scale first (Scaled). `gradient_scale`: what ‖∇f‖ is like elsewhere; a root has at most
// 1e-9 of it, or Newton's step from it is as short. Gives up beyond the box [low, high] widened by half its width of 1
// on each side.
class GradientRootFinder {
 public:
  GradientRootFinder(Objective<double>& objective, ConstParams<double> low, ConstParams<double> high);

  // With `nearest` only the damped steps: they end near the start, where Newton's may leap along a curve of roots.
  GradientRoot find(ConstParams<double> start, double gradient_scale, bool nearest = false);

 private:
  bool evaluate(ConstParams<double> x, std::vector<double>& g, double& f, double& norm);
  bool newton_step();
  bool newton_step_is_short();
  bool try_newton();
  bool try_damped();
  bool finish_undamped();
  void accept();
  bool outside() const;

  Objective<double>& f_;
  std::vector<double> low_, high_;
  std::vector<double> w_, g_, p_, trial_, trial_g_, best_, best_g_;  // (n) each
  Matrix<double> h_, a_;                                             // (n, n)
  double value_ = 0, norm_ = 0, trial_value_ = 0, trial_norm_ = 0;
  double step_ = 0, previous_step_ = 0;  // ‖p‖ of the last steps, 0: none
  double damping_ = 0;
};

}  // namespace descent
