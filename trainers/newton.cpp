#include "framework/error.hpp"
#include "trainers/cholesky.hpp"
#include "trainers/direction_rows.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

namespace descent {
namespace {

constexpr std::size_t kMostWeights = 2000;

template <class Real>
class Newton final : public Direction<Real> {
 public:
  explicit Newton(const DirectionOptions&) {}
  std::string_view name() const override { return "newton"; }
  bool needs_hessian() const override { return true; }
  bool has_natural_step() const override { return true; }

  void start(std::size_t n) override {
    if (n > kMostWeights)
      throw Error(Fault::usage, "newton keeps the whole Hessian and takes at most {} weights, got {}; use lbfgs",
                  kMostWeights, n);
    hessian_ = zeros<Real>(n, n);
    factor_ = zeros<double>(n, n);
    x_.assign(n, 0.0);
  }

  void compute(const DirectionContext<Real>& context, Params<Real> d) override {
    context.objective.hessian(context.w, view(hessian_), context.batch);
    for (std::size_t i = 0; i < d.size(); ++i) x_[i] = -static_cast<double>(context.g[i]);
    if (factorize_shifted()) cholesky_solve(view(std::as_const(factor_)), x_);
    std::transform(x_.begin(), x_.end(), d.begin(), [](double v) { return static_cast<Real>(v); });
  }

 private:
  // Factors H + τ I with the first τ of 0 (or what makes the diagonal positive), then doubled, that works.
  // False: H is not finite.
  bool factorize_shifted() {
    const std::size_t n = x_.size();
    double least = std::numeric_limits<double>::infinity(), largest = 0;
    for (const Real v : hessian_) {
      if (!std::isfinite(v)) return false;
      largest = std::max(largest, std::abs(static_cast<double>(v)));
    }
    for (std::size_t i = 0; i < n; ++i) least = std::min(least, static_cast<double>(hessian_(i, i)));
    // The book's β is 0.001; relative to the Hessian, the direction does not depend on the unit of f.
    const double beta = largest > 0 ? 1e-3 * largest : 1;
    double shift = least > 0 ? 0 : beta - least;
    while (!factorize(shift)) shift = std::max(2 * shift, beta);
    return true;
  }

  bool factorize(double shift) {
    std::copy(hessian_.begin(), hessian_.end(), factor_.begin());
    for (std::size_t i = 0; i < x_.size(); ++i) factor_(i, i) += shift;
    return cholesky_factor(view(factor_));
  }

  Matrix<Real> hessian_;   // (n, n)
  Matrix<double> factor_;  // (n, n), lower triangle
  std::vector<double> x_;  // (n)
};

}  // namespace

template <class Real>
std::unique_ptr<Direction<Real>> make_newton(const DirectionOptions& options) {
  return std::make_unique<Newton<Real>>(options);
}
template std::unique_ptr<Direction<float>> make_newton(const DirectionOptions&);
template std::unique_ptr<Direction<double>> make_newton(const DirectionOptions&);

}  // namespace descent
