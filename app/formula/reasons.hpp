// Why a run on a formula stopped and what the point is: a sentence each.
#pragma once

#include "app/formula/run.hpp"

#include <span>
#include <string>
#include <string_view>

namespace descent {

// "stopped after 178 steps: ‖∇f‖ = 9.4e-09 is at most the tolerance 1e-08"
// `budget`: what allows so many steps, "--steps".
std::string why_text(const FormulaRun& run, double tolerance, std::string_view budget, bool maximize);

// "(x, y) = (7e-09, -7e-09), f = 5e-17, is a local minimum: …". For a start that is critical: the way on.
std::string what_text(const FormulaRun& run, std::span<const std::string> names, bool maximize);

// "x = 3" or "(x, y) = (3, -2)", at most six variables.
std::string point_text(std::span<const std::string> names, ConstParams<double> w);

}  // namespace descent
