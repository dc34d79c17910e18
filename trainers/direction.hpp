// Which way to go from the gradient: d, so that w ← w + γ d. Rows of one table.
#pragma once

#include "framework/tensor.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace descent {

// Constants of the methods; each uses those its row names.
struct DirectionOptions {
  double momentum = 0.9;       // μ of momentum and nesterov, in [0, 1)
  double beta1 = 0.9;          // adam, adamw: decay of the mean gradient, in [0, 1)
  double beta2 = 0.999;        // adam, adamw: decay of the mean squared gradient, in [0, 1)
  double rho = 0.9;            // rmsprop: decay of the mean squared gradient, in [0, 1)
  double epsilon = 1e-8;       // adam, adamw, rmsprop, adagrad: keeps the quotient finite, > 0
  double weight_decay = 0.01;  // adamw: λ in d −= λ w, ≥ 0
};

// Part of the state that a checkpoint must keep.
template <class Real>
struct StateVector {
  std::string_view name;
  std::span<Real> values;
};

template <class Real>
class Direction {
 public:
  virtual ~Direction() = default;

  virtual std::string_view name() const = 0;
  // Forgets everything and makes room for n weights; minimize calls it once, before the first step.
  virtual void start(std::size_t n) = 0;
  // Overwrites d (n) from the gradient g (n) at w (n). `step` counts from 0. Allocates nothing.
  virtual void compute(ConstParams<Real> w, ConstParams<Real> g, std::size_t step, Params<Real> d) = 0;
  // Whether d is −g, exactly: then nobody needs to compute it.
  virtual bool is_negative_gradient() const { return false; }
  // Views of what the steps so far left behind, each (n); empty before start.
  virtual std::vector<StateVector<Real>> state() { return {}; }
};

template <class Real>
struct DirectionRow {
  std::string_view name;
  std::string_view formula;    // for help texts
  std::string_view constants;  // the DirectionOptions it uses, by name, separated by spaces
  std::unique_ptr<Direction<Real>> (*make)(const DirectionOptions& options);
};

template <class Real>
std::span<const DirectionRow<Real>> directions();

// Throws Error(usage): an unknown name (with the known ones), or a constant the row uses out of range.
template <class Real>
std::unique_ptr<Direction<Real>> make_direction(std::string_view name, const DirectionOptions& options = {});

std::vector<std::string> direction_names();

}  // namespace descent
