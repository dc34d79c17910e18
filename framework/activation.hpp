// Elementwise activations a = φ(z), as rows of one table.
#pragma once

#include "framework/kernels/simd.hpp"
#include "framework/tensor.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace descent {

// One row. The loops work in place and are fused with what surrounds them in a layer.
template <class Real>
struct Activation {
  std::string_view name;
  std::string_view formula;              // φ(z), for help texts
  std::string_view default_initializer;  // what suits it, by name
  // false: φ′ comes from the output a alone, and is exactly 0 once a has rounded to a limit of φ.
  bool derivative_needs_input;

  kernels::ActivationForward<Real> forward;    // z kept, then a = φ(z)
  kernels::ActivationBackward<Real> backward;  // dz = dy · φ′ and its column sums
  // first = φ′ and second = φ″, all (B, O), of `from` as in pull_back. Where φ′ jumps (relu, leaky_relu and elu's
  // φ″ at 0) φ″ is that of the side on which φ′ is taken: 0 for the first two.
  void (*derivatives)(const ConstMatrixView<Real>& from, const MatrixView<Real>& first, const MatrixView<Real>& second);

  // z (B, O) becomes a = φ(z).
  void apply(const MatrixView<Real>& z) const { forward(z, {}); }
  // dy (B, O) becomes dz = dy · φ′; `from` is a, or z where derivative_needs_input.
  void pull_back(const ConstMatrixView<Real>& from, const MatrixView<Real>& dy) const { backward(from, dy, nullptr); }
};

// The rows, with the passes for this processor where there are any.
template <class Real>
std::span<const Activation<Real>> activations();

// Throws Error(usage) with the known names.
template <class Real>
const Activation<Real>& find_activation(std::string_view name);

std::vector<std::string> activation_names();

// The same rows as their definitions, one element at a time: what the fast passes are tested against.
template <class Real>
std::span<const Activation<Real>> reference_activations();

}  // namespace descent
