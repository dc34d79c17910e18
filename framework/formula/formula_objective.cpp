#include "framework/formula/formula_objective.hpp"

#include "framework/error.hpp"
#include "framework/text.hpp"

namespace descent {
namespace {

Formula checked(Formula formula) {
  formula.only_output();
  if (formula.is_sum())
    throw Error(Fault::usage,
                "the formula '{}' sums over the rows of a data table, but no data was given; give a table with the "
                "columns it names",
                printable(formula.typed()));
  if (formula.variables().empty())
    throw Error(Fault::usage, "the formula '{}' has no variables: nothing in it can change its value {}",
                printable(formula.typed()), shortest(formula.value({})));
  return formula;
}

// How often the one term is added; times 1 costs nothing.
double times(Terms batch) { return batch.empty() ? 1 : static_cast<double>(batch.size()); }

void scale(Params<double> x, double factor) {
  if (factor != 1)
    for (double& element : x) element *= factor;
}

}  // namespace

FormulaObjective::FormulaObjective(Formula formula)
    : formula_(checked(std::move(formula))), tape_(formula_.tape()), work_(tape_) {}

double FormulaObjective::do_value(ConstParams<double> w, Terms batch) { return times(batch) * tape_.value(w, work_); }

double FormulaObjective::do_value_and_gradient(ConstParams<double> w, Params<double> g, Terms batch) {
  const double f = tape_.gradient(w, g, work_);
  scale(g, times(batch));
  return times(batch) * f;
}

void FormulaObjective::do_hessian_vector(ConstParams<double> w, ConstParams<double> v, Params<double> hv, Terms batch) {
  tape_.hessian_vector(w, v, hv, work_);
  scale(hv, times(batch));
}

void FormulaObjective::do_hessian(ConstParams<double> w, MatrixView<double> h, Terms batch) {
  tape_.hessian(w, h, work_);
  for (std::size_t i = 0; i < h.rows; ++i) scale(h.row(i), times(batch));
}

std::string FormulaObjective::do_explain_nonfinite(ConstParams<double> w, Terms) { return tape_.explain_nonfinite(w); }

}  // namespace descent
