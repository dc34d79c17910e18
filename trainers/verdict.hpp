// The verdict on where a run ended: a minimum, a saddle with the way down, flat, or not there yet.
#pragma once

#include "trainers/critical_point.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace descent {

struct VerdictOptions {
  // ∇f counts as 0 where ‖∇f‖ ≤ gradient_tolerance · N (f is a sum of N terms), or where Newton's step to the critical
  // point is at most step_tolerance · max(1, ‖w‖); see ClassifyOptions.
  double gradient_tolerance = 1e-6;
  double step_tolerance = 1e-4;
  std::size_t whole_spectrum = 500;  // weights up to which all eigenvalues are computed; beyond, the extremes
  std::uint64_t seed = 1;            // of Lanczos's start
};

// How far down it goes along a direction v: f(w) − f(w + step · v) = drop. 0: f falls nowhere on it.
struct WayDown {
  double step = 0, drop = 0;
};

// The lowest of doublings of a small step to either side of w while f keeps falling.
WayDown way_down(Objective<double>& objective, ConstParams<double> w, ConstParams<double> v);

struct Verdict {
  PointKind kind = PointKind::undefined;
  double value = 0, gradient_norm = 0;
  double lambda_min = 0, lambda_max = 0;  // NaN where unknown
  double error_min = 0, error_max = 0;    // the true eigenvalues are within ± this
  std::size_t flat = 0;                   // eigenvalues whose sign is uncertain; of those known where not `whole`
  bool whole = false;                     // all eigenvalues are known, not the extremes only
  std::vector<double> downhill;           // (n) unit vector of negative curvature; empty: none is certain
  // f(w) − f(w + step · downhill) for the step that was tried, the best of doublings on either side; 0: nothing fell,
  // or w is not stationary, and −∇f is the better way.
  double step = 0, drop = 0;

  bool has_way_down() const { return drop > 0; }
  // w + step · downhill
  std::vector<double> below(ConstParams<double> w) const;
  // "a local minimum: all eigenvalues of the Hessian are positive, beyond their errors"; "a saddle: …"; …
  std::string sentence() const;
  // "‖∇L‖ = 1.2e-09, λmin = 0.5 ± 1e-12, λmax = 12 ± 1e-12"
  std::string figures() const;
};

// Up to `whole_spectrum` weights by classify(), which see for the errors; a point that stays undecided there is a
// saddle all the same where f bends down at w and a step that way lowers f by more than slope and rounding could.
// Beyond that by extreme_eigenvalues(): a saddle is proved by one direction of negative curvature, but a minimum by all
// eigenvalues only, so that kind stays undecided. Throws Error(usage) without second derivatives.
Verdict find_verdict(Objective<double>& objective, ConstParams<double> w, const VerdictOptions& options = {});

// About how many floating-point operations that takes for an objective whose gradient takes `gradient` of them.
double verdict_operations(std::size_t weights, double gradient, const VerdictOptions& options = {});

}  // namespace descent
