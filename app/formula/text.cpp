#include "app/formula/text.hpp"

#include "app/files/json_number.hpp"
#include "app/formula/reasons.hpp"
#include "datasets/csv.hpp"
#include "framework/error.hpp"
#include "framework/formula/printer.hpp"
#include "framework/text.hpp"
#include "trainers/sentences.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

namespace descent {
namespace {

constexpr std::size_t kColumns = 80;
constexpr std::size_t kFirstRows = 10, kLastRows = 5;
constexpr std::size_t kMostShownVariables = 4;  // in the table
constexpr std::size_t kMostHessian = 6;         // variables whose second derivatives somebody reads
constexpr std::size_t kLongestFormula = 300;

std::vector<std::string> texts(const std::vector<formula::Expr>& formulas) {
  std::vector<std::string> list;
  for (const formula::Expr& u : formulas) list.push_back(formula::to_text(u));
  return list;
}

std::string bracketed(const std::vector<std::string>& list) { return "[" + join(list) + "]"; }

std::string heading(std::string_view name) { return fmt::format("{:<10}", name); }

// On one line if it fits, else a line an entry.
std::string listed(std::string_view name, const std::string& line, const std::vector<std::string>& entries,
                   const std::vector<std::string>& labels) {
  if (heading(name).size() + line.size() <= kColumns) return heading(name) + line + '\n';
  std::string text = std::string(name) + '\n';
  for (std::size_t i = 0; i < entries.size(); ++i)
    text += wrapped_formula("  " + labels[i] + " = " + printable(entries[i], kLongestFormula), "      ");
  return text;
}

std::string gradient_lines(const FormulaProblem& problem) {
  const std::vector<std::string> g = texts(problem.formula().gradient(problem.names()));
  std::vector<std::string> labels;
  for (const std::string& x : problem.names()) labels.push_back("∂f/∂" + x);
  return listed("gradient", bracketed(g), g, labels);
}

std::string hessian_lines(const FormulaProblem& problem) {
  if (problem.names().size() > kMostHessian) return {};
  std::vector<std::string> rows, entries, labels;
  const auto hessian = problem.formula().hessian(problem.names());
  for (std::size_t i = 0; i < hessian.size(); ++i) {
    const std::vector<std::string> row = texts(hessian[i]);
    rows.push_back(bracketed(row));
    for (std::size_t j = i; j < row.size(); ++j) {
      entries.push_back(row[j]);
      labels.push_back(i == j ? fmt::format("∂²f/∂{}²", problem.names()[i])
                              : fmt::format("∂²f/∂{}∂{}", problem.names()[i], problem.names()[j]));
    }
  }
  return listed("Hessian", bracketed(rows), entries, labels);
}

// What `make` returns, unless the formulas become too long for anybody to read.
std::string unless_too_long(std::string_view name, const std::function<std::string()>& make) {
  try {
    return make();
  } catch (const Error&) {
    return heading(name) + "too long to print\n";
  }
}

// What long step numbers take is taken from γ.
std::size_t gamma_width(std::size_t step_width) { return step_width > 4 ? 5 : 6; }

std::string scales_text(const FormulaRun& run, const FormulaProblem& problem) {
  if (run.scales.empty()) return {};
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < std::min(run.scales.size(), kMostHessian); ++i)
    parts.push_back(fmt::format("{} = {}", problem.names()[i], rounded(run.scales[i])));
  if (run.scales.size() > kMostHessian) parts.push_back("…");
  return wrapped("steps are taken in variables divided by D: " + join(parts) +
                 "; gradient, γ and λmax below are those of these variables") +
         '\n';
}

std::string table_head(const FormulaRun& run, const FormulaProblem& problem, std::size_t step_width) {
  std::string line = fmt::format("{:>{}}", "step", step_width);
  for (std::size_t i = 0; i < std::min(problem.names().size(), kMostShownVariables); ++i)
    line += fmt::format(" {:>8}", printable(problem.names()[i], 8));
  if (run.start.size() > kMostShownVariables) line += "  …";
  return line + fmt::format(" {:>8} {:>7} {:>{}} {:>7} {:>8} {:>5}\n", "f", run.gradient_name(), "γ",
                            gamma_width(step_width), "predict", "actual", "γλmax");
}

std::string table_row(const StepRecord& row, std::size_t step_width) {
  std::string line = fmt::format("{:>{}}", row.step, step_width);
  for (std::size_t i = 0; i < std::min(row.w.size(), kMostShownVariables); ++i)
    line += fmt::format(" {:>8}", compact(row.w[i], 8));
  if (row.w.size() > kMostShownVariables) line += "  …";
  line += fmt::format(" {:>8} {:>7}", compact(row.f, 8), compact(row.gradient_norm, 7));
  if (row.step > 0)
    line += fmt::format(" {:>{}} {:>7} {:>8} {:>5} {}", compact(row.gamma, gamma_width(step_width)),
                        gamma_width(step_width), compact(row.predicted, 7), compact(row.actual, 8),
                        std::isnan(row.gamma_lambda) ? "-" : compact(row.gamma_lambda, 5), to_string(row.verdict));
  return line + '\n';
}

std::string overshoot_text(const FormulaRun& run, bool maximize) {
  for (const StepRecord& row : run.rows) {
    if (row.verdict != StepVerdict::overshoots) continue;
    return fmt::format("step {} overshoots: f {} because γ·curvature = {:.3g} > 2\n", row.step,
                       maximize ? "fell" : "rose", row.gamma_curvature);
  }
  return {};
}

nlohmann::ordered_json by_name(std::span<const std::string> names, ConstParams<double> w) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  for (std::size_t i = 0; i < names.size(); ++i) json[names[i]] = json_number(w[i]);
  return json;
}

