// An objective in scaled variables: h(u) = f(D u) with a diagonal D, so that w = D u.
//
// One γ cannot suit weights whose curvatures differ by powers of ten: gradient descent needs about
// λmax/λmin steps. With dᵢ = 1/√hᵢᵢ the Hessian of h has ones on its diagonal. Lives here and not in framework/ because
// only minimising knows good scales. Gradients and Hessians follow the chain rule: ∇h = D ∇f, H_h = D H_f D.
#pragma once

#include "framework/objective.hpp"

#include <span>
#include <vector>

namespace descent {

template <class Real>
class Scaled final : public Objective<Real> {
 public:
  // `inner` must outlive this. Throws Error(usage) unless scales (n) are positive and finite.
  Scaled(Objective<Real>& inner, std::span<const double> scales);

  std::size_t dimension() const override { return inner_.dimension(); }
  std::size_t terms() const override { return inner_.terms(); }
  bool has_hessian() const override { return inner_.has_hessian(); }

  void to_inner(ConstParams<Real> u, Params<Real> w) const;    // w = D u
  void from_inner(ConstParams<Real> w, Params<Real> u) const;  // u = D⁻¹ w

 private:
  double do_value(ConstParams<Real> u, Terms batch) override;
  double do_value_and_gradient(ConstParams<Real> u, Params<Real> g, Terms batch) override;
  void do_hessian_vector(ConstParams<Real> u, ConstParams<Real> v, Params<Real> hv, Terms batch) override;
  void do_hessian(ConstParams<Real> u, MatrixView<Real> h, Terms batch) override;
  std::string do_explain_nonfinite(ConstParams<Real> u, Terms batch) override;

  ConstParams<Real> inner_point(ConstParams<Real> u) {
    to_inner(u, w_);
    return w_;
  }

  Objective<Real>& inner_;
  std::vector<Real> d_, w_, v_;  // (n) each
};

// Scales from typical magnitudes: dᵢ = |wᵢ|, 1 where that is 0.
std::vector<double> magnitude_scales(std::span<const double> w);

// dᵢ = 1/√|hᵢᵢ| with the diagonal of the Hessian at w; where that is 0, the largest of the others (1 if there is none).
template <class Real>
std::vector<double> hessian_scales(Objective<Real>& objective, ConstParams<Real> w);

// For objectives without second derivatives: dᵢ = 1/√|gᵢ| at w, the scale at which a step along −∇h changes every
// weight by the same amount; zeros as above. Tells less than the Hessian's diagonal: w must not be near a critical
// point.
template <class Real>
std::vector<double> gradient_scales(Objective<Real>& objective, ConstParams<Real> w);

extern template class Scaled<float>;
extern template class Scaled<double>;

}  // namespace descent
