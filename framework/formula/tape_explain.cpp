// What a tape says in words: where its numbers end, and where it has kinks.
#include "framework/error.hpp"
#include "framework/formula/printer.hpp"
#include "framework/formula/tape.hpp"
#include "framework/text.hpp"

#include <algorithm>
#include <cmath>

namespace descent::formula {
namespace {

constexpr std::size_t kLongestPart = 80;

std::string part(const Expr& u) { return printable(to_text(u), kLongestPart); }

// " at x = 2, y = 0", the variables of u; the first few when there are many.
std::string at(const Expr& u, const std::vector<std::string>& names, std::span<const double> x) {
  constexpr std::size_t kMost = 6;
  std::string text;
  std::size_t listed = 0;
  for (std::size_t k = 0; k < names.size(); ++k) {
    if (!depends_on(u, static_cast<std::uint32_t>(k))) continue;
    if (++listed > kMost) return text + ", …";
    text += fmt::format("{}{} = {}", text.empty() ? " at " : ", ", names[k], shortest(x[k]));
  }
  return text;
}

// Each of these takes the operands and the result of what went wrong.
std::string of_call(const Function& function, double u, double f) {
  const std::string what = fmt::format("{} of {}", function.name, shortest(u));
  if (function.domain.empty() || std::isinf(f)) {
    if (!function.domain.empty() && u == 0) return fmt::format("{}; it needs {}", what, function.domain);
    return what + " is too large for a number";
  }
  return fmt::format("{}; it needs {}", what, function.domain);
}

std::string of_power(double a, double b, double f) {
  if (a == 0 && b < 0) return fmt::format("0 to the power {} divides by 0", shortest(b));
  if (std::isnan(f))
    return fmt::format("{} to the power {}; the base needs a number >= 0 unless the exponent is whole", shortest(a),
                       shortest(b));
  return fmt::format("{} to the power {} is too large for a number", shortest(a), shortest(b));
}

}  // namespace

std::string Tape::explain_nonfinite(std::span<const double> x) const {
  for (std::size_t k = 0; k < x.size(); ++k)
    if (!std::isfinite(x[k])) return fmt::format("{} = {}", names_[k], shortest(x[k]));
  Work work(*this);
  load(x, work);
  forward(work);
  const auto value = [&](std::uint32_t slot) { return work.value_[slot]; };
  const std::size_t first = constants_.size() + names_.size();
  for (std::size_t i = 0; i < program_.size(); ++i) {
    const double f = work.value_[first + i];
    if (std::isfinite(f)) continue;
    const Instruction& instruction = program_[i];
    const double a = value(instruction.a), b = value(instruction.b);
    const std::string place = part(sources_[i]) + at(sources_[i], names_, x) + ": ";
    switch (instruction.op) {
      case Op::call:
        return place + of_call(*instruction.function, a, f);
      case Op::power:
      case Op::power_of_base:
      case Op::power_of_exponent:
        return place + of_power(a, b, f);
      case Op::divide:
        if (b == 0) return place + fmt::format("{} divided by 0", shortest(a));
        return place + fmt::format("{} divided by {} is too large for a number", shortest(a), shortest(b));
      case Op::multiply:
        return place + fmt::format("{} times {} is too large for a number", shortest(a), shortest(b));
      default:
        return place + fmt::format("a sum of {} and {} is too large for a number", shortest(a), shortest(b));
    }
  }
  return explain_slope(x, work);
}

// Only functions and powers have slopes that are not finite where they themselves are.
std::string Tape::explain_slope(std::span<const double> x, Work& work) const {
  for (std::size_t k = 0; k < names_.size(); ++k) work.tangent(k)[0] = 0;
  tangent(work);  // leaves the slopes of functions and powers behind
  const std::size_t first = constants_.size() + names_.size();
  for (std::size_t output = 0; output < results_.size(); ++output) {
    reverse(work, output);
    for (std::size_t i = 0; i < program_.size(); ++i) {
      const Instruction& instruction = program_[i];
      if (!instruction.active || work.adjoint_[first + i] == 0) continue;
      const double a = work.value_[instruction.a], b = work.value_[instruction.b];
      const bool broken =
          instruction.op == Op::power ? a < 0 || (a == 0 && b < 1) : !std::isfinite(work.slopes_[i].first);
      if (broken)
        return fmt::format("{}{}: its slope is infinite or does not exist", part(sources_[i]),
                           at(sources_[i], names_, x));
    }
    for (std::size_t k = 0; k < names_.size(); ++k)
      if ((active_ >> k & 1) != 0 && !std::isfinite(work.adjoint(k)[0]))
        return fmt::format("the slope with respect to {} is too large for a number", names_[k]);
  }
  return {};
}

std::vector<std::string> Tape::kinks(std::span<const double> x, double distance) const {
  Work work(*this);
  load(x, work);
  forward(work);
  std::vector<std::string> found;
  for (std::size_t i = 0; i < program_.size(); ++i) {
    const Instruction& instruction = program_[i];
    if (!instruction.active) continue;
    const double a = work.value_[instruction.a], b = work.value_[instruction.b];
    double away = HUGE_VAL;
    std::string why;
    if (instruction.op == Op::call && instruction.function->kink != nullptr) {
      away = instruction.function->kink(a);
      why = fmt::format("{} of {}", instruction.function->name, shortest(a));
    } else if (instruction.op == Op::minimum || instruction.op == Op::maximum) {
      away = instruction.function->kink(a - b);
      why = fmt::format("{} of {} and {}", instruction.function->name, shortest(a), shortest(b));
    } else if ((instruction.op == Op::power || instruction.op == Op::power_of_base) && b != std::floor(b)) {
      away = std::abs(a);
      why = fmt::format("{} to the power {}", shortest(a), shortest(b));
    }
    if (away <= distance)
      found.push_back(fmt::format("{}{}: no derivative {} {}", part(sources_[i]), at(sources_[i], names_, x),
                                  away == 0 ? "at" : "near", why));
  }
  return found;
}

}  // namespace descent::formula
