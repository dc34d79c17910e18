#include "app/config/fields.hpp"
#include "app/config/names.hpp"

namespace descent {
namespace {

template <auto Member>
Slot at_layer(LayerConfig& layer) {
  return &(layer.*Member);
}

constexpr Bounds kCount{.low = 1};
constexpr Bounds kNotNegative{.low = 0};

std::vector<LayerField> make_layer_fields() {
  return {
      {{.key = "kind",
        .help = "dense: weights, bias and activation. activation: an activation alone.",
        .text = Text::choice,
        .choices = layer_choices,
        .aliases = {"type"}},
       at_layer<&LayerConfig::kind>},
      {{.key = "units",
        .help = "Outputs of a dense layer; required there.",
        .bounds = kCount,
        .unit = "units",
        .unset = "required",
        .aliases = {"size"}},
       at_layer<&LayerConfig::units>,
       true},
      {{.key = "activation",
        .help = "What is applied to each output; required for kind activation.",
        .text = Text::choice,
        .choices = activation_choices,
        .value_aliases = activation_aliases(),
        .meanings = activation_meanings()},
       at_layer<&LayerConfig::activation>},
      {{.key = "initializer",
        .help = "How the weights start; auto takes what suits the activation.",
        .text = Text::choice,
        .choices = initializer_choices,
        .value_aliases = initializer_aliases(),
        .meanings = initializer_meanings(),
        .aliases = {"initialiser", "init"}},
       at_layer<&LayerConfig::initializer>,
       true},
      {{.key = "initializer_scale",
        .help = "Multiplies the starting weights.",
        .bounds = kNotNegative,
        .aliases = {"initialiser_scale", "init_scale"}},
       at_layer<&LayerConfig::initializer_scale>,
       true},
      {{.key = "bias", .help = "Whether a bias is added to each output."}, at_layer<&LayerConfig::bias>, true},
  };
}

}  // namespace

std::span<const LayerField> layer_fields() {
  static const std::vector<LayerField> table = [] {
    std::vector<LayerField> all = make_layer_fields();
    for (LayerField& field : all) field.section = "model.layers";
    return all;
  }();
  return table;
}

}  // namespace descent
