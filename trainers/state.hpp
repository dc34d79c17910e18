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

struct StateNumber {
  std::string name;
  std::variant<double*, std::size_t*, bool*> at;

  double get() const;  // exact: counts stay below 2⁵³
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
std::vector<StateNumber> numbers_of(const std::vector<double*>& numbers);

}  // namespace descent