nlohmann::ordered_json numbers(ConstParams<double> list) {
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const double x : list) json.push_back(json_number(x));
  return json;
}

void add_formulas(nlohmann::ordered_json& json, const FormulaProblem& problem) {
  json["formula"] = problem.formula().text();
  try {
    json["gradient"] = texts(problem.formula().gradient(problem.names()));
    nlohmann::ordered_json rows = nlohmann::ordered_json::array();
    if (problem.names().size() <= kMostHessian)
      for (const auto& row : problem.formula().hessian(problem.names())) rows.push_back(texts(row));
    json["hessian"] = rows;
  } catch (const Error&) {  // too long for anybody
    json["hessian"] = nullptr;
  }
}

}  // namespace

std::string wrapped(std::string_view text, std::string_view indent) {
  std::string lines, line;
  const auto columns = [](std::string_view s) {
    return std::ranges::count_if(s, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
  };
  while (!text.empty()) {
    // An option stays with its value.
    const std::size_t space = text.starts_with("--") ? text.find(' ', text.find(' ') + 1) : text.find(' ');
    const std::size_t end = std::min(space, text.size());
    const std::string_view word = text.substr(0, end);
    if (line.size() > indent.size() && columns(line) + 1 + columns(word) > static_cast<std::ptrdiff_t>(kColumns)) {
      lines += line + '\n';
      line = indent;
    }
    if (!line.empty() && line != indent) line += ' ';
    line += word;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines + line + '\n';
}

std::string wrapped_formula(std::string_view text, std::string_view indent) {
  const auto is_lead = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
  std::string lines;
  while (!text.empty()) {
    const std::size_t room = kColumns - (lines.empty() ? 0 : indent.size());
    std::size_t columns = 0, end = 0, space = 0, sign = 0;  // places to break: at a space, before a sign on top
    int depth = 0;
    for (; end < text.size() && columns <= room; ++end) {
      const char c = text[end];
      depth += c == '(' || c == '[' ? 1 : c == ')' || c == ']' ? -1 : 0;
      if (c == ' ') space = end;
      const bool before_sign =
          end + 2 < text.size() && (text[end + 1] == '+' || text[end + 1] == '-') && text[end + 2] == ' ';
      if (c == ' ' && depth == 0 && before_sign) sign = end;
      columns += is_lead(c) ? 1 : 0;
    }
    if (columns > room) {
      if (sign > room / 2) space = sign;
      end = space > indent.size() ? space : std::min(text.find(' ', end), text.size());
    }
    lines += (lines.empty() ? "" : std::string(indent)) + std::string(text.substr(0, end)) + '\n';
    text.remove_prefix(std::min(end + (columns > room ? 1 : 0), text.size()));
  }
  return lines;
}

std::string compact(double x, std::size_t width) {
  if (x == 0) return "0";
  std::string text;
  for (int digits = 6; digits >= 1; --digits) {
    text = fmt::format("{:.{}g}", x, digits);
    const std::size_t e = text.find('e');
    if (e != std::string::npos) {  // e-05 is e-5, e+12 is e12
      std::string power = text.substr(e + 2);
      power.erase(0, std::min(power.find_first_not_of('0'), power.size() - 1));
      text = text.substr(0, e) + (text[e + 1] == '-' ? "e-" : "e") + power;
    }
    if (text.size() <= width) break;
  }
  return text;
}

std::string problem_text(const FormulaProblem& problem, const std::string& method) {
  return wrapped_formula(heading(problem.maximize() ? "maximise" : "minimise") +
                             printable(problem.formula().text(), kLongestFormula),
                         "    ") +
         unless_too_long("gradient", [&] { return gradient_lines(problem); }) +
         unless_too_long("Hessian", [&] { return hessian_lines(problem); }) + heading("method") + method + '\n';
}

std::string step_table_text(const FormulaRun& run, const FormulaProblem& problem) {
  const std::size_t step_width = std::max<std::size_t>(4, std::to_string(run.last.step).size());
  std::string text = scales_text(run, problem) + table_head(run, problem, step_width);
  const std::size_t steps = run.last.step;
  const bool whole = steps < kFirstRows + kLastRows + 2 && run.rows.size() > steps;
  const std::size_t first = whole ? run.rows.size() : std::min(kFirstRows + 1, run.rows.size());
  for (std::size_t k = 0; k < first; ++k) text += table_row(run.rows[k], step_width);
  if (!whole) {
    text += fmt::format("{:>{}}\n", "…", step_width);
    if (run.rows.size() > steps) {
      for (std::size_t k = steps + 1 - kLastRows; k <= steps; ++k) text += table_row(run.rows[k], step_width);
    } else {
      text += table_row(run.last, step_width);
    }
  }
  if (steps > 0)
    text += fmt::format("predict: −γ ∇f·d, the {0} along the tangent; actual: the {0} of f in that step\n",
                        problem.maximize() ? "rise" : "fall");
  return text + overshoot_text(run, problem.maximize());
}

std::string outcome_text(const FormulaRun& run) { return wrapped(run.why + ".") + wrapped(run.what + "."); }

std::string basins_text(const Basins& basins, FormulaProblem& problem) {
  std::string text = fmt::format("{:>6} {:>6}", "basin", "starts");
  for (std::size_t i = 0; i < std::min(problem.names().size(), kMostShownVariables); ++i)
    text += fmt::format(" {:>10}", printable(problem.names()[i], 10));
  text += fmt::format(" {:>12}  what it is\n", "f");
  std::size_t number = 0;
  for (const Basin& basin : basins.basins) {
    text += fmt::format("{:>6} {:>6}", ++number, basin.starts.size());
    for (std::size_t i = 0; i < std::min(basin.w.size(), kMostShownVariables); ++i)
      text += fmt::format(" {:>10}", compact(basin.w[i], 10));
    text += fmt::format(" {:>12}  {}{}\n", compact(problem.sign() * basin.value + 0.0, 12),
                        verdict_text(classify(problem.f(), basin.w).kind), basin.inside ? "" : ", outside the box");
  }
  const std::size_t starts = basins.from.size();
  text += fmt::format("{} random start{}: {} basin{}", starts, starts == 1 ? "" : "s", number, number == 1 ? "" : "s");
  if (!basins.diverged.empty()) text += fmt::format(", {} without an end", basins.diverged.size());
  if (!basins.unfinished.empty()) text += fmt::format(", {} not finished", basins.unfinished.size());
  return text + (number == 0 ? "\nthe run from the first of them" : "\nthe run to the best of them") + "\n";
}

nlohmann::ordered_json to_json(const FormulaRun& run, const FormulaProblem& problem, const std::string& method) {
  nlohmann::ordered_json json = {
      {"status", to_string(run.status)},
      {"reason", to_string(run.report.reason)},
      {"sentence", run.why},
      {"verdict", run.verdict()},
      {"what", run.what},
      {"x", by_name(problem.names(), run.end.w)},
      {"f", json_number(run.end.value)},
      {"gradient_norm", json_number(run.end.gradient_norm)},
      {"steps", run.report.steps},
      {"eigenvalues", numbers(run.end.eigenvalues)},
      {"lambda_max", json_number(run.lambda_max)},
      {"limit", json_number(run.limit)},
      {"maximize", problem.maximize()},
      {"start", by_name(problem.names(), run.start)},
      {"method", method},
      {"evaluations", {{"values", run.report.evaluations.values}, {"gradients", run.report.evaluations.gradients}}}};
  if (!run.scales.empty()) json["scales"] = by_name(problem.names(), run.scales);
  add_formulas(json, problem);
  json["notes"] = run.notes;
  if (!run.warning.empty()) json["warning"] = run.warning;
  nlohmann::ordered_json path = nlohmann::ordered_json::array();
  for (std::size_t k = 0; k < std::min<std::size_t>(run.rows.size(), 1000); ++k) path.push_back(numbers(run.rows[k].w));
  json["path"] = path;
  return json;
}

nlohmann::ordered_json to_json(const Basins& basins, FormulaProblem& problem) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Basin& basin : basins.basins)
    list.push_back({{"x", by_name(problem.names(), basin.w)},
                    {"f", json_number(problem.sign() * basin.value)},
                    {"verdict", verdict_text(classify(problem.f(), basin.w).kind)},
                    {"starts", basin.starts.size()},
                    {"inside", basin.inside}});
  return list;
}

std::string steps_csv(const FormulaRun& run, const FormulaProblem& problem) {
  std::string text = "step";
  for (const std::string& name : problem.names()) text += "," + csv_field(name);
  text += ",f,gradient_norm,gamma,predicted,actual,gamma_lambda,verdict\n";
  for (const StepRecord& row : run.rows) {
    text += std::to_string(row.step);
    for (const double x : row.w) text += "," + shortest(x);
    text += fmt::format(",{},{}", shortest(row.f), shortest(row.gradient_norm));
    if (row.step == 0) {
      text += ",,,,,\n";
      continue;
    }
    for (const double x : {row.gamma, row.predicted, row.actual, row.gamma_lambda})
      text += std::isnan(x) ? "," : "," + shortest(x);
    text += fmt::format(",{}\n", to_string(row.verdict));
  }
  return text;
}

}  // namespace descent
