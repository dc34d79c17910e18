#include "datasets/csv.hpp"
#include "framework/text.hpp"

#include <algorithm>
#include <ostream>

namespace descent {

std::string csv_field(std::string_view text) {
  const bool special = std::any_of(text.begin(), text.end(),
                                   [](char c) { return c == ',' || c == '"' || static_cast<unsigned char>(c) < ' '; });
  const bool trimmable = text.starts_with(' ') || text.ends_with(' ');
  const bool mark = text.starts_with("\xEF\xBB\xBF");  // at the start of a file it would pass for a byte order mark
  if (!special && !trimmable && !mark) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += c;
    quoted += c;
  }
  return quoted += '"';
}

void write_csv(std::ostream& out, const Table& table) {
  const std::size_t width = table.columns.size();
  for (std::size_t j = 0; j < width; ++j) out << (j > 0 ? "," : "") << csv_field(table.columns[j].name);
  out << '\n';
  for (std::size_t row = 0; row < table.rows(); ++row) {
    for (std::size_t j = 0; j < width; ++j) {
      const Column& column = table.columns[j];
      if (j > 0) out << ',';
      if (column.missing(row))
        out << (width == 1 ? "\"\"" : "");  // a blank line would be no row
      else if (column.is_text)
        out << csv_field(column.categories[column.codes[row]]);
      else
        out << shortest(column.numbers[row]);
    }
    out << '\n';
  }
}

}  // namespace descent
