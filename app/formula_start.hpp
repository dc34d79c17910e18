// Points and boxes as people type them: "x=3,y=-2", "-5:5", "x=-3:3,y=0:1".
#pragma once

#include "trainers/box.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace descent {

// "random:20" is 20, "random" too; anything else nothing. Throws Error(usage) for a number that is no count.
std::optional<std::size_t> random_starts(std::string_view text);

// A value for each of the n names, in their order. Values are numbers or formulas without variables (pi/2). Throws
// Error(usage): a name that is unknown, missing or repeated; a value that is none.
std::vector<double> parse_start(std::string_view text, std::span<const std::string> names);

// One side for all, or one for each. Throws Error(usage) as parse_start, for ends in the wrong order, and for "".
Box parse_box(std::string_view text, std::span<const std::string> names);

}  // namespace descent
