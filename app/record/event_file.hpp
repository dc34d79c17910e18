// A file of events as TensorBoard reads them.
//
// Records of: length (8 bytes, little-endian), masked CRC of those, the message, masked CRC of it. Format of TFRecord:
// tensorflow.org/tutorials/load_data/tfrecord, "TFRecords format details".
#pragma once

#include "app/files/append_file.hpp"

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace descent {

// CRC-32C (Castagnoli), and as TFRecord stores it.
std::uint32_t crc32c(std::string_view bytes);
std::uint32_t masked_crc32c(std::string_view bytes);

// The message framed as a record.
std::string event_record(std::string_view message);

using HyperParameter = std::variant<double, bool, std::string>;

// A new file in `folder`, which is made. Its name sorts behind those that are there, so that TensorBoard reads it last.
class EventFile {
 public:
  // `void_from`: what earlier files of the folder have of this step and later ones does not count any more; 0: nothing.
  // Throws Error(runtime) when the file cannot be made.
  explicit EventFile(const std::string& folder, std::int64_t void_from = 0);

  // Scalars under their tags, seen at `step`.
  void scalars(std::int64_t step, std::span<const std::pair<std::string, double>> values);
  // For the tab of hyper-parameters, which compares runs below one folder: the settings of this one and its end.
  void hyper_parameters(const std::map<std::string, HyperParameter>& settings);
  void end(bool success);

  // Hands everything so far to the operating system. Throws Error(runtime) when it refuses; that part is dropped.
  void flush() { file_.flush(); }

 private:
  AppendFile file_;
};

}  // namespace descent
