// Any bytes as a model file: decode_model gives a model that predicts and survives being written and
// read again, or an Error. The checksum, which random bytes never match, is made right on a second try.
#include "framework/error.hpp"
#include "models/model.hpp"
#include "models/safetensors.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>

namespace {

using namespace descent;

template <class Decode>
auto decoded(Decode decode) -> std::optional<decltype(decode())> {
  try {
    return decode();
  } catch (const Error& error) {
    if (error.fault() != Fault::data || std::string_view(error.what()).empty()) std::abort();
    return std::nullopt;
  }
}

void check(const Model& model) {
  const std::string bytes = encode_model(model);
  if (encode_model(decode_model(bytes, "again")) != bytes) std::abort();
  Dataset data;
  data.inputs = zeros<double>(1, model.network.inputs);
  data.targets = zeros<double>(1, 0);
  data.rows = {0};
  if (predict(model, data).shape(1) != model.encoding.output_width()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto model = decoded([&] { return decode_model(bytes, "fuzzed"); })) check(*model);
  auto file = decoded([&] { return decode_safetensors(bytes, "fuzzed"); });
  if (!file) return 0;
  file->metadata[std::string(kChecksum)] = checksum(*file);
  const std::string mended = encode_safetensors(*file);
  if (const auto model = decoded([&] { return decode_model(mended, "mended"); })) check(*model);
  return 0;
}
