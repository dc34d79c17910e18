// Is this gradient right? An independent answer by finite differences, for any objective.
#pragma once

#include "framework/objective.hpp"

#include <cstddef>
#include <functional>
#include <span>

namespace descent {

struct Derivative {
  double value;
  double error;  // estimated, absolute
};

// f′(x) by Ridders' extrapolation of central differences, starting from steps of size h.
// Ridders, "Accurate computation of F′(x) and F′(x)F″(x)", Adv. Eng. Softw. 4, 1982; the tableau as in
// Press et al., Numerical Recipes, 3rd ed., §5.7. About 9 digits where f is smooth within x ± h.
Derivative ridders_derivative(const std::function<double(double)>& f, double x, double h);

struct GradientCheck {
  std::size_t checked = 0;      // entries compared
  std::size_t unsure = 0;       // entries left out: no stable finite difference there (a kink nearby)
  double worst = 0;             // largest error, relative to max(|g_j|, ‖g‖∞ / 1000); NaN if a g_j is not finite
  std::size_t worst_entry = 0;  // its index in w
  double analytic = 0;          // g_j there
  double numeric = 0;           // the finite difference there
};

// Compares the entries `which` of ∇f(w) with Ridders' differences. An entry far below the largest is
// measured against a thousandth of the largest: differences of f cannot resolve more.
GradientCheck check_gradient(Objective<double>& objective, ConstParams<double> w, std::span<const std::size_t> which);

}  // namespace descent
