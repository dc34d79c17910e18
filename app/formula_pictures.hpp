// The pictures of `descent minimize`, and what those of `descent critical` share with them.
#pragma once

#include "app/formula_run.hpp"
#include "app/pictures/style.hpp"
#include "trainers/critical_point.hpp"

#include <string>

namespace descent {

// How a picture marks a point of this kind.
pictures::PointKind drawn_as(PointKind kind);

// Throws Error(usage), before anything runs, where draw_run or animate_run would for such a file or so many variables.
void check_run_pictures(const FormulaProblem& problem, const std::string& plot, const std::string& animation);

// One variable: the curve and its slope with the path. Two: the landscape from above. More: f and ‖∇f‖ step by step.
void draw_run(FormulaProblem& problem, const FormulaMethod& method, const FormulaRun& run, const std::string& path);

// The point rolling down, for one or two variables.
void animate_run(FormulaProblem& problem, const FormulaMethod& method, const FormulaRun& run, const std::string& path);

}  // namespace descent
