// Objectives with known answers: classic formulas, quadratics of known spectrum, sums of N terms.
#pragma once

#include "framework/objective.hpp"
#include "tests/support/jet.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace descent::support {

// A classic of two variables (sphere: three), everything about it in one row.
struct Problem {
  std::string_view name;
  double (*value)(const double* x);
  Jet (*jet)(const Jet* x);                      // the same formula, with its derivatives
  void (*gradient)(const double* x, double* g);  // overwrites g
  std::vector<double> start;                     // (n)
  std::vector<std::vector<double>> minima;       // each (n), to all digits of a double where no closed form is
  double minimum;                                // the value there
  double limit;                                  // 2/λmax at minima[0]
};
std::span<const Problem> problems();
const Problem& problem(std::string_view name);  // asserts that it is there

// A row of problems() as an objective; computes in float64 whatever Real is.
template <class Real>
class Formula final : public Objective<Real> {
 public:
  explicit Formula(const Problem& problem) : problem_(problem), x_(problem.start), g_(problem.start.size()) {}
  std::size_t dimension() const override { return x_.size(); }
  std::size_t terms() const override { return 1; }
  bool has_hessian() const override { return true; }

 private:
  void do_hessian_vector(ConstParams<Real> w, ConstParams<Real> v, Params<Real> hv, Terms batch) override;
  void do_hessian(ConstParams<Real> w, MatrixView<Real> h, Terms batch) override;
  double do_value(ConstParams<Real> w, Terms batch) override;
  double do_value_and_gradient(ConstParams<Real> w, Params<Real> g, Terms batch) override;

  const Problem& problem_;
  std::vector<double> x_, g_;
};

// ½ wᵀA w − bᵀw with A = Q diag(λ) Qᵀ, Q a product of random Householder reflections, b = A w*.
// λ₀ = 1 is the smallest eigenvalue and λ_{n−1} = κ the largest; those between are log-uniform.
template <class Real>
class Quadratic final : public Objective<Real> {
 public:
  Quadratic(std::size_t n, double condition, std::uint64_t seed);
  std::size_t dimension() const override { return n_; }
  std::size_t terms() const override { return 1; }
  bool has_hessian() const override { return true; }

  const std::vector<double>& eigenvalues() const { return lambda_; }  // ascending
  const std::vector<double>& minimizer() const { return minimizer_; }
  // w_k of w ← w − γ∇f from w_0: w* + Q diag((1 − γλ)ᵏ) Qᵀ(w_0 − w*), in extended precision.
  std::vector<double> descended(std::span<const double> w0, double gamma, std::size_t k) const;

 private:
  void do_hessian_vector(ConstParams<Real> w, ConstParams<Real> v, Params<Real> hv, Terms batch) override;
  double do_value(ConstParams<Real> w, Terms batch) override;
  double do_value_and_gradient(ConstParams<Real> w, Params<Real> g, Terms batch) override;

  std::size_t n_;
  std::vector<long double> q_;  // (n, n), column j is the eigenvector of λ_j
  std::vector<double> lambda_, minimizer_;
  std::vector<Real> a_, b_;  // (n, n) and (n)
};

// Σᵢ ½ (xᵢᵀw − yᵢ)² over N rows: random xᵢ, yᵢ = xᵢᵀw* + noise. Row i occurs `copies` times in a row.
template <class Real>
class LeastSquares final : public Objective<Real> {
 public:
  LeastSquares(std::size_t rows, std::size_t n, double noise, std::uint64_t seed, std::size_t copies = 1);
  std::size_t dimension() const override { return n_; }
  std::size_t terms() const override { return y_.size(); }
  bool has_hessian() const override { return true; }

  std::vector<Real>& targets() { return y_; }  // y (N), for tests that spoil a row

 private:
  void do_hessian_vector(ConstParams<Real> w, ConstParams<Real> v, Params<Real> hv, Terms batch) override;
  void do_hessian(ConstParams<Real> w, MatrixView<Real> h, Terms batch) override;
  double do_value(ConstParams<Real> w, Terms batch) override;
  double do_value_and_gradient(ConstParams<Real> w, Params<Real> g, Terms batch) override;
  std::string do_explain_nonfinite(ConstParams<Real> w, Terms batch) override;  // "row 17, its residual"
  double residual(ConstParams<Real> w, std::size_t row) const;

  std::size_t n_;
  std::vector<Real> x_, y_;  // (N, n) and (N)
};

// factor · f, for a power of two exact.
template <class Real>
class Multiplied final : public Objective<Real> {
 public:
  Multiplied(Objective<Real>& inner, double factor) : inner_(inner), factor_(factor) {}
  std::size_t dimension() const override { return inner_.dimension(); }
  std::size_t terms() const override { return inner_.terms(); }

 private:
  double do_value(ConstParams<Real> w, Terms batch) override { return factor_ * inner_.value(w, batch); }
  double do_value_and_gradient(ConstParams<Real> w, Params<Real> g, Terms batch) override {
    const double f = inner_.value_and_gradient(w, g, batch);
    for (Real& v : g) v *= static_cast<Real>(factor_);
    return factor_ * f;
  }

  Objective<Real>& inner_;
  double factor_;
};

}  // namespace descent::support
