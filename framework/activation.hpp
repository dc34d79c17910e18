// Elementwise activations a = φ(z), as rows of one table.
#pragma once

#include "framework/tensor.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace descent {

// One row: how to apply φ and how to pull a derivative back through it. The loops work in place.
template <class Real>
struct Activation {
  std::string_view name;
  std::string_view formula;              // φ(z), for help texts
  std::string_view default_initializer;  // what suits it, by name
  // false: φ′ comes from the output a alone, and is exactly 0 once a has rounded to a limit of φ.
  bool derivative_needs_input;

  // z (B, O) becomes a = φ(z).
  void (*apply)(MatrixView<Real> z);
  // dy (B, O) becomes dz = dy · φ′; `from` is a, or z where derivative_needs_input.
  void (*pull_back)(ConstMatrixView<Real> from, MatrixView<Real> dy);
};

template <class Real>
std::span<const Activation<Real>> activations();

// Throws Error(usage) with the known names.
template <class Real>
const Activation<Real>& find_activation(std::string_view name);

std::vector<std::string> activation_names();

}  // namespace descent
