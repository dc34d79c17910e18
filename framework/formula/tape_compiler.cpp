// From expressions to instructions, equal ones once.
#include "framework/formula/tape.hpp"

#include <cassert>
#include <cmath>
#include <map>
#include <numbers>
#include <tuple>
#include <unordered_map>

namespace descent::formula {

// Value numbering: an instruction with the same operation and operands as an earlier one is that one.
class Tape::Compiler {
 public:
  explicit Compiler(Tape& tape) : tape_(tape) {}

  void compile(std::span<const Expr> outputs) {
    // Constants come first in the slots, so their number must be known: collect, then shift.
    std::vector<Slot> slots;
    for (const Expr& output : outputs) slots.push_back(slot(output));
    for (Instruction& instruction : tape_.program_) {
      instruction.a = placed(instruction.a);
      instruction.b = placed(instruction.b);
    }
    for (const Slot s : slots) tape_.results_.push_back(placed(s));
  }

 private:
  // Until the end a slot is tagged with its kind in the upper bits.
  using Slot = std::uint32_t;
  static constexpr Slot kConstant = 0, kVariable = 1u << 30, kResult = 2u << 30, kKind = 3u << 30;

  Slot placed(Slot s) const {
    const Slot index = s & ~kKind, constants = static_cast<Slot>(tape_.constants_.size());
    if ((s & kKind) == kConstant) return index;
    if ((s & kKind) == kVariable) return constants + index;
    return constants + static_cast<Slot>(tape_.names_.size()) + index;
  }

  Slot constant(double x) {
    const auto [place, fresh] = constants_.try_emplace(x, static_cast<Slot>(tape_.constants_.size()));
    if (fresh) tape_.constants_.push_back(x);
    return place->second;
  }

  bool active(Slot s) const {
    if ((s & kKind) == kConstant) return false;
    if ((s & kKind) == kVariable) return (tape_.active_ >> (s & ~kKind) & 1) != 0;
    return tape_.program_[s & ~kKind].active;
  }

  Slot emit(Op op, Slot a, Slot b, const Expr& source, const Function* function = nullptr) {
    if ((op == Op::add || op == Op::multiply) && b < a) std::swap(a, b);
    if ((a & kKind) == kConstant && (b & kKind) == kConstant && function == nullptr)
      if (const double folded = compute(op, tape_.constants_[a], tape_.constants_[b]); std::isfinite(folded))
        return constant(folded);
    const auto key = std::tuple(op, a, b, function);
    const auto [place, fresh] = known_.try_emplace(key, kResult | static_cast<Slot>(tape_.program_.size()));
    if (fresh) {
      tape_.program_.push_back({op, active(a) || active(b), a, b, function});
      tape_.sources_.push_back(source);
    }
    return place->second;
  }

  static double compute(Op op, double a, double b) {
    switch (op) {
      case Op::add:
        return a + b;
      case Op::subtract:
        return a - b;
      case Op::multiply:
        return a * b;
      case Op::divide:
        return a / b;
      case Op::negate:
        return -a;
      default:
        return std::pow(a, b);
    }
  }

  Slot slot(const Expr& u) {
    if (u->kind == Kind::number || u->kind == Kind::constant) return constant(u->number.value());
    if (u->kind == Kind::symbol) return kVariable | u->index;
    if (const auto done = done_.find(u.get()); done != done_.end()) return done->second;
    const Slot result = fresh(u);
    done_.emplace(u.get(), result);
    return result;
  }

  Slot fresh(const Expr& u) {
    switch (u->kind) {
      case Kind::sum:
        return sum(u);
      case Kind::product:
        return product(u);
      case Kind::power:
        return raised(u);
      default:
        return call(u);
    }
  }

  // a − b·c is a subtraction of b·c, not an addition of (−b)·c.
  Slot sum(const Expr& u) {
    Slot total = slot(u->operands[0]);
    for (std::size_t k = 1; k < u->operands.size(); ++k) {
      const auto [factor, rest] = split_factor(u->operands[k]);
      kept_.push_back(rest);
      if (factor.is_negative() && !is_number(rest, 1))
        total = emit(Op::subtract, total, scaled(-factor, {rest}, u->operands[k]), u);
      else
        total = emit(Op::add, total, slot(u->operands[k]), u);
    }
    return total;
  }

