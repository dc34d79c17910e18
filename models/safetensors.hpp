// The safetensors format: named arrays and text in one file, without code to execute.
//
// github.com/huggingface/safetensors, README "Format": 8 bytes with the length N of the header
// (little-endian), N bytes of JSON, then the data of the tensors without holes.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace descent {

struct Tensor {
  enum class Type { f32, f64 };
  std::string name;
  Type type = Type::f64;
  std::vector<std::size_t> shape;  // row-major
  std::string bytes;               // little-endian

  static Tensor of(std::string name, std::vector<std::size_t> shape, std::span<const float> values);
  static Tensor of(std::string name, std::vector<std::size_t> shape, std::span<const double> values);
  std::size_t elements() const;
  std::vector<double> values() const;  // exact for both types
};

struct TensorFile {
  std::map<std::string, std::string> metadata;
  std::vector<Tensor> tensors;

  // Throws Error(data) naming `source` when there is none.
  const Tensor& tensor(std::string_view name, std::string_view source) const;
};

// Where a file keeps its checksum, among the metadata.
inline constexpr std::string_view kChecksum = "checksum";

// 16 hexadecimal digits over everything in the file but the checksum itself (64-bit FNV-1a: a change of
// any one byte always shows). A writer that wants damage found puts it into the metadata last.
std::string checksum(const TensorFile& file);

// Throws Error(data) naming `source` unless the file carries its right checksum.
void require_checksum(const TensorFile& file, std::string_view source);

// Same contents, same bytes: tensors by type (wide first) then name, metadata by key, header padded to
// a multiple of 8. Throws Error(usage) for a name or text that is not UTF-8.
std::string encode_safetensors(const TensorFile& file);

// Throws Error(data) naming `source` and the rule that is broken: every rejection of the reference
// reader, and tensors of types this library does not use.
TensorFile decode_safetensors(std::string_view bytes, const std::string& source);

// Throws Error(runtime) when the file cannot be read, otherwise as decode_safetensors.
TensorFile read_safetensors(const std::string& path);

// Writes a temporary file in the same folder, then renames it: a reader sees the old or the new file,
// never half of one. Throws Error(runtime) with the reason of the operating system.
void write_safetensors(const std::string& path, const TensorFile& file);

}  // namespace descent
