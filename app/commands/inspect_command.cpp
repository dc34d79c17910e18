#include "app/commands.hpp"
#include "app/config/reader.hpp"
#include "app/curvature/curvature_objective.hpp"
#include "app/curvature/spectrum_text.hpp"
#include "app/formula/inspection.hpp"
#include "app/record/run_folder.hpp"
#include "app/training/run_verdict.hpp"
#include "framework/error.hpp"
#include "framework/text.hpp"
#include "models/model.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <iostream>
#include <optional>

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

// The experiment of the run that a model lies in, with its data read again.
Experiment experiment_of(const Model& model, const std::string& path) {
  const std::string config = (std::filesystem::path(path).parent_path() / RunFolder::kConfig).string();
  std::error_code ignored;
  if (!std::filesystem::exists(config, ignored))
    throw Error(
        Fault::usage,
        "--verdict and --spectrum need the training rows, by the {} of the run beside the model, but there is no '{}'",
        RunFolder::kConfig, config);
  Experiment experiment = prepare(read_config({config, {}}).config);
  const bool same_data = experiment.encoding.input_names() == model.encoding.input_names() &&
                         experiment.encoding.input_mean == model.encoding.input_mean &&
                         experiment.encoding.input_scale == model.encoding.input_scale;
  if (!same_data || Network<double>(experiment.network).parameters() != model.weights.size())
    throw Error(Fault::data, "{}: this model was not trained on the data that {} names now", path, config);
  return experiment;
}

}  // namespace

int inspect_command(const InspectArguments& arguments) {
  if (const auto run = formula_run_at(arguments.model)) {
    if (arguments.spectrum)
      throw Error(Fault::usage, "--spectrum is for networks; the eigenvalues of a formula's Hessian are in --json");
    std::cout << (arguments.json ? run->result.dump() + '\n' : describe_formula_run(*run));
    return kOk;
  }
  const std::string path = model_path(arguments.model);
  const Model model = load_model(path);
  std::optional<RunVerdict> verdict;
  std::optional<SpectralDensity> spectrum;
  if (arguments.verdict || arguments.spectrum) {
    const Experiment experiment = experiment_of(model, path);
    if (arguments.verdict) verdict = judge(experiment, model.weights);
    if (arguments.spectrum) spectrum = spectral_density(CurvatureObjective(experiment).objective(), model.weights);
  }
  if (arguments.json) {
    nlohmann::ordered_json json = describe_json(model);
    if (verdict) json["verdict"] = to_json(*verdict);
    if (spectrum) json["spectrum"] = to_json(*spectrum);
    std::cout << json.dump() << '\n';
    return kOk;
  }
  std::cout << Network<double>(model.network).describe() << '\n'
            << fmt::format("loss     {}\n", model.loss) << describe_targets(model.encoding)
            << fmt::format("training {}, seed {}, weights of epoch {}, hash {}\n\n", to_string(model.precision),
                           model.seed, model.epoch, weights_hash(model))
            << describe_inputs(model.encoding);
  if (verdict) std::cout << '\n' << describe(*verdict) << '\n';
  if (spectrum) std::cout << '\n' << describe(*spectrum);
  return kOk;
}

}  // namespace descent
