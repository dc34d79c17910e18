#include "framework/formula/formula.hpp"

#include "framework/error.hpp"
#include "framework/formula/derivative.hpp"
#include "framework/formula/printer.hpp"
#include "framework/formula/readable.hpp"
#include "framework/text.hpp"

#include <algorithm>
#include <cassert>

namespace descent {

using formula::Expr;

namespace {

std::string all(const std::vector<Expr>& outputs, std::string (*print)(const Expr&)) {
  std::vector<std::string> texts;
  for (const Expr& output : outputs) texts.push_back(print(output));
  return join(texts);
}

std::vector<Expr> readable(std::vector<Expr> formulas) {
  for (Expr& u : formulas) u = formula::readable(u);
  return formulas;
}

}  // namespace

Formula Formula::parse(std::string_view text) {
  formula::Parsed parsed = formula::parse(text);
  formula::SumParts sum;
  if (parsed.outputs.size() == 1) sum = formula::sum_parts(parsed.outputs[0]);
  Formula result;
  result.parts_ = std::make_shared<const Parts>(
      Parts{std::string(text), std::move(parsed.variables), std::move(parsed.outputs), std::move(sum)});
  return result;
}

std::string Formula::text() const { return all(outputs(), formula::to_text); }
std::string Formula::latex() const { return all(outputs(), formula::to_latex); }

Formula Formula::output(std::size_t k) const {
  const Expr& u = outputs()[k];
  Formula result;
  result.parts_ = std::make_shared<const Parts>(Parts{formula::to_text(u), variables(), {u}, formula::sum_parts(u)});
  return result;
}

const Expr& Formula::only_output() const {
  if (outputs().size() != 1)
    throw Error(Fault::usage,
                "the formula '{}' has {} outputs, but one is wanted here; commas separate outputs, and the decimal "
                "point is '.'",
                printable(typed()), outputs().size());
  return outputs()[0];
}

std::vector<Expr> Formula::derivatives(const Expr& u, std::span<const std::string> names, std::size_t& budget) const {
  std::vector<Expr> result;
  for (const std::string& name : names) {
    const auto place = std::ranges::find(variables(), name);
    assert(place != variables().end());
    result.push_back(differentiate(u, static_cast<std::uint32_t>(place - variables().begin()), budget));
  }
  return result;
}

std::vector<Expr> Formula::gradient(std::span<const std::string> names) const {
  std::size_t budget = formula::kMostDerivativeNodes;
  return readable(derivatives(only_output(), names, budget));
}

std::vector<std::vector<Expr>> Formula::hessian(std::span<const std::string> names) const {
  std::size_t budget = formula::kMostDerivativeNodes;
  const std::vector<Expr> slopes = derivatives(only_output(), names, budget);
  std::vector<std::vector<Expr>> rows(slopes.size(), std::vector<Expr>(slopes.size()));
  for (std::size_t i = 0; i < slopes.size(); ++i) {
    const std::vector<Expr> right = readable(derivatives(slopes[i], names.subspan(i), budget));
    for (std::size_t j = i; j < slopes.size(); ++j) rows[i][j] = rows[j][i] = right[j - i];
  }
  return rows;
}

std::vector<std::vector<Expr>> Formula::jacobian() const {
  std::size_t budget = formula::kMostDerivativeNodes;
  std::vector<std::vector<Expr>> rows;
  for (const Expr& output : outputs()) rows.push_back(readable(derivatives(output, variables(), budget)));
  return rows;
}

formula::Tape Formula::tape() const {
  if (is_sum())
    throw Error(Fault::usage, "the formula '{}' sums over the rows of a data table; it has no value without one",
                printable(typed()));
  return formula::Tape(outputs(), variables());
}

double Formula::value(std::span<const double> x) const {
  only_output();
  const formula::Tape program = tape();
  formula::Tape::Work work(program);
  return program.value(x, work);
}

void evaluate_grid(const formula::Tape& tape, std::span<const double> at, std::size_t first, std::span<const double> xs,
                   std::size_t second, std::span<const double> ys, MatrixView<double> z) {
  assert(z.rows == ys.size() && z.cols == xs.size() && at.size() == tape.variables());
  using formula::kBlock;
  formula::Tape::Work work(tape, formula::Tape::Work::Lanes::block);
  for (std::size_t k = 0; k < at.size(); ++k) std::ranges::fill(work.variable(k), at[k]);
  for (std::size_t i = 0; i < ys.size(); ++i) {
    std::ranges::fill(work.variable(second), ys[i]);
    for (std::size_t j = 0; j < xs.size(); j += kBlock) {
      const std::size_t count = std::min(kBlock, xs.size() - j);
      for (std::size_t p = 0; p < kBlock; ++p) work.variable(first)[p] = xs[j + std::min(p, count - 1)];
      tape.forward(work);
      std::ranges::copy(work.output(tape, 0).first(count), z.row(i).begin() + static_cast<std::ptrdiff_t>(j));
    }
  }
}

}  // namespace descent
