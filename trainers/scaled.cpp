#include "trainers/scaled.hpp"

#include "framework/error.hpp"
#include "framework/text.hpp"

#include <algorithm>
#include <cmath>

namespace descent {

template <class Real>
Scaled<Real>::Scaled(Objective<Real>& inner, std::span<const double> scales)
    : inner_(inner), w_(inner.dimension()), v_(inner.dimension()) {
  if (scales.size() != inner.dimension())
    throw Error(Fault::usage, "{} scales for {} weights; one each is needed", scales.size(), inner.dimension());
  for (std::size_t i = 0; i < scales.size(); ++i) {
    const Real d = static_cast<Real>(scales[i]);
    if (!(d > 0) || !std::isfinite(d))
      throw Error(Fault::usage, "scale {} of weight {} must be positive and finite", shortest(scales[i]), i);
    d_.push_back(d);
  }
}

template <class Real>
void Scaled<Real>::to_inner(ConstParams<Real> u, Params<Real> w) const {
  for (std::size_t i = 0; i < u.size(); ++i) w[i] = d_[i] * u[i];
}

template <class Real>
void Scaled<Real>::from_inner(ConstParams<Real> w, Params<Real> u) const {
  for (std::size_t i = 0; i < w.size(); ++i) u[i] = w[i] / d_[i];
}

template <class Real>
double Scaled<Real>::do_value(ConstParams<Real> u, Terms batch) {
  return inner_.value(inner_point(u), batch);
}

template <class Real>
double Scaled<Real>::do_value_and_gradient(ConstParams<Real> u, Params<Real> g, Terms batch) {
  const double f = inner_.value_and_gradient(inner_point(u), g, batch);
  for (std::size_t i = 0; i < g.size(); ++i) g[i] *= d_[i];
  return f;
}

template <class Real>
void Scaled<Real>::do_hessian_vector(ConstParams<Real> u, ConstParams<Real> v, Params<Real> hv, Terms batch) {
  to_inner(v, v_);
  inner_.hessian_vector(inner_point(u), v_, hv, batch);
  for (std::size_t i = 0; i < hv.size(); ++i) hv[i] *= d_[i];
}

template <class Real>
void Scaled<Real>::do_hessian(ConstParams<Real> u, MatrixView<Real> h, Terms batch) {
  inner_.hessian(inner_point(u), h, batch);
  for (std::size_t i = 0; i < d_.size(); ++i)
    for (std::size_t j = 0; j < d_.size(); ++j) h(i, j) *= d_[i] * d_[j];
}

template <class Real>
std::string Scaled<Real>::do_explain_nonfinite(ConstParams<Real> u, Terms batch) {
  return inner_.explain_nonfinite(inner_point(u), batch);
}

namespace {

// Puts the largest scale, or 1, where there is none yet.
void fill_gaps(std::vector<double>& scales) {
  double largest = 0;
  for (double& d : scales) {
    if (!std::isfinite(d)) d = 0;
    largest = std::max(largest, d);
  }
  for (double& d : scales)
    if (d == 0) d = largest > 0 ? largest : 1;
}

}  // namespace

std::vector<double> magnitude_scales(std::span<const double> w) {
  std::vector<double> scales(w.begin(), w.end());
  for (double& d : scales) d = d == 0 ? 1 : std::abs(d);
  return scales;
}

template <class Real>
std::vector<double> hessian_scales(Objective<Real>& objective, ConstParams<Real> w) {
  const std::size_t n = w.size();
  std::vector<Real> unit(n, Real(0)), column(n);
  std::vector<double> scales(n);
  for (std::size_t i = 0; i < n; ++i) {  // by columns: no room for a whole Hessian is needed
    unit[i] = Real(1);
    objective.hessian_vector(w, unit, column);
    unit[i] = Real(0);
    scales[i] = 1 / std::sqrt(std::abs(static_cast<double>(column[i])));
  }
  fill_gaps(scales);
  return scales;
}

template <class Real>
std::vector<double> gradient_scales(Objective<Real>& objective, ConstParams<Real> w) {
  std::vector<Real> g(w.size());
  objective.value_and_gradient(w, g);
  std::vector<double> scales(w.size());
  for (std::size_t i = 0; i < g.size(); ++i) scales[i] = 1 / std::sqrt(std::abs(static_cast<double>(g[i])));
  fill_gaps(scales);
  return scales;
}

template class Scaled<float>;
template class Scaled<double>;
template std::vector<double> hessian_scales(Objective<float>&, ConstParams<float>);
template std::vector<double> hessian_scales(Objective<double>&, ConstParams<double>);
template std::vector<double> gradient_scales(Objective<float>&, ConstParams<float>);
template std::vector<double> gradient_scales(Objective<double>&, ConstParams<double>);

}  // namespace descent
