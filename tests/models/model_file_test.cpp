#include "framework/error.hpp"
#include "models/file_io.hpp"
#include "models/model.hpp"
#include "models/safetensors.hpp"
#include "tests/models/sample_model.hpp"
#include "tests/support/program.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <bit>
#include <limits>

namespace descent {
namespace {

using Json = nlohmann::json;

const Model kSamples[] = {test::sample_model(Precision::float32), test::sample_model(Precision::float64),
                          test::sample_regression(Precision::float32), test::sample_regression(Precision::float64)};

template <class Columns>
std::vector<std::string> names(const Columns& columns) {
  std::vector<std::string> all;
  for (const auto& column : columns) all.push_back(column.name);
  return all;
}

TEST(ModelFile, GivesBackEveryFieldToTheBit) {
  const test::TemporaryFolder folder;
  for (const Model& model : kSamples) {
    save_model(folder.file("m"), model);
    const Model again = load_model(folder.file("m"));
    EXPECT_EQ(again.network.inputs, model.network.inputs);
    ASSERT_EQ(again.network.layers.size(), model.network.layers.size());
    for (std::size_t l = 0; l < model.network.layers.size(); ++l) {
      const LayerSpec &a = again.network.layers[l], &b = model.network.layers[l];
      EXPECT_EQ(std::tie(a.kind, a.units, a.activation, a.initializer, a.initializer_scale, a.bias),
                std::tie(b.kind, b.units, b.activation, b.initializer, b.initializer_scale, b.bias));
    }
    EXPECT_EQ(std::tie(again.loss, again.precision, again.weights, again.seed, again.epoch),
              std::tie(model.loss, model.precision, model.weights, model.seed, model.epoch));
    const Encoding &a = again.encoding, &b = model.encoding;
    EXPECT_EQ(std::tie(a.target_kind, a.missing, a.input_mean, a.input_scale, a.target_mean, a.target_scale),
              std::tie(b.target_kind, b.missing, b.input_mean, b.input_scale, b.target_mean, b.target_scale));
    EXPECT_EQ(a.form, b.form);
    EXPECT_EQ(names(a.inputs), names(b.inputs));
    EXPECT_EQ(names(a.targets), names(b.targets));
    for (std::size_t k = 0; k < b.inputs.size(); ++k) {
      EXPECT_EQ(a.inputs[k].categories, b.inputs[k].categories);
      EXPECT_EQ(a.inputs[k].fill, b.inputs[k].fill);
    }
    for (std::size_t k = 0; k < b.targets.size(); ++k) EXPECT_EQ(a.targets[k].classes, b.targets[k].classes);
    EXPECT_EQ(weights_hash(again), weights_hash(model));
  }
}

TEST(ModelFile, PredictsTheSameBitsAfterwards) {
  for (const Model& model : kSamples) {
    const Dataset data = test::sample_inputs(300, model.network.inputs);
    EXPECT_EQ(predict(decode_model(encode_model(model), "m"), data), predict(model, data));
  }
}

TEST(ModelFile, HasTheSameBytesForTheSameModel) {
  for (const Model& model : kSamples)
    EXPECT_EQ(encode_model(decode_model(encode_model(model), "m")), encode_model(model));
}

TEST(ModelFile, KeepsWeightsThatAreNotFinite) {
  Model model = test::sample_regression(Precision::float32);
  model.weights[0] = std::numeric_limits<double>::quiet_NaN();
  model.weights[1] = -std::numeric_limits<double>::infinity();
  const Model again = decode_model(encode_model(model), "m");
  EXPECT_TRUE(std::isnan(again.weights[0]));
  EXPECT_EQ(again.weights[1], model.weights[1]);
}

TEST(ModelFile, StoresWeightsAsTorchDoes) {
  const Model model = test::sample_model(Precision::float32);
  const TensorFile file = decode_safetensors(encode_model(model), "m");
  const Tensor& weight = file.tensor("layers.0.weight", "m");
  EXPECT_EQ(weight.shape, (std::vector<std::size_t>{4, 5})) << "(out, in)";
  EXPECT_EQ(weight.type, Tensor::Type::f32);
  for (std::size_t i = 0; i < 5; ++i)
    for (std::size_t j = 0; j < 4; ++j) EXPECT_EQ(weight.values()[j * 5 + i], model.weights[i * 4 + j]);
  EXPECT_EQ(file.tensor("layers.0.bias", "m").shape, (std::vector<std::size_t>{4}));
  EXPECT_EQ(file.tensor("input.mean", "m").type, Tensor::Type::f64);
  EXPECT_EQ(file.metadata.at("format"), "descent");
}

TEST(WeightsHash, NamesTheWeightsBitForBit) {
  Model model;
  EXPECT_EQ(weights_hash(model), "cbf29ce484222325") << "FNV-1a of nothing";
  model.precision = Precision::float64;
  model.weights = {std::bit_cast<double>(std::uint64_t{0x61})};  // bytes 'a' 0 0 0 0 0 0 0
  std::uint64_t expected = 0xCBF29CE484222325;
  for (const unsigned byte : {0x61, 0, 0, 0, 0, 0, 0, 0}) expected = (expected ^ byte) * 0x100000001B3;
  EXPECT_EQ(weights_hash(model), fmt::format("{:016x}", expected));
  model.weights = {0.0};
  const std::string zero = weights_hash(model);
  model.weights = {-0.0};
  EXPECT_NE(weights_hash(model), zero);
}

bool is_refused(std::string_view bytes) {
  try {
    decode_model(bytes, "m");
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::data);
    EXPECT_TRUE(std::string_view(error.what()).starts_with("m: ")) << error.what();
    return true;
  }
  return false;
}

TEST(ModelFile, CutAnywhereIsRefused) {
  const std::string bytes = encode_model(kSamples[0]);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    ASSERT_TRUE(is_refused(std::string_view(bytes).substr(0, size))) << size;
}

TEST(ModelFile, WithAnyOneBitFlippedIsRefused) {
  for (const Model* model : {&kSamples[0], &kSamples[3]}) {
    std::string bytes = encode_model(*model);
    ASSERT_FALSE(is_refused(bytes));
    for (std::size_t at = 0; at < bytes.size(); ++at)
      for (int bit = 0; bit < 8; ++bit) {
        bytes[at] ^= static_cast<char>(1 << bit);
        ASSERT_TRUE(is_refused(bytes)) << "bit " << bit << " of byte " << at;
        bytes[at] ^= static_cast<char>(1 << bit);
      }
  }
}

// What decode_model says to a file whose parts were changed but whose checksum is right.
template <class Change>
std::string answer(const Model& model, Change change) {
  TensorFile file = decode_safetensors(encode_model(model), "m");
  change(file);
  file.metadata[std::string(kChecksum)] = checksum(file);
  try {
    decode_model(encode_safetensors(file), "m");
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::data);
    return error.what();
  }
  return "nothing was refused";
}

