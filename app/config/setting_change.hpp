// One setting changed, in the words of --set: what the program proposes is what it has tried.
#pragma once

#include "app/config/config.hpp"

#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace descent {

// `config` with "section.key=value" given on top, as often as wanted. Data paths become absolute. Throws Error(config).
Config changed(const Config& config, std::span<const std::string> sets);
Config changed(const Config& config, const std::string& set);

// The change of every hidden layer: "model.<key>=<value>" where model.hidden says the layers, and else model.layers
// written out whole, each dense or activation layer after `modify`.
std::string change_layers(const ModelConfig& model, std::string_view key, const std::string& value,
                          const std::function<void(LayerConfig&)>& modify);

// "--set train.l2=0.1", quoted where a shell would take it apart.
std::string pasteable(const std::string& set);

// x > 0 rounded down to two digits, as a person would type it: 0.0123 gives "0.012".
std::string round_down(double x);

}  // namespace descent
