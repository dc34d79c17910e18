// One stage of a network: y = φ(x; w) and its reverse.
//
// A layer owns neither weights nor activations; it is immutable and may be shared. Its plan for one batch
// size does the work. Letters: B rows in
// the batch, I inputs, O outputs. dy is ∂L/∂y and has the shape of y.
#pragma once

#include "framework/kernels/simd.hpp"
#include "framework/random.hpp"
#include "framework/tensor.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace descent {

// A named part of a layer's slice of w: a (rows, cols) matrix, row-major, or a vector (rows = 1).
struct ParameterBlock {
  std::string name;    // "weight" (I, O) or "bias" (1, O)
  std::size_t offset;  // from the start of the layer's slice
  std::size_t rows;
  std::size_t cols;
  bool is_matrix;
};

// What becomes of a gradient G, of a network or of one layer's slice.
template <class Real>
struct GradientUse {
  enum class Kind {
    overwrite,  // to = G
    add,        // to += G
    move,       // to = w + scale G, the bits of computing G first; `check` sees all of it; `to` may be w
  };
  Kind kind;
  Params<Real> to;
  Real scale = 0;
  kernels::FiniteCheck<Real>* check = nullptr;

  GradientUse slice(std::size_t first, std::size_t count) const {
    return {kind, to.subspan(first, count), scale, check};
  }
};

// What a forward pass left, and how its input changes.
template <class Real>
struct TangentPass {
  ConstMatrixView<Real> x, y, kept;
  ConstMatrixView<Real> x_dot;  // empty: x does not change
};

// A layer for batches of one size. Owns working space: not for two threads at once. The rows of all
// matrices are contiguous (stride = columns).
template <class Real>
class LayerPlan {
 public:
  virtual ~LayerPlan() = default;

  // x (B, I) → y (B, O). Writes kept (B, kept_width()) unless it is empty (no backward will follow).
  virtual void forward(ConstParams<Real> w, const ConstMatrixView<Real>& x, const MatrixView<Real>& y,
                       const MatrixView<Real>& kept) = 0;

  // Does with ∂L/∂w what `use` says, and overwrites dx (B, I) with ∂L/∂x unless dx is empty (the first layer
  // needs none). Uses dy (B, O) as working space: it holds no derivative afterwards.
  virtual void backward(ConstParams<Real> w, const ConstMatrixView<Real>& x, const ConstMatrixView<Real>& y,
                        const ConstMatrixView<Real>& kept, const MatrixView<Real>& dy, const MatrixView<Real>& dx,
                        const GradientUse<Real>& use) = 0;

  // The derivatives of the two passes along a change v of w, for products with the Hessian (Pearlmutter, "Fast exact
  // multiplication by the Hessian", Neural Computation 6, 1994, whose R{u} is u_dot here). Both belong to a forward
  // pass with `kept` on the same w and x. The first call allocates.
  //
  // Overwrites y_dot (B, O) with the change of y where w changes by v and x by x_dot (B, I), or not if that is empty.
  virtual void tangent_forward(ConstParams<Real> w, ConstParams<Real> v, const TangentPass<Real>& pass,
                               const MatrixView<Real>& y_dot) = 0;

  // After tangent_forward: adds the change of ∂L/∂w to dw_dot, and overwrites dx and dx_dot (B, I) with ∂L/∂x and its
  // change unless they are empty. Uses dy and dy_dot (B, O), ∂L/∂y and its change, as working space.
  virtual void tangent_backward(ConstParams<Real> w, ConstParams<Real> v, const TangentPass<Real>& pass,
                                const MatrixView<Real>& dy, const MatrixView<Real>& dy_dot, const MatrixView<Real>& dx,
                                const MatrixView<Real>& dx_dot, Params<Real> dw_dot) = 0;
};

template <class Real>
class Layer {
 public:
  virtual ~Layer() = default;

  virtual std::size_t in() const = 0;   // I
  virtual std::size_t out() const = 0;  // O
  virtual std::vector<ParameterBlock> blocks() const = 0;
  std::size_t parameters() const;  // numbers in the layer's slice of w

  virtual std::string kind() const = 0;      // "dense"
  virtual std::string describe() const = 0;  // "dense 4 -> 16, tanh"

  // Overwrites w with a random start.
  virtual void initialize(Params<Real> w, Rng& rng) const = 0;

  // Numbers per row that forward must leave for backward beyond x and y.
  virtual std::size_t kept_width() const { return 0; }

  // The layer made ready for batches of exactly `rows` rows: kernels chosen, working space allocated.
  // Must not outlive the layer.
  virtual std::unique_ptr<LayerPlan<Real>> plan(std::size_t rows) const = 0;

  // One pass by a plan made for it; adds to dw. For single calls: a plan made once is faster.
  void forward(ConstParams<Real> w, const ConstMatrixView<Real>& x, const MatrixView<Real>& y,
               const MatrixView<Real>& kept) const;
  void backward(ConstParams<Real> w, const ConstMatrixView<Real>& x, const ConstMatrixView<Real>& y,
                const ConstMatrixView<Real>& kept, const MatrixView<Real>& dy, const MatrixView<Real>& dx,
                Params<Real> dw) const;
};

template <class Real>
std::size_t Layer<Real>::parameters() const {
  std::size_t count = 0;
  for (const ParameterBlock& block : blocks()) count += block.rows * block.cols;
  return count;
}

template <class Real>
void Layer<Real>::forward(ConstParams<Real> w, const ConstMatrixView<Real>& x, const MatrixView<Real>& y,
                          const MatrixView<Real>& kept) const {
  plan(x.rows)->forward(w, x, y, kept);
}

template <class Real>
void Layer<Real>::backward(ConstParams<Real> w, const ConstMatrixView<Real>& x, const ConstMatrixView<Real>& y,
                           const ConstMatrixView<Real>& kept, const MatrixView<Real>& dy, const MatrixView<Real>& dx,
                           Params<Real> dw) const {
  plan(x.rows)->backward(w, x, y, kept, dy, dx, {GradientUse<Real>::Kind::add, dw});
}

}  // namespace descent
