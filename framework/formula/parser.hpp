// From a learner's text to expressions.
//
//   2x  3x y  2(x + 1)      a product needs no sign; names are whole: xy is one name, x y a product
//   x^2  x**2  2^-x         powers bind tightest and from the right; -x^2 is -(x^2)
//   sin(x)  max(x, y, 0)    a name before "(" is a function, never a product
//   pi  e  1e-3  .5         constants and numbers
//   − × · ÷ π x²            signs of print
//   x^2*y, x + sin(y)       commas on top separate the outputs of a vector formula
//   sum((y - a*x)^2)        a sum over the rows of a data table, see formula_sum.hpp
//
// 1/2x is refused: people mean (1/2)*x or 1/(2*x). Variables are numbered as they appear.
#pragma once

#include "framework/formula/expression.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace descent::formula {

constexpr std::size_t kMostNodes = 10'000;     // numbers, names and operators of a formula
constexpr std::size_t kMostNesting = 200;      // levels of parentheses, signs and exponents
constexpr std::size_t kMostBytes = 1'000'000;  // of text

struct Parsed {
  std::vector<Expr> outputs;           // one or more
  std::vector<std::string> variables;  // by index
};

// Throws Error(usage): the column, what was found, what was expected, and the formula with a caret:
//
//   formula, column 7: found '*', but '+' before it needs a number, a variable, a function or '('
//     x^2 + * y
//           ^
//
// Takes time in proportion to the text up to the first mistake, and no more stack than kMostNesting levels.
Parsed parse(std::string_view text);

// A factor of rows' sum and a part without data: f = factor · sum(summand) + rest.
struct SumParts {
  Expr factor;   // a number
  Expr summand;  // E of sum(E)
  Expr rest;     // 0 when there is none
};
// The parts of a formula that holds sum(…), or an empty summand when it does not. parse() has made sure
// that there is at most one sum and that it stands on top.
SumParts sum_parts(const Expr& output);

}  // namespace descent::formula
