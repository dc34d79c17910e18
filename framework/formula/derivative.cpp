#include "framework/formula/derivative.hpp"

#include "framework/error.hpp"
#include "framework/formula/functions.hpp"
#include "framework/formula/parser.hpp"

#include <map>
#include <unordered_map>

namespace descent::formula {
namespace {

// The table's derivatives, read once: formulas of u (variable 0) and v (1).
struct Rules {
  Expr first, second;
};

Expr rule(std::string_view text) {
  // Written with u in front so that u is variable 0 and v variable 1, whichever comes first in the rule.
  return text.empty() ? nullptr : parse("u, v, " + std::string(text)).outputs[2];
}

const Rules& rules(const Function& function) {
  static const std::map<const Function*, Rules> table = [] {
    std::map<const Function*, Rules> result;
    for (const Function& row : functions()) result[&row] = {rule(row.derivative), rule(row.derivative2)};
    return result;
  }();
  return table.at(&function);
}

class Differentiator {
 public:
  Differentiator(std::uint32_t variable, std::size_t budget) : variable_(variable), budget_(budget) {}

  Expr of(const Expr& u) {
    if (!depends_on(u, variable_)) return number(0.0);
    if (u->kind == Kind::symbol) return number(1.0);
    if (const auto known = done_.find(u.get()); known != done_.end()) return known->second;
    Expr result = fresh(u);
    require(result->size);
    done_.emplace(u.get(), result);
    return result;
  }

  void require(std::uint64_t nodes) const {
    if (nodes > budget_)
      throw Error(Fault::usage,
                  "the derivative would have more than {} numbers, names and operators: too many to write down; its "
                  "values at a point can still be computed",
                  kMostDerivativeNodes);
  }

 private:
  Expr fresh(const Expr& u) {
    switch (u->kind) {
      case Kind::sum: {
        std::vector<Expr> terms;
        for (const Expr& term : u->operands)
          if (depends_on(term, variable_)) terms.push_back(of(term));
        return add(terms, Style::tidy);
      }
      case Kind::product:
        return product(u);
      case Kind::power:
        return raised(u->operands[0], u->operands[1]);
      default:
        return call(u);
    }
  }

  Expr product(const Expr& u) {
    std::uint64_t size = 0;
    for (const Expr& factor : u->operands)
      if (depends_on(factor, variable_)) size += u->size;
    require(size);
    std::vector<Expr> terms;
    for (std::size_t k = 0; k < u->operands.size(); ++k) {
      if (!depends_on(u->operands[k], variable_)) continue;
      std::vector<Expr> factors = u->operands;
      factors[k] = of(factors[k]);
      terms.push_back(multiply(factors, Style::tidy));
    }
    return add(terms, Style::tidy);
  }

  Expr raised(const Expr& base, const Expr& exponent) {
    std::vector<Expr> terms;
    if (depends_on(base, variable_)) {
      const Expr less = add({exponent, number(-1.0)}, Style::tidy);
      terms.push_back(multiply({exponent, power(base, less, Style::tidy), of(base)}, Style::tidy));
    }
    if (depends_on(exponent, variable_)) {
      const Expr log = apply(*find_function("log"), {base});
      terms.push_back(multiply({log, power(base, exponent), of(exponent)}, Style::tidy));
    }
    return add(terms, Style::tidy);
  }

  Expr call(const Expr& u) {
    if (u->function->sums_rows) {  // the derivative of a sum is the sum of the derivatives
      const Expr inside = of(u->operands[0]);
      return is_number(inside, 0) ? inside : apply(*u->function, {inside});
    }
    const Rules& known = rules(*u->function);
    std::vector<Expr> terms;
    for (std::size_t k = 0; k < u->operands.size(); ++k)
      if (depends_on(u->operands[k], variable_)) {
        const Expr slope = substitute(k == 0 ? known.first : known.second, u->operands, Style::tidy);
        terms.push_back(multiply({slope, of(u->operands[k])}, Style::tidy));
      }
    return add(terms, Style::tidy);
  }

  std::uint32_t variable_;
  std::size_t budget_;
  std::unordered_map<const Node*, Expr> done_;
};

}  // namespace

Expr differentiate(const Expr& u, std::uint32_t variable, std::size_t& budget) {
  Differentiator differentiator(variable, budget);
  Expr result = differentiator.of(u);
  differentiator.require(result->size);
  budget -= result->size;
  return result;
}

}  // namespace descent::formula
