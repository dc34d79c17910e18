// A formula as a straight-line program: what occurs twice is computed once, and derivatives are exact
// to rounding without being written down.
//
// Values go forward; a gradient is one sweep back (Griewank & Walther, "Evaluating Derivatives", 2nd ed.,
// 2008, §3.2); a Hessian times a vector is a tangent forward and its adjoint back (§5.2, Pearlmutter 1994).
// The same code runs over one point or over blocks of kBlock points side by side, with the same bits.
#pragma once

#include "framework/formula/expression.hpp"
#include "framework/formula/functions.hpp"
#include "framework/tensor.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace descent::formula {

constexpr std::size_t kBlock = 64;  // points side by side: a few dozen instructions stay in the first cache

// The numbers of one variable over many points: that of point k is data[k * step]. Step 0: the same for all.
struct Column {
  const double* data = nullptr;
  std::size_t step = 1;
};

class Tape {
 public:
  class Work;

  // `variables` are the names by symbol index. Derivatives are taken with respect to all of them or to those
  // marked in `active` (bit k: variable k); exponents and the like that depend on none of them may then be
  // where a derivative in them would not exist, as t in b^t for b < 0.
  // Not for expressions with sum(…). Immutable: threads may share it, each with a Work of its own.
  Tape(std::span<const Expr> outputs, std::vector<std::string> variables, std::uint64_t active = ~std::uint64_t(0));

  std::size_t variables() const { return names_.size(); }       // n
  std::size_t outputs() const { return results_.size(); }       // m
  std::size_t instructions() const { return program_.size(); }  // after sharing

  // At one point x (n). Nothing allocates. Derivatives in inactive variables are 0.
  double value(std::span<const double> x, Work& work) const;                          // of output 0
  void values(std::span<const double> x, std::span<double> y, Work& work) const;      // y (m)
  double gradient(std::span<const double> x, std::span<double> g, Work& work) const;  // of output 0, g (n)
  void jacobian(std::span<const double> x, MatrixView<double> j, Work& work) const;   // j (m, n)
  void hessian_vector(std::span<const double> x, std::span<const double> v, std::span<double> hv,
                      Work& work) const;                                            // of output 0, hv (n)
  void hessian(std::span<const double> x, MatrixView<double> h, Work& work) const;  // of output 0, h (n, n)

  // At `points` points, in blocks: y (m, points). `columns`: one for each variable. `work` is wide.
  void values(std::span<const Column> columns, std::size_t points, MatrixView<double> y, Work& work) const;

  // The first part of the formula, in the order of evaluation, that has no finite value at x, in words:
  // "log(x - 3) at x = 2: log of -1; it needs a number > 0"; where all values are finite, the first part
  // without a finite slope: "sqrt(x) at x = 0: its slope is infinite or does not exist". "" when all is finite.
  std::string explain_nonfinite(std::span<const double> x) const;

  // The parts within `distance` of a point where they have no derivative, in words: "abs(x - 1) at x = 1: no
  // derivative at abs of 0". The sweeps give them the slopes that stand in functions.cpp.
  std::vector<std::string> kinks(std::span<const double> x, double distance = 0) const;

  // Sweeps over the lanes of a work, for callers that fill the lanes of its variables. In this order:
  // forward, then reverse of an output; or forward, tangent (of the variables' tangents), curvature.
  void forward(Work& work) const;
  void reverse(Work& work, std::size_t output) const;    // adjoints of the variables: ∂output/∂x, lane by lane
  void tangent(Work& work) const;                        // needs forward
  void curvature(Work& work, std::size_t output) const;  // needs tangent; adjoint tangents: H v, lane by lane

 private:
  enum class Op : std::uint8_t {
    add,
    subtract,
    multiply,
    divide,
    negate,
    call,  // function(a)
    minimum,
    maximum,
    power,              // a^b, both active
    power_of_base,      // a^b, b inactive
    power_of_exponent,  // a^b, a inactive
  };
  struct Instruction {
    Op op;
    bool active;
    std::uint32_t a, b;        // slots
    const Function* function;  // of call, minimum, maximum
  };
  class Compiler;

  template <std::size_t W>
  void forward_lanes(Work& work) const;
  template <std::size_t W>
  void reverse_lanes(Work& work) const;
  template <std::size_t W>
  void tangent_lanes(Work& work) const;
  template <std::size_t W>
  void curvature_lanes(Work& work) const;
  void load(std::span<const double> x, Work& work) const;
  std::string explain_slope(std::span<const double> x, Work& work) const;  // needs forward

  // Slots: constants, then variables, then one for each instruction.
  std::vector<double> constants_;
  std::vector<std::string> names_;
  std::uint64_t active_;
  std::vector<Instruction> program_;
  std::vector<Expr> sources_;           // what each instruction computes, or is a part of
  std::vector<std::uint32_t> results_;  // slots of the outputs
};

// The numbers of a run: a value for each slot and lane, and what the sweeps need besides. Everything is
// allocated at the start.
class Tape::Work {
 public:
  enum class Lanes { one, block };
  explicit Work(const Tape& tape, Lanes lanes = Lanes::one);

  std::size_t width() const { return width_; }  // 1 or kBlock
  std::span<double> variable(std::size_t k) { return lanes(value_, first_variable_ + k); }
  std::span<double> tangent(std::size_t k) { return lanes(tangent_, first_variable_ + k); }
  std::span<const double> adjoint(std::size_t k) { return lanes(adjoint_, first_variable_ + k); }
  std::span<const double> adjoint_tangent(std::size_t k) { return lanes(adjoint_tangent_, first_variable_ + k); }
  std::span<const double> output(const Tape& tape, std::size_t k) { return lanes(value_, tape.results_[k]); }

 private:
  friend class Tape;
  std::span<double> lanes(std::vector<double>& of, std::size_t slot) { return {&of[slot * width_], width_}; }

  std::size_t width_, first_variable_;
  std::vector<double> value_, tangent_, adjoint_, adjoint_tangent_;  // (slots, width)
  std::vector<Slopes> slopes_;                                       // (instructions, width), of calls
};

}  // namespace descent::formula
