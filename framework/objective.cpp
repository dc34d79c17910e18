#include "framework/objective.hpp"

#include "framework/error.hpp"

#include <vector>

namespace descent {

template <class Real>
void Objective<Real>::check(std::size_t got, const char* what) const {
  if (got != dimension())
    throw Error(Fault::usage, "{} has {} numbers, but the objective has dimension {}", what, got, dimension());
}

template <class Real>
double Objective<Real>::value(ConstParams<Real> w, Terms batch) {
  check(w.size(), "w");
  ++evaluations_.values;
  evaluations_.value_terms += count(batch);
  return do_value(w, batch);
}

template <class Real>
double Objective<Real>::value_and_gradient(ConstParams<Real> w, Params<Real> g, Terms batch) {
  check(w.size(), "w");
  check(g.size(), "g");
  ++evaluations_.gradients;
  evaluations_.gradient_terms += count(batch);
  return do_value_and_gradient(w, g, batch);
}

template <class Real>
double Objective<Real>::value_and_move(ConstParams<Real> w, Real scale, Params<Real> next, Terms batch, bool& finite) {
  check(w.size(), "w");
  check(next.size(), "next");
  assert(!batch.empty() && moves_in_one_pass(batch.size()));
  ++evaluations_.gradients;
  evaluations_.gradient_terms += batch.size();
  return do_value_and_move(w, scale, next, batch, finite);
}

template <class Real>
double Objective<Real>::do_value_and_move(ConstParams<Real>, Real, Params<Real>, Terms, bool&) {
  assert(false && "an objective that moves_in_one_pass() overrides do_value_and_move");
  return 0;
}

template <class Real>
void Objective<Real>::require_hessian() const {
  if (!has_hessian()) throw Error(Fault::usage, "this objective has no second derivatives");
}

template <class Real>
void Objective<Real>::hessian_vector(ConstParams<Real> w, ConstParams<Real> v, Params<Real> hv, Terms batch) {
  require_hessian();
  check(w.size(), "w");
  check(v.size(), "v");
  check(hv.size(), "hv");
  ++evaluations_.hessian_vectors;
  do_hessian_vector(w, v, hv, batch);
}

template <class Real>
void Objective<Real>::hessian(ConstParams<Real> w, MatrixView<Real> h, Terms batch) {
  require_hessian();
  check(w.size(), "w");
  check(h.rows, "a column of h");
  check(h.cols, "a row of h");
  do_hessian(w, h, batch);
}

template <class Real>
void Objective<Real>::do_hessian_vector(ConstParams<Real>, ConstParams<Real>, Params<Real>, Terms) {
  assert(false && "an objective that has_hessian() overrides do_hessian_vector");
}

template <class Real>
void Objective<Real>::do_hessian(ConstParams<Real> w, MatrixView<Real> h, Terms batch) {
  std::vector<Real> unit(dimension(), Real(0)), column(dimension());
  for (std::size_t j = 0; j < dimension(); ++j) {
    unit[j] = Real(1);
    hessian_vector(w, unit, column, batch);
    unit[j] = Real(0);
    for (std::size_t i = 0; i < dimension(); ++i) h(i, j) = column[i];
  }
}

template <class Real>
std::string Objective<Real>::explain_nonfinite(ConstParams<Real> w, Terms batch) {
  check(w.size(), "w");
  return do_explain_nonfinite(w, batch);
}

template <class Real>
std::string Objective<Real>::do_explain_nonfinite(ConstParams<Real>, Terms) {
  return {};
}

template class Objective<float>;
template class Objective<double>;

}  // namespace descent