  Slot product(const Expr& u) {
    if (u->operands[0]->kind != Kind::number) return scaled(Number(1.0), u->operands, u);
    return scaled(u->operands[0]->number, {u->operands.begin() + 1, u->operands.end()}, u);
  }

  static bool in_denominator(const Expr& u) {
    return u->kind == Kind::power && u->operands[1]->kind == Kind::number && u->operands[1]->number.is_integer() &&
           u->operands[1]->number.is_negative();
  }

  // number · factors, what has negative exponents below one division.
  Slot scaled(const Number& number, std::vector<Expr> factors, const Expr& source) {
    if (factors.size() == 1 && factors[0]->kind == Kind::product) factors = factors[0]->operands;
    constexpr Slot kNone = ~Slot(0);
    Slot over = kNone, under = kNone;
    const auto times = [&](Slot& side, Slot factor) {
      side = side == kNone ? factor : emit(Op::multiply, side, factor, source);
    };
    for (const Expr& factor : factors)
      if (in_denominator(factor))
        times(under, whole_power(slot(factor->operands[0]), -factor->operands[1]->number.value(), source));
      else
        times(over, slot(factor));
    double above = number.value(), below = 1;
    if (number.is_exact() && (number.denominator() & (number.denominator() - 1)) != 0 && number.is_ratio()) {
      above = static_cast<double>(number.numerator());
      below = static_cast<double>(number.denominator());
    }
    if (below != 1) under = under == kNone ? constant(below) : emit(Op::multiply, constant(below), under, source);
    if (over == kNone)
      over = constant(above);
    else if (above == -1)
      over = emit(Op::negate, over, over, source);
    else if (above != 1)
      over = emit(Op::multiply, constant(above), over, source);
    return under == kNone ? over : emit(Op::divide, over, under, source);
  }

  // By squaring: x^13 = x · x^4 · x^8. Products are faster than pow and as exact for small exponents.
  static constexpr double kMostMultiplied = 64;

  Slot whole_power(Slot base, double exponent, const Expr& source) {
    if (exponent > kMostMultiplied) return emit(power_kind(base, constant(exponent)), base, constant(exponent), source);
    auto left = static_cast<unsigned>(exponent);
    constexpr Slot kNone = ~Slot(0);
    Slot result = kNone, square = base;
    while (true) {
      if (left & 1) result = result == kNone ? square : emit(Op::multiply, result, square, source);
      left >>= 1;
      if (left == 0) return result;
      square = emit(Op::multiply, square, square, source);
    }
  }

  Op power_kind(Slot base, Slot exponent) const {
    if (!active(exponent)) return Op::power_of_base;
    return active(base) ? Op::power : Op::power_of_exponent;
  }

  Slot raised(const Expr& u) {
    const Expr &base = u->operands[0], &exponent = u->operands[1];
    if (in_denominator(u)) return scaled(Number(1.0), {u}, u);
    if (exponent->kind == Kind::number && exponent->number.is_integer() && exponent->number.value() > 0)
      return whole_power(slot(base), exponent->number.value(), u);
    if (base->kind == Kind::constant && base->number.value() == std::numbers::e) {
      const Slot argument = slot(exponent);
      return emit(Op::call, argument, argument, u, find_function("exp"));
    }
    const Slot a = slot(base), b = slot(exponent);
    return emit(power_kind(a, b), a, b, u);
  }

  Slot call(const Expr& u) {
    assert(!u->function->sums_rows);
    const Slot a = slot(u->operands[0]);
    if (u->function->arguments() == 2)
      return emit(u->function->name == "min" ? Op::minimum : Op::maximum, a, slot(u->operands[1]), u, u->function);
    if ((a & kKind) == kConstant)
      if (const double folded = u->function->value(tape_.constants_[a]); std::isfinite(folded)) return constant(folded);
    return emit(Op::call, a, a, u, u->function);
  }

  Tape& tape_;
  std::map<double, Slot> constants_;
  std::map<std::tuple<Op, Slot, Slot, const Function*>, Slot> known_;
  std::unordered_map<const Node*, Slot> done_;
  std::vector<Expr> kept_;  // keeps alive the nodes whose addresses done_ knows
};

Tape::Tape(std::span<const Expr> outputs, std::vector<std::string> variables, std::uint64_t active)
    : names_(std::move(variables)), active_(active) {
  assert(!outputs.empty());
  Compiler(*this).compile(outputs);
}

}  // namespace descent::formula
