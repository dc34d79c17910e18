// Cutting comma-separated text into records and cells, without copying it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace descent {

// A row with more cells is refused: it is not a table that anybody trains a small network on.
inline constexpr std::size_t kMostColumns = 100'000;

// The text between two delimiters: trimmed, or what stands between the quotes. Escaped quotes are
// still doubled; unescaped() undoes that.
struct Cell {
  std::string_view text;
  std::size_t line;      // where the cell starts, from 1
  std::uint32_t column;  // byte in that line, from 1
  bool quoted;
  bool escaped;  // holds ""
};
std::string unescaped(const Cell& cell);

// A record that cannot be cut into cells; scanning ends there.
struct ScanError {
  std::size_t line;
  std::size_t column;
  std::string message;
};

// Yields one record after another; leading blank lines are left out.
class CsvScanner {
 public:
  CsvScanner(std::string_view text, char delimiter);

  // False at the end of the text, or at an error(). `cells` is overwritten.
  bool next(std::vector<Cell>& cells);

  const std::optional<ScanError>& error() const { return error_; }

 private:
  bool is_space(char c) const { return (c == ' ' || c == '\t') && c != delimiter_; }
  bool fail(const char* at, std::string message);
  bool quoted_cell(std::vector<Cell>& cells);
  void plain_cell(std::vector<Cell>& cells, const char* start);
  bool end_of_cell(bool& record_ends);

  const char* at_;
  const char* end_;
  const char* line_start_;
  std::size_t line_ = 1;
  char delimiter_;
  std::optional<ScanError> error_;
};

// One cell with nothing in it: in a file of several columns such a record is no row.
bool is_blank(const std::vector<Cell>& record);

// `text` without the blank lines at its end.
std::string_view without_blank_end(std::string_view text, char delimiter);

// The delimiter among , ; tab | that cuts the first records into the same number of cells (more than
// one), or '\0', which no text holds, for a single column.
char find_delimiter(std::string_view text);

// Whether the first record names the columns: one of its cells is in `known`, or is text above a
// number, or it holds only text, unless all below is text too and most of its cells come again there.
bool find_header(std::string_view text, char delimiter, char mark, const std::vector<std::string_view>& known);

}  // namespace descent
