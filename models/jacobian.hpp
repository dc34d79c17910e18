// How a network's outputs change with its weights and with its inputs.
#pragma once

#include "models/network.hpp"

namespace descent {

// ∂y/∂w at the rows of x (B, d): (B K, n); row i K + k belongs to output k of row i. A backward pass for each.
template <class Real>
Matrix<Real> weight_jacobian(const Network<Real>& network, ConstParams<Real> w, ConstMatrixView<Real> x);

// ∂y/∂x: (B K, d), rows as above; K backward passes over all rows.
template <class Real>
Matrix<Real> input_jacobian(const Network<Real>& network, ConstParams<Real> w, ConstMatrixView<Real> x);

}  // namespace descent
