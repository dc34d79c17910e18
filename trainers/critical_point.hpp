// What kind of point a run ended at: the second-derivative test, with the errors of floating point taken seriously.
#pragma once

#include "framework/objective.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace descent {

enum class PointKind {
  minimum,       // a strict local minimum: every eigenvalue is positive beyond its error
  maximum,       // a strict local maximum
  saddle,        // some positive, some negative: there is a way down
  undecided,     // flat directions: an eigenvalue that may as well be 0; higher derivatives decide
  not_critical,  // ∇f is not 0 here, nor nearby
  kink,          // ∇f jumps: not differentiable
  jump,          // f itself jumps: not continuous
  undefined,     // f or a derivative is not finite
};
std::string_view to_string(PointKind kind);  // "minimum", …

struct ClassifyOptions {
  // ∇f counts as 0 along an eigenvector of certain curvature λ where the critical point that Newton's step |gᵀv / λ|
  // leads to is at most step_tolerance · max(size, ‖w‖) away; along a flat one where |gᵀv| ≤ gradient_tolerance.
  double step_tolerance = 1e-4;
  double gradient_tolerance = 1e-6;
  double size = 1;  // over which f may change, where w is nearer to 0 than that; max(size, ‖w‖) is the measure of steps
};

struct CriticalPoint {
  PointKind kind = PointKind::undefined;
  std::vector<double> w;  // (n)
  double value = 0;
  double gradient_norm = 0;
  std::vector<double> eigenvalues;  // (n), ascending
  std::vector<double> errors;       // (n): the true one is within ± this
  std::size_t flat = 0;             // eigenvalues whose sign is uncertain
  // Unit vectors: along these (and their opposites) f falls or rises to second order. Empty where there is none.
  std::vector<double> downhill, uphill;
  std::vector<std::vector<double>> flat_directions;  // unit eigenvectors

  // For a person: six digits, "∞", "0" where it may as well be that, "undefined" where nothing is known of it.
  std::string eigenvalue_text(std::size_t j) const;
  double lambda_min() const { return eigenvalues.front(); }
  double lambda_max() const { return eigenvalues.back(); }
  // "a local minimum: all eigenvalues of the Hessian are positive (1, 3)";
  // "a saddle point: f falls along ±(0.707107, -0.707107), where the curvature is -2"; …
  std::string sentence() const;
};

// The error of eigenvalue λ with unit eigenvector v is estimated as
//   16 n ε ‖H‖  +  max over probes of ‖(H(w ± r u) − H(w)) v‖,
// the probes going along each eigenvector u (n ≤ 16; else those of least |λ| only) by r = 4 times the distance to the
// true critical point, (|gᵀu| + rounding of g) / |λ|, at least a few ε of w and at most 1% of it. So x⁴ is never called
// a minimum: near 0 its curvature changes by more than itself within that distance, however small it is. The rounding
// of g is sampled a few ε beside w. Where the Hessian is not finite, or another one so close by, it may have infinite
// eigenvalues (n ≤ 16, see unbounded_curvature): ∇f counts as 0 along those where it changes sign within 2e-12 of w;
// or be but a convention at a kink of a part of f, as of |x|²: then its limit counts.
// Costs a Hessian's eigenvalues and up to 2 n Hessians. Throws as hessian_spectrum.
CriticalPoint classify(Objective<double>& objective, ConstParams<double> w, const ClassifyOptions& options = {});

// For a run that found its start critical: "the start is already a critical point: a saddle point; f falls along
// ±(…), where …". For a start that is not critical: "".
std::string critical_start_text(const CriticalPoint& start);

}  // namespace descent
