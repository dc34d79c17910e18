// How the Hessian's eigenvalues are spread, and their sum, for weights too many for all of them.
#pragma once

#include "framework/objective.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace descent {

struct DensityOptions {
  std::size_t probes = 10;  // random vectors
  std::size_t steps = 64;   // of Lanczos from each: products with the Hessian
  std::size_t whole = 500;  // weights up to which all eigenvalues are computed
  std::uint64_t seed = 1;
};

// Eigenvalues by number: `counts[i]` of them near `values[i]`. Of a whole spectrum each value is an eigenvalue and
// counts once; else a quadrature, whose moments are the Hessian's: counts are fractions then, and add up to n.
struct SpectralDensity {
  std::vector<double> values;  // ascending; empty where the Hessian is not finite
  std::vector<double> counts;
  double trace = 0;        // Σ of the eigenvalues
  double trace_error = 0;  // standard error over the probes; 0 where exact
  bool exact = false;
  std::size_t products = 0;

  // Eigenvalues in (low, high], about.
  double count(double low, double high) const;
  // Eigenvalues per unit at x, each spread to a normal distribution of width sigma; integrates to n.
  double density(double x, double sigma) const;
};

// Stochastic Lanczos quadrature: Ubaru, Chen & Saad, "Fast estimation of tr(f(A)) via stochastic Lanczos quadrature",
// SIAM J. Matrix Anal. Appl. 38, 2017; the trace by probes of ±1 as in Hutchinson, Commun. Stat. Simul. 18, 1989.
// Full reorthogonalisation: keeps steps × n numbers, and takes fewer steps where that were over 256 MiB. The same seed
// gives the same bits. Throws Error(usage) without second derivatives.
SpectralDensity spectral_density(Objective<double>& objective, ConstParams<double> w,
                                 const DensityOptions& options = {});

}  // namespace descent
