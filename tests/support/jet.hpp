// Second-order forward differentiation of small functions: f, ∇f and the Hessian in up to six variables at once.
//
// For tests only: slow, clear, and independent of the formula engine. u(x) with u′, u″ composes by
// ∇ = u′ ∇x and H = u′ Hx + u″ ∇x ∇xᵀ.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>

namespace descent::support {

struct Jet {
  static constexpr std::size_t kMost = 6;
  double f = 0;
  std::array<double, kMost> g{};
  std::array<std::array<double, kMost>, kMost> h{};

  Jet() = default;
  Jet(double constant) : f(constant) {}  // NOLINT: constants mix with variables
  static Jet variable(double x, std::size_t i) {
    Jet v(x);
    v.g[i] = 1;
    return v;
  }
};

inline Jet chain(const Jet& x, double u, double du, double ddu) {
  Jet r(u);
  for (std::size_t i = 0; i < Jet::kMost; ++i) {
    r.g[i] = du * x.g[i];
    for (std::size_t j = 0; j < Jet::kMost; ++j) r.h[i][j] = du * x.h[i][j] + ddu * x.g[i] * x.g[j];
  }
  return r;
}

inline Jet operator+(const Jet& a, const Jet& b) {
  Jet r(a.f + b.f);
  for (std::size_t i = 0; i < Jet::kMost; ++i) {
    r.g[i] = a.g[i] + b.g[i];
    for (std::size_t j = 0; j < Jet::kMost; ++j) r.h[i][j] = a.h[i][j] + b.h[i][j];
  }
  return r;
}
inline Jet operator-(const Jet& a) { return chain(a, -a.f, -1, 0); }
inline Jet operator-(const Jet& a, const Jet& b) { return a + -b; }
inline Jet operator*(const Jet& a, const Jet& b) {
  Jet r(a.f * b.f);
  for (std::size_t i = 0; i < Jet::kMost; ++i) {
    r.g[i] = a.f * b.g[i] + b.f * a.g[i];
    for (std::size_t j = 0; j < Jet::kMost; ++j)
      r.h[i][j] = a.f * b.h[i][j] + b.f * a.h[i][j] + a.g[i] * b.g[j] + b.g[i] * a.g[j];
  }
  return r;
}
inline Jet operator/(const Jet& a, const Jet& b) {
  return a * chain(b, 1 / b.f, -1 / (b.f * b.f), 2 / (b.f * b.f * b.f));
}
inline Jet& operator+=(Jet& a, const Jet& b) { return a = a + b; }

inline Jet sin(const Jet& x) { return chain(x, std::sin(x.f), std::cos(x.f), -std::sin(x.f)); }
inline Jet cos(const Jet& x) { return chain(x, std::cos(x.f), -std::sin(x.f), -std::cos(x.f)); }
inline Jet exp(const Jet& x) { return chain(x, std::exp(x.f), std::exp(x.f), std::exp(x.f)); }
inline Jet log(const Jet& x) { return chain(x, std::log(x.f), 1 / x.f, -1 / (x.f * x.f)); }
inline Jet sqrt(const Jet& x) {
  const double r = std::sqrt(x.f);
  return chain(x, r, 0.5 / r, -0.25 / (r * x.f));
}
// The convention of formulas: sign(0) = 0.
inline Jet abs(const Jet& x) { return chain(x, std::abs(x.f), x.f > 0 ? 1 : x.f < 0 ? -1 : 0, 0); }
inline Jet square(const Jet& x) { return chain(x, x.f * x.f, 2 * x.f, 2); }
inline double square(double x) { return x * x; }

}  // namespace descent::support
