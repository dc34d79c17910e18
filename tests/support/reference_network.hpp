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
  using std::exp, std::log, std::tanh;
  const bool positive = real_part(z) > 0;
  const S one(1);
  if (name == "identity") return z;
  if (name == "relu") return positive ? z : S(0);
  if (name == "leaky_relu") return positive ? z : S(0.01) * z;
  if (name == "elu") return positive ? z : exp(z) - one;
  if (name == "gelu") return S(0.5) * z * (one + erf(z / S(std::numbers::sqrt2_v<long double>)));
  if (name == "silu") return z / (one + exp(-z));
  if (name == "sigmoid") return one / (one + exp(-z));
  if (name == "tanh") return tanh(z);
  if (name == "softplus") return log(one + exp(z));
  ADD_FAILURE() << "the reference network lacks the activation " << name;
  return z;
}

// E(y, t) of one row.
template <class S>
S row_loss(const std::string& name, const std::vector<S>& y, const double* t) {
  using std::exp, std::log;
  const S one(1);
  S sum(0);
  if (name == "cross_entropy") {
    long double top = real_part(y[0]);
    for (const S& element : y) top = std::max<long double>(top, real_part(element));
    for (const S& element : y) sum += exp(element - S(top));
    return log(sum) + S(top) - y[static_cast<std::size_t>(t[0])];
  }
  for (std::size_t k = 0; k < y.size(); ++k) {
    const S target(t[k]);
    const S r = y[k] - target;
    const S size = real_part(r) < 0 ? -r : r;
    if (name == "squared_error") sum += r * r;
    if (name == "absolute_error") sum += size;
    if (name == "huber") sum += real_part(size) <= 1 ? r * r / S(2) : size - S(0.5);
    if (name == "binary_cross_entropy") {
      const S p = one / (one + exp(-y[k]));
      sum -= target * log(p) + (one - target) * log(one - p);
    }
    if (name == "poisson") sum += exp(y[k]) - target * y[k];
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

// A number and its change along a direction: with both complex, a step of i h in w_j and changes v of all weights,
// the imaginary part of the loss's change over h is (H v)_j, exact as the first derivatives are.
struct Changing {
  Complex value, change;
  Changing() = default;
  Changing(Complex v, Complex c = 0) : value(v), change(c) {}  // NOLINT: constants mix with variables
  explicit Changing(long double v) : value(v), change(0) {}
};
inline long double real_part(const Changing& z) { return z.value.real(); }
inline Changing operator-(const Changing& a) { return {-a.value, -a.change}; }
inline Changing operator+(const Changing& a, const Changing& b) { return {a.value + b.value, a.change + b.change}; }
inline Changing operator-(const Changing& a, const Changing& b) { return {a.value - b.value, a.change - b.change}; }
inline Changing operator*(const Changing& a, const Changing& b) {
  return {a.value * b.value, a.change * b.value + a.value * b.change};
}
inline Changing operator/(const Changing& a, const Changing& b) {
  const Complex ratio = a.value / b.value;
  return {ratio, (a.change - ratio * b.change) / b.value};
}
inline Changing& operator+=(Changing& a, const Changing& b) { return a = a + b; }
inline Changing& operator-=(Changing& a, const Changing& b) { return a = a - b; }
inline Changing exp(const Changing& z) { return {std::exp(z.value), std::exp(z.value) * z.change}; }
inline Changing log(const Changing& z) { return {std::log(z.value), z.change / z.value}; }
inline Changing tanh(const Changing& z) {
  const Complex t = std::tanh(z.value);
  return {t, (Complex(1) - t * t) * z.change};
}
inline Changing erf(const Changing& z) {
  return {erf(z.value), Complex(2 * std::numbers::inv_sqrtpi_v<long double>) * std::exp(-z.value * z.value) * z.change};
}

// (H v)_j of L at w, exact to rounding in long double.
inline double complex_step_hessian_vector(const NetworkSpec& spec, const std::string& loss, std::span<const double> w,
                                          std::span<const double> v, std::size_t j, const Matrix<double>& x,
                                          const Matrix<double>& t) {
  constexpr long double kStep = 1e-30L;
  std::vector<Changing> moved;
  for (std::size_t i = 0; i < w.size(); ++i) moved.push_back({Complex(w[i], i == j ? kStep : 0), Complex(v[i])});
  return static_cast<double>(reference_loss(spec, loss, moved, x, t).change.imag() / kStep);
}

}  // namespace descent::test
