// What a checkpoint must keep of a run, a direction, a step size or an observer, as views into it.
#pragma once

#include "trainers/report.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace descent {

template <class Real>
struct StateVector {
  std::string name;
  std::span<Real> values;  // its size is fixed by start(n)
};

// A whole number that a run counts with, or finds its way by: then `most` is the largest there can be.
struct Count {
  static constexpr std::size_t kMostExact = std::size_t{1} << 53;
  Count(std::size_t* value, std::size_t largest = kMostExact) : at(value), most(largest) {}

  std::size_t* at;
  std::size_t most;
};

using StateValue = std::variant<double*, Count, bool*>;

struct StateNumber {
  std::string name;
  StateValue at;

  double get() const;  // exact
  // Throws Error(data) naming the number when it is no such count or truth value.
  void set(double value) const;
};

template <class Real>
struct State {
  std::vector<StateVector<Real>> vectors;
  std::vector<StateNumber> numbers;

  // Appends all of `part`; with a prefix, "<prefix>." stands in front of its names.
  void add(State part);
  void add(std::string_view prefix, State part);
};

// The members of a record: all of them, figures too.
std::vector<StateNumber> numbers_of(EpochRecord& record);
std::vector<StateNumber> numbers_of(Evaluations& evaluations);
// Numbers that only have an order: "0", "1", …
std::vector<StateNumber> numbers_of(const std::vector<StateValue>& numbers);

}  // namespace descent
