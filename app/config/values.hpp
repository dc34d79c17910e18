// One TOML value into one setting.
#pragma once

#include "app/config/fields.hpp"

#include <toml++/toml.h>

#include <optional>
#include <string>
#include <string_view>

namespace descent {

// What is wrong with a value, and the node to point at (the element of a list, say).
struct WrongValue {
  std::string message;
  const toml::node* node;
};

struct ValueContext {
  std::string name;                                 // how messages call the setting: "train.epochs"
  std::optional<std::string> typed = std::nullopt;  // of --set: the text itself, for settings that are text
  double limitless = 0;                             // an infinity that may be written: the default, if it is one
  std::string notice = {};                          // out: "'sgd' is called 'steepest' here"
};

// Checks `node` and stores it. model.layers is not for here: its rows have keys of their own.
std::optional<WrongValue> read_value(const toml::node& node, const FieldInfo& field, const Slot& slot,
                                     ValueContext& context);

// "2.5", "the text \"fast\"", "a list".
std::string describe(const toml::node& node);

}  // namespace descent
