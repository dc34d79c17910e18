#include "app/formula/assignments.hpp"

#include "framework/error.hpp"
#include "framework/formula/formula.hpp"
#include "framework/text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

namespace descent {
namespace {

using Names = std::span<const std::string>;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// "x=…,y=…", with `value` for the dots.
std::string pattern(Names variables, std::string_view value) {
  std::vector<std::string> parts;
  for (const std::string& name : variables) parts.push_back(name + "=" + std::string(value));
  return join(parts, ",");
}

// "pi/2", "1/3", "sqrt(2)": the value of a formula without variables; nothing for what is none, or not finite.
std::optional<double> constant_value(std::string_view text) {
  try {
    const Formula f = Formula::parse(text);
    if (f.outputs().size() != 1 || !f.variables().empty() || f.is_sum()) return std::nullopt;
    const double x = f.value({});
    return std::isfinite(x) ? std::optional(x) : std::nullopt;
  } catch (const Error&) {
    return std::nullopt;
  }
}

double number(std::string_view option, std::string_view of, std::string_view text) {
  std::string_view digits = text;
  if (digits.starts_with('+') && !digits.starts_with("+-")) digits.remove_prefix(1);
  double x = 0;
  const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), x);
  const bool read = !digits.empty() && code == std::errc{} && end == digits.data() + digits.size();
  if (!read)
    if (const auto value = constant_value(text)) return *value;
  if (!read || !std::isfinite(x))
    throw Error(Fault::usage, "{}: {}'{}' is not a finite number; write it like 3, -0.5, 1e-3 or pi/2", option, of,
                printable(text));
  return x;
}

// The text given to each variable, in their order.
std::vector<std::string_view> assigned(std::string_view option, std::string_view text, Names variables,
                                       std::string_view value) {
  std::vector<std::optional<std::string_view>> found(variables.size());
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t comma = std::min(text.find(',', from), text.size());
    const std::string_view part = trimmed(text.substr(from, comma - from));
    from = comma + 1;
    const std::size_t sign = part.find('=');
    if (sign == std::string_view::npos)
      throw Error(Fault::usage, "{}: found '{}', but each part must be NAME={}; write {}", option, printable(part),
                  value, pattern(variables, value));
    if (part.find('=', sign + 1) != std::string_view::npos)
      throw Error(Fault::usage, "{}: '{}' lacks a comma between two variables; write {}", option, printable(part),
                  pattern(variables, value));
    const std::string name(trimmed(part.substr(0, sign)));
    const auto at = std::ranges::find(variables, name);
    if (at == variables.end())
      throw Error(Fault::usage, "{}: {}", option, unknown_name("variable", printable(name), variables));
    std::optional<std::string_view>& slot = found[static_cast<std::size_t>(at - variables.begin())];
    if (slot) throw Error(Fault::usage, "{}: the variable {} stands there twice; give it once", option, name);
    slot = trimmed(part.substr(sign + 1));
  }
  std::vector<std::string> missing;
  std::vector<std::string_view> values;
  for (std::size_t k = 0; k < variables.size(); ++k) {
    if (!found[k]) missing.push_back(variables[k]);
    values.push_back(found[k].value_or(std::string_view{}));
  }
  if (!missing.empty())
    throw Error(Fault::usage, "{}: {} missing: {}; write {}", option,
                missing.size() == 1 ? "a variable is" : "variables are", join(missing), pattern(variables, value));
  return values;
}

void refuse_empty(std::string_view option, std::string_view text, Names variables, std::string_view value) {
  if (variables.empty()) throw Error(Fault::usage, "{}: the formula has no variables", option);
  if (trimmed(text).empty()) throw Error(Fault::usage, "{} is empty; write {}", option, pattern(variables, value));
}

std::pair<double, double> side(std::string_view option, std::string_view name, std::string_view text) {
  const std::string of = name.empty() ? "" : std::string(name) + ": ";
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos)
    throw Error(Fault::usage, "{}: {}found '{}', but a side of a box is LOW:HIGH, like -3:3", option, of,
                printable(text));
  const double low = number(option, of, trimmed(text.substr(0, colon)));
  const double high = number(option, of, trimmed(text.substr(colon + 1)));
  if (!(low < high))
    throw Error(Fault::usage, "{}: {}the low end {} must be below the high end {}{}", option, of, shortest(low),
                shortest(high), low > high ? "; swap them: " + shortest(high) + ":" + shortest(low) : std::string());
  return {low, high};
}

}  // namespace

std::vector<double> parse_point(std::string_view option, std::string_view text, Names variables) {
  refuse_empty(option, text, variables, "NUMBER");
  if (variables.size() == 1 && text.find('=') == std::string_view::npos) return {number(option, "", trimmed(text))};
  std::vector<double> x;
  const auto values = assigned(option, text, variables, "NUMBER");
  for (std::size_t k = 0; k < values.size(); ++k) x.push_back(number(option, variables[k] + ": ", values[k]));
  return x;
}

std::optional<std::size_t> random_starts(std::string_view option, std::string_view text) {
  constexpr std::size_t kUsual = 20, kMost = 100'000;
  if (text == "random") return kUsual;
  if (!text.starts_with("random:")) return std::nullopt;
  const std::string_view digits = text.substr(7);
  std::size_t count = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
  if (error != std::errc() || end != digits.data() + digits.size() || count == 0 || count > kMost)
    throw Error(Fault::usage, "{} random:{} must say how many starts, from 1 to {}: random:20", option,
                printable(digits), kMost);
  return count;
}

Box parse_box(std::string_view option, std::string_view text, Names variables) {
  refuse_empty(option, text, variables, "LOW:HIGH");
  if (text.find('=') == std::string_view::npos) {
    const auto [low, high] = side(option, "", trimmed(text));
    return cube(variables.size(), low, high);
  }
  Box box;
  const auto values = assigned(option, text, variables, "LOW:HIGH");
  for (std::size_t k = 0; k < values.size(); ++k) {
    const auto [low, high] = side(option, variables[k], values[k]);
    box.low.push_back(low);
    box.high.push_back(high);
  }
  return box;
}

}  // namespace descent
