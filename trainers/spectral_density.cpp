#include "trainers/spectral_density.hpp"

#include "framework/error.hpp"
#include "framework/random.hpp"
#include "trainers/curvature.hpp"
#include "trainers/finite.hpp"

#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <tuple>
#include <utility>

namespace descent {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

struct Tridiagonal {
  std::vector<double> diagonal, beside;
  bool finite = true;
};

// Lanczos from the unit vector in the first column of `basis` (n, steps), every new vector made orthogonal to all
// before it, twice. Ends early where the space is exhausted.
Tridiagonal lanczos(Objective<double>& objective, ConstParams<double> w, MatrixXd& basis, std::size_t& products) {
  constexpr double kExhausted = 1e-13;  // of the largest entry so far
  Tridiagonal t;
  VectorXd next(basis.rows());
  double largest = 0;
  for (Eigen::Index k = 0; k < basis.cols(); ++k) {
    const std::size_t n = static_cast<std::size_t>(basis.rows());
    objective.hessian_vector(w, {basis.col(k).data(), n}, {next.data(), n});
    ++products;
    if (!all_finite<double>({next.data(), n})) return {{}, {}, false};
    t.diagonal.push_back(basis.col(k).dot(next));
    largest = std::max(largest, std::abs(t.diagonal.back()));
    for (int pass = 0; pass < 2; ++pass)
      next -= basis.leftCols(k + 1) * (basis.leftCols(k + 1).transpose() * next).eval();
    const double length = next.norm();
    if (k + 1 == basis.cols() || length <= kExhausted * largest) break;
    largest = std::max(largest, length);
    t.beside.push_back(length);
    basis.col(k + 1) = next / length;
  }
  return t;
}

SpectralDensity whole(Objective<double>& objective, ConstParams<double> w) {
  SpectralDensity density;
  density.exact = true;
  density.products = w.size();
  density.values = hessian_spectrum(objective, w).values;
  density.trace = std::accumulate(density.values.begin(), density.values.end(), 0.0);
  if (!std::isfinite(density.trace)) density.values.clear();
  density.counts.assign(density.values.size(), 1.0);
  return density;
}

void sort_by_value(SpectralDensity& density) {
  std::vector<std::pair<double, double>> pairs;
  for (std::size_t i = 0; i < density.values.size(); ++i) pairs.emplace_back(density.values[i], density.counts[i]);
  std::sort(pairs.begin(), pairs.end());
  for (std::size_t i = 0; i < pairs.size(); ++i) std::tie(density.values[i], density.counts[i]) = pairs[i];
}

}  // namespace

SpectralDensity spectral_density(Objective<double>& objective, ConstParams<double> w, const DensityOptions& options) {
  if (!objective.has_hessian()) throw Error(Fault::usage, "this objective has no second derivatives");
  const std::size_t n = w.size();
  if (n <= std::min(options.whole, kMostEigenvalues)) return whole(objective, w);
  SpectralDensity density;
  constexpr std::size_t kLeast = 8, kNumbers = std::size_t{1} << 25;  // 256 MiB
  const std::size_t steps = std::min({options.steps, n, std::max(kLeast, kNumbers / n)});
  MatrixXd basis(static_cast<Eigen::Index>(n), static_cast<Eigen::Index>(steps));
  std::vector<double> traces;
  for (std::size_t probe = 0; probe < options.probes; ++probe) {
    Rng rng(options.seed, Purpose::lanczos, 1, static_cast<std::uint32_t>(probe));
    const double unit = 1 / std::sqrt(static_cast<double>(n));
    for (Eigen::Index i = 0; i < basis.rows(); ++i) basis(i, 0) = rng.below(2) == 0 ? unit : -unit;
    const Tridiagonal t = lanczos(objective, w, basis, density.products);
    if (!t.finite) {
      density.values.clear();
      density.counts.clear();
      density.trace = density.trace_error = std::numeric_limits<double>::quiet_NaN();
      return density;
    }
    const auto size = static_cast<Eigen::Index>(t.diagonal.size());
    Eigen::SelfAdjointEigenSolver<MatrixXd> small;
    small.computeFromTridiagonal(VectorXd::Map(t.diagonal.data(), size), VectorXd::Map(t.beside.data(), size - 1));
    for (Eigen::Index j = 0; j < size; ++j) {
      const double first = small.eigenvectors()(0, j);
      density.values.push_back(small.eigenvalues()(j));
      density.counts.push_back(first * first * static_cast<double>(n) / static_cast<double>(options.probes));
    }
    traces.push_back(static_cast<double>(n) * t.diagonal.front());
  }
  const double probes = static_cast<double>(traces.size());
  density.trace = std::accumulate(traces.begin(), traces.end(), 0.0) / probes;
  double squares = 0;
  for (const double trace : traces) squares += (trace - density.trace) * (trace - density.trace);
  density.trace_error =
      probes > 1 ? std::sqrt(squares / (probes - 1) / probes) : std::numeric_limits<double>::infinity();
  sort_by_value(density);
  return density;
}

double SpectralDensity::count(double low, double high) const {
  double sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i)
    if (values[i] > low && values[i] <= high) sum += counts[i];
  return sum;
}

double SpectralDensity::density(double x, double sigma) const {
  const double peak = std::numbers::inv_sqrtpi / (std::numbers::sqrt2 * sigma);
  double sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double z = (x - values[i]) / sigma;
    sum += counts[i] * peak * std::exp(-z * z / 2);
  }
  return sum;
}

}  // namespace descent
