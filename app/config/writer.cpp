#include "app/config/writer.hpp"

#include "app/config/errors.hpp"
#include "app/config/fields.hpp"
#include "app/config/render.hpp"
#include "app/config/suggest.hpp"
#include "framework/error.hpp"
#include "framework/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <type_traits>
#include <vector>

namespace descent {
namespace {

constexpr std::size_t kTemplateWidth = 92;
constexpr std::size_t kHelpWidth = 100;
constexpr std::size_t kHelpIndent = 36;

std::string absolute(const std::string& path) {
  if (path.empty() || path == "-") return path;
  std::error_code ignored;  // without a current folder the path stays as it is
  const std::filesystem::path full = std::filesystem::absolute(path, ignored);
  return (ignored ? std::filesystem::path(path) : full).lexically_normal().string();
}

// A list of layers is easier to read as [[model.layers]], one block a layer.
std::string layer_blocks(const Config& config) {
  std::string text;
  for (LayerConfig layer : config.model.layers) {
    text += "\n[[model.layers]]\n";
    for (const LayerField& field : layer_fields())
      if (!field.dense_only || layer.kind == "dense")
        text += fmt::format("{} = {}\n", field.key, toml_value(field, field.slot(layer)));
  }
  return text;
}

// Nothing for a section none of whose settings this config can have: [model] of a formula, [objective] of a network.
std::string section_toml(const Section& section, Config& config) {
  const bool layered = !config.model.layers.empty(), formula = !config.objective.formula.empty();
  if (section.name == "objective" && !formula) return {};
  if ((section.name == "data" || section.name == "model") && formula) return {};
  std::string text = fmt::format("\n[{}]\n", section.name);
  for (const Field& field : fields()) {
    if (field.section != section.name || (field.network_only && formula)) continue;
    const std::string path = field.path();
    if (path == "model.layers" && layered) continue;
    if (path == "model.hidden" && layered) {
      text += "# hidden: see [[model.layers]]\n";
    } else if (is_unset(field, config)) {
      text += fmt::format("# {}: {}\n", field.key, field.unset);
    } else {
      text += fmt::format("{} = {}\n", field.key, toml_value(field, field.slot(config)));
    }
  }
  if (section.name == "model") text += layer_blocks(config);
  if (section.name == "tune")
    for (const Variation& variation : config.tune.vary)
      text += fmt::format("{} = [{}]\n", toml_text(variation.path), join(variation.values));
  return text;
}

// Help, what is allowed, and what it means to leave the setting out.
template <class AnyField, class Settings = std::conditional_t<std::is_same_v<AnyField, Field>, Config, LayerConfig>>
std::string full_sentence(const AnyField& field) {
  Settings defaults;
  std::string text(field.help);
  if (const std::string allowed = allowed_sentence(field, field.slot(defaults)); !allowed.empty())
    text += " " + allowed;
  if (!field.unset.empty()) text += fmt::format(" Default: {}.", field.unset);
  return text;
}

template <class AnyField>
std::string help_line(const AnyField& field) {
  const std::string value = default_value(field);
  std::string left = value.empty() ? fmt::format("  {}", field.key) : fmt::format("  {} = {}", field.key, value);
  const std::size_t width = count_characters(left);
  left += std::string(width < kHelpIndent ? kHelpIndent - width : 1, ' ');
  return wrap(full_sentence(field), kHelpWidth, left, std::string(kHelpIndent, ' '));
}

// Of a setting that is asked for by name.
std::string meaning_lines(const FieldInfo& field) {
  if (!field.meanings.list) return "";
  std::string text = wrap(fmt::format("{}:", field.meanings.what), kHelpWidth, "    ", "    ");
  for (const auto& [value, formula] : field.meanings.list()) {
    std::string left = fmt::format("    {}", value);
    left += std::string(kHelpIndent - count_characters(left), ' ');
    text += wrap(formula, kHelpWidth, left, std::string(kHelpIndent, ' '));
  }
  return text;
}

std::string help_group(const std::string& title, std::string_view help, const std::vector<std::string>& lines,
                       const std::string& before) {
  return (before.empty() ? "" : "\n") + wrap(help, kHelpWidth, title + (help.empty() ? "" : " "), "  ") +
         join(lines, "");
}

// Whether a section or setting is asked for; marks the names that ask. Without names everything is.
bool asks_for(std::span<const std::string> names, std::vector<bool>& found, auto names_it) {
  bool asked = names.empty();
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names_it(names[i])) asked = found[i] = true;
  return asked;
}

bool asks_for(std::span<const std::string> names, const Section& section, std::vector<bool>& found) {
  return asks_for(names, found, [&](std::string_view name) {
    return name == section.name || name == fmt::format("[{}]", section.name);
  });
}

bool asks_for(std::span<const std::string> names, const FieldInfo& field, std::vector<bool>& found) {
  return asks_for(names, found, [&](std::string_view name) {
    const auto is = [&](std::string_view key) {
      return (name == key && !is_section(name)) || name == fmt::format("{}.{}", field.section, key);
    };
    return is(field.key) || std::ranges::any_of(field.aliases, is);
  });
}

}  // namespace

