// A file of rows and named columns, as read: numbers and categories, nothing encoded yet.
#pragma once

#include "framework/error.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace descent {

inline constexpr std::uint32_t kMissingCode = std::numeric_limits<std::uint32_t>::max();

struct Column {
  std::string name;
  bool is_text = false;
  std::vector<double> numbers;          // when !is_text: one a row, NaN where the cell is missing
  std::vector<std::uint32_t> codes;     // when is_text: index into `categories`, or kMissingCode
  std::vector<std::string> categories;  // distinct texts, in the order of sort_categories
  std::vector<std::uint32_t> places;    // byte in the line, from 1, of each row's cell; empty where not kept

  bool missing(std::size_t row) const;
};

// A cell that was empty or held one of the missing-value words.
struct MissingCell {
  std::uint32_t row;
  std::uint32_t column;        // index into Table::columns
  std::uint32_t place_column;  // byte in the line, from 1; 0 when a quoted line break puts the cell on a later line
};

struct Table {
  std::string source;  // file name for messages; "<stdin>" or "<moons>" otherwise
  std::vector<Column> columns;
  std::vector<std::string> skipped;  // names of the file's columns that were not read
  std::vector<std::uint32_t> lines;  // the line each row starts on, from 1; empty for made tables
  std::vector<MissingCell> missing;  // by row, then column
  char delimiter = ',';              // as given or found; '\0' for a single column
  bool header = true;                // as given or found

  std::size_t rows() const;
  const Column* find(std::string_view name) const;
  // Throws Error(data): no such column, with the nearest name and the list of columns.
  const Column& column(std::string_view name) const;
  Place place(std::size_t row, std::size_t place_column = 0) const;
  // Where one cell stands, as far as it is known. `column` is one of `columns`.
  Place place(std::size_t row, const Column& column) const;
};

// By value if every text is a whole number, else by bytes.
void sort_categories(std::vector<std::string>& categories);

// The column with its numbers turned into categories, each number in its shortest form; a text column
// comes back as it is.
Column as_categories(const Column& column);

}  // namespace descent
