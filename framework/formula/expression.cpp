#include "framework/formula/expression.hpp"

#include "framework/formula/functions.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <functional>
#include <limits>

namespace descent::formula {
namespace {

// The finaliser of splitmix64: every bit of x reaches every bit of the result.
std::uint64_t mix(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15u;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

std::uint64_t hash_of(const Node& node) {
  std::uint64_t hash = mix(static_cast<std::uint64_t>(node.kind));
  if (node.kind == Kind::number) return mix(hash ^ std::bit_cast<std::uint64_t>(node.number.value() + 0.0));
  if (node.kind == Kind::symbol) return mix(hash ^ node.index);
  if (node.kind == Kind::constant) return mix(hash ^ std::hash<std::string>{}(node.name));
  if (node.function != nullptr) hash = mix(hash ^ std::hash<std::string_view>{}(node.function->name));
  if (node.kind == Kind::sum) {
    for (const Expr& term : node.operands) hash += mix(term->hash);
    return mix(hash);
  }
  for (const Expr& operand : node.operands) hash = mix(hash ^ operand->hash);
  return hash;
}

bool is_total(const Node& node) {
  for (const Expr& operand : node.operands)
    if (!operand->total) return false;
  if (node.kind == Kind::function) return node.function->domain.empty() && !node.function->sums_rows;
  if (node.kind == Kind::power) {
    const Node &base = *node.operands[0], &exponent = *node.operands[1];
    const bool positive_base = (base.kind == Kind::number && base.number.value() > 0) || base.kind == Kind::constant ||
                               (base.kind == Kind::function && base.function->never_zero);
    return positive_base ||
           (exponent.kind == Kind::number && exponent.number.is_integer() && !exponent.number.is_negative());
  }
  return true;
}

Expr finished(Node&& node) {
  node.hash = hash_of(node);
  std::uint64_t size = 1;
  for (const Expr& operand : node.operands) {
    node.symbols |= operand->symbols;
    size += operand->size;
  }
  node.size = static_cast<std::uint32_t>(std::min<std::uint64_t>(size, std::numeric_limits<std::uint32_t>::max()));
  node.total = is_total(node);
  return std::make_shared<const Node>(std::move(node));
}

std::vector<Expr> by_hash(std::vector<Expr> terms) {
  std::ranges::sort(terms, {}, [](const Expr& term) { return term->hash; });
  return terms;
}

}  // namespace

Expr detail::make(Kind kind, std::vector<Expr> operands, const Function* function) {
  Node node{.kind = kind};
  node.function = function;
  node.operands = std::move(operands);
  return finished(std::move(node));
}

Expr number(const Number& x) { return finished(Node{.kind = Kind::number, .number = x}); }

Expr ratio(std::int64_t p, std::int64_t q) { return number(Number::ratio(p, q)); }

Expr constant(std::string_view name, double value) {
  return finished(Node{.kind = Kind::constant, .number = Number(value), .name = std::string(name)});
}

Expr symbol(std::uint32_t index, std::string name) {
  assert(index < kMostVariables);
  Node node{.kind = Kind::symbol, .number = {}, .name = std::move(name)};
  node.index = index;
  node.symbols = std::uint64_t(1) << index;
  return finished(std::move(node));
}

Expr negate(const Expr& u, Style style) { return multiply({number(-1.0), u}, style); }

Expr divide(const Expr& u, const Expr& v, Style style) { return multiply({u, power(v, number(-1.0), style)}, style); }

Expr apply(const Function& function, std::vector<Expr> arguments) {
  assert(function.sums_rows || arguments.size() == function.arguments());
  const Expr& u = arguments[0];
  const bool numbers =
      std::ranges::all_of(arguments, [](const Expr& argument) { return argument->kind == Kind::number; });
  if (numbers && !function.sums_rows) {
    const double x = u->number.value();
    const double y = function.value2 != nullptr ? function.value2(x, arguments[1]->number.value()) : function.value(x);
    const bool whole = y == std::floor(y) && std::abs(y) < 1e15;
    if (function.value2 != nullptr) return x == y ? u : arguments[1];
    if (whole && (function.exact || (u->number.is_integer() && std::abs(x) <= 1))) return number(y);
  }
  if (function.value2 != nullptr && u->total && equal(u, arguments[1])) return u;
  if (function.name == "log" && u->kind == Kind::constant && u->name == "e") return number(1.0);
  return detail::make(Kind::function, std::move(arguments), &function);
}

bool equal(const Expr& a, const Expr& b) {
  if (a == b) return true;
  if (a->hash != b->hash || a->kind != b->kind || a->operands.size() != b->operands.size()) return false;
  if (a->function != b->function) return false;
  switch (a->kind) {
    case Kind::number:
      return a->number == b->number;
    case Kind::constant:
      return a->name == b->name;
    case Kind::symbol:
      return a->index == b->index;
    case Kind::sum:
      return std::ranges::equal(by_hash(a->operands), by_hash(b->operands), equal);
    default:
      return std::ranges::equal(a->operands, b->operands, equal);
  }
}

bool is_number(const Expr& u, double value) { return u->kind == Kind::number && u->number.value() == value; }

bool depends_on(const Expr& u, std::uint32_t variable) { return (u->symbols >> variable & 1) != 0; }

Expr substitute(const Expr& u, const std::vector<Expr>& with, Style style) {
  if (u->symbols == 0) return u;
  if (u->kind == Kind::symbol) return with[u->index];
  std::vector<Expr> operands;
  for (const Expr& operand : u->operands) operands.push_back(substitute(operand, with, style));
  switch (u->kind) {
    case Kind::sum:
      return add(operands, style);
    case Kind::product:
      return multiply(operands, style);
    case Kind::power:
      return power(operands[0], operands[1], style);
    default:
      return apply(*u->function, std::move(operands));
  }
}

}  // namespace descent::formula
