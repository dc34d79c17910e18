#include "trainers/curvature.hpp"

#include "framework/error.hpp"
#include "framework/kernels/blas_threads.hpp"
#include "trainers/sentences.hpp"

#include <xtensor-blas/xlinalg.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace descent {

Spectrum symmetric_spectrum(const Matrix<double>& h) {
  const std::size_t n = view(h).rows;
  Spectrum spectrum{std::vector<double>(n, std::numeric_limits<double>::quiet_NaN()), zeros<double>(n, n)};
  if (!std::all_of(h.begin(), h.end(), [](double v) { return std::isfinite(v); })) return spectrum;
  // Exactly symmetric, and scaled so that no square inside LAPACK leaves the range of a double.
  double largest = 0;
  for (const double v : h) largest = std::max(largest, std::abs(v));
  const double unit = largest > 0 ? largest : 1;
  Matrix<double> a = zeros<double>(n, n);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) a(i, j) = h(i, j) / unit / 2 + h(j, i) / unit / 2;
  kernels::use_one_blas_thread();
  const auto [values, vectors] = xt::linalg::eigh(a);
  for (std::size_t j = 0; j < n; ++j) {
    spectrum.values[j] = values(j) * unit;
    for (std::size_t i = 0; i < n; ++i) spectrum.vectors(j, i) = vectors(i, j);
  }
  return spectrum;
}

Spectrum hessian_spectrum(Objective<double>& objective, ConstParams<double> w) {
  const std::size_t n = w.size();
  if (n > kMostEigenvalues)
    throw Error(Fault::usage, "eigenvalues of the whole Hessian are for at most {} weights, got {}", kMostEigenvalues,
                n);
  Matrix<double> h = zeros<double>(n, n);
  objective.hessian(w, view(h));
  return symmetric_spectrum(h);
}

double stability_limit(double lambda_max) {
  return lambda_max > 0 ? 2 / lambda_max : std::numeric_limits<double>::infinity();
}

std::string stability_text(Objective<double>& objective, ConstParams<double> w, double gamma) {
  if (!objective.has_hessian() || w.empty() || w.size() > kMostEigenvalues) return {};
  const double largest = hessian_spectrum(objective, w).values.back();
  if (std::isnan(largest)) return {};
  if (!(largest > 0)) return fmt::format("λmax = {} at this point: f curves upwards nowhere", rounded(largest));
  return fmt::format("λmax = {} at this point: γ must stay below 2/λmax = {}, and γ = {} is {} it", rounded(largest),
                     rounded(stability_limit(largest)), rounded(gamma),
                     gamma < stability_limit(largest) ? "below" : "beyond");
}

}  // namespace descent
