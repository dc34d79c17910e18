// What gets minimised: f : Rⁿ → R, perhaps a sum f(w) = Σ_{i<N} f_i(w).
//
// A loss over N rows has N terms; a formula has one. Values and gradients are those of the *sum*
// over the terms asked for; nobody divides by N.
#pragma once

#include "framework/tensor.hpp"

#include <cstddef>
#include <string>

namespace descent {

// How often an objective was asked, in calls and in terms (rows).
struct Evaluations {
  std::size_t values = 0;
  std::size_t gradients = 0;
  std::size_t hessian_vectors = 0;
  std::size_t value_terms = 0;
  std::size_t gradient_terms = 0;

  Evaluations& operator+=(const Evaluations& more) {
    values += more.values;
    gradients += more.gradients;
    hessian_vectors += more.hessian_vectors;
    value_terms += more.value_terms;
    gradient_terms += more.gradient_terms;
    return *this;
  }
  friend Evaluations operator-(const Evaluations& a, const Evaluations& b) {
    return {a.values - b.values, a.gradients - b.gradients, a.hessian_vectors - b.hessian_vectors,
            a.value_terms - b.value_terms, a.gradient_terms - b.gradient_terms};
  }
};

// The public functions are not virtual: size checks and counts live here once.
// After the first call with a given batch size, calls with that size allocate nothing.
// Not for use by two threads at once: an objective owns its workspace.
template <class Real>
class Objective {
 public:
  Objective() = default;
  Objective(const Objective&) = delete;
  Objective& operator=(const Objective&) = delete;
  virtual ~Objective() = default;

  virtual std::size_t dimension() const = 0;  // n
  virtual std::size_t terms() const = 0;      // N ≥ 1

  // Σ over the batch of f_i(w), accumulated in float64. May be infinite or NaN: that is an answer.
  double value(ConstParams<Real> w, Terms batch = {});

  // The same sum; overwrites g (n) with its gradient.
  double value_and_gradient(ConstParams<Real> w, Params<Real> g, Terms batch = {});

  // w and the gradient's share of the next w in one pass: overwrites next (n) with w + scale ∇Σ(w), bit for
  // bit what computing the gradient first would give, and returns the value; where that is not finite, next is left as
  // it was. `finite`: all of next is. next may be w. Only where moves_in_one_pass, for a batch that is not empty.
  virtual bool moves_in_one_pass(std::size_t /*batch_size*/) const { return false; }
  double value_and_move(ConstParams<Real> w, Real scale, Params<Real> next, Terms batch, bool& finite);

  // A hint, on which no result depends: the batch that will be asked for after the one that will be now. It must
  // stand until that one is done.
  virtual void expect(Terms /*batch*/) {}

  // Whether the objective knows its second derivatives. Without them the two functions below throw Error(usage).
  virtual bool has_hessian() const { return false; }

  // Whether minimize may count numbers below the smallest with full precision as 0, which is faster.
  virtual bool flushes_subnormals() const { return false; }

  // Overwrites hv (n) with the product of the sum's Hessian at w with v (n): exact, no differences of
  // gradients. Pearlmutter, "Fast exact multiplication by the Hessian", Neural Computation 6, 1994.
  void hessian_vector(ConstParams<Real> w, ConstParams<Real> v, Params<Real> hv, Terms batch = {});

  // Overwrites h (n, n) with the sum's Hessian at w. Column j is hessian_vector(e_j) unless the objective
  // has a shorter way.
  void hessian(ConstParams<Real> w, MatrixView<Real> h, Terms batch = {});

  // Where the first number that is not finite appears when the batch is evaluated at w, in words
  // ("row 17, output of layer 2 (dense 16 -> 3, relu)"), or "" when all are finite.
  // Slow; for the report of a run that diverged.
  std::string explain_nonfinite(ConstParams<Real> w, Terms batch = {});

  const Evaluations& evaluations() const { return evaluations_; }

 private:
  virtual double do_value(ConstParams<Real> w, Terms batch) = 0;
  virtual double do_value_and_gradient(ConstParams<Real> w, Params<Real> g, Terms batch) = 0;
  virtual double do_value_and_move(ConstParams<Real> w, Real scale, Params<Real> next, Terms batch, bool& finite);
  virtual void do_hessian_vector(ConstParams<Real> w, ConstParams<Real> v, Params<Real> hv, Terms batch);
  virtual void do_hessian(ConstParams<Real> w, MatrixView<Real> h, Terms batch);
  virtual std::string do_explain_nonfinite(ConstParams<Real> w, Terms batch);

  void require_hessian() const;
  void check(std::size_t got, const char* what) const;
  std::size_t count(Terms batch) const { return batch.empty() ? terms() : batch.size(); }

  Evaluations evaluations_;
};

extern template class Objective<float>;
extern template class Objective<double>;

}  // namespace descent
