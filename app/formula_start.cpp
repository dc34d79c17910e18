#include "app/formula_start.hpp"

#include "framework/error.hpp"
#include "framework/formula/formula.hpp"
#include "framework/text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace descent {
namespace {

constexpr std::size_t kUsualStarts = 20, kMostStarts = 100'000;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.push_back(trimmed(text.substr(0, end)));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

double parse_number(std::string_view text, std::string_view option, std::string_view whose) {
  if (text.empty()) throw Error(Fault::usage, "{}: {} has no value; write {}=1.5", option, whose, whose);
  const Formula formula = Formula::parse(text);
  if (!formula.variables().empty())
    throw Error(Fault::usage, "{}: the value of {} must be a number, not '{}'", option, whose, printable(text));
  const double value = formula.value({});
  if (!std::isfinite(value))
    throw Error(Fault::usage, "{}: the value of {} is {}: not a finite number", option, whose, printable(text));
  return value;
}

std::pair<double, double> parse_side(std::string_view text, std::string_view whose) {
  const std::vector<std::string_view> ends = split(text, ':');
  if (ends.size() != 2) throw Error(Fault::usage, "--box: '{}' is no range; write low:high, as -5:5", printable(text));
  const double low = parse_number(ends[0], "--box", whose), high = parse_number(ends[1], "--box", whose);
  if (!(low < high))
    throw Error(Fault::usage, "--box: {} goes from {} to {}, but must go upwards: {}:{}", whose, shortest(low),
                shortest(high), shortest(high), low == high ? shortest(high + 1) : shortest(low));
  return {low, high};
}

// "a=…,b=…" in the order of the names.
std::vector<std::string_view> by_name(std::string_view text, std::string_view option,
                                      std::span<const std::string> names) {
  std::vector<std::string_view> values(names.size());
  std::vector<bool> given(names.size(), false);
  for (const std::string_view part : split(text, ',')) {
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos)
      throw Error(Fault::usage, "{}: '{}' is no assignment; write {}=…", option, printable(part), names.front());
    const std::string name(trimmed(part.substr(0, equals)));
    const auto at = std::ranges::find(names, name);
    if (at == names.end()) throw Error(Fault::usage, "{}: {}", option, unknown_name("variable", name, names));
    const auto i = static_cast<std::size_t>(at - names.begin());
    if (given[i]) throw Error(Fault::usage, "{}: {} is given twice", option, name);
    given[i] = true;
    values[i] = trimmed(part.substr(equals + 1));
  }
  std::vector<std::string> missing;
  for (std::size_t i = 0; i < names.size(); ++i)
    if (!given[i]) missing.push_back(names[i]);
  if (!missing.empty()) throw Error(Fault::usage, "{} lacks {}: add {}=…", option, join(missing), missing.front());
  return values;
}

}  // namespace

std::optional<std::size_t> random_starts(std::string_view text) {
  text = trimmed(text);
  if (text == "random") return kUsualStarts;
  if (!text.starts_with("random:")) return std::nullopt;
  const std::string_view digits = text.substr(7);
  std::size_t count = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
  if (error != std::errc() || end != digits.data() + digits.size() || count == 0 || count > kMostStarts)
    throw Error(Fault::usage, "--start random:{} must say how many starts, from 1 to {}: random:20", printable(digits),
                kMostStarts);
  return count;
}

std::vector<double> parse_start(std::string_view text, std::span<const std::string> names) {
  const std::vector<std::string_view> values = by_name(text, "--start", names);
  std::vector<double> w;
  for (std::size_t i = 0; i < names.size(); ++i) w.push_back(parse_number(values[i], "--start", names[i]));
  return w;
}

Box parse_box(std::string_view text, std::span<const std::string> names) {
  if (text.empty())
    throw Error(Fault::usage,
                "random starts need a box to be drawn from: --box -5:5, or a range for each variable: "
                "--box {}=-5:5,…",
                names.front());
  if (text.find('=') == std::string_view::npos) {
    const auto [low, high] = parse_side(text, "every variable");
    return cube(names.size(), low, high);
  }
  Box box;
  const std::vector<std::string_view> sides = by_name(text, "--box", names);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto [low, high] = parse_side(sides[i], names[i]);
    box.low.push_back(low);
    box.high.push_back(high);
  }
  return box;
}

}  // namespace descent
