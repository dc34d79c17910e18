// Formulas as trees: immutable, shared, built by constructors that tidy as they go.
//
// What the constructors do in either style: flatten sums and products, fold numbers, collect equal terms
// (x + 2*x is 3*x) and equal bases (x*x^2 is x^3), order factors (number, constants, variables, functions,
// sums). Sums keep the order in which their terms appear.
//
// Style::faithful, for what a person typed, never changes a value beyond its rounding: x/x stays, because
// it has no value at 0; so do x^2/x, sqrt(x)^2 and 0*log(x), which is also what log(x) - log(x) becomes.
// Style::tidy, for derivatives, holds where the formula itself has a derivative: there x/x is 1, and a
// number is multiplied into a sum when terms then fall together.
#pragma once

#include "framework/formula/number.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace descent::formula {

struct Function;
struct Node;
using Expr = std::shared_ptr<const Node>;

enum class Kind : std::uint8_t { number, constant, symbol, sum, product, power, function };
enum class Style { faithful, tidy };

struct Node {
  Kind kind;
  Number number = {};                  // of a number, and the value of a constant
  std::string name = {};               // of a symbol or constant
  std::uint32_t index = 0;             // of a symbol, among the formula's variables
  const Function* function = nullptr;  // its row
  std::vector<Expr> operands = {};     // terms; factors (a number first, unless it is 1); base and exponent; arguments

  std::uint64_t hash = 0;     // equal expressions have equal hashes, whatever the order in their sums
  std::uint64_t symbols = 0;  // bit k: variable k occurs
  std::uint32_t size = 1;     // nodes of the tree, shared ones counted each time; stops at 2^32 − 1
  bool total = true;          // has a finite value at every point, but for overflow
};

constexpr std::size_t kMostVariables = 64;

Expr number(const Number& x);
Expr ratio(std::int64_t p, std::int64_t q);
Expr constant(std::string_view name, double value);  // pi, e: kept by name
Expr symbol(std::uint32_t index, std::string name);
Expr add(const std::vector<Expr>& terms, Style style = Style::faithful);
Expr multiply(const std::vector<Expr>& factors, Style style = Style::faithful);
Expr power(const Expr& base, const Expr& exponent, Style style = Style::faithful);
Expr apply(const Function& function, std::vector<Expr> arguments);

Expr negate(const Expr& u, Style style = Style::faithful);
Expr divide(const Expr& u, const Expr& v, Style style = Style::faithful);

bool equal(const Expr& a, const Expr& b);
bool is_number(const Expr& u, double value);
bool depends_on(const Expr& u, std::uint32_t variable);

// Number times rest, of a product; of anything else 1 times itself. The rest of a number is 1.
struct Scaled {
  Number factor;
  Expr rest;
};
Scaled split_factor(const Expr& u);

// The same expression with symbol k replaced by with[k], rebuilt in a style.
Expr substitute(const Expr& u, const std::vector<Expr>& with, Style style);

namespace detail {
// A node as it stands, its hash and counts filled in; `operands` must be in the form the kind asks for.
Expr make(Kind kind, std::vector<Expr> operands, const Function* function = nullptr);
}  // namespace detail

}  // namespace descent::formula
