#include "framework/error.hpp"
#include "framework/text.hpp"
#include "models/file_io.hpp"
#include "models/model.hpp"
#include "models/safetensors.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <set>

namespace descent {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kFormat = "descent";
constexpr std::uint64_t kFormatVersion = 1;

template <class Enum>
struct Word {
  Enum value;
  std::string_view word;
};
constexpr Word<TargetKind> kTargetKinds[] = {{TargetKind::numbers, "numbers"},
                                             {TargetKind::classes, "classes"},
                                             {TargetKind::binary, "binary"},
                                             {TargetKind::counts, "counts"}};
constexpr Word<Precision> kPrecisions[] = {{Precision::float32, "float32"}, {Precision::float64, "float64"}};
constexpr Word<Missing> kMissing[] = {
    {Missing::error, "error"}, {Missing::drop_row, "drop_row"}, {Missing::mean, "mean"}, {Missing::median, "median"}};

template <class Enum, std::size_t N>
std::string_view word_of(const Word<Enum> (&words)[N], Enum value) {
  return std::ranges::find(words, value, &Word<Enum>::value)->word;
}

template <class Enum, std::size_t N>
Enum value_of(const Word<Enum> (&words)[N], const std::string& word) {
  const auto found = std::ranges::find(words, word, &Word<Enum>::word);
  if (found == std::end(words)) throw Error(Fault::data, "unknown word '{}' in its description", printable(word));
  return found->value;
}

Json to_json(const NetworkSpec& spec) {
  Json layers = Json::array();
  for (const LayerSpec& layer : spec.layers)
    layers.push_back({{"kind", layer.kind},
                      {"units", layer.units},
                      {"activation", layer.activation},
                      {"initializer", layer.initializer},
                      {"initializer_scale", layer.initializer_scale},
                      {"bias", layer.bias}});
  return {{"inputs", spec.inputs}, {"layers", layers}};
}

// Members of the description, each of the one type it may have: left to itself the JSON library would
// read -1 as 2⁶⁴ − 1, 2.5 as 2 and true as 1.
const Json& member(const Json& json, const char* key) {
  const auto found = json.find(key);
  if (found == json.end()) throw Error(Fault::data, "its description lacks '{}'", key);
  return *found;
}

const Json& member(const Json& json, const char* key, bool (Json::*is_right)() const noexcept, const char* right) {
  const Json& value = member(json, key);
  if (!(value.*is_right)()) throw Error(Fault::data, "'{}' in its description is not {}", key, right);
  return value;
}

std::uint64_t whole(const Json& json, const char* key) {
  return member(json, key, &Json::is_number_unsigned, "a whole number of at least 0").get<std::uint64_t>();
}

double number(const Json& json, const char* key) {
  return member(json, key, &Json::is_number, "a number").get<double>();
}

bool flag(const Json& json, const char* key) {
  return member(json, key, &Json::is_boolean, "true or false").get<bool>();
}

std::string text(const Json& json, const char* key) {
  return member(json, key, &Json::is_string, "text").get<std::string>();
}

const Json& list(const Json& json, const char* key) { return member(json, key, &Json::is_array, "a list"); }

std::vector<std::string> texts(const Json& json, const char* key) {
  std::vector<std::string> all;
  for (const Json& element : list(json, key)) {
    if (!element.is_string()) throw Error(Fault::data, "'{}' in its description is not a list of texts", key);
    all.push_back(element.get<std::string>());
  }
  return all;
}

NetworkSpec network_from(const Json& json) {
  NetworkSpec spec{whole(json, "inputs"), {}};
  for (const Json& layer : list(json, "layers"))
    spec.layers.push_back({text(layer, "kind"), whole(layer, "units"), text(layer, "activation"),
                           text(layer, "initializer"), number(layer, "initializer_scale"), flag(layer, "bias")});
  return spec;
}

Json to_json(const Encoding& encoding) {
  Json inputs = Json::array(), targets = Json::array();
  for (const InputColumn& column : encoding.inputs)
    inputs.push_back({{"name", column.name}, {"categories", column.categories}, {"fill", column.fill}});
  for (const TargetColumn& column : encoding.targets)
    targets.push_back({{"name", column.name}, {"classes", column.classes}});
  Json json = {{"inputs", inputs},
               {"targets", targets},
               {"target_kind", word_of(kTargetKinds, encoding.target_kind)},
               {"missing", word_of(kMissing, encoding.missing)}};
  if (const CsvForm& form = encoding.form; form != CsvForm{}) {
    json["file"] = {{"decimal_comma", form.decimal_comma}};
    if (form.delimiter) json["file"]["delimiter"] = std::string(1, *form.delimiter);
    if (form.header) json["file"]["header"] = *form.header;
  }
  return json;
}

// What is not there was found out, or the model is of a time when it was not kept.
CsvForm form_from(const Json& json) {
  CsvForm form;
  form.decimal_comma = flag(json, "decimal_comma");
  if (json.contains("header")) form.header = flag(json, "header");
  if (!json.contains("delimiter")) return form;
  const std::string delimiter = text(json, "delimiter");
  if (delimiter.size() != 1) throw Error(Fault::data, "its delimiter '{}' is not one character", printable(delimiter));
  form.delimiter = delimiter[0];
  return form;
}

Encoding encoding_from(const Json& json) {
  Encoding encoding;
  for (const Json& column : list(json, "inputs"))
    encoding.inputs.push_back({text(column, "name"), texts(column, "categories"), number(column, "fill")});
  for (const Json& column : list(json, "targets"))
    encoding.targets.push_back({text(column, "name"), texts(column, "classes")});
  encoding.target_kind = value_of(kTargetKinds, text(json, "target_kind"));
  encoding.missing = value_of(kMissing, text(json, "missing"));
  if (json.contains("file")) encoding.form = form_from(json.at("file"));
  return encoding;
}

// Rows and columns change places: torch keeps a weight as (out, in), the network as (in, out).
template <class Real>
std::vector<Real> transposed(std::span<const Real> from, std::size_t rows, std::size_t cols) {
  std::vector<Real> to(from.size());
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < cols; ++j) to[j * rows + i] = from[i * cols + j];
  return to;
}

