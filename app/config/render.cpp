#include "app/config/render.hpp"

#include "app/config/errors.hpp"
#include "app/config/tune.hpp"
#include "framework/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <type_traits>

namespace descent {
namespace {

template <class List, class Render>
std::string toml_list(const List& list, Render&& render) {
  std::string text;
  for (const auto& element : list) text += (text.empty() ? "" : ", ") + render(element);
  return "[" + text + "]";
}

std::string toml_layer(LayerConfig layer) {
  std::string text;
  for (const LayerField& field : layer_fields()) {
    if (field.dense_only && layer.kind != "dense") continue;
    text += fmt::format("{}{} = {}", text.empty() ? "" : ", ", field.key, toml_value(field, field.slot(layer)));
  }
  return "{ " + text + " }";
}

}  // namespace

std::string toml_text(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += {'\\', c};
    } else if (c == '\t') {
      quoted += "\\t";
    } else if (byte < 0x20 || byte == 0x7F) {
      quoted += fmt::format("\\u{:04X}", byte);
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

std::string toml_value(const FieldInfo& field, const Slot& slot) {
  return std::visit(
      [&](auto* value) -> std::string {
        using T = std::remove_pointer_t<decltype(value)>;
        if constexpr (std::is_same_v<T, bool>) {
          return *value ? "true" : "false";
        } else if constexpr (std::is_same_v<T, std::int64_t>) {
          return *value == 0 && !field.word.empty() ? toml_text(field.word) : std::to_string(*value);
        } else if constexpr (std::is_same_v<T, double>) {
          return shortest(*value);
        } else if constexpr (std::is_same_v<T, std::string>) {
          return field.true_or_false && (*value == "true" || *value == "false") ? *value : toml_text(*value);
        } else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
          return toml_list(*value, toml_text);
        } else if constexpr (std::is_same_v<T, std::vector<std::int64_t>>) {
          return toml_list(*value, [](std::int64_t x) { return std::to_string(x); });
        } else if constexpr (std::is_same_v<T, RateGrid>) {
          return toml_grid(*value);
        } else {
          return toml_list(*value, toml_layer);
        }
      },
      slot);
}

std::string default_value(const Field& field) {
  Config defaults;
  return field.unset.empty() ? toml_value(field, field.slot(defaults)) : std::string();
}

std::string default_value(const LayerField& field) {
  LayerConfig defaults;
  return field.unset.empty() ? toml_value(field, field.slot(defaults)) : std::string();
}

std::string type_name(const Slot& slot) {
  return std::visit(
      [](auto* value) -> std::string {
        using T = std::remove_pointer_t<decltype(value)>;
        if constexpr (std::is_same_v<T, bool>) return "true or false";
        if constexpr (std::is_same_v<T, std::int64_t>) return "whole number";
        if constexpr (std::is_same_v<T, double>) return "number";
        if constexpr (std::is_same_v<T, std::string>) return "text";
        if constexpr (std::is_same_v<T, std::vector<std::string>>) return "name or list of names";
        if constexpr (std::is_same_v<T, std::vector<std::int64_t>>) return "list of whole numbers";
        if constexpr (std::is_same_v<T, RateGrid>) return "table or list of numbers";
        return "list of tables";
      },
      slot);
}

std::string allowed_sentence(const FieldInfo& field, const Slot& slot) {
  const bool free_text = std::holds_alternative<std::string*>(slot) && field.text != Text::choice;
  const bool number = std::holds_alternative<std::int64_t*>(slot) || std::holds_alternative<double*>(slot);
  if (free_text || (!number && field.text != Text::choice)) return {};
  std::string sentence = wanted(field, slot);
  if (sentence == "a number") return {};
  sentence[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(sentence[0])));
  if (!field.unit.empty()) sentence += fmt::format(", in {}", field.unit);
  return sentence + ".";
}

std::string wrap(std::string_view text, std::size_t width, std::string_view first, std::string_view prefix) {
  std::string result, line(first);
  bool fresh = true;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    if (!fresh && count_characters(line) + 1 + count_characters(word) > width) {
      result += line + "\n";
      line = prefix;
      fresh = true;
    }
    line += (fresh ? "" : " ") + std::string(word);
    fresh = false;
  }
  return result + line + "\n";
}

}  // namespace descent
