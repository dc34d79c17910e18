// Any bytes as a formula: refused with an Error that names a column, or read, printed, read again,
// differentiated and evaluated.
#include "framework/error.hpp"
#include "framework/formula/derivative.hpp"
#include "framework/formula/formula.hpp"
#include "framework/formula/formula_sum.hpp"
#include "framework/formula/printer.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <vector>

namespace {

using namespace descent;

void require(bool promise) {
  if (!promise) std::abort();
}

void evaluate(const Formula& f, double at) {
  const formula::Tape tape = f.tape();
  formula::Tape::Work work(tape);
  const std::vector<double> x(f.variables().size(), at);
  std::vector<double> g(x.size()), hv(x.size());
  tape.gradient(x, g, work);
  tape.hessian_vector(x, x, hv, work);
  tape.explain_nonfinite(x);
  tape.kinks(x);
}

void differentiate(const Formula& f) {
  try {
    for (const auto& row : f.jacobian())
      for (const formula::Expr& slope : row) require(!to_text(slope).empty() && !to_latex(slope).empty());
  } catch (const Error&) {  // too many to write down
  }
}

void sum_over_rows(const Formula& f) {
  const std::vector<double> column = {0.5, -1, 2};
  const std::vector<DataColumn> columns = {{f.variables().empty() ? "x" : f.variables()[0], column}};
  try {
    FormulaSum objective(f, columns);
    std::vector<double> w(objective.dimension(), 0.25), g(w.size());
    objective.value_and_gradient(w, g);
    objective.explain_nonfinite(w);
  } catch (const Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::optional<Formula> f;
  try {
    f = Formula::parse({reinterpret_cast<const char*>(data), size});
  } catch (const Error& error) {
    require(std::string_view(error.what()).starts_with("formula, column "));
    return 0;
  }
  const std::string text = f->text();
  require(!f->latex().empty());
  try {
    Formula::parse(text);
  } catch (const Error&) {  // printed with more parentheses, or longer, than may be typed
    require(text.size() > 100);
  }
  differentiate(*f);
  if (f->is_sum())
    sum_over_rows(*f);
  else
    for (const double at : {0.0, 0.75, -2.0, 1e300}) evaluate(*f, at);
  return 0;
}
