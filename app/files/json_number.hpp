// Numbers for JSON, which has no NaN and no infinity.
#pragma once

#include <nlohmann/json.hpp>

#include <cmath>

namespace descent {

// null where x is not finite.
inline nlohmann::ordered_json json_number(double x) {
  return std::isfinite(x) ? nlohmann::ordered_json(x) : nlohmann::ordered_json(nullptr);
}

}  // namespace descent
