#include "app/record/checkpoint.hpp"

#include "framework/error.hpp"
#include "framework/text.hpp"
#include "models/file_io.hpp"
#include "models/safetensors.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstring>
#include <filesystem>

namespace descent {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kEntry = "checkpoint";  // in the metadata
constexpr std::string_view kState = "state.", kNumbers = "state.numbers";

Json to_json(const std::optional<Ending>& ended) {
  if (!ended) return nullptr;
  return {{"reason", to_string(ended->reason)}, {"sentence", ended->sentence}, {"place", ended->place}};
}

std::optional<Ending> ending_of(const Json& json, const std::string& source) {
  if (json.is_null()) return std::nullopt;
  const std::optional<Reason> reason = reason_called(json.at("reason").get<std::string>());
  if (!reason) throw Error(Fault::data, "{}: it ended for a reason that this version of descent does not know", source);
  return Ending{*reason, json.at("sentence"), json.at("place")};
}

template <class Real>
Snapshot<Real> snapshot_of(const TensorFile& file, const std::optional<Model>& model,
                           const std::vector<std::string>& names, const std::string& source) {
  Snapshot<Real> snapshot;
  if (model) snapshot.vectors.emplace_back("w", std::vector<Real>(model->weights.begin(), model->weights.end()));
  for (const Tensor& tensor : file.tensors) {
    if (!tensor.name.starts_with(kState) || tensor.name == kNumbers) continue;
    std::vector<Real> values(tensor.bytes.size() / sizeof(Real));
    if (tensor.type != (sizeof(Real) == 4 ? Tensor::Type::f32 : Tensor::Type::f64))
      throw Error(Fault::data, "{}: tensor '{}' is not in the precision of the run", source, printable(tensor.name));
    if (!values.empty()) std::memcpy(values.data(), tensor.bytes.data(), tensor.bytes.size());
    snapshot.vectors.emplace_back(tensor.name.substr(kState.size()), std::move(values));
  }
  const std::vector<double> numbers = file.tensor(kNumbers, source).values();
  if (numbers.size() != names.size())
    throw Error(Fault::data, "{}: it has {} numbers and {} names for them", source, numbers.size(), names.size());
  for (std::size_t i = 0; i < names.size(); ++i) snapshot.numbers.emplace_back(names[i], numbers[i]);
  return snapshot;
}

}  // namespace

template <class Real>
std::string encode_checkpoint(const Model* model, const CheckpointStamp& stamp, const State<Real>& state) {
  TensorFile file = model != nullptr ? model_tensors(*model) : TensorFile();
  std::vector<std::string> names;
  std::vector<double> numbers;
  for (const StateNumber& number : state.numbers) {
    names.push_back(number.name);
    numbers.push_back(number.get());
  }
  for (const StateVector<Real>& vector : state.vectors)
    if (model == nullptr || vector.name != "w")
      file.tensors.push_back(
          Tensor::of(std::string(kState) + vector.name, {vector.values.size()}, std::span<const Real>(vector.values)));
  file.tensors.push_back(Tensor::of(std::string(kNumbers), {numbers.size()}, std::span<const double>(numbers)));
  file.metadata[kEntry] = Json({{"config", stamp.config},
                                {"data", stamp.data},
                                {"metrics_csv", stamp.metrics.csv},
                                {"metrics_jsonl", stamp.metrics.json},
                                {"epochs", stamp.epochs},
                                {"steps", stamp.steps},
                                {"step_in_epoch", stamp.step_in_epoch},
                                {"ended", to_json(stamp.ended)},
                                {"numbers", names}})
                              .dump();
  file.metadata[std::string(kChecksum)] = checksum(file);
  return encode_safetensors(file);
}

Checkpoint decode_checkpoint(std::string_view bytes, const std::string& source) {
  const TensorFile file = decode_safetensors(bytes, source);
  require_checksum(file, source);
  Checkpoint checkpoint{.model = {}, .stamp = {}, .path = source, .snapshot = {}};
  const auto own_weights = std::ranges::find(file.tensors, std::string(kState) + "w", &Tensor::name);
  if (own_weights == file.tensors.end()) checkpoint.model = model_of(file, source);
  const auto entry = file.metadata.find(kEntry);
  if (entry == file.metadata.end())
    throw Error(Fault::data, "{}: a model, but no checkpoint that a training could go on from", source);
  try {
    const Json json = Json::parse(entry->second);
    checkpoint.stamp = {.config = json.at("config"),
                        .data = json.at("data"),
                        .metrics = {.csv = json.at("metrics_csv"), .json = json.at("metrics_jsonl")},
                        .epochs = json.at("epochs"),
                        .steps = json.at("steps"),
                        .step_in_epoch = json.at("step_in_epoch"),
                        .ended = ending_of(json.at("ended"), source)};
    const std::vector<std::string> names = json.at("numbers");
    if (checkpoint.model ? checkpoint.model->precision == Precision::float32 : own_weights->type == Tensor::Type::f32)
      checkpoint.snapshot = snapshot_of<float>(file, checkpoint.model, names, source);
    else
      checkpoint.snapshot = snapshot_of<double>(file, checkpoint.model, names, source);
    std::visit([&](auto& snapshot) { snapshot.ended = checkpoint.stamp.ended; }, checkpoint.snapshot);
  } catch (const nlohmann::json::exception&) {
    throw Error(Fault::data, "{}: not a checkpoint of this version of descent", source);
  }
  return checkpoint;
}

std::optional<Checkpoint> load_checkpoint(const std::string& path, const std::string& previous, std::string& notice) {
  const auto is_there = [](const std::string& name) {
    std::error_code ignored;
    return std::filesystem::exists(name, ignored);
  };
  if (is_there(path)) try {
      return decode_checkpoint(read_file(path), path);
    } catch (const Error& error) {
      if (!is_there(previous)) throw;
      notice = fmt::format("{}; going on from the checkpoint before it", error.what());
    }
  if (!is_there(previous)) return std::nullopt;
  return decode_checkpoint(read_file(previous), previous);
}

template std::string encode_checkpoint(const Model*, const CheckpointStamp&, const State<float>&);
template std::string encode_checkpoint(const Model*, const CheckpointStamp&, const State<double>&);

}  // namespace descent
