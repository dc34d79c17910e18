#include "models/safetensors.hpp"

#include "framework/error.hpp"
#include "framework/memory.hpp"
#include "framework/text.hpp"
#include "models/checksum.hpp"
#include "models/file_io.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>
#include <set>

namespace descent {
namespace {

static_assert(std::endian::native == std::endian::little, "the file is little-endian; so must memory be");

constexpr std::uint64_t kLongestHeader = 100'000'000;  // the reference reader's limit
constexpr std::string_view kMetadata = "__metadata__";

std::size_t size_of(Tensor::Type type) { return type == Tensor::Type::f32 ? 4 : 8; }
std::string_view name_of(Tensor::Type type) { return type == Tensor::Type::f32 ? "F32" : "F64"; }

struct Entry {
  Tensor tensor;
  std::vector<std::size_t> offsets;
  std::set<std::string> seen;
};

// Reads the header event by event, because a document tree would silently keep the last of two equal
// keys, and so that nesting beyond what the format knows ends at once.
class HeaderReader final : public nlohmann::json_sax<nlohmann::json> {
 public:
  std::map<std::string, std::string> metadata;
  std::vector<Entry> entries;
  std::string problem;

  bool null() override { return fail("null where text or a number belongs"); }
  bool boolean(bool) override { return fail("true or false where text or a number belongs"); }
  bool number_integer(number_integer_t) override { return fail("a negative number in a shape or an offset"); }
  bool number_float(number_float_t, const string_t&) override { return fail("a fraction in a shape or an offset"); }
  bool binary(binary_t&) override { return fail("binary data in the header"); }
  bool number_unsigned(number_unsigned_t value) override {
    if (state_ != State::shape && state_ != State::offsets) return fail("a number where it does not belong");
    (state_ == State::shape ? entries.back().tensor.shape : entries.back().offsets).push_back(value);
    return true;
  }
  bool string(string_t& value) override {
    if (state_ == State::metadata) {
      metadata[key_] = value;
      return true;
    }
    if (state_ != State::tensor || key_ != "dtype") return fail("text where it does not belong");
    if (value != "F32" && value != "F64")
      return fail(fmt::format("tensor '{}' has type {}; this program reads F32 and F64",
                              printable(entries.back().tensor.name), printable(value)));
    entries.back().tensor.type = value == "F32" ? Tensor::Type::f32 : Tensor::Type::f64;
    return true;
  }
  bool start_object(std::size_t) override {
    if (state_ == State::start) return enter(State::top);
    if (state_ != State::top) return fail("an object nested too deep");
    if (key_ == kMetadata) return enter(State::metadata);
    entries.push_back({});
    entries.back().tensor.name = key_;
    return enter(State::tensor);
  }
  bool key(string_t& key) override {
    key_ = key;
    std::set<std::string>& seen = state_ == State::top        ? names_
                                  : state_ == State::metadata ? metadata_keys_
                                                              : entries.back().seen;
    if (!seen.insert(key).second) return fail(fmt::format("the key '{}' stands twice", printable(key)));
    if (state_ == State::tensor && key != "dtype" && key != "shape" && key != "data_offsets")
      return fail(
          fmt::format("unknown key '{}' in tensor '{}'", printable(key), printable(entries.back().tensor.name)));
    return true;
  }
  bool end_object() override {
    if (state_ == State::tensor && entries.back().seen.size() != 3)
      return fail(fmt::format("tensor '{}' lacks dtype, shape or data_offsets", printable(entries.back().tensor.name)));
    return enter(state_ == State::top ? State::end : State::top);
  }
  bool start_array(std::size_t) override {
    if (state_ != State::tensor || key_ == "dtype") return fail("an array where it does not belong");
    return enter(key_ == "shape" ? State::shape : State::offsets);
  }
  bool end_array() override { return enter(State::tensor); }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
    return fail(fmt::format("the header is not JSON at byte {}", 8 + position));
  }

