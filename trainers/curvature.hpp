// The Hessian's eigenvalues at a point, and the largest step that plain gradient descent stands there.
#pragma once

#include "framework/objective.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace descent {

constexpr std::size_t kMostEigenvalues = 2000;  // weights; the whole Hessian is kept, n³ operations

struct Spectrum {
  std::vector<double> values;  // (n), ascending; NaN where the matrix is not finite
  Matrix<double> vectors;      // (n, n): row j is the unit eigenvector of values[j]
};

// Of h (n, n), of which the symmetric part counts.
Spectrum symmetric_spectrum(const Matrix<double>& h);

// LAPACK's, through xtensor-blas: each value is off by a few n ε ‖H‖. Throws Error(usage) when the objective has no
// second derivatives or more than kMostEigenvalues weights.
Spectrum hessian_spectrum(Objective<double>& objective, ConstParams<double> w);

// Of w ← w − γ∇f near a minimum with largest eigenvalue λmax: converges for γ < 2/λmax, diverges beyond, because the
// error along that eigenvector is multiplied by 1 − γλmax in every step. Infinite where λmax ≤ 0.
double stability_limit(double lambda_max);

// What γ was to the curvature at w, for a run that diverged:
// "λmax = 3 at this point: γ must stay below 2/λmax = 0.666667, and γ = 0.7 is beyond it". "" without second
// derivatives.
std::string stability_text(Objective<double>& objective, ConstParams<double> w, double gamma);

}  // namespace descent
