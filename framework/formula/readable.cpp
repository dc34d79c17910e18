#include "framework/formula/readable.hpp"

#include "framework/formula/functions.hpp"
#include "framework/formula/printer.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

namespace descent::formula {
namespace {

constexpr std::uint32_t kMostNodes = 1500;
constexpr std::size_t kMostTerms = 64;

bool is_call(const Expr& u, std::string_view name) { return u->kind == Kind::function && u->function->name == name; }

// What is easier to read; of equally long ones the first.
Expr shorter(const Expr& a, const Expr& b) { return to_text(b).size() < to_text(a).size() ? b : a; }

struct Part {
  Expr base;
  Number exponent;
};

// A product: factor · Π baseᵉ, each base once, roots of what varies as powers of ½.
struct Term {
  Number factor = Number(1.0);
  std::vector<Part> parts;

  Part* find(const Expr& base) {
    const auto at = std::ranges::find_if(parts, [&](const Part& part) { return equal(part.base, base); });
    return at == parts.end() ? nullptr : &*at;
  }
  Number exponent_of(const Expr& base) const {
    const auto at = std::ranges::find_if(parts, [&](const Part& part) { return equal(part.base, base); });
    return at == parts.end() ? Number(0.0) : at->exponent;
  }
  void multiply(const Expr& base, const Number& exponent) {
    if (Part* const known = find(base))
      known->exponent = known->exponent + exponent;
    else
      parts.push_back({base, exponent});
  }
};

// Number of a sum that is one, 0 without: −1 of x − 1.
Number constant_of(const Expr& sum) {
  if (sum->kind == Kind::sum)
    for (const Expr& term : sum->operands)
      if (term->kind == Kind::number) return term->number;
  return Number(0.0);
}

void multiply_in(Term& term, const Expr& factor) {
  Expr base = factor;
  Number exponent(1.0);
  if (base->kind == Kind::power && base->operands[1]->kind == Kind::number) {
    exponent = base->operands[1]->number;
    base = base->operands[0];
  }
  if (is_call(base, "sqrt") && base->operands[0]->symbols != 0) {
    exponent = exponent * Number::ratio(1, 2);
    base = base->operands[0];
  }
  // x^(x − 1) is x^x x^−1.
  if (base->kind == Kind::power && base->operands[0]->symbols != 0 && exponent.is_integer()) {
    const Number k = constant_of(base->operands[1]);
    if (!k.is_zero()) {
      term.multiply(base->operands[0], k * exponent);
      base = power(base->operands[0], add({base->operands[1], number(-k)}, Style::tidy), Style::tidy);
    }
  }
  term.multiply(base, exponent);
}

// |u| sign u = u, u sign u = |u|, |u|² = u², step² = step, step(u) relu(u) = relu(u).
void tidy_kinks(Term& term) {
  const auto whole = [](const Number& e) { return e.is_integer() && !e.is_negative() && !e.is_zero(); };
  const Number one(1.0), two(2.0);
  for (std::size_t k = 0; k < term.parts.size(); ++k) {
    const Expr base = term.parts[k].base;
    if (base->kind != Kind::function || base->operands.size() != 1 || !whole(term.parts[k].exponent)) continue;
    const Expr& u = base->operands[0];
    if (is_call(base, "sign")) {
      const Expr size = apply(*find_function("abs"), {u});
      for (bool again = true; again && whole(term.parts[k].exponent);) {
        again = false;
        for (const auto& [from, to] : {std::pair{size, u}, std::pair{u, size}})
          if (const Part* const other = term.find(from); other != nullptr && whole(other->exponent)) {
            term.multiply(base, -one);
            term.multiply(from, -one);
            term.multiply(to, one);
            again = true;
            break;
          }
      }
    } else if (is_call(base, "step")) {
      term.parts[k].exponent = one;
      if (term.find(apply(*find_function("relu"), {u})) != nullptr) term.multiply(base, -one);
    }
  }
  for (std::size_t k = 0; k < term.parts.size(); ++k) {
    const Expr base = term.parts[k].base;
    if (!is_call(base, "abs") || !whole(term.parts[k].exponent)) continue;
    while (term.parts[k].exponent.value() >= 2) {
      term.multiply(base, -two);
      term.multiply(base->operands[0], two);
    }
  }
}

std::optional<Term> term_of(const Expr& u) {
  Term term;
  const std::vector<Expr> only = {u};
  for (const Expr& factor : u->kind == Kind::product ? u->operands : only) {
    if (factor->kind == Kind::number) {
      term.factor = term.factor * factor->number;
      if (!std::isfinite(term.factor.value()) || term.factor.is_zero()) return std::nullopt;
    } else {
      multiply_in(term, factor);
    }
  }
  tidy_kinks(term);
  return term;
}

Expr expression_of(const Part& part) {
  const Number half = Number::ratio(1, 2);
  if (part.exponent == half || part.exponent == -half) {
    const Expr root = apply(*find_function("sqrt"), {part.base});
    return part.exponent == half ? root : power(root, number(-1.0), Style::tidy);
  }
  return power(part.base, number(part.exponent), Style::tidy);
}

Expr expression_of(Term term) {
  // x^x x^−1 is x^(x − 1).
  for (Part& part : term.parts) {
    if (part.base->kind != Kind::power || part.base->operands[1]->kind == Kind::number || !part.exponent.is_one())
      continue;
    Part* const other = term.find(part.base->operands[0]);
    if (other == nullptr || !other->exponent.is_integer()) continue;
    const Expr exponent = add({part.base->operands[1], number(other->exponent)}, Style::tidy);
    other->exponent = Number(0.0);
    part.base = power(part.base->operands[0], exponent, Style::tidy);
  }
  std::vector<Expr> factors = {number(term.factor)};
  for (const Part& part : term.parts)
    if (!part.exponent.is_zero()) factors.push_back(expression_of(part));
  return multiply(factors, Style::tidy);
}

std::vector<Expr> terms_of(const Expr& u) { return u->kind == Kind::sum ? u->operands : std::vector<Expr>{u}; }

Expr with_roots_as_powers(const Expr& u) {
  const auto term = term_of(u);
  return term ? expression_of(*term) : u;
}

// u multiplied out, or nothing when that makes too many terms.
std::optional<Expr> expanded(const Expr& u) {
  constexpr double kMostPower = 4;
  std::vector<Expr> all;
  for (const Expr& term : terms_of(u)) {
    std::vector<Expr> products = {number(1.0)};
    const std::vector<Expr> only = {term};
    for (const Expr& factor : term->kind == Kind::product ? term->operands : only) {
      Expr base = factor;
      int times = 1;
      if (factor->kind == Kind::power && factor->operands[0]->kind == Kind::sum &&
          factor->operands[1]->kind == Kind::number) {
        const Number& e = factor->operands[1]->number;
        if (e.is_integer() && !e.is_negative() && e.value() <= kMostPower) {
          base = factor->operands[0];
          times = static_cast<int>(e.value());
        }
      }
      for (; times > 0; --times) {
        std::vector<Expr> next;
        for (const Expr& product : products)
          for (const Expr& part : terms_of(base)) next.push_back(multiply({product, part}, Style::tidy));
        if (next.size() > kMostTerms) return std::nullopt;
        products = terms_of(add(next, Style::tidy));
      }
    }
    for (const Expr& product : products) all.push_back(with_roots_as_powers(product));
    if (all.size() > kMostTerms) return std::nullopt;
  }
  return add(all, Style::tidy);
}

// c R sin²u + c R cos²u is c R, and so is c R cosh²u − c R sinh²u.
Expr by_pythagoras(const Expr& sum) {
  if (sum->kind != Kind::sum || sum->operands.size() > kMostTerms) return sum;
  const auto without_square = [](const Expr& u, std::string_view name) {
    std::vector<std::pair<Expr, Expr>> found;  // the argument, and what is left
    const std::vector<Expr> only = {u};
    const std::vector<Expr>& factors = u->kind == Kind::product ? u->operands : only;
    for (std::size_t k = 0; k < factors.size(); ++k) {
      const Expr& factor = factors[k];
      if (factor->kind != Kind::power || !is_number(factor->operands[1], 2) || !is_call(factor->operands[0], name))
        continue;
      std::vector<Expr> rest = factors;
      rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(k));
      found.emplace_back(factor->operands[0]->operands[0], multiply(rest, Style::tidy));
    }
    return found;
  };
  const std::vector<Expr>& terms = sum->operands;
  for (std::size_t i = 0; i < terms.size(); ++i)
    for (std::size_t j = 0; j < terms.size(); ++j)
      for (const auto& [first, second, sign] : {std::tuple{"cos", "sin", 1.0}, std::tuple{"cosh", "sinh", -1.0}})
        for (const auto& [u, rest] : without_square(terms[i], first))
          for (const auto& [v, other] : without_square(terms[j], second)) {
            if (i == j || !equal(u, v) || !equal(rest, multiply({number(sign), other}, Style::tidy))) continue;
            std::vector<Expr> left = {rest};
            for (std::size_t k = 0; k < terms.size(); ++k)
              if (k != i && k != j) left.push_back(terms[k]);
            return by_pythagoras(add(left, Style::tidy));
          }
  return sum;
}

// The fraction in front of all terms, negative when all are; ±1 where one is a decimal.
Number common_number(const std::vector<Expr>& terms) {
  constexpr std::int64_t kMost = 1'000'000;
  std::int64_t over = 0, below = 1;
  bool negative = true, fractions = true;
  for (const Expr& term : terms) {
    const Number factor = split_factor(term).factor;
    negative = negative && factor.is_negative();
    fractions = fractions && (factor.is_integer() || factor.is_ratio()) && below <= kMost &&
                std::abs(factor.numerator()) <= kMost && factor.denominator() <= kMost;
    if (!fractions) continue;
    over = std::gcd(over, factor.numerator());
    below = std::lcm(below, factor.denominator());
  }
  return Number::ratio((fractions ? over : 1) * (negative ? -1 : 1), fractions ? below : 1);
}

// Two terms or more that are worth it share a factor: F · rest. `fractions`: only factors below the line.
std::optional<Term> shared(const std::vector<Term>& terms, bool fractions) {
  Term common;
  bool worth_it = false;
  for (const Term& term : terms)
    for (const Part& part : term.parts) {
      if (common.find(part.base) != nullptr) continue;
      Number least = term.exponent_of(part.base);
      for (const Term& other : terms)
        if (const Number e = other.exponent_of(part.base); e.value() < least.value()) least = e;
      if (fractions && !least.is_negative()) continue;
      common.parts.push_back({part.base, least});
      const bool plain = part.base->kind == Kind::symbol && least.is_integer() && !least.is_negative();
      worth_it = worth_it || (!least.is_zero() && !plain && part.base->symbols != 0);
    }
  return worth_it ? std::optional(std::move(common)) : std::nullopt;
}

std::optional<Expr> factored(const Expr& sum, bool fractions = false, int depth = 0) {
  constexpr int kDeepest = 3;
  if (depth > kDeepest) return std::nullopt;
  if (sum->kind != Kind::sum || sum->operands.size() > kMostTerms) return std::nullopt;
  std::vector<Term> terms;
  for (const Expr& each : sum->operands) {
    const auto term = term_of(each);
    if (!term) return std::nullopt;
    terms.push_back(*term);
  }
  const auto common = shared(terms, fractions);
  if (!common) return std::nullopt;
  std::vector<Expr> left;
  for (Term& term : terms) {
    for (const Part& part : common->parts) term.multiply(part.base, -part.exponent);
    left.push_back(expression_of(std::move(term)));
  }
  Expr rest = by_pythagoras(add(left, Style::tidy));
  if (const auto apart = expanded(rest)) rest = shorter(rest, by_pythagoras(*apart));
  if (const auto more = factored(rest, fractions, depth + 1))
    return multiply({expression_of(*common), *more}, Style::tidy);
  const Number front = common_number(terms_of(rest));
  if (rest->kind == Kind::sum && !front.is_one()) {
    const auto inverse = front.power(-1);
    std::vector<Expr> divided;
    for (const Expr& term : rest->operands) divided.push_back(multiply({number(*inverse), term}, Style::tidy));
    rest = add(divided, Style::tidy);
    return multiply({number(front), expression_of(*common), rest}, Style::tidy);
  }
  return multiply({expression_of(*common), rest}, Style::tidy);
}

Expr readable_sum(const Expr& u) {
  std::vector<Expr> terms;
  for (const Expr& term : u->operands) terms.push_back(readable(term));
  Expr best = shorter(u, by_pythagoras(add(terms, Style::tidy)));
  const auto other = factored(best);
  return other ? shorter(*other, best) : best;
}

// Also of a power, which is a product of one.
Expr readable_product(const Expr& u) {
  std::vector<Expr> factors;
  const std::vector<Expr> only = {u};
  for (const Expr& factor : u->kind == Kind::product ? u->operands : only)
    factors.push_back(factor->kind == Kind::sum ? readable_sum(factor) : factor);
  const auto term = term_of(multiply(factors, Style::tidy));
  if (!term) return u;
  const Expr best = shorter(expression_of(*term), u);
  for (Expr& factor : factors) {  // fractions in fractions
    const bool raised = factor->kind == Kind::power && factor->operands[1]->kind == Kind::number;
    const Expr base = raised ? factor->operands[0] : factor;
    if (raised && !factor->operands[1]->number.is_integer()) continue;
    if (const auto cleared = factored(base, true))
      factor = raised ? power(*cleared, factor->operands[1], Style::tidy) : *cleared;
  }
  const auto cleared = term_of(multiply(factors, Style::tidy));
  return cleared ? shorter(best, expression_of(*cleared)) : best;
}

}  // namespace

Expr readable(const Expr& u) {
  if (u->size > kMostNodes) return u;
  switch (u->kind) {
    case Kind::sum:
      return readable_sum(u);
    case Kind::product:
    case Kind::power:
      return readable_product(u);
    case Kind::function:
      return u->function->sums_rows ? apply(*u->function, {readable(u->operands[0])}) : u;
    default:
      return u;
  }
}

}  // namespace descent::formula
