// Formulas as a person writes them.
#pragma once

#include "framework/formula/expression.hpp"

#include <string>

namespace descent::formula {

// "2*x + y": reads back, by parse(), as an expression of the same value.
std::string to_text(const Expr& u);

// "2 x + y", for a formula environment of LaTeX.
std::string to_latex(const Expr& u);

}  // namespace descent::formula
