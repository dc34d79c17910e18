// Collects what is wrong with a file, so that a person mends it in one go.
#pragma once

#include "framework/error.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace descent {

class Problems {
 public:
  static constexpr std::size_t kMost = 10;

  void add(Place place, std::string message) {
    if (list_.size() <= kMost) list_.push_back({std::move(place), std::move(message)});
  }
  bool empty() const { return list_.empty(); }
  bool full() const { return list_.size() > kMost; }

  // Throws Error(data) when there are any: "place: message", a line each, in the order of the file.
  void report();

 private:
  struct Problem {
    Place place;
    std::string message;
  };
  std::vector<Problem> list_;  // one more than is shown, to know whether there are more
};

}  // namespace descent