template <class Real>
void store_weights(const Model& model, TensorFile& file) {
  const std::vector<Real> w(model.weights.begin(), model.weights.end());
  for (const NetworkBlock& named : Network<Real>(model.network).blocks()) {
    const ParameterBlock& block = named.block;
    const auto slice = std::span(w).subspan(block.offset, block.rows * block.cols);
    if (block.is_matrix)
      file.tensors.push_back(Tensor::of(named.name, {block.cols, block.rows},
                                        std::span<const Real>(transposed<Real>(slice, block.rows, block.cols))));
    else
      file.tensors.push_back(Tensor::of(named.name, {block.cols}, std::span<const Real>(slice)));
  }
}

std::vector<double> load_vector(const TensorFile& file, std::string_view name, std::size_t size,
                                const std::string& source) {
  const Tensor& tensor = file.tensor(name, source);
  if (tensor.shape != std::vector<std::size_t>{size})
    throw Error(Fault::data, "{}: tensor '{}' should have the shape [{}]", source, name, size);
  return tensor.values();
}

void load_weights(const TensorFile& file, const std::string& source, Model& model) {
  const Network<double> network(model.network);
  model.weights.clear();
  const Tensor::Type type = model.precision == Precision::float32 ? Tensor::Type::f32 : Tensor::Type::f64;
  for (const NetworkBlock& named : network.blocks()) {
    const ParameterBlock& block = named.block;
    const Tensor& tensor = file.tensor(named.name, source);
    const std::vector<std::size_t> shape =
        block.is_matrix ? std::vector{block.cols, block.rows} : std::vector{block.cols};
    if (tensor.shape != shape || tensor.type != type)
      throw Error(Fault::data, "{}: tensor '{}' does not have the shape and type that its description says", source,
                  named.name);
    std::vector<double> values = tensor.values();
    if (block.is_matrix) values = transposed<double>(values, block.cols, block.rows);
    model.weights.insert(model.weights.end(), values.begin(), values.end());  // blocks lie in order, without holes
  }
}

void distinct(const std::string& column, std::vector<std::string> values) {
  std::ranges::sort(values);
  const auto twice = std::ranges::adjacent_find(values);
  if (twice != values.end())
    throw Error(Fault::data, "column '{}' has '{}' twice", printable(column), printable(*twice));
}

// What the arrays and names of an encoding promise each other.
void check(const Encoding& encoding, const Model& model) {
  const auto all = [](const std::vector<double>& v, auto good) { return std::ranges::all_of(v, good); };
  const auto finite = [](double x) { return std::isfinite(x); };
  const auto scale = [](double x) { return std::isfinite(x) && x > 0; };
  if (!all(encoding.input_mean, finite) || !all(encoding.target_mean, finite) || !all(encoding.input_scale, scale) ||
      !all(encoding.target_scale, scale))
    throw Error(Fault::data, "a mean or scale in it is not usable");
  std::set<std::string> names;
  const auto once = [&](const std::string& name) {
    if (!names.insert(name).second) throw Error(Fault::data, "column '{}' stands twice in it", printable(name));
  };
  for (const InputColumn& column : encoding.inputs) {
    once(column.name);
    distinct(column.name, column.categories);
    const auto categories = static_cast<double>(column.categories.size());
    const bool index = column.fill >= 0 && column.fill < categories && column.fill == std::floor(column.fill);
    if (!std::isfinite(column.fill) || (!column.categories.empty() && !index))
      throw Error(Fault::data, "input column '{}' has no usable fill", printable(column.name));
  }
  if (encoding.targets.empty()) throw Error(Fault::data, "it names no target column");
  for (const TargetColumn& column : encoding.targets) {
    once(column.name);
    distinct(column.name, column.classes);
    const std::size_t classes = column.classes.size();
    const bool fits = encoding.target_kind == TargetKind::classes  ? classes >= 2 && encoding.targets.size() == 1
                      : encoding.target_kind == TargetKind::binary ? classes == 0 || classes == 2
                                                                   : classes == 0;
    if (!fits) throw Error(Fault::data, "the classes of target '{}' do not fit its kind", printable(column.name));
  }
  if (find_loss<double>(model.loss).targets != encoding.target_kind)
    throw Error(Fault::data, "its loss {} and its targets do not fit together", model.loss);
}

