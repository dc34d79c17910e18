#include "framework/negated.hpp"

namespace descent {
namespace {

template <class Real>
void flip(Params<Real> x) {
  for (Real& element : x) element = -element;
}

}  // namespace

template <class Real>
double Negated<Real>::do_value(ConstParams<Real> w, Terms batch) {
  return -inner_.value(w, batch);
}

template <class Real>
double Negated<Real>::do_value_and_gradient(ConstParams<Real> w, Params<Real> g, Terms batch) {
  const double value = inner_.value_and_gradient(w, g, batch);
  flip(g);
  return -value;
}

template <class Real>
void Negated<Real>::do_hessian_vector(ConstParams<Real> w, ConstParams<Real> v, Params<Real> hv, Terms batch) {
  inner_.hessian_vector(w, v, hv, batch);
  flip(hv);
}

template <class Real>
void Negated<Real>::do_hessian(ConstParams<Real> w, MatrixView<Real> h, Terms batch) {
  inner_.hessian(w, h, batch);
  for (std::size_t i = 0; i < h.rows; ++i) flip(h.row(i));
}

template <class Real>
std::string Negated<Real>::do_explain_nonfinite(ConstParams<Real> w, Terms batch) {
  return inner_.explain_nonfinite(w, batch);
}

template class Negated<float>;
template class Negated<double>;

}  // namespace descent
