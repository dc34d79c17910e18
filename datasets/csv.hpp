// Reading and writing comma-separated text (RFC 4180), plain or gzip-compressed.
#pragma once

#include "datasets/table.hpp"

#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace descent {

// How a file is written, where it is not to be found out.
struct CsvForm {
  std::optional<char> delimiter = {};  // found among , ; tab | when not given
  std::optional<bool> header = {};     // found when not given; without one columns are column_1, column_2, …
  bool decimal_comma = false;          // 1,5 is one and a half, and 1.5 no number

  bool operator==(const CsvForm&) const = default;
};

// Names that the file does not have are passed over: whoever needs the column asks the Table for it,
// and Table::column has the good message.
struct CsvOptions {
  CsvForm form = {};
  std::vector<std::string> text_columns = {};    // read as categories even if every cell is a number
  std::vector<std::string> number_columns = {};  // every cell must be a number; else found per column
  std::vector<std::string> skip_columns = {};    // not read at all; goes before the other lists
  std::vector<std::string> only_columns = {};    // when not empty, no other column is read
  bool last_column_is_text = false;              // the last column that is read counts as one of text_columns
  bool keep_words = false;                       // columns of 1,5 or of 5 % are texts, and no mistake
  bool keep_places = true;                       // remember where each number stands (4 bytes a cell); texts always do
};

// Reads a file ("-" is standard input; gzip is known by its content and decompressed). Cells are
// trimmed of spaces and tabs unless quoted. Missing cells are the empty one and pandas' words
// (#N/A, #N/A N/A, #NA, -1.#IND, -1.#QNAN, -NaN, -nan, 1.#IND, 1.#QNAN, <NA>, N/A, NA, NULL, NaN,
// None, n/a, nan, null) and ?. A column of numbers is numeric, a column of texts categorical, and a
// mixture an error.
//
// Throws Error(data) with file:line:column, the cell and what to do, up to ten of them a line each: not
// UTF-8, a NUL byte, a ragged row, an unclosed quote, text among numbers, a number that is not finite,
// a line over 16 MiB, no rows, a column named twice, broken gzip; or a file that cannot be opened.
// Error(runtime) when reading fails or memory runs out, Error(usage) for a delimiter that cannot be one.
Table read_csv(const std::string& path, const CsvOptions& options = {});

// The same from text in memory (never compressed); `source` names it in messages.
Table parse_csv(std::string_view text, std::string source, const CsvOptions& options = {});

// Header and rows, comma-separated, quoted where needed, numbers in shortest form, missing cells empty.
void write_csv(std::ostream& out, const Table& table);

// One field, quoted if it holds a comma, quote or control character (CR, LF, tab, …), begins or ends with
// a space, or begins with a byte order mark.
std::string csv_field(std::string_view text);

}  // namespace descent
