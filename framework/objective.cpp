#include "framework/objective.hpp"

#include "framework/error.hpp"

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
