#include "trainers/lanczos.hpp"

#include "framework/error.hpp"
#include "framework/random.hpp"
#include "trainers/curvature.hpp"
#include "trainers/dot.hpp"
#include "trainers/finite.hpp"

#include <Eigen/Eigenvalues>
#include <Spectra/SymEigsSolver.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace descent {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kEpsilon = std::numeric_limits<double>::epsilon();

struct NotFinite {};  // thrown through Spectra by a product, caught here

class Product {
 public:
  Product(Objective<double>& objective, ConstParams<double> w) : objective_(objective), w_(w) {}

  // hv (n) = H v
  void operator()(ConstParams<double> v, Params<double> hv) {
    objective_.hessian_vector(w_, v, hv);
    ++count_;
    if (!all_finite<double>(hv)) throw NotFinite{};
  }
  std::size_t count() const { return count_; }
  std::size_t size() const { return w_.size(); }

 private:
  Objective<double>& objective_;
  ConstParams<double> w_;
  std::size_t count_ = 0;
};

// H / unit + 2 I for Spectra, with unit ≥ ‖H‖: all its eigenvalues lie in [1, 3], so that a tolerance relative to
// each of them, which is how Spectra judges, is one relative to ‖H‖. An eigenvalue 0 of H would never satisfy it.
class Shifted {
 public:
  using Scalar = double;
  Shifted(Product& product, double unit) : product_(product), unit_(unit) {}
  Eigen::Index rows() const { return static_cast<Eigen::Index>(product_.size()); }
  Eigen::Index cols() const { return rows(); }
  void perform_op(const double* v, double* out) const {
    const std::size_t n = product_.size();
    product_({v, n}, {out, n});
    for (std::size_t i = 0; i < n; ++i) out[i] = out[i] / unit_ + 2 * v[i];
  }

 private:
  Product& product_;
  double unit_;
};

// Spectra's solver hands out converged vectors only; the best ones are in its basis all the same.
class Solver final : public Spectra::SymEigsSolver<Shifted> {
 public:
  using Spectra::SymEigsSolver<Shifted>::SymEigsSolver;

  std::vector<double> best(bool largest) const {
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> small(m_fac.matrix_H());
    const Eigen::Index j = largest ? small.eigenvalues().size() - 1 : 0;
    const Eigen::VectorXd v = (m_fac.matrix_V() * small.eigenvectors().col(j)).normalized();
    return {v.begin(), v.end()};
  }
};

// vᵀHv and its error.
struct Estimate {
  double lambda, error;
};

Estimate rayleigh(Product& product, ConstParams<double> v, double size) {
  std::vector<double> r(v.size());
  product(v, r);
  const double lambda = dot<double>(v, r);
  for (std::size_t i = 0; i < r.size(); ++i) r[i] -= lambda * v[i];
  return {lambda, norm<double>(r) + 16 * kEpsilon * size};
}

std::vector<double> random_unit(std::size_t n, std::uint64_t seed) {
  Rng rng(seed, Purpose::lanczos);
  std::vector<double> v(n);
  for (double& x : v) x = rng.normal();
  const double length = norm<double>(v);
  for (double& x : v) x /= length;
  return v;
}

// ‖H‖ from below, by the power method from v: (‖H^k v‖/‖v‖)^{1/k} in its better form, the last growth. Within a
// factor of 3 of it for all but starts that nobody meets. 0 only where Hv = 0.
double norm_estimate(Product& product, std::vector<double> v) {
  constexpr int kSteps = 6;
  std::vector<double> next(v.size());
  double growth = 0;
  for (int step = 0; step < kSteps; ++step) {
    product(v, next);
    growth = std::max(growth, norm<double>(next));
    if (norm<double>(next) == 0) break;
    const double length = norm<double>(next);
    for (std::size_t i = 0; i < v.size(); ++i) v[i] = next[i] / length;
  }
  return growth;
}

ExtremeEigenvalues unknown(std::size_t n, std::size_t products) {
  const std::vector<double> none(n, kNan);
  return {kNan, kNan, kNan, kNan, none, none, products, false, false};
}

