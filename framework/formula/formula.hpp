// A formula somebody typed: its variables, its outputs, its derivatives as formulas, its values.
//
//   const Formula f = Formula::parse("x^2 + x*y + y^2");
//   f.variables()        x, y, in order of appearance
//   f.gradient()         2*x + y, x + 2*y
//   f.value({{3, -2}})   7
#pragma once

#include "framework/formula/expression.hpp"
#include "framework/formula/parser.hpp"
#include "framework/formula/tape.hpp"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace descent {

// Immutable and cheap to copy.
class Formula {
 public:
  // Throws Error(usage) with the column, what was found and expected, and a caret; see formula/parser.hpp.
  static Formula parse(std::string_view text);

  const std::string& typed() const { return parts_->typed; }  // as it came
  std::string text() const;                                   // as it is read: "x^2 + x*y + y^2"
  std::string latex() const;
  const std::vector<std::string>& variables() const { return parts_->variables; }
  const std::vector<formula::Expr>& outputs() const { return parts_->outputs; }
  bool is_sum() const { return parts_->sum.summand != nullptr; }  // holds sum(…) over data rows
  const formula::SumParts& sum() const { return parts_->sum; }

  // One output alone, of the same variables.
  Formula output(std::size_t k) const;

  // Throws Error(usage) unless there is one output.
  const formula::Expr& only_output() const;

  // Derivatives as formulas (to_text, to_latex print them), ∂/∂ each of variables(). Of a formula with
  // sum(…) they hold sum(…) themselves, and `names` picks the variables that are not data. Throw
  // Error(usage) when they would have more than kMostDerivativeNodes nodes together.
  std::vector<formula::Expr> gradient() const { return gradient(variables()); }  // (n), of the only output
  std::vector<formula::Expr> gradient(std::span<const std::string> names) const;
  std::vector<std::vector<formula::Expr>> hessian() const { return hessian(variables()); }  // (n, n), symmetric
  std::vector<std::vector<formula::Expr>> hessian(std::span<const std::string> names) const;
  std::vector<std::vector<formula::Expr>> jacobian() const;  // (m, n)

  // All outputs as a program: exact derivatives at points. Not for a formula with sum(…): see formula_sum.hpp.
  formula::Tape tape() const;

  // The only output at one point. Compiles and allocates on each call; for many points keep a tape().
  double value(std::span<const double> x) const;

 private:
  struct Parts {
    std::string typed;
    std::vector<std::string> variables;
    std::vector<formula::Expr> outputs;
    formula::SumParts sum;
  };
  std::vector<formula::Expr> derivatives(const formula::Expr& u, std::span<const std::string> names,
                                         std::size_t& budget) const;

  std::shared_ptr<const Parts> parts_;
};

// Values of output 0 of a tape on the grid xs × ys: z(i, j) at x[first] = xs[j], x[second] = ys[i], the other
// variables as in `at`. For pictures: z (ys.size(), xs.size()). With first = second, xs alone counts.
void evaluate_grid(const formula::Tape& tape, std::span<const double> at, std::size_t first, std::span<const double> xs,
                   std::size_t second, std::span<const double> ys, MatrixView<double> z);

}  // namespace descent
