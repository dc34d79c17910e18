// Pieces that the outputs of config_writer.hpp share.
#pragma once

#include "app/config/fields.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace descent {

// "…" in quotes, as TOML's basic string.
std::string toml_text(std::string_view text);

// The value in `slot` as TOML; for model.layers, an array of inline tables.
std::string toml_value(const FieldInfo& field, const Slot& slot);

// The default as TOML, or empty where it has no spelling (field.unset says what it means).
std::string default_value(const Field& field);
std::string default_value(const LayerField& field);

// "whole number", "text", "list of names".
std::string type_name(const Slot& slot);

// "A whole number ≥ 1." or "One of …", empty where the type says it all.
std::string allowed_sentence(const FieldInfo& field, const Slot& slot);

// Broken between words so that no line is longer than `width` characters; each line begins with `prefix`,
// the first one with `first`.
std::string wrap(std::string_view text, std::size_t width, std::string_view first, std::string_view prefix);

}  // namespace descent
