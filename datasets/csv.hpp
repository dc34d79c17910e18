// Reading and writing comma-separated text (RFC 4180), plain or gzip-compressed.
#pragma once

#include "datasets/table.hpp"

#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace descent {

struct CsvOptions {
  std::optional<char> delimiter;          // found among , ; tab | when not given
  std::optional<bool> header;             // found when not given; without one columns are column_1, column_2, …
  std::vector<std::string> text_columns;    // read as categories even if every cell is a number
  std::vector<std::string> number_columns;  // every cell must be a number; else found per column
  std::vector<std::string> skip_columns;    // not read at all
};

// Reads a file ("-" is standard input, .gz is decompressed whatever its name). Throws Error(data) with
// file:line:column, the cell, and what to do: not UTF-8, a NUL byte, a ragged row, an unclosed quote,
// text among numbers, a line over 16 MiB, no rows, a column named twice.
Table read_csv(const std::string& path, const CsvOptions& options = {});

// The same from text in memory; `source` names it in messages.
Table parse_csv(std::string_view text, std::string source, const CsvOptions& options = {});

// Header and rows, comma-separated, quoted where needed, numbers in shortest form.
void write_csv(std::ostream& out, const Table& table);

// One field, quoted if it holds a comma, quote, CR or LF.
std::string csv_field(std::string_view text);

}  // namespace descent
