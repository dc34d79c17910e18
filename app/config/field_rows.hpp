// What the files that hold rows of fields() share.
#pragma once

#include "app/config/fields.hpp"

#include <vector>

namespace descent {

// &config.train.epochs, as at<&Config::train, &TrainConfig::epochs>.
template <auto Part, auto Member>
Slot at(Config& config) {
  return &(config.*Part.*Member);
}

inline constexpr Bounds kCount{.low = 1};
inline constexpr Bounds kNotNegative{.low = 0};
inline constexpr Bounds kPositive{.low = 0, .low_open = true};
inline constexpr Bounds kShare{.low = 0, .high = 1, .high_open = true};
inline constexpr Bounds kBetween0And1{.low = 0, .high = 1, .low_open = true, .high_open = true};
inline constexpr Bounds kRows{.low = 1, .high = 100'000'000};

// The rows of [data], in their order; see data_fields.cpp.
std::vector<Field> data_source_fields();
std::vector<Field> data_column_fields();
std::vector<Field> data_split_fields();

// The rows of [objective], [optimizer], [line_search] and [schedule]; see method_fields.cpp.
std::vector<Field> objective_fields();
std::vector<Field> optimizer_fields();
std::vector<Field> line_search_fields();
std::vector<Field> schedule_fields();

}  // namespace descent
