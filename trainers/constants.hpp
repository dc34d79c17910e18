// Bounds of the constants a method takes, checked against the list of names in its table row.
#pragma once

#include "framework/error.hpp"
#include "framework/text.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <string_view>

namespace descent {

enum class Edge { open, closed };

// One constant of an options struct and the interval it must lie in. Infinity is always outside.
template <class Options>
struct Bound {
  std::string_view name;
  double Options::*member;
  double low;
  Edge at_low;
  double high = std::numeric_limits<double>::infinity();
  Edge at_high = Edge::open;

  bool holds(double x) const {  // false for NaN
    return (at_low == Edge::closed ? x >= low : x > low) && (at_high == Edge::closed ? x <= high : x < high);
  }
  std::string text() const {  // "in [0, 1)"
    return fmt::format("in {}{}, {}{}", at_low == Edge::closed ? '[' : '(', shortest(low), shortest(high),
                       at_high == Edge::closed ? ']' : ')');
  }
};

// Whether `name` is one of the words of `list`, which are separated by single spaces.
inline bool is_listed(std::string_view name, std::string_view list) {
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(' '), list.size());
    if (list.substr(0, end) == name) return true;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return false;
}

// Throws Error(usage) for the first constant among `used` that is out of its bounds.
template <class Options>
void check_constants(std::string_view method, std::string_view used, const Options& options,
                     std::span<const Bound<Options>> bounds) {
  for (const Bound<Options>& bound : bounds) {
    const double value = options.*bound.member;
    if (is_listed(bound.name, used) && !bound.holds(value))
      throw Error(Fault::usage, "{}: {} = {} must be {}", method, bound.name, shortest(value), bound.text());
  }
}

}  // namespace descent
