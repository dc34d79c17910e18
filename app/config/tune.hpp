// What [tune] says of the values to try: a grid of learning rates, and lists for other settings.
#pragma once

#include "app/config/fields.hpp"
#include "app/config/values.hpp"

#include <toml++/toml.h>

#include <optional>
#include <string>
#include <vector>

namespace descent {

inline constexpr Bounds kGridPoints{.low = 1, .high = 10'000};

// A table { log = [low, high], points = n, random = true }, each key at will, or a list. `name` is for the message.
std::optional<WrongValue> read_grid(const toml::node& node, const std::string& name, RateGrid& grid);

// The same as TOML.
std::string toml_grid(const RateGrid& grid);

// x to three significant digits: what a person types, and exactly a tenth of it for a tenth of x.
double three_digits(double x);

// `points` numbers from low to high, evenly in their logarithm, to three digits; 0 < low ≤ high.
std::vector<double> even_in_log(double low, double high, std::size_t points);

// Why a sweep cannot try values of that setting; empty where it can.
std::string why_not_varied(const Field& field);

}  // namespace descent