// The same with one place of the description replaced.
std::string described(const char* pointer, const Json& value) {
  return answer(kSamples[0], [&](TensorFile& file) {
    Json description = Json::parse(file.metadata.at("model"));
    description.at(Json::json_pointer(pointer)) = value;
    file.metadata.at("model") = description.dump();
  });
}

constexpr const char* kNot = "m: not a model that descent can use: ";

TEST(ModelFile, WithAWrongDescriptionIsRefused) {
  const struct {
    const char* pointer;
    Json value;
    const char* message;
  } kWrong[] = {
      {"/network/inputs", -1, "'inputs' in its description is not a whole number of at least 0"},
      {"/network/inputs", 5.0, "'inputs' in its description is not a whole number of at least 0"},
      {"/network/inputs", true, "'inputs' in its description is not a whole number of at least 0"},
      {"/network/inputs", "5", "'inputs' in its description is not a whole number of at least 0"},
      {"/network/inputs", 0, "a network needs at least one input"},
      {"/network/inputs", nullptr, "'inputs' in its description is not a whole number of at least 0"},
      {"/network/layers", Json::array(), "a network needs at least one layer"},
      {"/network/layers", Json::object(), "'layers' in its description is not a list"},
      {"/network/layers/0", 7, "its description lacks 'kind'"},
      {"/network/layers/0", Json::object(), "its description lacks 'kind'"},
      {"/network/layers/0/kind", "conv", "unknown layer kind 'conv' (known: dense, activation)"},
      {"/network/layers/0/units", 4.5, "'units' in its description is not a whole number of at least 0"},
      {"/network/layers/0/units", -4, "'units' in its description is not a whole number of at least 0"},
      {"/network/layers/0/units", 0, "a dense layer needs units ≥ 1"},
      {"/network/layers/0/bias", 1, "'bias' in its description is not true or false"},
      {"/network/layers/0/initializer_scale", "1", "'initializer_scale' in its description is not a number"},
      {"/network", Json::array(), "its description lacks 'inputs'"},
      {"/loss", 3, "'loss' in its description is not text"},
      {"/loss", "squared_error", "its loss squared_error and its targets do not fit together"},
      {"/precision", "float16", "unknown word 'float16' in its description"},
      {"/seed", -1, "'seed' in its description is not a whole number of at least 0"},
      {"/epoch", 1.5, "'epoch' in its description is not a whole number of at least 0"},
      {"/format_version", 2, "it was written by another version of descent; update this one"},
      {"/format_version", 1.5, "'format_version' in its description is not a whole number of at least 0"},
      {"/encoding/target_kind", "colours", "unknown word 'colours' in its description"},
      {"/encoding/missing", 3, "'missing' in its description is not text"},
      {"/encoding/file", 3, "its description lacks 'decimal_comma'"},
      {"/encoding/file/decimal_comma", "yes", "'decimal_comma' in its description is not true or false"},
      {"/encoding/file/header", 1, "'header' in its description is not true or false"},
      {"/encoding/file/delimiter", ";;", "its delimiter ';;' is not one character"},
      {"/encoding/inputs/1/categories", Json::array({1, 2, 3}),
       "'categories' in its description is not a list of texts"},
      {"/encoding/inputs/1/categories", Json::array({"a", "b", "a"}), "column 'größe' has 'a' twice"},
      {"/encoding/inputs/1/fill", 3, "input column 'größe' has no usable fill"},
      {"/encoding/inputs/1/fill", 0.5, "input column 'größe' has no usable fill"},
      {"/encoding/inputs/1/fill", -1, "input column 'größe' has no usable fill"},
      {"/encoding/inputs/0/name", "width", "column 'width' stands twice in it"},
      {"/encoding/targets/0/name", "width", "column 'width' stands twice in it"},
      {"/encoding/targets", Json::array(), "tensor 'target.mean' should have the shape [0]"},
      {"/encoding/targets/0/classes", Json::array({"a", "a", "b"}), "column 'species' has 'a' twice"},
      {"/encoding/targets/0/classes", Json::array({"a", "b"}), "its columns and its network do not fit together"},
      {"/encoding/targets/0/classes", Json::array(), "the classes of target 'species' do not fit its kind"},
      {"/encoding/inputs/1/categories", Json::array({"a", "b"}), "its columns and its network do not fit together"},
  };
  for (const auto& wrong : kWrong) {
    const std::string message = described(wrong.pointer, wrong.value);
    const std::string place = std::string_view(wrong.message).starts_with("tensor") ? "m: " : kNot;
    EXPECT_EQ(message, place + wrong.message) << wrong.pointer << " = " << wrong.value;
  }
  EXPECT_TRUE(described("/network/layers/0/activation", "rellu").starts_with(std::string(kNot) + "unknown activation"));
}

