#include "app/config/setting_change.hpp"

#include "app/config/reader.hpp"
#include "app/config/writer.hpp"
#include "framework/text.hpp"

#include <fmt/format.h>

#include <cmath>
#include <string>

namespace descent {

Config changed(const Config& config, std::span<const std::string> sets) {
  return parse_config(to_toml(config), "the config", sets).config;
}

Config changed(const Config& config, const std::string& set) { return changed(config, std::span(&set, 1)); }

std::string change_layers(const ModelConfig& model, std::string_view key, const std::string& value,
                          const std::function<void(LayerConfig&)>& modify) {
  if (model.layers.empty()) return fmt::format("model.{}={}", key, value);
  std::string rows;
  for (LayerConfig layer : model.layers) {
    modify(layer);
    if (!rows.empty()) rows += ", ";
    if (layer.kind != "dense") {
      rows += fmt::format("{{kind = \"{}\", activation = \"{}\"}}", layer.kind, layer.activation);
      continue;
    }
    const LayerConfig plain;
    rows += fmt::format("{{units = {}, activation = \"{}\"", layer.units, layer.activation);
    if (layer.initializer != plain.initializer) rows += fmt::format(", initializer = \"{}\"", layer.initializer);
    if (layer.initializer_scale != plain.initializer_scale)
      rows += fmt::format(", initializer_scale = {}", shortest(layer.initializer_scale));
    if (!layer.bias) rows += ", bias = false";
    rows += '}';
  }
  return fmt::format("model.layers=[{}]", rows);
}

std::string pasteable(const std::string& set) { return "--set " + shell_word(set); }

std::string round_down(double x) {
  const double unit = std::pow(10, std::floor(std::log10(x)) - 1);
  // 3e-7 / 1e-8 is a little less than 30.
  return shortest(std::stod(fmt::format("{:.2g}", std::floor(x / unit + 1e-9) * unit)));
}

}  // namespace descent
