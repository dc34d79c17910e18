// Losses, each a *sum* over rows: L = Σᵢ E(yᵢ, tᵢ), with ∂L/∂y. Rows of one table.
//
// Where a probability is meant, y is its logit (or log): softmax, sigmoid and exp live in the loss,
// fused with the logarithm, so nothing overflows.
#pragma once

#include "framework/tensor.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace descent {

// What a target column holds.
enum class TargetKind {
  numbers,  // any real number; K targets
  classes,  // one column with the index of the class, 0 … K − 1; the network has K outputs
  binary,   // K columns, each 0 or 1
  counts,   // numbers ≥ 0
};

template <class Real>
struct Loss {
  std::string_view name;
  std::string_view formula;  // E(y, t), for help texts
  TargetKind targets;

  // Returns Σ over the rows, accumulated in float64. y (B, K); t (B, K), or (B, 1) for classes.
  // Writes ∂Σ/∂y to dy (B, K) unless dy is empty.
  double (*evaluate)(const ConstMatrixView<Real>& y, const ConstMatrixView<Real>& t, const MatrixView<Real>& dy);

  // dy_dot (B, K) = (∂²Σ/∂y²) y_dot, with y_dot (B, K): the change of ∂Σ/∂y where y changes by y_dot. Not overlapping.
  // Where ∂E/∂y has a kink (huber at |r| = 1) or a jump (absolute_error at 0) its slope counts as 0.
  void (*curve)(const ConstMatrixView<Real>& y, const ConstMatrixView<Real>& t, const ConstMatrixView<Real>& y_dot,
                const MatrixView<Real>& dy_dot);

  // y (B, K) becomes what a person reads: probabilities, rates, or the numbers themselves.
  void (*predict)(const MatrixView<Real>& y);
};

template <class Real>
std::span<const Loss<Real>> losses();

// Throws Error(usage) with the known names.
template <class Real>
const Loss<Real>& find_loss(std::string_view name);

std::vector<std::string> loss_names();

// The same rows as their definitions: what the fast passes are tested against.
template <class Real>
std::span<const Loss<Real>> reference_losses();

// Throws Error(data) unless every class index in t is a whole number below `outputs`; the losses of
// other targets take any number.
template <class Real>
void check_targets(const Loss<Real>& loss, ConstMatrixView<Real> t, std::size_t outputs);

}  // namespace descent