 private:
  enum class State { start, top, metadata, tensor, shape, offsets, end };

  bool enter(State state) {
    state_ = state;
    return true;
  }
  bool fail(std::string why) {
    if (problem.empty()) problem = std::move(why);
    return false;
  }

  State state_ = State::start;
  std::string key_;
  std::set<std::string> names_, metadata_keys_;
};

std::optional<std::size_t> checked_elements(const std::vector<std::size_t>& shape) {
  std::optional<std::size_t> product = 1;
  for (const std::size_t n : shape)
    if (product) product = checked_product(*product, n);
  return product;
}

// Every tensor must lie where its shape says, one behind the other to the end of the file.
std::string check_layout(std::vector<Entry>& entries, std::size_t data_size) {
  std::ranges::stable_sort(entries, {}, &Entry::offsets);  // by begin, then end: an empty tensor comes first
  std::size_t end = 0;
  for (const Entry& entry : entries) {
    const std::string name = printable(entry.tensor.name);
    if (entry.offsets.size() != 2) return fmt::format("tensor '{}' needs two data_offsets", name);
    const auto elements = checked_elements(entry.tensor.shape);
    const auto bytes = elements ? checked_product(*elements, size_of(entry.tensor.type)) : std::nullopt;
    if (!bytes) return fmt::format("the shape of tensor '{}' overflows", name);
    const auto [first, last] = std::pair(entry.offsets[0], entry.offsets[1]);
    if (last < first || last - first != *bytes)
      return fmt::format("tensor '{}' of {} bytes has data_offsets {} to {}", name, *bytes, first, last);
    if (first != end) return fmt::format("tensor '{}' starts at byte {} of the data, not at {}", name, first, end);
    end = last;
  }
  if (end != data_size)
    return fmt::format("the tensors take {} bytes, but {} follow the header; the file is truncated or has a tail", end,
                       data_size);
  return {};
}

std::vector<const Tensor*> in_file_order(const TensorFile& file) {
  std::vector<const Tensor*> order;
  for (const Tensor& tensor : file.tensors) order.push_back(&tensor);
  std::ranges::stable_sort(order, [](const Tensor* a, const Tensor* b) {
    return size_of(a->type) != size_of(b->type) ? size_of(a->type) > size_of(b->type) : a->name < b->name;
  });
  return order;
}

template <class Real>
Tensor make_tensor(std::string name, std::vector<std::size_t> shape, std::span<const Real> values) {
  Tensor tensor;
  tensor.name = std::move(name);
  tensor.type = std::is_same_v<Real, float> ? Tensor::Type::f32 : Tensor::Type::f64;
  tensor.shape = std::move(shape);
  tensor.bytes.assign(reinterpret_cast<const char*>(values.data()), values.size_bytes());
  assert(tensor.elements() == values.size());
  return tensor;
}

template <class Real>
std::vector<double> widen(const std::string& bytes) {
  std::vector<Real> values(bytes.size() / sizeof(Real));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
  return {values.begin(), values.end()};
}

}  // namespace

Tensor Tensor::of(std::string name, std::vector<std::size_t> shape, std::span<const float> values) {
  return make_tensor(std::move(name), std::move(shape), values);
}

Tensor Tensor::of(std::string name, std::vector<std::size_t> shape, std::span<const double> values) {
  return make_tensor(std::move(name), std::move(shape), values);
}

std::size_t Tensor::elements() const { return bytes.size() / size_of(type); }

std::vector<double> Tensor::values() const { return type == Type::f32 ? widen<float>(bytes) : widen<double>(bytes); }

const Tensor& TensorFile::tensor(std::string_view name, std::string_view source) const {
  for (const Tensor& tensor : tensors)
    if (tensor.name == name) return tensor;
  throw Error(Fault::data, "{}: the file has no tensor '{}'", source, name);
}

