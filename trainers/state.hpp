// What a checkpoint must keep of a direction or a step size, as views into it.
#pragma once

#include <span>
#include <string_view>

namespace descent {

template <class Real>
struct StateVector {
  std::string_view name;
  std::span<Real> values;  // its size is fixed by start(n)
};

}  // namespace descent
