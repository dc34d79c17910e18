#include "datasets/csv.hpp"
#include "framework/text.hpp"

#include <ostream>

namespace descent {

std::string csv_field(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  const bool trimmable = !text.empty() && (blank(text.front()) || blank(text.back()));
  const bool mark = text.starts_with("\xEF\xBB\xBF");  // at the start of a file it would pass for a byte order mark
  if (!trimmable && !mark && text.find_first_of(",\"\r\n") == text.npos) return std::string(text);
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
