// The rows of directions() that have files of their own.
#pragma once

#include "trainers/direction.hpp"

#include <memory>

namespace descent {

// Nonlinear conjugate gradients of Polak and Ribière, β cut off at 0 (PR+): Nocedal & Wright, "Numerical
// Optimization", 2006, (5.45) p. 122, which names Gilbert & Nocedal 1992.
//
// Goes back to −g every n steps, where two gradients in a row are far from orthogonal (|gᵀg₋| ≥ restart ‖g‖²,
// section 5.2; gradients of an exact quadratic are orthogonal) and where f does not fall along d. Wants a good line
// search: exact on quadratics (n steps to the minimum), else strong Wolfe with c2 = 0.1. With mini-batches the
// gradients of two batches are compared, which mostly means −g.
template <class Real>
std::unique_ptr<Direction<Real>> make_conjugate_gradient(const DirectionOptions& options);

// Limited-memory BFGS: Nocedal & Wright 2006, Algorithm 7.4 p. 178 (two loops), first matrix by (7.20).
//
// A pair s = w − w₋, y = g − g₋ is skipped where sᵀy ≤ ε ‖s‖ ‖y‖: then no positive definite matrix maps s to y. Its
// natural step is 1; without a pair d is −g, shortened to length 1 where it is longer. With mini-batches y is the
// difference of the gradients of one batch, the step's own, at the price of one more gradient: Schraudolph, Yu &
// Günter, "A stochastic quasi-Newton method for online convex optimization", AISTATS 2007.
template <class Real>
std::unique_ptr<Direction<Real>> make_lbfgs(const DirectionOptions& options);

// Newton's direction with the smallest convenient shift: Nocedal & Wright 2006, Algorithm 3.3 p. 51 (Cholesky
// with a multiple of the identity added, doubled until the factorisation succeeds).
//
// The alternative, taking |λ| for each eigenvalue λ, needs all of them, at ten times the price; a shift leaves
// Newton's direction exactly as it is where the Hessian is positive definite. Computed in float64. At most 2000
// weights: beyond, start() throws Error(usage). Where no shift helps because the Hessian is not finite, d = −g.
template <class Real>
std::unique_ptr<Direction<Real>> make_newton(const DirectionOptions& options);

}  // namespace descent
