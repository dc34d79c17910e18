// The functions a formula may use: rows of one table.
#pragma once

#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace descent::formula {

struct Slopes {
  double first = 0;   // f′(u)
  double second = 0;  // f″(u)
};

// Adding a function is one row in functions.cpp: parser, derivative, printers, tape, messages and tests walk the table.
struct Function {
  std::string_view name = {};
  double (*value)(double u) = nullptr;             // of one argument; null for two
  double (*value2)(double u, double v) = nullptr;  // of two
  Slopes (*slopes)(double u, double f) = nullptr;  // at u, where the value is f; unused for min and max
  std::string_view derivative = {};                // ∂/∂u, as a formula of u (and v)
  std::string_view derivative2 = {};               // ∂/∂v
  std::string_view latex = {};                     // a command before "\left(…\right)"; with # a pattern around u
  std::string_view domain = {};                    // what u must be: "a number > 0"; "" for any number
  double (*kink)(double u) = nullptr;  // distance from u (or u − v) to where there is no derivative; null: nowhere
  bool exact = false;                  // whole numbers go to whole numbers: sqrt(4) is folded to 2
  bool never_zero = false;             // so u/u is 1
  bool sums_rows = false;              // sum(…) over a data table: no value of its own

  std::size_t arguments() const { return value2 != nullptr ? 2 : 1; }
};

std::span<const Function> functions();
const Function* find_function(std::string_view name);  // also by alias (ln); null when there is none
std::vector<std::string> function_names();             // with aliases

// What people call functions elsewhere: "arcsin" is our asin. "" when we know no better.
std::string_view foreign_name(std::string_view name);
// How to write functions that are not here: "cot(x)" is "1/tan(x)". Empty when we know no way.
struct Instead {
  std::string_view name, call, ours;
};
const Instead* find_instead(std::string_view name);

struct Constant {
  std::string_view name;
  double value;
  std::string_view latex;
};
std::span<const Constant> constants();

}  // namespace descent::formula
