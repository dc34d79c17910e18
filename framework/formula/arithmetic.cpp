// Sums, products and powers: what the constructors collect and fold.
#include "framework/formula/expression.hpp"
#include "framework/formula/functions.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <tuple>
#include <unordered_map>

namespace descent::formula {
namespace {

struct Hash {
  std::size_t operator()(const Expr& u) const { return u->hash; }
};
struct Equal {
  bool operator()(const Expr& a, const Expr& b) const { return equal(a, b); }
};
using Places = std::unordered_map<Expr, std::size_t, Hash, Equal>;

const Expr& one() {
  static const Expr node = number(1.0);
  return node;
}

// factor · rest, where rest has no number in front.
Expr scaled(const Number& factor, const Expr& rest) {
  if (is_number(rest, 1)) return number(factor);
  if (factor.is_one()) return rest;
  std::vector<Expr> factors = {number(factor)};
  if (rest->kind == Kind::product)
    factors.insert(factors.end(), rest->operands.begin(), rest->operands.end());
  else
    factors.push_back(rest);
  return detail::make(Kind::product, std::move(factors));
}

// The terms of a sum under way, in order of appearance, those with equal rests as one.
class Terms {
 public:
  explicit Terms(Style style) : style_(style) {}

  void add(const Number& factor, const Expr& term) {
    if (term->kind == Kind::sum && (factor.is_one() || (style_ == Style::tidy && (factor == Number(-1.0))))) {
      for (const Expr& inner : term->operands) add(factor, inner);
      return;
    }
    const auto [own, rest] = split_factor(term);
    collect(factor * own, rest);
  }

  // Multiplies numbers into sums, 2*(x + 1) to 2*x + 2.
  Terms distributed() const {
    Terms result(style_);
    for (const Scaled& term : terms_)
      if (term.rest->kind == Kind::sum)
        for (const Expr& inner : term.rest->operands) result.add(term.factor, inner);
      else
        result.collect(term.factor, term.rest);
    return result;
  }

  std::size_t leaves() const {
    std::size_t count = 0;
    for (const Scaled& term : terms_) count += term.rest->kind == Kind::sum ? term.rest->operands.size() : 1;
    return count;
  }

  std::vector<Expr> finished() const {
    std::vector<Expr> result;
    for (const Scaled& term : terms_)
      if (!term.factor.is_zero() || !(term.rest->total || style_ == Style::tidy))
        result.push_back(scaled(term.factor, term.rest));
    return result;
  }

 private:
  void collect(const Number& factor, const Expr& rest) {
    const auto [place, fresh] = places_.try_emplace(rest, terms_.size());
    if (fresh) {
      terms_.push_back({factor, rest});
      return;
    }
    Scaled& term = terms_[place->second];
    const Number sum = term.factor + factor;
    if (std::isfinite(sum.value()))
      term.factor = sum;
    else
      terms_.push_back({factor, rest});
  }

  Style style_;
  std::vector<Scaled> terms_;
  Places places_;
};

// y - 1 reads better than -1 + y, and so does 2 - sin(x) than -sin(x) + 2.
void positive_first(std::vector<Expr>& terms) {
  const auto positive = [](const Expr& term) { return !split_factor(term).factor.is_negative(); };
  const auto found = std::ranges::find_if(terms, positive);
  if (found == terms.end() || found == terms.begin()) return;
  if (terms[0]->kind == Kind::number) std::rotate(terms.begin(), terms.begin() + 1, terms.end());
  const auto first = std::ranges::find_if(terms, positive);
  std::rotate(terms.begin(), first, first + 1);
}

// A base with the whole-number exponents it has collected, or one factor that combines with nothing.
struct Base {
  Expr base;
  Number exponent;
  bool hole = false;  // some exponent was negative: no value where the base is 0
};

bool never_zero(const Expr& u) {
  return (u->kind == Kind::function && u->function->never_zero) || u->kind == Kind::constant;
}

// The factors of a product under way.
class Factors {
 public:
  explicit Factors(Style style) : style_(style) {}

  void multiply(const Expr& u) {
    if (u->kind == Kind::product) {
      for (const Expr& factor : u->operands) multiply(factor);
      return;
    }
    if (u->kind == Kind::number) {
      const Number product = factor_ * u->number;
      // A product beyond the range of a double is left to the point where it is evaluated.
      const bool lost =
          !std::isfinite(product.value()) || (product.is_zero() && !factor_.is_zero() && !u->number.is_zero());
      if (lost)
        bases_.push_back({u, Number(1.0)});
      else
        factor_ = product;
      return;
    }
    if (u->kind == Kind::power && u->operands[1]->kind == Kind::number)
      collect(u->operands[0], u->operands[1]->number);
    else
      collect(u, Number(1.0));
  }

  Expr finished() {
    std::vector<Expr> factors;
    for (const Base& base : bases_) emit(base, factors);
    if (factor_.is_zero()) {
      if (style_ == Style::tidy) return number(0.0);
      std::erase_if(factors, [](const Expr& factor) { return factor->total; });
    }
    std::ranges::stable_sort(factors, before);
    if (factors.empty()) return number(factor_);
    if (factors.size() == 1) return scaled(factor_, factors[0]);
    if (!factor_.is_one()) factors.insert(factors.begin(), number(factor_));
    return detail::make(Kind::product, std::move(factors));
  }

