#include "app/config/fields.hpp"
#include "app/config/render.hpp"
#include "app/config/tune.hpp"
#include "app/config/writer.hpp"
#include "framework/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <limits>
#include <type_traits>

namespace descent {
namespace {

using Json = nlohmann::ordered_json;

// In draft 4 exclusiveMinimum is a boolean beside minimum.
void put_bounds(Json& schema, const Bounds& bounds) {
  const auto number = [](double x) { return std::trunc(x) == x ? Json(static_cast<std::int64_t>(x)) : Json(x); };
  if (std::isfinite(bounds.low)) {
    schema["minimum"] = number(bounds.low);
    if (bounds.low_open) schema["exclusiveMinimum"] = true;
  }
  if (std::isfinite(bounds.high)) {
    schema["maximum"] = number(bounds.high);
    if (bounds.high_open) schema["exclusiveMaximum"] = true;
  }
}

Json text_schema(const FieldInfo& field) {
  if (field.text != Text::choice) return {{"type", "string"}};
  Json names = Json::array();
  for (const std::string& name : field.choices()) {
    if (field.true_or_false && (name == "true" || name == "false")) {
      names.push_back(name == "true");
    } else {
      names.push_back(name);
    }
  }
  for (const ValueAlias& alias : field.value_aliases) names.push_back(std::string(alias.typed));
  return {{"enum", names}};
}

Json layers_schema();

Json closed_object(Json properties) {
  return {{"type", "object"}, {"additionalProperties", false}, {"properties", std::move(properties)}};
}

// { log = [low, high], points = n }
Json grid_schema() {
  const Json end = {{"type", "number"}, {"minimum", 0}, {"exclusiveMinimum", true}};
  Json points = {{"type", "integer"}};
  put_bounds(points, kGridPoints);
  return closed_object({{"log", {{"type", "array"}, {"items", end}, {"minItems", 2}, {"maxItems", 2}}},
                        {"points", points},
                        {"random", {{"type", "boolean"}}}});
}

Json value_schema(const FieldInfo& field, const Slot& slot) {
  return std::visit(
      [&](auto* value) -> Json {
        using T = std::remove_pointer_t<decltype(value)>;
        Json schema = Json::object();
        if constexpr (std::is_same_v<T, bool>) {
          schema["type"] = "boolean";
        } else if constexpr (std::is_same_v<T, std::int64_t> || std::is_same_v<T, double>) {
          schema["type"] = std::is_same_v<T, double> ? "number" : "integer";
          put_bounds(schema, field.bounds);
          if (!field.word.empty()) schema = {{"anyOf", {schema, {{"enum", Json::array({std::string(field.word)})}}}}};
        } else if constexpr (std::is_same_v<T, std::string>) {
          schema = text_schema(field);
        } else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
          const Json name = {{"type", "string"}, {"minLength", 1}};
          const Json list = {{"type", "array"}, {"items", name}};
          schema["anyOf"] = Json::array({name, list});
        } else if constexpr (std::is_same_v<T, std::vector<std::int64_t>>) {
          Json number = {{"type", "integer"}};
          put_bounds(number, field.bounds);
          schema["type"] = "array";
          schema["items"] = number;
        } else if constexpr (std::is_same_v<T, RateGrid>) {
          const Json rate = {{"type", "number"}, {"minimum", 0}, {"exclusiveMinimum", true}};
          schema["anyOf"] = Json::array({grid_schema(), {{"type", "array"}, {"items", rate}, {"minItems", 1}}});
        } else {
          schema = layers_schema();
        }
        return schema;
      },
      slot);
}

Json default_json(const Slot& slot, const FieldInfo& field) {
  return std::visit(
      [&](auto* value) -> Json {
        using T = std::remove_pointer_t<decltype(value)>;
        if constexpr (std::is_same_v<T, std::vector<LayerConfig>>) {
          return Json::array();
        } else if constexpr (std::is_same_v<T, RateGrid>) {
          return Json::object();
        } else if constexpr (std::is_same_v<T, std::int64_t>) {
          if (*value == 0 && !field.word.empty()) return std::string(field.word);
          return *value;
        } else {
          return *value;
        }
      },
      slot);
}

// The setting under its name and under each alias.
void put_property(Json& properties, const FieldInfo& field, const Slot& slot) {
  Json schema = value_schema(field, slot);
  schema["description"] = std::string(field.help);
  if (field.unset.empty()) schema["default"] = default_json(slot, field);
  properties[std::string(field.key)] = schema;
  schema.erase("default");
  schema["description"] = fmt::format("Another name for {}.", field.key);
  for (const std::string_view alias : field.aliases) properties[std::string(alias)] = schema;
}

Json layers_schema() {
  Json properties = Json::object();
  LayerConfig defaults;
  for (const LayerField& field : layer_fields()) put_property(properties, field, field.slot(defaults));
  return {{"type", "array"}, {"items", closed_object(properties)}};
}

// In [tune]: the values to try for another setting.
void put_variations(Json& properties) {
  Config defaults;
  for (const Field& field : fields()) {
    if (!why_not_varied(field).empty()) continue;
    const Slot slot = field.slot(defaults);
    Json list = {{"type", "array"}, {"minItems", 1}, {"items", value_schema(field, slot)}};
    if (std::holds_alternative<double*>(slot)) list = {{"anyOf", {grid_schema(), list}}};
    list["description"] = fmt::format("Values to try for {}.", field.path());
    properties[field.path()] = list;
  }
}

// A cell of a table: "|" would end it.
std::string cell(std::string_view text) {
  std::string safe;
  for (const char c : text) safe += c == '|' ? "\\|" : std::string(1, c);
  return safe;
}

std::string code(std::string_view text) { return text.empty() ? std::string() : fmt::format("`{}`", text); }

std::string code_list(const std::vector<std::string_view>& names) {
  std::string list;
  for (const std::string_view name : names) list += (list.empty() ? "" : ", ") + code(name);
  return list;
}

std::string allowed(const FieldInfo& field) {
  std::string text;
  if (field.text == Text::choice)
    for (const std::string& name : field.choices()) text += (text.empty() ? "" : ", ") + code(name);
  if (field.text == Text::delimiter) text = "`auto` or one character";
  if (field.text == Text::folder_name) text = "one component of a path";
  if (field.text == Text::data_path || field.text == Text::run_path) text = "a path";
  text += to_string(field.bounds);
  if (!field.word.empty()) text += ", or " + code(field.word);
  if (!field.unit.empty()) text += fmt::format(" ({})", field.unit);
  return text;
}

std::string markdown_row(const FieldInfo& field, const Slot& slot, const std::string& initial) {
  const std::string shown = field.unset.empty() ? code(initial) : std::string(field.unset);
  return fmt::format("| `{}` | {} | {} | {} | {} | {} |\n", field.key, type_name(slot), cell(shown),
                     cell(allowed(field)), cell(field.help), code_list(field.aliases));
}

constexpr std::string_view kTableHead =
    "| key | type | default | allowed | meaning | also called |\n|---|---|---|---|---|---|\n";

// "optimizer.name: `sgd` → `steepest`", for the values that go by several names.
std::string value_names(std::string_view section) {
  std::string text;
  for (const Field& field : fields()) {
    if (field.section != section || field.value_aliases.empty()) continue;
    std::string list;
    for (const ValueAlias& alias : field.value_aliases)
      list += fmt::format("{}{} → {}", list.empty() ? "" : ", ", code(alias.typed),
                          alias.meant == "\t"  ? "a tab"
                          : alias.meant == " " ? "a space"
                                               : code(alias.meant));
    text += fmt::format("\nOther names for values of `{}`: {}.\n", field.key, list);
  }
  return text;
}

// Names within a formula are code already.
std::string formula_cell(std::string_view formula) {
  std::string plain(formula);
  std::erase(plain, '`');
  return code(cell(plain));
}

// "| `loss` | E of a row … |", for the values that are formulas.
std::string value_meanings(std::string_view section) {
  std::string text;
  for (const Field& field : fields()) {
    if (field.section != section || !field.meanings.list) continue;
    text += fmt::format("\n| `{}` | {} |\n|---|---|\n", field.key, field.meanings.what);
    for (const auto& [value, formula] : field.meanings.list())
      text += fmt::format("| {} | {} |\n", code(value), formula_cell(formula));
  }
  return text;
}

}  // namespace

