#include "framework/formula/printer.hpp"

#include "framework/formula/functions.hpp"
#include "framework/text.hpp"

#include <algorithm>
#include <cassert>
#include <cctype>
#include <cmath>
#include <string_view>
#include <tuple>
#include <utility>

namespace descent::formula {
namespace {

// How tightly an expression holds together; a looser one inside a tighter place needs parentheses.
enum Binding { kSum, kProduct, kPower, kAtom };

// What differs between the two ways to write.
struct Writer {
  bool latex;

  std::string expression(const Expr& u, Binding place) const {
    const std::string text = bare(u);
    return binding(u) < place ? parenthesised(text) : text;
  }

 private:
  std::string parenthesised(const std::string& text) const {
    return latex ? "\\left(" + text + "\\right)" : "(" + text + ")";
  }

  static bool has_exponent(const Number& x) { return x.text().find('e') != std::string::npos; }

  Binding binding(const Expr& u) const {
    switch (u->kind) {
      case Kind::number:
        if (u->number.is_negative()) return kSum;
        return u->number.is_ratio() || (latex && has_exponent(u->number)) ? kProduct : kAtom;
      case Kind::sum:
        return kSum;
      case Kind::product:
        return split_factor(u).factor.is_negative() ? kSum : kProduct;
      case Kind::power:
        return in_denominator(u) ? kProduct : kPower;
      default:
        return kAtom;
    }
  }

  static bool in_denominator(const Expr& u) {
    return u->kind == Kind::power && u->operands[1]->kind == Kind::number && u->operands[1]->number.is_negative();
  }

  std::string bare(const Expr& u) const {
    switch (u->kind) {
      case Kind::number:
      case Kind::product:
        return product(u);
      case Kind::constant:
      case Kind::symbol:
        return name(u);
      case Kind::sum:
        return sum(u);
      case Kind::power:
        return in_denominator(u) ? product(u) : raised(u->operands[0], u->operands[1]);
      case Kind::function:
        return call(u, "");
    }
    return {};
  }

  std::string sum(const Expr& u) const {
    std::string text;
    for (const Expr& term : u->operands) {
      std::string next = expression(term, kSum);
      if (!text.empty()) {
        const bool minus = next.front() == '-';
        text += minus ? " - " : " + ";
        if (minus) next.erase(0, 1);
      }
      text += next;
    }
    return text;
  }

  static bool has_function(const Expr& u) {
    return u->kind == Kind::function || std::ranges::any_of(u->operands, has_function);
  }

  // Variables by name, b*x and not x*b, and polynomials before functions: (1 - x)*exp(-x).
  static std::vector<Expr> as_written(std::vector<Expr> factors) {
    const auto base_of = [](const Expr& u) {
      const bool numeric = u->kind == Kind::power && u->operands[1]->kind == Kind::number;
      return numeric ? u->operands[0] : u;
    };
    const auto rank = [&](const Expr& u) {
      const Expr base = base_of(u);
      if (u->symbols == 0) return 0;
      if (base->kind == Kind::symbol) return 1;
      return base->kind == Kind::sum && !std::ranges::any_of(base->operands, has_function) ? 2 : 3;
    };
    // x2 before x10, and (x + 1)*(x - 2)*(x - 10).
    using Place = std::tuple<int, std::string, std::size_t, std::string>;
    std::vector<std::pair<Place, Expr>> placed;
    for (const Expr& u : factors) {
      const int r = rank(u);
      const std::string name = r == 1 ? base_of(u)->name : r == 2 ? to_text(base_of(u)) : "";
      placed.push_back({{r, r == 1 ? name.substr(0, name.find_first_of("0123456789")) : "", name.size(), name}, u});
    }
    std::ranges::stable_sort(placed, {}, &std::pair<Place, Expr>::first);
    for (std::size_t k = 0; k < factors.size(); ++k) factors[k] = placed[k].second;
    return factors;
  }

  // [-] p·a·b / (q·c·d), the parts with negative exponents below the line.
  std::string product(const Expr& u) const {
    const std::vector<Expr> only = {u};
    const std::vector<Expr> factors = u->kind == Kind::product ? as_written(u->operands) : only;
    Number factor(1.0), below(1.0);
    std::vector<std::string> over, under;
    const auto above = [](const Expr& part) { return part->kind != Kind::number && !in_denominator(part); };
    const bool fraction = latex && std::ranges::any_of(factors, in_denominator);
    const bool alone =
        fraction && std::ranges::count_if(factors, above) == 1 && std::abs(split_factor(u).factor.value()) == 1;
    bool numbers_first = true;
    for (const Expr& part : factors) {
      if (part->kind == Kind::number && numbers_first) {
        factor = part->number;
      } else if (in_denominator(part)) {
        under.push_back(raised(part->operands[0], number(-part->operands[1]->number)));
      } else {
        over.push_back(expression(part, alone ? kSum : kPower));
      }
      numbers_first = false;
    }
    const std::string sign = factor.is_negative() ? "-" : "";
    if (factor.is_negative()) factor = -factor;
    if (factor.is_ratio()) {
      below = Number(static_cast<double>(factor.denominator()));
      factor = Number(static_cast<double>(factor.numerator()));
    }
    if (!factor.is_one() || over.empty()) over.insert(over.begin(), digits(factor));
    if (!below.is_one()) under.insert(under.begin(), digits(below));
    const std::string times = latex ? " " : "*";
    std::string top = joined(over, times), bottom = joined(under, times);
    if (under.empty()) return sign + top;
    if (latex && under.size() == 1 && below.is_one()) bottom = lone_denominator(factors);
    if (latex) return sign + "\\frac{" + top + "}{" + bottom + "}";
    return sign + top + "/" + (under.size() > 1 ? "(" + bottom + ")" : bottom);
  }