TEST(ModelFile, WhoseDescriptionDoesNotMatchItsTensorsIsRefused) {
  const std::string wrong = "m: tensor 'layers.0.weight' does not have the shape and type that its description says";
  EXPECT_EQ(described("/network/layers/0/units", 3), wrong);
  EXPECT_EQ(described("/network/inputs", 4), wrong);
  EXPECT_EQ(described("/precision", "float64"), wrong);
  EXPECT_EQ(described("/network/layers/2/bias", true), "m: the file has no tensor 'layers.2.bias'");
}

TEST(ModelFile, OfAnAbsurdSizeIsRefusedBeforeAllocatingIt) {
  const std::string inputs = described("/network/inputs", 1'000'000'000'000);
  EXPECT_TRUE(inputs.starts_with(std::string(kNot) + "the network is too large for this machine")) << inputs;
  const std::string units = described("/network/layers/0/units", std::numeric_limits<std::uint64_t>::max());
  EXPECT_TRUE(units.starts_with(std::string(kNot) + "the network is too large for this machine")) << units;
  // Without weights the inputs alone are never allocated for either.
  const std::string alone = answer(kSamples[0], [](TensorFile& file) {
    Json description = Json::parse(file.metadata.at("model"));
    description["network"]["inputs"] = 1'000'000'000'000;
    description["network"]["layers"] = Json::array({description["network"]["layers"][1]});
    file.metadata.at("model") = description.dump();
  });
  EXPECT_EQ(alone, "m: tensor 'input.mean' should have the shape [1000000000000]");
}

