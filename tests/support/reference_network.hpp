// The oracle of every gradient: a network written as its definition, in plain loops over any scalar.
//
// With S = complex<long double> and one weight moved by i h, h = 1e-30, the imaginary part of the loss
// over h is the exact partial derivative (Squire & Trapp, SIAM Review 40, 1998): no step error, no
// cancellation. It shares no code with the library.
#pragma once

#include "models/network.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <numbers>
#include <string>
#include <vector>

namespace descent::test {

using Complex = std::complex<long double>;

inline long double real_part(const Complex& z) { return z.real(); }
inline long double real_part(double x) { return x; }

// erf of a number whose imaginary part is infinitesimal.
inline Complex erf(const Complex& z) {
  const long double slope = 2 * std::numbers::inv_sqrtpi_v<long double> * std::exp(-z.real() * z.real());
  return {std::erf(z.real()), slope * z.imag()};
}
inline double erf(double x) { return std::erf(x); }

template <class S>
S activate(const std::string& name, const S& z) {
  const bool positive = real_part(z) > 0;
  const S one(1);
  if (name == "identity") return z;
  if (name == "relu") return positive ? z : S(0);
  if (name == "leaky_relu") return positive ? z : S(0.01) * z;
  if (name == "elu") return positive ? z : std::exp(z) - one;
  if (name == "gelu") return S(0.5) * z * (one + erf(z / S(std::numbers::sqrt2_v<long double>)));
  if (name == "silu") return z / (one + std::exp(-z));
  if (name == "sigmoid") return one / (one + std::exp(-z));
  if (name == "tanh") return std::tanh(z);
  if (name == "softplus") return std::log(one + std::exp(z));
  ADD_FAILURE() << "the reference network lacks the activation " << name;
  return z;
}

// E(y, t) of one row.
template <class S>
S row_loss(const std::string& name, const std::vector<S>& y, const double* t) {
  const S one(1);
  S sum(0);
  if (name == "cross_entropy") {
    long double top = real_part(y[0]);
    for (const S& element : y) top = std::max<long double>(top, real_part(element));
    for (const S& element : y) sum += std::exp(element - S(top));
    return std::log(sum) + S(top) - y[static_cast<std::size_t>(t[0])];
  }
  for (std::size_t k = 0; k < y.size(); ++k) {
    const S target(t[k]);
    const S r = y[k] - target;
    const S size = real_part(r) < 0 ? -r : r;
    if (name == "squared_error") sum += r * r;
    if (name == "absolute_error") sum += size;
    if (name == "huber") sum += real_part(size) <= 1 ? r * r / S(2) : size - S(0.5);
    if (name == "binary_cross_entropy") {
      const S p = one / (one + std::exp(-y[k]));
      sum -= target * std::log(p) + (one - target) * std::log(one - p);
    }
    if (name == "poisson") sum += std::exp(y[k]) - target * y[k];
  }
  return sum;
}

// Σ over the rows of x (N, d) and t (N, k), at the weights w in the library's order.
template <class S>
S reference_loss(const NetworkSpec& spec, const std::string& loss, const std::vector<S>& w, const Matrix<double>& x,
                 const Matrix<double>& t) {
  S total(0);
  for (std::size_t row = 0; row < x.shape(0); ++row) {
    std::vector<S> a(&x(row, 0), &x(row, 0) + x.shape(1));
    std::size_t at = 0;
    for (const LayerSpec& layer : spec.layers) {
      if (layer.kind == "dense") {
        std::vector<S> z(layer.units, S(0));
        for (std::size_t j = 0; j < layer.units; ++j)
          for (std::size_t i = 0; i < a.size(); ++i) z[j] += a[i] * w[at + i * layer.units + j];
        at += a.size() * layer.units;
        if (layer.bias) {
          for (std::size_t j = 0; j < layer.units; ++j) z[j] += w[at + j];
          at += layer.units;
        }
        a = std::move(z);
      }
      for (S& element : a) element = activate(layer.activation, element);
    }
    total += row_loss(loss, a, &t(row, 0));
  }
  return total;
}

// ∂L/∂w_j, exact to rounding in long double.
inline double complex_step_derivative(const NetworkSpec& spec, const std::string& loss, std::span<const double> w,
                                      std::size_t j, const Matrix<double>& x, const Matrix<double>& t) {
  constexpr long double kStep = 1e-30L;
  std::vector<Complex> moved(w.begin(), w.end());
  moved[j] += Complex(0, kStep);
  return static_cast<double>(reference_loss(spec, loss, moved, x, t).imag() / kStep);
}

}  // namespace descent::test