std::string checksum(const TensorFile& file) {
  Fnv1a hash;
  const auto add = [&](std::string_view text) {
    hash.add(text.size());  // so that text cannot move from one field into the next
    hash.add(text);
  };
  for (const auto& [key, text] : file.metadata) {
    if (key == kChecksum) continue;
    add(key);
    add(text);
  }
  for (const Tensor* tensor : in_file_order(file)) {
    add(tensor->name);
    hash.add(size_of(tensor->type));
    hash.add(tensor->shape.size());
    for (const std::size_t n : tensor->shape) hash.add(n);
    add(tensor->bytes);
  }
  return hash.text();
}

void require_checksum(const TensorFile& file, std::string_view source) {
  const auto found = file.metadata.find(std::string(kChecksum));
  if (found == file.metadata.end())
    throw Error(Fault::data, "{}: it has no checksum, so it was not written by descent", source);
  if (found->second != checksum(file))
    throw Error(Fault::data, "{}: its contents do not match their checksum; the file is damaged", source);
}

std::string encode_safetensors(const TensorFile& file) {
  const std::vector<const Tensor*> order = in_file_order(file);
  nlohmann::ordered_json header;
  if (!file.metadata.empty()) header[std::string(kMetadata)] = file.metadata;
  std::size_t offset = 0;
  for (const Tensor* tensor : order) {
    header[tensor->name] = {{"dtype", name_of(tensor->type)},
                            {"shape", tensor->shape},
                            {"data_offsets", {offset, offset + tensor->bytes.size()}}};
    offset += tensor->bytes.size();
  }
  std::string text;
  try {
    text = header.dump();
  } catch (const nlohmann::json::exception&) {
    throw Error(Fault::usage, "a name or text for the header of a safetensors file is not valid UTF-8");
  }
  text.resize((text.size() + 7) / 8 * 8, ' ');

  const std::uint64_t length = text.size();
  std::string bytes(reinterpret_cast<const char*>(&length), sizeof length);
  bytes += text;
  for (const Tensor* tensor : order) bytes += tensor->bytes;
  return bytes;
}

TensorFile decode_safetensors(std::string_view bytes, const std::string& source) {
  const auto refuse = [&](const std::string& why) {
    return Error(Fault::data, "{}: not a usable safetensors file: {}", source, why);
  };
  std::uint64_t length = 0;
  if (bytes.size() < sizeof length) throw refuse(fmt::format("it has {} bytes, fewer than 8", bytes.size()));
  std::memcpy(&length, bytes.data(), sizeof length);
  if (length > kLongestHeader)
    throw refuse(fmt::format("its header claims {} bytes; at most {} are allowed", length, kLongestHeader));
  if (length > bytes.size() - sizeof length)
    throw refuse(
        fmt::format("its header claims {} bytes, but the file ends after {}", length, bytes.size() - sizeof length));
  const std::string_view header = bytes.substr(sizeof length, length);
  const std::string_view data = bytes.substr(sizeof length + length);
  if (!header.starts_with('{')) throw refuse("its header does not start with '{'");

  // The JSON library takes a NUL for the end of the text.
  if (const std::size_t nul = header.find('\0'); nul != std::string_view::npos)
    throw refuse(fmt::format("the header is not JSON at byte {}", sizeof length + nul + 1));
  HeaderReader reader;
  if (!nlohmann::json::sax_parse(header.begin(), header.end(), &reader)) throw refuse(reader.problem);
  if (const std::string problem = check_layout(reader.entries, data.size()); !problem.empty()) throw refuse(problem);

  TensorFile file{std::move(reader.metadata), {}};
  for (Entry& entry : reader.entries) {
    entry.tensor.bytes = data.substr(entry.offsets[0], entry.offsets[1] - entry.offsets[0]);
    file.tensors.push_back(std::move(entry.tensor));
  }
  return file;
}

TensorFile read_safetensors(const std::string& path) { return decode_safetensors(read_file(path), path); }

void write_safetensors(const std::string& path, const TensorFile& file) {
  write_file_atomically(path, encode_safetensors(file));
}

}  // namespace descent