Model model_from(const TensorFile& file, const std::string& source) {
  const auto entry = [&](const char* key) -> const std::string& {
    const auto found = file.metadata.find(key);
    if (found == file.metadata.end()) throw Error(Fault::data, "it has no '{}' in its metadata", key);
    return found->second;
  };
  if (entry("format") != kFormat) throw Error(Fault::data, "it was not written by descent");
  require_checksum(file, source);
  const Json description = Json::parse(entry("model"));
  if (whole(description, "format_version") != kFormatVersion)
    throw Error(Fault::data, "it was written by another version of descent; update this one");

  Model model;
  model.network = network_from(member(description, "network"));
  model.loss = text(description, "loss");
  model.precision = value_of(kPrecisions, text(description, "precision"));
  model.seed = whole(description, "seed");
  model.epoch = whole(description, "epoch");
  model.encoding = encoding_from(member(description, "encoding"));
  load_weights(file, source, model);

  Encoding& encoding = model.encoding;
  encoding.input_mean = load_vector(file, "input.mean", model.network.inputs, source);
  encoding.input_scale = load_vector(file, "input.scale", model.network.inputs, source);
  encoding.target_mean = load_vector(file, "target.mean", encoding.targets.size(), source);
  encoding.target_scale = load_vector(file, "target.scale", encoding.targets.size(), source);
  check(encoding, model);
  if (encoding.input_width() != model.network.inputs ||
      encoding.output_width() != Network<double>(model.network).outputs())
    throw Error(Fault::data, "its columns and its network do not fit together");
  return model;
}

std::string dump(const Json& description) {
  try {
    return description.dump();
  } catch (const Json::exception&) {
    throw Error(Fault::data, "cannot save the model: a column, category or class has a name that is not valid UTF-8");
  }
}

}  // namespace

TensorFile model_tensors(const Model& model) {
  const Json description = {{"format_version", kFormatVersion},
                            {"precision", word_of(kPrecisions, model.precision)},
                            {"loss", model.loss},
                            {"network", to_json(model.network)},
                            {"encoding", to_json(model.encoding)},
                            {"seed", model.seed},
                            {"epoch", model.epoch}};
  TensorFile file;
  file.metadata = {{"format", std::string(kFormat)},
                   {"descent_version", DESCENT_VERSION},
                   {"model", dump(description)},
                   {"weights_hash", weights_hash(model)}};
  const Encoding& encoding = model.encoding;
  const auto add = [&](const char* name, const std::vector<double>& values) {
    file.tensors.push_back(Tensor::of(name, {values.size()}, std::span<const double>(values)));
  };
  add("input.mean", encoding.input_mean);
  add("input.scale", encoding.input_scale);
  add("target.mean", encoding.target_mean);
  add("target.scale", encoding.target_scale);
  if (model.precision == Precision::float32)
    store_weights<float>(model, file);
  else
    store_weights<double>(model, file);
  return file;
}

std::string encode_model(const Model& model) {
  TensorFile file = model_tensors(model);
  file.metadata[std::string(kChecksum)] = checksum(file);
  return encode_safetensors(file);
}

void save_model(const std::string& path, const Model& model) { write_file_atomically(path, encode_model(model)); }

Model load_model(const std::string& path) { return decode_model(read_file(path), path); }

Model decode_model(std::string_view bytes, const std::string& source) {
  return model_of(decode_safetensors(bytes, source), source);
}

Model model_of(const TensorFile& file, const std::string& source) {
  const auto refuse = [&](std::string_view why) {
    return Error(Fault::data, "{}: not a model that descent can use: {}", source, why);
  };
  try {
    return model_from(file, source);
  } catch (const nlohmann::json::exception& error) {
    throw refuse("its description is not JSON");
  } catch (const Error& error) {
    if (std::string_view(error.what()).starts_with(source)) throw;
    throw refuse(error.what());
  }
}

}  // namespace descent