Config with_absolute_paths(Config config) {
  for (const Field& field : fields())
    if (field.text == Text::data_path) {
      std::string& path = *std::get<std::string*>(field.slot(config));
      path = absolute(path);
    }
  return config;
}

std::string to_toml(const Config& config) {
  Config copy = with_absolute_paths(config);
  std::string text = "# Every setting of a run, with defaults filled in and paths made absolute.\n";
  for (const Section& section : sections()) text += section_toml(section, copy);
  return text;
}

std::string commented_template(std::string_view data_path) {
  std::string text = wrap(
      "A run of descent, in TOML. Every setting is here with its default: take the # away from a key to change it. "
      "Start with a run as it is: descent train FILE. Losses are sums over rows, never means, and so is the gradient "
      "that learning_rate multiplies.",
      kTemplateWidth, "# ", "# ");
  for (const Section& section : sections()) {
    text += fmt::format("\n\n[{}]\n{}", section.name, wrap(section.help, kTemplateWidth, "# ", "# "));
    for (const Field& field : fields()) {
      if (field.section != section.name) continue;
      text += "\n" + wrap(full_sentence(field), kTemplateWidth, "# ", "# ");
      const std::string shown = field.unset.empty() ? default_value(field) : std::string(field.example);
      text += field.path() == "data.path" ? fmt::format("{} = {}\n", field.key, toml_text(data_path))
                                          : fmt::format("#{} = {}\n", field.key, shown);
    }
  }
  return text;
}

std::string field_help(std::span<const std::string> names) {
  std::vector<bool> found(names.size());
  std::string text;
  for (const Section& section : sections()) {
    std::vector<std::string> lines;
    const bool whole = asks_for(names, section, found);
    for (const Field& field : fields())
      if (field.section == section.name && (asks_for(names, field, found) || whole))
        lines.push_back(help_line(field) + (whole ? "" : meaning_lines(field)));
    if (!lines.empty()) text += help_group(fmt::format("[{}]", section.name), whole ? section.help : "", lines, text);
    if (section.name != "model") continue;
    lines.clear();
    for (const LayerField& field : layer_fields())
      if (asks_for(names, field, found) || whole)
        lines.push_back(help_line(field) + (whole ? "" : meaning_lines(field)));
    if (!lines.empty()) text += help_group("[[model.layers]]", whole ? "One for each layer." : "", lines, text);
  }
  for (std::size_t i = 0; i < names.size(); ++i)
    if (!found[i]) throw Error(Fault::usage, "{} (all of them: descent config help)", unknown_setting(names[i]));
  return text;
}

}  // namespace descent