ExtremeEigenvalues dense(Objective<double>& objective, ConstParams<double> w) {
  const std::size_t n = w.size();
  const Spectrum spectrum = hessian_spectrum(objective, w);
  if (std::isnan(spectrum.values.front())) return unknown(n, n);
  const ConstParams<double> low = view(spectrum.vectors).row(0), high = view(spectrum.vectors).row(n - 1);
  const double size = std::max(std::abs(spectrum.values.front()), std::abs(spectrum.values.back()));
  const double error = 16 * static_cast<double>(n) * kEpsilon * size;
  return {spectrum.values.front(),
          spectrum.values.back(),
          error,
          error,
          {low.begin(), low.end()},
          {high.begin(), high.end()},
          n,
          true,
          true};
}

// As asked, but not more than 256 MiB of it.
std::size_t basis_size(const LanczosOptions& options, std::size_t n) {
  constexpr std::size_t kLeast = 8, kNumbers = std::size_t{1} << 25;
  return std::max(kLeast, std::min(options.basis, kNumbers / n));
}

ExtremeEigenvalues lanczos(Product& product, const LanczosOptions& options) {
  const std::size_t n = product.size();
  std::vector<double> start = random_unit(n, options.seed);
  const double growth = norm_estimate(product, start);
  if (growth == 0)
    return {0, 0, 0, 0, start, start, product.count(), true, false};  // H of a random vector is 0: so is H
  const double unit = 4 * growth;
  if (!options.start.empty()) {
    assert(options.start.size() == n);
    // A tenth of it random, so that an eigenvector that grew since is found as well.
    const double length = norm<double>(options.start);
    for (std::size_t i = 0; i < n; ++i) start[i] = options.start[i] / length + 0.1 * start[i];
  }
  Shifted shifted(product, unit);
  // Spectra looks whether it is there when it restarts: for λmax alone a smaller basis looks more often.
  const std::size_t basis = std::min<std::size_t>(basis_size(options, n), options.largest_only ? 20 : n);
  const std::size_t wanted = options.largest_only ? 1 : 2;
  Solver solver(shifted, static_cast<Eigen::Index>(wanted), static_cast<Eigen::Index>(basis));
  solver.init(start.data());
  const std::size_t most = std::max(basis, std::min(options.most_products, n));
  solver.compute(options.largest_only ? Spectra::SortRule::LargestAlge : Spectra::SortRule::BothEnds,
                 static_cast<Eigen::Index>(std::max<std::size_t>(1, (most - basis) / (basis - wanted))),
                 options.tolerance / 4);

  ExtremeEigenvalues result = unknown(n, 0);
  result.v_max = solver.best(true);
  const Estimate high = rayleigh(product, result.v_max, growth);
  result.lambda_max = high.lambda;
  result.error_max = high.error;
  if (!options.largest_only) {
    result.v_min = solver.best(false);
    const Estimate low = rayleigh(product, result.v_min, growth);
    result.lambda_min = low.lambda;
    result.error_min = low.error;
  }
  result.products = product.count();
  const double allowed = options.tolerance * growth + 16 * kEpsilon * growth;
  result.converged = result.error_max <= allowed && (options.largest_only || result.error_min <= allowed);
  return result;
}

}  // namespace

ExtremeEigenvalues extreme_eigenvalues(Objective<double>& objective, ConstParams<double> w,
                                       const LanczosOptions& options) {
  assert(!w.empty());
  if (!objective.has_hessian()) throw Error(Fault::usage, "this objective has no second derivatives");
  const std::size_t n = w.size();
  if (n <= basis_size(options, n)) return dense(objective, w);
  Product product(objective, w);
  try {
    ExtremeEigenvalues found = lanczos(product, options);
    if (found.converged || n > kMostEigenvalues || found.products + n > options.most_products) return found;
    const std::size_t spent = found.products;
    found = dense(objective, w);
    found.products += spent;
    return found;
  } catch (const NotFinite&) {
    return unknown(n, product.count());
  }
}

}  // namespace descent