 private:
  // Whether b^m b^n may become b^(m+n): nothing gained where b < 0 or b = 0.
  bool may_merge(const Number& m, const Number& n) const {
    if (style_ == Style::tidy || (m.is_integer() && n.is_integer())) return true;
    const Number sum = m + n;
    return !sum.is_integer() && (sum.is_negative() || !(m.is_negative() || n.is_negative()));
  }

  void collect(const Expr& base, const Number& exponent) {
    const auto [place, fresh] = places_.try_emplace(base, bases_.size());
    const bool hole = exponent.is_negative() && !never_zero(base) && style_ == Style::faithful;
    if (fresh) {
      bases_.push_back({base, exponent, hole});
      return;
    }
    Base& known = bases_[place->second];
    if (!may_merge(known.exponent, exponent)) {
      bases_.push_back({base, exponent, hole});
      return;
    }
    known.exponent = known.exponent + exponent;
    known.hole = known.hole || hole;
  }

  static void emit(const Base& base, std::vector<Expr>& factors) {
    Number exponent = base.exponent;
    if (base.hole && !exponent.is_negative()) {  // x/x keeps its hole at 0
      factors.push_back(detail::make(Kind::power, {base.base, number(-1.0)}));
      exponent = exponent + Number(1.0);
    }
    if (exponent.is_zero()) return;
    factors.push_back(exponent.is_one() ? base.base : detail::make(Kind::power, {base.base, number(exponent)}));
  }

  // Constants, variables as they appear in the formula, functions, sums. Compared by what does not depend
  // on the order in which factors were met, so that x*y and y*x are one.
  static auto key(const Expr& factor) {
    const bool numeric = factor->kind == Kind::power && factor->operands[1]->kind == Kind::number;
    const Expr& base = numeric ? factor->operands[0] : factor;
    const int rank = base->symbols == 0 ? 0 : base->kind == Kind::symbol ? 1 : base->kind == Kind::sum ? 3 : 2;
    const std::ptrdiff_t row = base->function == nullptr ? -1 : base->function - functions().data();
    return std::tuple(rank, base->symbols & -base->symbols, row, base->size, base->hash);
  }
  static bool before(const Expr& a, const Expr& b) { return key(a) < key(b); }

  Style style_;
  Number factor_ = Number(1.0);
  std::vector<Base> bases_;
  Places places_;
};

// b^m with a whole number m, where it can be written more simply.
std::optional<Expr> whole_power(const Expr& base, const Number& exponent, Style style) {
  const auto m = static_cast<std::int64_t>(exponent.value());
  if (m == 1) return base;
  if (m == 0) return base->total || style == Style::tidy ? std::optional(one()) : std::nullopt;
  if (base->kind == Kind::number) {
    const auto folded = base->number.power(m);
    return folded ? std::optional(number(*folded)) : std::nullopt;
  }
  if (base->kind == Kind::power && base->operands[1]->kind == Kind::number) {
    const Number& inner = base->operands[1]->number;
    const bool fills_hole = m < 0 && inner.is_negative() && style == Style::faithful;
    if (inner.is_integer() && !fills_hole) return power(base->operands[0], number(inner * exponent), style);
  }
  if (base->kind == Kind::product) {
    // Powers of the parts may overflow where the product does not, so only small ones are taken apart.
    constexpr std::int64_t kMost = 8;
    const bool apart = m == -1 || (style == Style::tidy && std::abs(m) <= kMost);
    if (apart) {
      std::vector<Expr> factors;
      for (const Expr& factor : base->operands) {
        if (factor->kind == Kind::number && !factor->number.power(m)) return std::nullopt;
        factors.push_back(power(factor, number(exponent), style));
      }
      return multiply(factors, style);
    }
  }
  return std::nullopt;
}

}  // namespace

Scaled split_factor(const Expr& u) {
  if (u->kind == Kind::number) return {u->number, one()};
  if (u->kind != Kind::product || u->operands[0]->kind != Kind::number) return {Number(1.0), u};
  if (u->operands.size() == 2) return {u->operands[0]->number, u->operands[1]};
  return {u->operands[0]->number, detail::make(Kind::product, {u->operands.begin() + 1, u->operands.end()})};
}

Expr add(const std::vector<Expr>& terms, Style style) {
  Terms sum(style);
  for (const Expr& term : terms) sum.add(Number(1.0), term);
  std::vector<Expr> result = sum.finished();
  if (style == Style::tidy) {
    const Terms apart = sum.distributed();
    std::vector<Expr> expanded = apart.finished();
    if (expanded.size() < sum.leaves() && result.size() > 1) result = std::move(expanded);
    positive_first(result);
  }
  if (result.empty()) return number(0.0);
  if (result.size() == 1) return result[0];
  return detail::make(Kind::sum, std::move(result));
}

Expr multiply(const std::vector<Expr>& factors, Style style) {
  Factors product(style);
  for (const Expr& factor : factors) product.multiply(factor);
  return product.finished();
}

Expr power(const Expr& base, const Expr& exponent, Style style) {
  if (exponent->kind == Kind::number && exponent->number.is_integer())
    if (const auto simple = whole_power(base, exponent->number, style)) return *simple;
  if (is_number(base, 1) && (exponent->total || style == Style::tidy)) return one();
  if (is_number(base, 0) && exponent->kind == Kind::number && exponent->number.value() > 0) return base;
  return detail::make(Kind::power, {base, exponent});
}

}  // namespace descent::formula
