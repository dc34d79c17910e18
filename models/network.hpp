// A stack of layers over one flat vector of weights: f_w : R^d → R^K and its reverse.
#pragma once

#include "framework/aligned.hpp"
#include "framework/layer.hpp"
#include "framework/tensor.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace descent {

// What a stack is made of, in words and numbers: the same for every precision, written to model files.
struct LayerSpec {
  std::string kind = "dense";  // see layer_kinds()
  std::size_t units = 0;       // outputs; an activation keeps the width of its input
  std::string activation = "identity";
  std::string initializer = "auto";  // auto: what suits the activation
  double initializer_scale = 1;
  bool bias = true;
};

struct NetworkSpec {
  std::size_t inputs = 0;
  std::vector<LayerSpec> layers;
};

std::vector<std::string> layer_kinds();

// A parameter block of the whole network, e.g. "layers.0.weight".
struct NetworkBlock {
  std::string name;
  std::size_t layer;
  ParameterBlock block;  // its offset counts from the start of w
};

// The activations and derivatives of up to `rows` rows, so that passes allocate nothing.
template <class Real>
class Workspace;

// Immutable; owns neither weights nor activations.
template <class Real>
class Network {
 public:
  // Throws Error(config): unknown kind, a width of 0, no layers, weights that would not fit into memory;
  // Error(usage): an unknown activation or initializer.
  explicit Network(const NetworkSpec& spec);

  std::size_t inputs() const { return inputs_; }              // d
  std::size_t outputs() const { return outputs_; }            // K
  std::size_t parameters() const { return offsets_.back(); }  // n
  std::size_t first_layer_parameters() const { return offsets_[1]; }
  std::span<const std::unique_ptr<const Layer<Real>>> layers() const { return layers_; }
  std::vector<NetworkBlock> blocks() const;

  // Layer l's slice of w or of a gradient.
  ConstParams<Real> slice(ConstParams<Real> w, std::size_t l) const;
  Params<Real> slice(Params<Real> w, std::size_t l) const;

  // Overwrites w (n) with a random start; layer l draws from its own stream of `seed`.
  void initialize(Params<Real> w, std::uint64_t seed) const;

  // x (B, d), rows contiguous → the network's outputs (B, K), which live in `work` until its next use.
  // B must not exceed work.rows(). `keep` for a backward pass to follow. The first pass over B rows
  // plans its kernels.
  MatrixView<Real> forward(ConstParams<Real> w, const ConstMatrixView<Real>& x, Workspace<Real>& work, bool keep) const;

  // After forward(…, keep = true) on the same w and x, with ∂L/∂y in work.output_gradient(B):
  // does with ∂L/∂w (n) what `use` says, and overwrites dx (B, d) with ∂L/∂x unless that is empty.
  void backward(ConstParams<Real> w, const ConstMatrixView<Real>& x, Workspace<Real>& work,
                const GradientUse<Real>& use, const MatrixView<Real>& dx = {}) const;

  // After forward(…, keep = true) on the same w and x: how the outputs change where w changes by v (n),
  // (B, K) in `work`. The first call allocates.
  MatrixView<Real> tangent_forward(ConstParams<Real> w, ConstParams<Real> v, const ConstMatrixView<Real>& x,
                                   Workspace<Real>& work) const;

  // After that, with ∂L/∂y in work.output_gradient(B) and its change in work.output_gradient_change(B): adds the
  // change of ∂L/∂w to hv (n), which is the Hessian times v when L's own change is all that moved ∂L/∂y.
  void tangent_backward(ConstParams<Real> w, ConstParams<Real> v, const ConstMatrixView<Real>& x, Workspace<Real>& work,
                        Params<Real> hv) const;

  // A table for people: a line per layer with shapes and numbers of weights.
  std::string describe() const;

 private:
  friend class Workspace<Real>;
  std::size_t inputs_, outputs_;
  std::vector<std::unique_ptr<const Layer<Real>>> layers_;
  std::vector<std::size_t> offsets_;  // layers + 1
};

template <class Real>
class Workspace {
 public:
  explicit Workspace(const Network<Real>& network) : network_(&network) {}

  // Makes room for passes over `rows` rows. Allocates only when it grows. Throws Error(config) when the
  // activations would not fit into memory.
  void reserve(std::size_t rows);
  std::size_t rows() const { return rows_; }

  // Where forward leaves layer l's outputs (rows, O_l).
  MatrixView<Real> output(std::size_t l, std::size_t rows);
  MatrixView<Real> kept(std::size_t l, std::size_t rows);
  // Where the loss puts ∂L/∂y (rows, K) for backward.
  MatrixView<Real> output_gradient(std::size_t rows);
  // Where the change of that is put for tangent_backward. Valid after tangent_forward.
  MatrixView<Real> output_gradient_change(std::size_t rows);

 private:
  friend class Network<Real>;
  MatrixView<Real> change(std::size_t l, std::size_t rows);  // of output(l, rows)
  TangentPass<Real> tangent_pass(std::size_t l, const ConstMatrixView<Real>& x);
  void reserve_changes();  // for rows_; allocates only when they grew
  using Plans = std::vector<std::unique_ptr<LayerPlan<Real>>>;
  Plans& plans(std::size_t rows);  // one a layer, made when this number of rows first comes

  const Network<Real>* network_;
  std::size_t rows_ = 0;
  std::vector<std::size_t> widths_, kept_widths_;  // of each layer
  std::vector<AlignedVector<Real>> outputs_, kept_;
  AlignedVector<Real> gradient_, next_gradient_;                // (rows, the widest layer) each
  std::vector<AlignedVector<Real>> changes_;                    // of outputs_; none before the first tangent pass
  AlignedVector<Real> gradient_change_, next_gradient_change_;  // of gradient_, likewise
  std::vector<std::pair<std::size_t, Plans>> plans_;
};

extern template class Network<float>;
extern template class Network<double>;
extern template class Workspace<float>;
extern template class Workspace<double>;

}  // namespace descent
