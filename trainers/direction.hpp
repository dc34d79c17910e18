// Which way to go from the gradient: d, so that w ← w + γ d. Rows of one table.
#pragma once

#include "framework/objective.hpp"
#include "trainers/state.hpp"

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
  double history = 10;         // lbfgs: pairs kept, in [1, 1000]; a whole number
  double restart = 0.1;        // conjugate_gradient: back to −g where |gᵀg₋| ≥ this · ‖g‖², > 0
};

// Everything a direction may look at. f and g are those of this step's batch at w.
template <class Real>
struct DirectionContext {
  Objective<Real>& objective;
  Terms batch;             // empty: all terms
  ConstParams<Real> w, g;  // (n) each
  double f = 0;
  std::size_t step = 0;  // from 0
};

template <class Real>
class Direction {
 public:
  virtual ~Direction() = default;

  virtual std::string_view name() const = 0;
  // Forgets everything and makes room for n weights; minimize calls it once, before the first step. Throws
  // Error(usage) when there are too many.
  virtual void start(std::size_t n) = 0;
  // Overwrites d (n). Allocates nothing.
  virtual void compute(const DirectionContext<Real>& context, Params<Real> d) = 0;
  // Whether d can be spared where only the weights after the step are wanted and its length is known without d.
  virtual bool moves_in_one_pass() const { return false; }
  // As compute(), but overwrites next (n) with w + γ d: the same bits. Whether all of it is finite. Only where
  // moves_in_one_pass.
  virtual bool move(const DirectionContext<Real>& /*context*/, Real /*gamma*/, Params<Real> /*next*/) { return false; }
  // Told when minimize replaced the last d, along which f does not fall, by −g: what earlier steps left
  // behind misled it.
  virtual void restart() {}
  // Whether d is −g, exactly: then nobody needs to compute it.
  virtual bool is_negative_gradient() const { return false; }
  // Whether 1 is the length that the last d was made for, as with Newton's.
  virtual bool has_natural_step() const { return false; }
  // Whether compute() asks the objective for second derivatives.
  virtual bool needs_hessian() const { return false; }
  // Views of what the steps so far left behind; empty before start.
  virtual std::vector<StateVector<Real>> state() { return {}; }
  virtual std::vector<StateValue> numbers() { return {}; }
};

template <class Real>
struct DirectionRow {
  std::string_view name;
  std::string_view formula;    // for help texts
  std::string_view constants;  // the DirectionOptions it uses, by name, separated by spaces
  std::string_view steps;      // which step sizes suit it, for help texts
  std::unique_ptr<Direction<Real>> (*make)(const DirectionOptions& options);
};

template <class Real>
std::span<const DirectionRow<Real>> directions();

// Throws Error(usage): an unknown name (with the known ones), or a constant the row uses out of range.
template <class Real>
std::unique_ptr<Direction<Real>> make_direction(std::string_view name, const DirectionOptions& options = {});

std::vector<std::string> direction_names();

}  // namespace descent
