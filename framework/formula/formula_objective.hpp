// A formula as an objective: f : Rⁿ → R over its variables, one term.
#pragma once

#include "framework/formula/formula.hpp"
#include "framework/objective.hpp"

#include <string>

namespace descent {

// Values, gradients and second derivatives are exact to rounding. A batch names its one term as often as it is
// to be added.
class FormulaObjective final : public Objective<double> {
 public:
  // Throws Error(usage) unless the formula has one output, at least one variable and no sum(…), which needs data.
  explicit FormulaObjective(Formula formula);

  std::size_t dimension() const override { return formula_.variables().size(); }
  std::size_t terms() const override { return 1; }
  bool has_hessian() const override { return true; }

  const Formula& formula() const { return formula_; }
  const formula::Tape& tape() const { return tape_; }

 private:
  double do_value(ConstParams<double> w, Terms batch) override;
  double do_value_and_gradient(ConstParams<double> w, Params<double> g, Terms batch) override;
  void do_hessian_vector(ConstParams<double> w, ConstParams<double> v, Params<double> hv, Terms batch) override;
  void do_hessian(ConstParams<double> w, MatrixView<double> h, Terms batch) override;
  std::string do_explain_nonfinite(ConstParams<double> w, Terms batch) override;

  Formula formula_;
  formula::Tape tape_;
  formula::Tape::Work work_;
};

}  // namespace descent
