#include "app/commands.hpp"
#include "app/formula/assignments.hpp"
#include "app/formula/run.hpp"
#include "app/formula/smoothed_kink.hpp"
#include "app/formula/text.hpp"
#include "framework/error.hpp"
#include "framework/formula/formula.hpp"
#include "framework/formula/formula_objective.hpp"
#include "framework/formula/printer.hpp"
#include "framework/text.hpp"
#include "trainers/curvature.hpp"
#include "trainers/sentences.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <iterator>
#include <numeric>
#include <optional>

namespace descent {
namespace {

using Json = nlohmann::ordered_json;
using Row = std::vector<std::string>;

constexpr std::size_t kColumns = 80;

struct Formulas {
  Row outputs;
  std::vector<Row> jacobian;  // (m, n); the gradient where m = 1
  std::vector<Row> hessian;   // (n, n); empty unless asked for
};

Row printed(const std::vector<formula::Expr>& row, bool latex) {
  Row texts;
  for (const formula::Expr& u : row) texts.push_back(latex ? formula::to_latex(u) : formula::to_text(u));
  return texts;
}

Formulas derive(const Formula& f, const std::vector<std::string>& variables, const DeriveArguments& arguments) {
  Formulas result{printed(f.outputs(), arguments.latex), {}, {}};
  if (f.outputs().size() > 1)
    for (const auto& row : f.jacobian()) result.jacobian.push_back(printed(row, arguments.latex));
  else
    result.jacobian.push_back(printed(f.gradient(variables), arguments.latex));
  if (arguments.order == 2)
    for (const auto& row : f.hessian(variables)) result.hessian.push_back(printed(row, arguments.latex));
  return result;
}

std::string bracketed(const Row& row) { return "[" + join(row) + "]"; }

std::string bracketed(const std::vector<Row>& rows) {
  Row lines;
  for (const Row& row : rows) lines.push_back(bracketed(row));
  return "[" + join(lines) + "]";
}

std::string line_of(const std::string& name, const std::string& formula) {
  return wrapped_formula(name + " = " + formula, "    ");
}

// One line where it fits, else an entry a line, called "df2/dx".
std::string jacobian_text(const std::vector<Row>& rows, const std::vector<std::string>& variables) {
  const std::string line = fmt::format("J = {}\n", bracketed(rows));
  if (line.size() <= kColumns) return line;
  std::string text;
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (std::size_t j = 0; j < rows[i].size(); ++j)
      text += line_of(fmt::format("df{}/d{}", i + 1, variables[j]), rows[i][j]);
  return text;
}

// One line where it fits, else each second derivative once, called "d2f/dx dy".
std::string hessian_text(const std::vector<Row>& rows, const std::vector<std::string>& variables) {
  const std::string line = fmt::format("Hessian = {}\n", bracketed(rows));
  if (line.size() <= kColumns) return line;
  std::string text;
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (std::size_t j = i; j < rows.size(); ++j)
      text += line_of(
          i == j ? fmt::format("d2f/d{}2", variables[i]) : fmt::format("d2f/d{} d{}", variables[i], variables[j]),
          rows[i][j]);
  return text;
}

std::string latex_matrix(const std::vector<Row>& rows) {
  Row lines;
  for (const Row& row : rows) lines.push_back(join(row, " & "));
  return "\\begin{pmatrix} " + join(lines, " \\\\ ") + " \\end{pmatrix}";
}

std::string latex_text(const Formulas& d, bool one_variable, const std::string& variable) {
  const bool vector = d.outputs.size() > 1;
  std::string text = fmt::format("f = {}\n", vector ? latex_matrix({d.outputs}) : d.outputs[0]);
  if (one_variable && !vector) {
    text += fmt::format("\\frac{{df}}{{d{}}} = {}\n", variable, d.jacobian[0][0]);
    if (!d.hessian.empty()) text += fmt::format("\\frac{{d^2 f}}{{d{}^2}} = {}\n", variable, d.hessian[0][0]);
    return text;
  }
  text += fmt::format("{} = {}\n", vector ? "J" : "\\nabla f", latex_matrix(d.jacobian));
  if (!d.hessian.empty()) text += fmt::format("H = {}\n", latex_matrix(d.hessian));
  return text;
}

std::string plain_text(const Formulas& d, const std::vector<std::string>& variables) {
  const bool vector = d.outputs.size() > 1;
  const std::string of = "(" + join(variables) + ")";
  std::string text = line_of("f" + of, vector ? bracketed(d.outputs) : d.outputs[0]);
  if (vector) return text + jacobian_text(d.jacobian, variables);
  if (variables.size() == 1) {
    text += line_of("f'" + of, d.jacobian[0][0]);
    if (!d.hessian.empty()) text += line_of("f''" + of, d.hessian[0][0]);
    return text;
  }
  const std::string gradient = fmt::format("gradient = {}\n", bracketed(d.jacobian[0]));
  if (gradient.size() <= kColumns)
    text += gradient;
  else
    for (std::size_t k = 0; k < variables.size(); ++k) text += line_of("df/d" + variables[k], d.jacobian[0][k]);
  if (!d.hessian.empty()) text += hessian_text(d.hessian, variables);
  return text;
}

// f along the unit gradient u: the truth f(x + e u) beside the first-order prediction f(x) + e ‖∇f(x)‖; for one
// variable u = 1 and the prediction is f(x) + e f′(x).
struct Prediction {
  double e, actual, predicted;
};

struct AtPoint {
  std::vector<double> x, values;
  std::vector<std::vector<double>> jacobian;
  std::vector<double> eigenvalues;  // of one output's Hessian
  std::vector<Prediction> predictions;
  std::vector<std::string> notes;
};

bool finite(const std::vector<double>& values) {
  return std::ranges::all_of(values, [](double v) { return std::isfinite(v); });
}

double norm(const std::vector<double>& v) { return std::sqrt(std::inner_product(v.begin(), v.end(), v.begin(), 0.0)); }

std::vector<Prediction> predict(Objective<double>& f, const AtPoint& at) {
  const std::vector<double>& g = at.jacobian[0];
  const double slope = g.size() == 1 ? g[0] : norm(g);
  std::vector<Prediction> rows;
  if (slope == 0 && g.size() > 1) return rows;
  double e = 1;
  for (int k = 0; k < 6; ++k, e /= 10) {
    std::vector<double> there = at.x;
    for (std::size_t j = 0; j < g.size(); ++j) there[j] += g.size() == 1 ? e : e * g[j] / slope;
    rows.push_back({e, f.value(there), at.values[0] + e * slope});
  }
  return rows;
}

AtPoint evaluate(FormulaProblem& problem, const std::string& text) {
  Objective<double>& f = problem.f();
  AtPoint at;
  at.x = parse_point("--at", text, problem.names());
  std::vector<double> g(at.x.size());
  at.values = {f.value_and_gradient(at.x, g)};
  if (!finite(at.values)) throw Error(Fault::usage, "--at: {}", f.explain_nonfinite(at.x));
  at.notes = problem.kinks(at.x, 0);
  std::optional<SmoothedKink> smoothed;
  if (!at.notes.empty()) smoothed = smoothed_kink(f, problem.formula(), problem.names(), at.x);
  if (smoothed) {
    g = smoothed->gradient;
    at.notes.clear();
  }
  at.jacobian = {g};
  if (!finite(g) && at.notes.empty()) at.notes.push_back(f.explain_nonfinite(at.x));
  if (!at.notes.empty()) return at;
  at.predictions = predict(f, at);
  at.eigenvalues = smoothed ? smoothed->eigenvalues : hessian_spectrum(f, at.x).values;
  return at;
}

// Of a vector formula.
AtPoint evaluate(const Formula& f, const std::string& text) {
  const formula::Tape tape = f.tape();
  formula::Tape::Work work(tape);
  AtPoint at;
  at.x = parse_point("--at", text, f.variables());
  at.values.resize(tape.outputs());
  tape.values(at.x, at.values, work);
  if (!finite(at.values)) throw Error(Fault::usage, "--at: {}", tape.explain_nonfinite(at.x));
  Matrix<double> j = Matrix<double>::from_shape({tape.outputs(), tape.variables()});
  tape.jacobian(at.x, view(j), work);
  bool smooth = true;
  for (std::size_t i = 0; i < tape.outputs(); ++i) {
    std::vector<double>& row = at.jacobian.emplace_back();
    for (std::size_t k = 0; k < tape.variables(); ++k) row.push_back(j(i, k));
    FormulaObjective output(f.output(i));
    if (std::vector<std::string> kinks = output.tape().kinks(at.x); !kinks.empty()) {
      if (auto smoothed = smoothed_kink(output, output.formula(), f.variables(), at.x))
        row = std::move(smoothed->gradient);
      else
        std::ranges::copy_if(kinks, std::back_inserter(at.notes), [&](const std::string& kink) {
          return std::ranges::find(at.notes, kink) == at.notes.end();
        });
    }
    smooth = smooth && finite(row);
  }
  if (!smooth && at.notes.empty()) at.notes.push_back(tape.explain_nonfinite(at.x));
  return at;
}

Row numbers(const std::vector<double>& values) {
  Row texts;
  for (const double v : values) texts.push_back(fmt::format("{:.10g}", v));
  return texts;
}

std::string curvatures_text(const AtPoint& at) {
  if (std::isnan(at.eigenvalues.front())) return curvature_text(at.eigenvalues.front());
  Row texts;
  for (const double v : at.eigenvalues) texts.push_back(curvature_text(v, 10));
  return join(texts);
}

std::string point_text(const AtPoint& at, const std::vector<std::string>& variables) {
  Row place;
  for (std::size_t k = 0; k < variables.size(); ++k)
    place.push_back(fmt::format("{} = {:.10g}", variables[k], at.x[k]));
  const bool vector = at.values.size() > 1, one = variables.size() == 1;
  std::string text = fmt::format("\nat {}\n", join(place));
  text += fmt::format("f = {}\n", vector ? bracketed(numbers(at.values)) : numbers(at.values)[0]);
  if (vector) {
    std::vector<Row> rows;
    for (const auto& row : at.jacobian) rows.push_back(numbers(row));
    return text + jacobian_text(rows, variables);
  }
  if (!at.notes.empty()) return text + "no slope here\n";
  const Row slopes = numbers(at.jacobian[0]);
  if (one)
    text += fmt::format("slope f' = {}\n", slopes[0]);
  else
    text += fmt::format("gradient = {}, norm {:.10g}\n", bracketed(slopes), norm(at.jacobian[0]));
  if (!at.eigenvalues.empty())
    text += fmt::format("{}{}\n", one ? "curvature f'' = " : "eigenvalues of the Hessian: ", curvatures_text(at));
  if (at.predictions.empty()) return text;
  text += one ? "\nf(x + e) against the prediction f(x) + e f'(x):\n"
              : "\nf(x + e u) against the prediction f(x) + e |grad f|, u along the gradient:\n";
  text += fmt::format("{:>8}{:>20}{:>20}{:>14}\n", "e", "true", "predicted", "difference");
  for (const Prediction& row : at.predictions)
    text += fmt::format("{:>8.0e}{:>20.10g}{:>20.10g}{:>14.3g}\n", row.e, row.actual, row.predicted,
                        row.actual - row.predicted);
  return text;
}

Json to_json(const AtPoint& at, const std::vector<std::string>& variables) {
  Json x = Json::object(), rows = Json::array();
  for (std::size_t k = 0; k < variables.size(); ++k) x[variables[k]] = at.x[k];
  for (const Prediction& row : at.predictions)
    rows.push_back({{"e", row.e}, {"true", row.actual}, {"predicted", row.predicted}});
  Json json = {{"x", x}};
  if (at.values.size() > 1) {
    json["f"] = at.values;
    json["jacobian"] = at.jacobian;
  } else {
    json["f"] = at.values[0];
    json["gradient"] = at.notes.empty() ? Json(at.jacobian[0]) : Json(nullptr);
    json["eigenvalues"] = at.eigenvalues;
    json["predictions"] = rows;
  }
  json["notes"] = at.notes;
  return json;
}

}  // namespace

int derive_command(const DeriveArguments& arguments) {
  const Formula f = Formula::parse(arguments.formula);
  if (f.variables().empty())
    throw Error(Fault::usage, "the formula '{}' has no variables to derive by; write one, like x^2",
                printable(arguments.formula));
  if (f.is_sum() && arguments.at_given && arguments.data.empty())
    throw Error(Fault::usage, "--at: sum(...) runs over data rows; add --data FILE.csv, or leave --at out");
  if (arguments.order == 2 && f.outputs().size() > 1)
    throw Error(Fault::usage, "--order 2 needs a formula with one output; this one has {}", f.outputs().size());
  // A sum without its data has formulas only, and nobody knows which of its names are columns.
  std::optional<FormulaProblem> problem;
  if (f.outputs().size() == 1 && (!f.is_sum() || !arguments.data.empty()))
    problem.emplace(arguments.formula, arguments.data, false);
  const std::vector<std::string>& variables = problem ? problem->names() : f.variables();
  const Formulas d = derive(f, variables, arguments);
  std::optional<AtPoint> at;
  if (arguments.at_given) at = problem ? evaluate(*problem, arguments.at) : evaluate(f, arguments.at);
  if (arguments.json) {
    Json json = {{"variables", variables}, {"formula", d.outputs}};
    json[d.outputs.size() > 1 ? "jacobian" : "gradient"] =
        d.outputs.size() > 1 ? Json(d.jacobian) : Json(d.jacobian[0]);
    if (!d.hessian.empty()) json["hessian"] = d.hessian;
    if (at) json["at"] = to_json(*at, variables);
    std::cout << json.dump() << '\n';
  } else {
    std::cout << (arguments.latex
                      ? latex_text(d, variables.size() == 1, formula::to_latex(formula::symbol(0, variables[0])))
                      : plain_text(d, variables));
    if (at) std::cout << point_text(*at, variables);
  }
  if (at)
    for (const std::string& note : at->notes) std::cerr << "note: " << note << '\n';
  return kOk;
}

}  // namespace descent