std::string json_schema() {
  Config defaults;
  Json properties = {{"$schema", {{"type", "string"}, {"description", "Where an editor finds this schema."}}}};
  for (const Section& section : sections()) {
    Json keys = Json::object();
    for (const Field& field : fields())
      if (field.section == section.name) put_property(keys, field, field.slot(defaults));
    if (section.name == "train") {  // train.checkpoint = { every_epochs = 5 }, too
      Json parts = Json::object();
      for (const Field& field : fields())
        if (constexpr std::string_view kPart = "checkpoint_"; field.key.starts_with(kPart))
          parts[std::string(field.key.substr(kPart.size()))] = keys[std::string(field.key)];
      keys["checkpoint"] = closed_object(parts);
    }
    if (section.name == "tune") put_variations(keys);
    Json object = closed_object(keys);
    object["description"] = std::string(section.help);
    properties[std::string(section.name)] = object;
  }
  Json schema = {{"$schema", "http://json-schema.org/draft-04/schema#"}, {"title", "descent config"}};
  schema.update(closed_object(properties));
  return schema.dump(2) + "\n";
}

std::string markdown_reference() {
  std::string text =
      "# Config file\n\n"
      "A run is described by one [TOML](https://toml.io) file. `descent config init` writes one with every setting in "
      "it, `descent config help NAME` describes a section or setting, `descent config check FILE` says what is wrong "
      "with one, and `--set section.key=value` overrides a setting "
      "on the command line.\n\n"
      "A loss is a **sum** over rows, and `learning_rate` multiplies the gradient of that sum: a rate tuned for a mean "
      "loss is to be divided by the batch size (not for adam, adamw, rmsprop and adagrad, which rescale the "
      "gradient).\n";
  Config defaults;
  for (const Section& section : sections()) {
    text += fmt::format("\n## [{}]\n\n{}\n\n{}", section.name, section.help, kTableHead);
    for (const Field& field : fields())
      if (field.section == section.name) text += markdown_row(field, field.slot(defaults), default_value(field));
    text += value_names(section.name) + value_meanings(section.name);
    if (section.name != "model") continue;
    text += fmt::format("\n### [[model.layers]]\n\nOne table for each layer, in order.\n\n{}", kTableHead);
    LayerConfig layer;
    for (const LayerField& field : layer_fields()) text += markdown_row(field, field.slot(layer), default_value(field));
  }
  return text;
}

}  // namespace descent