TEST(ModelFile, ThatIsNotAModelIsRefused) {
  const auto metadata = [](const char* key, const char* value) {
    return answer(kSamples[0], [&](TensorFile& file) {
      if (value)
        file.metadata[key] = value;
      else
        file.metadata.erase(key);
    });
  };
  EXPECT_EQ(metadata("format", "pt"), std::string(kNot) + "it was not written by descent");
  EXPECT_EQ(metadata("format", nullptr), std::string(kNot) + "it has no 'format' in its metadata");
  EXPECT_EQ(metadata("model", nullptr), std::string(kNot) + "it has no 'model' in its metadata");
  EXPECT_EQ(metadata("model", "{"), std::string(kNot) + "its description is not JSON");
  EXPECT_EQ(metadata("model", "[]"), std::string(kNot) + "its description lacks 'format_version'");
  const std::string deep(1'000'000, '[');
  EXPECT_EQ(metadata("model", deep.c_str()), std::string(kNot) + "its description is not JSON");
  EXPECT_EQ(metadata("model", (deep + std::string(1'000'000, ']')).c_str()),
            std::string(kNot) + "its description lacks 'format_version'");
}

TEST(ModelFile, WithScalesThatCannotBeDividedByIsRefused) {
  for (const double bad :
       {0.0, -1.0, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    Model model = test::sample_model(Precision::float32);
    model.encoding.input_scale[0] = bad;
    EXPECT_EQ(answer(model, [](TensorFile&) {}), std::string(kNot) + "a mean or scale in it is not usable");
  }
  Model model = test::sample_regression(Precision::float32);
  model.encoding.target_mean[1] = std::numeric_limits<double>::infinity();
  EXPECT_EQ(answer(model, [](TensorFile&) {}), std::string(kNot) + "a mean or scale in it is not usable");
}

TEST(ModelFile, CannotHoldANameThatIsNotUtf8) {
  Model model = test::sample_model(Precision::float32);
  model.encoding.inputs[0].name =
      "gr\xF6\xDF"
      "e";
  EXPECT_THROW(encode_model(model), Error);
}

TEST(ModelFile, NamesTheFileThatIsNotThere) {
  try {
    load_model("/nowhere/m.safetensors");
    FAIL() << "loaded";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::runtime);
    EXPECT_STREQ(error.what(), "cannot open '/nowhere/m.safetensors': No such file or directory");
  }
}

}  // namespace
}  // namespace descent
