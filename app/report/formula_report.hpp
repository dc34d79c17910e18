// The report of gradient descent on a formula.
#pragma once

#include "app/formula/run.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace descent {

// The data of html_page: formulas, why it stopped and where; for two variables the contours with the path on them, for
// one the curve, each with a slider along the steps; f and ‖∇f‖ step by step; a table of steps.
nlohmann::ordered_json report_of_formula(FormulaProblem& problem, const FormulaMethod& method, const FormulaRun& run);

// Writes the page to `path`. Throws Error(runtime) when that fails.
void write_formula_report(FormulaProblem& problem, const FormulaMethod& method, const FormulaRun& run,
                          const std::string& path);

}  // namespace descent
