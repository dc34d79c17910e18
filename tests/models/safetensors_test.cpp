#include "models/safetensors.hpp"

#include "framework/error.hpp"
#include "tests/models/safetensors_samples.hpp"
#include "tests/support/program.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <limits>

namespace descent {
namespace {

using test::Sample;

std::string refusal(std::string_view bytes) {
  try {
    decode_safetensors(bytes, "m.safetensors");
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::data);
    return error.what();
  }
  return "nothing was refused";
}

TEST(Safetensors, RefuseWhatBreaksARule) {
  for (const Sample& sample : test::refused_samples()) {
    const std::string message = refusal(sample.bytes);
    EXPECT_TRUE(message.starts_with("m.safetensors: not a usable safetensors file: "))
        << sample.what << ": " << message;
    EXPECT_NE(message.find(sample.message), std::string::npos) << sample.what << ": " << message;
  }
}

TEST(Safetensors, AcceptWhatIsUnusualButAllowed) {
  for (const Sample& sample : test::accepted_samples())
    EXPECT_NO_THROW(decode_safetensors(sample.bytes, "x")) << sample.what;
}

TEST(Safetensors, StopAtNestingAtOnce) {
  const std::string open[] = {"[", "{\"a\":", "{\"a\":{\"shape\":["};
  for (const std::string& piece : open) {
    std::string header = "{\"a\":";
    while (header.size() < 1'000'000 * piece.size()) header += piece;
    const auto start = std::chrono::steady_clock::now();
    EXPECT_NE(refusal(test::with_header(header)), "nothing was refused");
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(2));
  }
}

constexpr double kInfinity = std::numeric_limits<double>::infinity();
const double kPayload = std::bit_cast<double>(0x7FF8000000ABCDEFull);  // a NaN with something to lose

TensorFile sample_file() {
  const std::vector<float> floats = {1.5f, -0.0f, std::numeric_limits<float>::quiet_NaN(), 1e-45f};
  const std::vector<double> doubles = {0.1, kPayload, -kInfinity, 5e-324, 1.7976931348623157e308, -0.0};
  TensorFile file;
  file.metadata = {{"b", "größe \"quoted\"\n"}, {"a", ""}};
  file.tensors = {Tensor::of("z", {2, 2}, std::span<const float>(floats)),
                  Tensor::of("y", {3, 2}, std::span<const double>(doubles)),
                  Tensor::of("scalar", {}, std::span<const double>(doubles).first(1)),
                  Tensor::of("empty", {0, 3}, std::span<const float>()),
                  Tensor::of("a", {1}, std::span<const float>(floats).first(1))};
  return file;
}

TEST(Safetensors, ComeBackToTheBit) {
  const TensorFile file = sample_file();
  const TensorFile again = decode_safetensors(encode_safetensors(file), "x");
  EXPECT_EQ(again.metadata, file.metadata);
  ASSERT_EQ(again.tensors.size(), file.tensors.size());
  for (const Tensor& tensor : file.tensors) {
    const Tensor& back = again.tensor(tensor.name, "x");
    EXPECT_EQ(back.type, tensor.type);
    EXPECT_EQ(back.shape, tensor.shape);
    EXPECT_EQ(back.bytes, tensor.bytes) << tensor.name;
    EXPECT_EQ(back.values().size(), tensor.elements());
  }
  EXPECT_EQ(std::bit_cast<std::uint64_t>(again.tensor("y", "x").values()[1]), 0x7FF8000000ABCDEFull);
  EXPECT_TRUE(std::isnan(again.tensor("z", "x").values()[2]));
  EXPECT_EQ(again.tensor("scalar", "x").values(), (std::vector<double>{0.1}));
  EXPECT_TRUE(again.tensor("empty", "x").values().empty());
}

TEST(Safetensors, AreTheBytesOfTheDocument) {
  const std::vector<float> one = {1};
  TensorFile file;
  file.metadata = {{"k", "v"}};
  file.tensors = {Tensor::of("t", {1}, std::span<const float>(one))};
  const std::string header = R"({"__metadata__":{"k":"v"},"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})";
  EXPECT_EQ(encode_safetensors(file),
            test::with_header(header + std::string((8 - header.size() % 8) % 8, ' '), std::string("\0\0\x80\x3F", 4)));
}

TEST(Safetensors, HaveTheSameBytesWhateverTheOrderOfTheTensors) {
  TensorFile file = sample_file();
  const std::string bytes = encode_safetensors(file);
  std::ranges::reverse(file.tensors);
  EXPECT_EQ(encode_safetensors(file), bytes);
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), 8);
  EXPECT_EQ(length % 8, 0u) << "the data is aligned";
  std::vector<std::string> names;
  for (const Tensor& tensor : decode_safetensors(bytes, "x").tensors) names.push_back(tensor.name);
  EXPECT_EQ(names, (std::vector<std::string>{"scalar", "y", "a", "empty", "z"})) << "wide types first, then by name";
}

TEST(Safetensors, RefuseToWriteTextThatIsNotUtf8) {
  TensorFile file;
  file.metadata = {{"k",
                    "gr\xF6\xDF"
                    "e"}};
  EXPECT_THROW(encode_safetensors(file), Error);
}

TEST(Safetensors, NameTheTensorThatIsNotThere) {
  try {
    sample_file().tensor("w", "m.safetensors");
    FAIL() << "found";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "m.safetensors: the file has no tensor 'w'");
  }
}

TEST(Safetensors, GoThroughAFile) {
  const test::TemporaryFolder folder;
  write_safetensors(folder.file("t.safetensors"), sample_file());
  EXPECT_EQ(read_safetensors(folder.file("t.safetensors")).metadata, sample_file().metadata);
  EXPECT_THROW(read_safetensors(folder.file("none")), Error);
}

TEST(Checksum, SeesEveryPartOfTheFile) {
  const TensorFile file = sample_file();
  std::vector<TensorFile> changed(8, file);
  changed[0].metadata["a"] = "x";
  changed[1].metadata["c"] = "";
  changed[2].metadata.erase("a");
  changed[3].tensors[0].name = "zz";
  changed[4].tensors[0].shape = {4};
  changed[5].tensors[0].bytes[7] ^= 1;
  changed[6].tensors.pop_back();
  changed[7].metadata = {{"b", "größe \"quoted\"\n"}, {"a0", ""}};
  for (std::size_t i = 0; i < changed.size(); ++i) EXPECT_NE(checksum(changed[i]), checksum(file)) << i;
  TensorFile sealed = file;
  EXPECT_THROW(require_checksum(sealed, "x"), Error);
  sealed.metadata[std::string(kChecksum)] = checksum(sealed);
  EXPECT_EQ(checksum(sealed), checksum(file)) << "the checksum itself does not count";
  EXPECT_NO_THROW(require_checksum(sealed, "x"));
}

}  // namespace
}  // namespace descent
