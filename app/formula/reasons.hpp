// Why a run on a formula stopped and what the point is: a sentence each.
#pragma once

#include "app/formula/run.hpp"

#include <span>
#include <string>
#include <string_view>

namespace descent {

// The direction along which f goes on from a critical end that is none of those looked for; empty where it does not.
const std::vector<double>& way_on(const CriticalPoint& end, bool maximize);

// "stopped after 178 steps: ‖∇f‖ = 9.4e-09 is at most the tolerance 1e-08"
// `budget`: what allows so many steps, "--steps".
std::string why_text(const FormulaRun& run, double tolerance, std::string_view budget, bool maximize);

// "(x, y) = (7e-09, -7e-09), f = 5e-17, is a local minimum: …". Where there is a way on, the start of it, as `option`
// takes it: "--start ".
std::string what_text(const FormulaRun& run, std::span<const std::string> names, std::string_view option,
                      bool maximize);

// "the end is a saddle and no minimum: f falls from there; go down with --start x=0,y=0.1". "" for other ends.
std::string warning_text(const FormulaRun& run, std::span<const std::string> names, std::string_view option,
                         bool maximize);

// "x = 3" or "(x, y) = (3, -2)", at most six variables.
std::string point_text(std::span<const std::string> names, ConstParams<double> w);

}  // namespace descent
