// Weight decay as an objective: f(w) + ½ λ Σ w_j² over the weights that are penalised.
//
// Also called ridge or Tikhonov regularisation. The penalty belongs to the whole sum, so a batch of
// B of the N terms carries the share B/N of it, and an epoch of batches carries it once.
#pragma once

#include "framework/objective.hpp"
#include "models/network.hpp"

#include <cstddef>
#include <utility>
#include <vector>

namespace descent {

// Part [first, first + count) of w.
struct Range {
  std::size_t first;
  std::size_t count;
};

// Where the matrices of a network are in w: what is usually penalised, while the biases are not.
template <class Real>
std::vector<Range> weight_matrices(const Network<Real>& network);

template <class Real>
class L2Penalty final : public Objective<Real> {
 public:
  // `inner` must outlive the penalty. `penalised`: which weights, usually the matrices, not the biases.
  L2Penalty(Objective<Real>& inner, double lambda, std::vector<Range> penalised)
      : inner_(inner), lambda_(lambda), penalised_(std::move(penalised)) {}

  std::size_t dimension() const override { return inner_.dimension(); }
  std::size_t terms() const override { return inner_.terms(); }
  void expect(Terms batch) override { inner_.expect(batch); }
  bool has_hessian() const override { return inner_.has_hessian(); }
  bool flushes_subnormals() const override { return inner_.flushes_subnormals(); }

 private:
  double do_value(ConstParams<Real> w, Terms batch) override;
  double do_value_and_gradient(ConstParams<Real> w, Params<Real> g, Terms batch) override;
  void do_hessian_vector(ConstParams<Real> w, ConstParams<Real> v, Params<Real> hv, Terms batch) override;
  std::string do_explain_nonfinite(ConstParams<Real> w, Terms batch) override;
  double share(Terms batch) const;
  double penalty(ConstParams<Real> w, Terms batch) const;

  Objective<Real>& inner_;
  double lambda_;
  std::vector<Range> penalised_;
};

extern template class L2Penalty<float>;
extern template class L2Penalty<double>;

}  // namespace descent