  // Without the parentheses that a fraction bar makes needless.
  std::string lone_denominator(const std::vector<Expr>& factors) const {
    const Expr& part = *std::ranges::find_if(factors, in_denominator);
    const Number exponent = -part->operands[1]->number;
    return exponent.is_one() ? expression(part->operands[0], kSum) : raised(part->operands[0], number(exponent));
  }

  // 2 3^x would read as 23^x: in LaTeX a factor that starts with a digit gets a dot before it.
  std::string joined(const std::vector<std::string>& parts, const std::string& times) const {
    std::string text;
    for (const std::string& part : parts) {
      if (!text.empty()) text += latex && std::isdigit(static_cast<unsigned char>(part[0])) ? " \\cdot " : times;
      text += part;
    }
    return text;
  }

  std::string raised(const Expr& base, const Expr& exponent) const {
    if (is_number(exponent, 1)) return expression(base, kPower);
    if (!latex) return expression(base, kAtom) + "^" + expression(exponent, kAtom);
    const std::string text = expression(exponent, kSum);
    const bool whole = exponent->kind == Kind::number && exponent->number.is_integer();
    if (whole && base->kind == Kind::function && base->function->latex.find('#') == std::string_view::npos)
      return call(base, "^{" + text + "}");
    return expression(base, kAtom) + "^{" + text + "}";
  }

  std::string call(const Expr& u, const std::string& exponent) const {
    std::vector<std::string> arguments;
    for (const Expr& argument : u->operands) arguments.push_back(expression(argument, kSum));
    const std::string inside = join(arguments);
    if (!latex) return std::string(u->function->name) + "(" + inside + ")";
    std::string pattern(u->function->latex);
    if (const auto at = pattern.find('#'); at != std::string::npos) return pattern.replace(at, 1, inside);
    return pattern + exponent + "\\left(" + inside + "\\right)";
  }

  std::string digits(const Number& x) const {
    std::string text = x.text();
    if (const auto e = text.find('e'); latex && e != std::string::npos) {
      std::string power = text.substr(e + 1);
      if (power[0] == '+') power.erase(0, 1);
      const bool negative = power[0] == '-';
      power.erase(0, power.find_first_not_of("-0"));
      text = (text.substr(0, e) == "1" ? "" : text.substr(0, e) + " \\cdot ") + "10^{" + (negative ? "-" : "") + power +
             "}";
    }
    return text;
  }

  // x_{1}, \alpha, \mathrm{rate}
  std::string name(const Expr& u) const {
    if (!latex) return u->name;
    for (const Constant& row : constants())
      if (row.name == u->name) return std::string(row.latex);
    // From alpha on as in Unicode; those without a command of their own are empty.
    static constexpr std::string_view kGreek[] = {"alpha", "beta", "gamma", "delta",  "epsilon", "zeta", "eta",
                                                  "theta", "iota", "kappa", "lambda", "mu",      "nu",   "xi",
                                                  "",      "pi",   "rho",   "",       "sigma",   "tau",  "upsilon",
                                                  "phi",   "chi",  "psi",   "omega"};
    const auto letters_end = std::min(u->name.find_first_of("_0123456789"), u->name.size());
    const std::string letters = u->name.substr(0, letters_end);
    std::string index = u->name.substr(letters_end);
    while (!index.empty() && index.front() == '_') index.erase(0, 1);
    std::string text = letters;
    const bool small_greek = letters.size() == 2 && letters >= "\u03B1" && letters <= "\u03C9";
    const std::size_t place = small_greek ? ((letters[0] & 0x1F) << 6 | (letters[1] & 0x3F)) - 0x3B1u : 0;
    if (small_greek && !kGreek[place].empty())
      text = "\\" + std::string(kGreek[place]);
    else if (!letters.empty() && std::ranges::find(kGreek, letters) != std::end(kGreek))
      text = "\\" + letters;
    else if (letters.size() != 1)
      text = "\\mathrm{" + letters + "}";
    for (std::size_t at = index.find('_'); at != std::string::npos; at = index.find('_', at + 2))
      index.insert(at, "\\");
    return index.empty() ? text : text + "_{" + index + "}";
  }
};

}  // namespace

std::string to_text(const Expr& u) { return Writer{false}.expression(u, kSum); }
std::string to_latex(const Expr& u) { return Writer{true}.expression(u, kSum); }

}  // namespace descent::formula
