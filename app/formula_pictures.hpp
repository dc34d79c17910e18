// The pictures of `descent minimize`.
#pragma once

#include "app/formula_run.hpp"

#include <string>

namespace descent {

// Throws Error(usage), before anything runs, where draw_run or animate_run would for such a file or so many variables.
void check_run_pictures(const FormulaProblem& problem, const std::string& plot, const std::string& animation);

// One variable: the curve and its slope with the path. Two: the landscape from above. More: f and ‖∇f‖ step by step.
void draw_run(FormulaProblem& problem, const FormulaMethod& method, const FormulaRun& run, const std::string& path);

// The point rolling down, for one or two variables.
void animate_run(FormulaProblem& problem, const FormulaMethod& method, const FormulaRun& run, const std::string& path);

}  // namespace descent
