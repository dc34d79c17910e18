// −f as an objective: maximising f is minimising −f.
//
// Whatever works on an objective then works for maximising: directions, line searches, verdicts. Who reports
// to a person turns values and words back: a minimum of −f is a maximum of f.
#pragma once

#include "framework/objective.hpp"

#include <cstddef>
#include <string>

namespace descent {

template <class Real>
class Negated final : public Objective<Real> {
 public:
  explicit Negated(Objective<Real>& inner) : inner_(inner) {}  // which must outlive this

  std::size_t dimension() const override { return inner_.dimension(); }
  std::size_t terms() const override { return inner_.terms(); }
  bool has_hessian() const override { return inner_.has_hessian(); }
  Objective<Real>& inner() { return inner_; }

 private:
  double do_value(ConstParams<Real> w, Terms batch) override;
  double do_value_and_gradient(ConstParams<Real> w, Params<Real> g, Terms batch) override;
  void do_hessian_vector(ConstParams<Real> w, ConstParams<Real> v, Params<Real> hv, Terms batch) override;
  void do_hessian(ConstParams<Real> w, MatrixView<Real> h, Terms batch) override;
  std::string do_explain_nonfinite(ConstParams<Real> w, Terms batch) override;

  Objective<Real>& inner_;
};

extern template class Negated<float>;
extern template class Negated<double>;

}  // namespace descent
