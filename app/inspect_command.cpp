#include "app/commands.hpp"
#include "app/run_folder.hpp"
#include "framework/text.hpp"
#include "models/model.hpp"

#include <nlohmann/json.hpp>

#include <iostream>

namespace descent {
namespace {

std::string describe_inputs(const Encoding& encoding) {
  std::string text = fmt::format("{:<28}{:>14}{:>14}\n", "input", "mean", "scale");
  const std::vector<std::string> names = encoding.input_names();
  for (std::size_t i = 0; i < names.size(); ++i)
    text += fmt::format("{:<28}{:>14.6g}{:>14.6g}\n", printable(names[i], 27), encoding.input_mean[i],
                        encoding.input_scale[i]);
  return text;
}

std::string describe_targets(const Encoding& encoding) {
  std::string text;
  for (std::size_t k = 0; k < encoding.targets.size(); ++k) {
    const TargetColumn& target = encoding.targets[k];
    text += fmt::format("target   {}", printable(target.name));
    if (!target.classes.empty()) text += fmt::format(": {}", printable(join(target.classes), 400));
    if (encoding.target_kind == TargetKind::numbers)
      text += fmt::format(", mean {:.6g}, scale {:.6g}", encoding.target_mean[k], encoding.target_scale[k]);
    text += '\n';
  }
  return text;
}

nlohmann::ordered_json describe_json(const Model& model) {
  nlohmann::ordered_json layers = nlohmann::ordered_json::array();
  for (const LayerSpec& layer : model.network.layers)
    layers.push_back(
        {{"kind", layer.kind}, {"units", layer.units}, {"activation", layer.activation}, {"bias", layer.bias}});
  nlohmann::ordered_json targets = nlohmann::ordered_json::array();
  for (const TargetColumn& target : model.encoding.targets)
    targets.push_back({{"name", target.name}, {"classes", target.classes}});
  return {{"weights", model.weights.size()},
          {"weights_hash", weights_hash(model)},
          {"precision", to_string(model.precision)},
          {"loss", model.loss},
          {"seed", model.seed},
          {"epoch", model.epoch},
          {"inputs", model.encoding.input_names()},
          {"input_mean", model.encoding.input_mean},
          {"input_scale", model.encoding.input_scale},
          {"layers", layers},
          {"targets", targets}};
}

}  // namespace

int inspect_command(const InspectArguments& arguments) {
  const Model model = load_model(model_path(arguments.model));
  if (arguments.json) {
    std::cout << describe_json(model).dump() << '\n';
    return kOk;
  }
  std::cout << Network<double>(model.network).describe() << '\n'
            << fmt::format("loss     {}\n", model.loss) << describe_targets(model.encoding)
            << fmt::format("training {}, seed {}, weights of epoch {}, hash {}\n\n", to_string(model.precision),
                           model.seed, model.epoch, weights_hash(model))
            << describe_inputs(model.encoding);
  return kOk;
}

}  // namespace descent
