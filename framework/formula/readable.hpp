// Derivatives as a teacher would write them.
#pragma once

#include "framework/formula/expression.hpp"

namespace descent::formula {

// The shorter to read of u and these, each equal to u wherever all parts of u have values:
//   common factors and denominators taken out   exp(-x) - x*exp(-x) is (1 - x)*exp(-x)
//                                               1/(x^2 + 1) - 2*x^2/(x^2 + 1)^2 is (1 - x^2)/(x^2 + 1)^2
//   fractions in fractions cleared              1/(x*(1 + y^2/x^2)) is x/(x^2 + y^2)
//   roots as powers                             sqrt(x) + x/(2*sqrt(x)) is 3*sqrt(x)/2
//   sin² + cos² and cosh² − sinh² as 1, x·sign(x) as |x|, x·x^(x − 1) as x^x
// Polynomials stay as they are, and so do arguments of functions and formulas of more than 1500 nodes.
Expr readable(const Expr& u);

}  // namespace descent::formula
