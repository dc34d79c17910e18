// The hot passes over activations and weights, compiled for several instruction sets; the best one for
// this processor is chosen when the program starts.
//
// Each has a slow twin written as its definition: the rows of framework/activation.cpp and
// framework/loss.cpp, and kernels::reference below. Tests compare them for every variant that the
// processor can run.
#pragma once

#include "framework/tensor.hpp"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace descent::kernels {

// z (B, O) += bias (O), unless bias is null; copied to kept (B, O) unless that is empty; then z = φ(z).
template <class Real>
using ActivationForward = void (*)(const Real* bias, MatrixView<Real> z, MatrixView<Real> kept);

// dy (B, O) becomes dz = dy · φ′, with φ′ from `from` (B, O); bias_gradient (O) += its column sums,
// unless that is null.
template <class Real>
using ActivationBackward = void (*)(ConstMatrixView<Real> from, MatrixView<Real> dy, Real* bias_gradient);

// A loss as in framework/loss.hpp: returns Σ, writes ∂Σ/∂y unless dy is empty.
template <class Real>
using LossEvaluate = double (*)(ConstMatrixView<Real> y, ConstMatrixView<Real> t, MatrixView<Real> dy);

template <class Real>
struct FastActivation {
  std::string_view name;  // of the row in framework/activation.cpp
  ActivationForward<Real> forward;
  ActivationBackward<Real> backward;
};

template <class Real>
struct FastLoss {
  std::string_view name;  // of the row in framework/loss.cpp
  LossEvaluate<Real> evaluate;
};

template <class Real>
struct SimdKernels {
  std::string_view instructions;  // "avx512", "avx2", "baseline"
  std::span<const FastActivation<Real>> activations;
  std::span<const FastLoss<Real>> losses;

  // next (n) = w + scale v; whether every entry of it is finite. The arrays do not overlap.
  bool (*move)(const Real* w, const Real* v, Real scale, Real* next, std::size_t n);
  // Row i of to (rows, d, contiguous) = row indices[i] of from.
  void (*gather)(ConstMatrixView<Real> from, const std::uint32_t* indices, MatrixView<Real> to);
  // to (cols, rows) = transpose of from (rows, cols), both contiguous.
  void (*transpose)(const Real* from, std::size_t rows, std::size_t cols, Real* to);
};

// The best for this processor.
template <class Real>
const SimdKernels<Real>& simd();

// All that this processor can run, the best first.
template <class Real>
std::vector<const SimdKernels<Real>*> simd_variants();

}  // namespace descent::kernels
