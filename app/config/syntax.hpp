// TOML text to a tree, with messages that say what to write instead.
#pragma once

#include "app/config/errors.hpp"

#include <toml++/toml.h>

#include <optional>
#include <string_view>

namespace descent {

inline constexpr std::size_t kLargestConfig = 1 << 20;  // bytes

// The tree, or nothing after adding one error with its place. No input makes it recurse deeply.
std::optional<toml::table> parse_toml(std::string_view text, ConfigErrors& errors);

// The value of `--set key=value`: TOML if it is TOML, else the text itself. Either way the value
// is under the key "v".
toml::table parse_toml_value(std::string_view value);

}  // namespace descent
