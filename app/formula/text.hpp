// What `descent minimize` prints: formulas, a table of steps, sentences; or one JSON object; or CSV.
#pragma once

#include "app/formula/run.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace descent {

// f, its gradient and its Hessian as formulas, and the method. A list that is wider than 80 columns gets a line an
// entry; the Hessian is left out beyond 6 variables.
std::string problem_text(const FormulaProblem& problem, const std::string& method);

// A line a step, the first ten and the last five with … between; 80 columns for one and two variables. The first
// step that overshoots is explained below.
std::string step_table_text(const FormulaRun& run, const FormulaProblem& problem);

// Why it stopped, what the point is.
std::string outcome_text(const FormulaRun& run);

// The basins of random starts, the best first, and which run is told next.
std::string basins_text(const Basins& basins, FormulaProblem& problem);

// status, reason, sentence, verdict, what, x (by name), f, gradient_norm, steps, eigenvalues, lambda_max, limit, start,
// method, scales (if there are any), evaluations, formula, gradient, hessian, notes, path (the first 1000 points). null
// for what is not finite.
nlohmann::ordered_json to_json(const FormulaRun& run, const FormulaProblem& problem, const std::string& method);
nlohmann::ordered_json to_json(const Basins& basins, FormulaProblem& problem);

// step,x,y,f,gradient_norm,gamma,predicted,actual,gamma_lambda,verdict: all steps that were kept.
std::string steps_csv(const FormulaRun& run, const FormulaProblem& problem);

// Lines of at most 80 columns, broken at spaces; all but the first begin with `indent`.
std::string wrapped(std::string_view text, std::string_view indent = {});

// A formula likewise, broken before a + or − outside parentheses where there is one in the second half of the line.
std::string wrapped_formula(std::string_view text, std::string_view indent);

// A number in at most `width` characters, as many digits as fit up to six: "-1.23e-5".
std::string compact(double x, std::size_t width);

}  // namespace descent
