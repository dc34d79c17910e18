// The Hessian's extreme eigenvalues from products with it alone: the way for weights too many for a whole Hessian.
#pragma once

#include "framework/objective.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace descent {

struct LanczosOptions {
  double tolerance = 1e-9;           // of ‖Hv − λv‖ relative to ‖H‖
  std::size_t most_products = 1000;  // with the Hessian, about: each is the work of up to four gradients
  std::size_t basis = 64;            // vectors of n numbers that are kept; fewer where they took over 256 MiB
  std::uint64_t seed = 1;            // of the random start
  bool largest_only = false;         // λmax alone: fewer products, and λmin stays NaN
  ConstParams<double> start = {};    // (n) or empty: a guess of the wanted eigenvector, mixed with random numbers
};

struct ExtremeEigenvalues {
  double lambda_min, lambda_max;     // vᵀHv; NaN where the Hessian is not finite
  double error_min, error_max;       // ‖Hv − λv‖ and rounding: an eigenvalue lies within λ ± this
  std::vector<double> v_min, v_max;  // (n): unit vectors
  std::size_t products;              // with the Hessian
  bool converged;                    // the tolerance was met; if not, the errors still hold
  bool exact;                        // of the whole Hessian: there are no other eigenvalues beyond these
};

// Lanczos with implicit restarts through Spectra; a whole Hessian and LAPACK where n ≤ basis, and where n products did
// not do and n more are allowed. Some eigenvalue is certain to lie within λ ± error. That none lies beyond the extremes
// found is certain for a whole Hessian only (`exact`); else it fails for starts all but orthogonal to an eigenvector,
// which have little probability (Kuczyński & Woźniakowski, "Estimating the largest eigenvalue by the power and Lanczos
// algorithms with a random start", SIAM J. Matrix Anal. Appl. 13, 1992).
// The same seed gives the same bits. Allocates. Throws Error(usage) without second derivatives.
ExtremeEigenvalues extreme_eigenvalues(Objective<double>& objective, ConstParams<double> w,
                                       const LanczosOptions& options = {});

}  // namespace descent
