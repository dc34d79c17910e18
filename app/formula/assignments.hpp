// Points and boxes as a person types them on the command line: "x=3,y=-2" and "x=-3:3,y=-3:3". A number may be written
// as a formula without variables: "x=pi/2".
//
// Blanks around names, signs and numbers do not matter; the order of the variables does not either.
// `option` ("--at") starts every message. All throw Error(usage) that says what was found and what to type instead:
//   --at: unknown variable 'z' (known: x, y)
//   --at: a variable is missing: y; write x=NUMBER,y=NUMBER
#pragma once

#include "trainers/box.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace descent {

// The numbers of "x=3,y=-2" in the order of `variables` (n). For one variable the number alone will do: "3".
// Throws for an unknown, missing or doubled variable, and for what is no finite number.
std::vector<double> parse_point(std::string_view option, std::string_view text, std::span<const std::string> variables);

// "random:20" is 20, "random" as many as usual, anything else nothing: a point. Throws for a number that is no count.
std::optional<std::size_t> random_starts(std::string_view option, std::string_view text);

// The box of "x=-3:3,y=0:1", or of "-5:5", the same side for every variable. Throws as parse_point does, and unless
// each low end is below its high end.
Box parse_box(std::string_view option, std::string_view text, std::span<const std::string> variables);

}  // namespace descent
