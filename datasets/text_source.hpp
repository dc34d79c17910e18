// The bytes of a text file, decompressed and known to be UTF-8 before anybody parses them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace descent {

// Lines longer than this are refused as soon as they are seen, so a file that is not made of lines
// fails at once instead of filling the memory.
inline constexpr std::size_t kLongestLine = std::size_t{16} << 20;

// Text without its byte order mark; `source` is how messages call it.
struct TextSource {
  std::string source;
  std::string text;
};

// Reads a file, or standard input for "-"; gzip is known by its first bytes. Throws Error(data) with
// file:line:column for a line over kLongestLine, a NUL byte, UTF-16, bytes that are not UTF-8, a
// spreadsheet or Parquet file, and broken gzip; Error(runtime) when the file cannot be read or held.
TextSource read_text(const std::string& path);

// The same checks for text in memory; returns it without its byte order mark.
std::string_view check_text(std::string_view text, const std::string& source);

}  // namespace descent
