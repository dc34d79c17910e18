#include "datasets/csv.hpp"

#include "datasets/cell.hpp"
#include "datasets/csv_scan.hpp"
#include "datasets/problems.hpp"
#include "datasets/text_source.hpp"
#include "framework/text.hpp"

#include <algorithm>
#include <deque>
#include <new>
#include <optional>
#include <unordered_map>
#include <unordered_set>

namespace descent {
namespace {

enum class Role { skip, text, number, found };

// What the first pass learns about one column of the file.
struct FileColumn {
  std::string name;
  bool unnamed = false;
  Role role = Role::found;
  bool declared = false;                            // one of the number_columns
  std::size_t numbers = 0, words = 0, endless = 0;  // cells that are a number, a text, not finite
  // The first cells that are not numbers; should the column turn out numeric these are its problems.
  std::vector<Cell> odd;
};

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Reads one text in two passes: what the columns are, then their values. Only the second allocates a
// figure per cell, and neither keeps a string per cell.
class Parser {
 public:
  Parser(std::string_view text, std::string source, const CsvOptions& options) : options_(options) {
    table_.source = std::move(source);
    choose_format(text);
    text_ = without_blank_end(text, table_.delimiter);
  }

  Table run() {
    name_columns();
    look_at_cells();
    settle_columns();
    problems_.report();
    read_cells();
    for (Column& column : table_.columns)
      if (column.is_text) sort_codes(column);
    if (!options_.keep_words) refuse_numbers_in_words();
    return std::move(table_);
  }

 private:
  void choose_format(std::string_view text);
  void name_columns();
  void assign_roles();
  void look_at_cells();
  void look_at(FileColumn& column, const Cell& cell) const;
  void settle_columns();
  void report_odd_cells(const FileColumn& column);
  void read_cells();
  void read_cell_into(std::size_t index, const Cell& cell, bool first_line, std::uint32_t row);
  std::uint32_t code_of(std::size_t index, const Cell& cell);
  void sort_codes(Column& column) const;
  void report_width(const std::vector<Cell>& record, std::size_t first_line);
  bool blames_first_line(std::size_t first_line);
  void refuse_numbers_in_words();
  bool next_row(CsvScanner& scanner, std::vector<Cell>& record) const;
  Place place(const Cell& cell) const { return {table_.source, cell.line, cell.column}; }

  const CsvOptions& options_;
  const char mark_ = options_.form.decimal_comma ? ',' : '.';
  std::string_view text_;
  Table table_;
  std::vector<FileColumn> file_columns_;
  std::vector<std::size_t> chosen_;  // the file column of each table column
  std::size_t rows_ = 0;
  std::size_t other_width_ = 0, others_ = 0;  // of the first row that is not as wide as line 1; rows as wide as that
  Problems problems_;
  std::vector<std::unordered_map<std::string_view, std::uint32_t>> codes_;  // by table column
  std::deque<std::string> unescaped_;                                       // texts that the file does not hold as such
};

void Parser::choose_format(std::string_view text) {
  if (options_.form.delimiter) {
    const char c = *options_.form.delimiter;
    if (c == '"' || c == '\n' || c == '\r' || c == '\0' || static_cast<unsigned char>(c) >= 0x80)
      throw Error(Fault::usage, "'{}' cannot be a delimiter; use a comma, semicolon, tab or bar",
                  printable(std::string_view(&c, 1)));
  }
  table_.delimiter = options_.form.delimiter ? *options_.form.delimiter : find_delimiter(text);
  if (options_.form.header) {
    table_.header = *options_.form.header;
    return;
  }
  std::vector<std::string_view> known;
  for (const auto* names : {&options_.text_columns, &options_.number_columns, &options_.only_columns})
    known.insert(known.end(), names->begin(), names->end());
  table_.header = find_header(text, table_.delimiter, mark_, known);
}

// The next record that is a row. A blank line is one only where there is a single column, as a
// missing cell.
bool Parser::next_row(CsvScanner& scanner, std::vector<Cell>& record) const {
  while (scanner.next(record))
    if (file_columns_.size() == 1 || !is_blank(record)) return true;
  return false;
}

void Parser::name_columns() {
  CsvScanner scanner(text_, table_.delimiter);
  std::vector<Cell> record;
  if (!scanner.next(record)) {
    if (const auto& error = scanner.error())
      throw Error(Fault::data, "{}: {}", to_string({table_.source, error->line, error->column}), error->message);
    throw Error(Fault::data, "{}: {}; expected a header and rows", table_.source,
                table_.source == "<stdin>" ? "nothing came from it" : "the file is empty");
  }
  std::unordered_set<std::string> taken;
  for (std::size_t j = 0; j < record.size(); ++j) {
    FileColumn column;
    if (table_.header) column.name = unescaped(record[j]);
    column.unnamed = table_.header && column.name.empty();
    if (column.name.empty()) column.name = fmt::format("column_{}", j + 1);
    if (!taken.insert(column.name).second)
      problems_.add(place(record[j]),
                    fmt::format("a second column '{}'; give each a name of its own", printable(column.name)));
    file_columns_.push_back(std::move(column));
  }
  problems_.report();
  assign_roles();
}

void Parser::assign_roles() {
  FileColumn* last = nullptr;
  const auto set_of = [](const std::vector<std::string>& names) {
    return std::unordered_set<std::string_view>(names.begin(), names.end());
  };
  const auto skip = set_of(options_.skip_columns), only = set_of(options_.only_columns);
  const auto text = set_of(options_.text_columns), number = set_of(options_.number_columns);
  for (FileColumn& column : file_columns_) {
    if (skip.contains(column.name) || (!only.empty() && !only.contains(column.name)))
      column.role = Role::skip;
    else if (text.contains(column.name))
      column.role = Role::text;
    else if (number.contains(column.name))
      column.role = Role::number;
    column.declared = column.role == Role::number;
    if (column.role != Role::skip) last = &column;
  }
  if (options_.last_column_is_text && last) last->role = Role::text;
}

void Parser::look_at(FileColumn& column, const Cell& cell) const {
  double value = 0;
  const CellKind kind = read_cell(trimmed(cell.text), value, mark_);
  if (kind == CellKind::number) ++column.numbers;
  if (kind == CellKind::text) ++column.words;
  if (kind == CellKind::not_finite) ++column.endless;
  const bool odd = kind == CellKind::text || kind == CellKind::not_finite;
  if (odd && column.odd.size() <= Problems::kMost) column.odd.push_back(cell);
}

void Parser::look_at_cells() {
  CsvScanner scanner(text_, table_.delimiter);
  std::vector<Cell> record;
  std::size_t first_line = 0;
  const std::size_t width = file_columns_.size();
  if (table_.header && scanner.next(record)) first_line = record[0].line;
  while (!problems_.full() && next_row(scanner, record)) {
    ++rows_;
    if (first_line == 0) first_line = record[0].line;
    if (record.size() != width) {
      report_width(record, first_line);
      continue;
    }
    for (std::size_t j = 0; j < width; ++j)
      if (file_columns_[j].role == Role::found || file_columns_[j].role == Role::number)
        look_at(file_columns_[j], record[j]);
  }
  if (blames_first_line(first_line)) return;
  if (const auto& error = scanner.error()) problems_.add({table_.source, error->line, error->column}, error->message);
  if (rows_ == 0 && problems_.empty())
    throw Error(Fault::data, "{}: no rows, only a header on line {}", table_.source, first_line);
  constexpr std::size_t kMostRows = kMissingCode;
  if (rows_ >= kMostRows) throw Error(Fault::data, "{}: more than {} rows", table_.source, kMostRows);
}

void Parser::report_width(const std::vector<Cell>& record, std::size_t first_line) {
  const std::size_t width = file_columns_.size();
  if (others_ == 0) other_width_ = record.size();
  if (record.size() == other_width_) ++others_;
  const bool more = record.size() > width;
  problems_.add(
      more ? place(record[width]) : Place{table_.source, record[0].line, 0},
      fmt::format("{} cell{} where line {} has {}; {}", record.size(), record.size() == 1 ? "" : "s", first_line, width,
                  more ? "quote a cell that holds the delimiter" : "add what is missing, or remove the line"));
}

// Where the rows agree with each other and none with line 1, that line is the mistake: a title or a comment.
bool Parser::blames_first_line(std::size_t first_line) {
  const std::size_t below = rows_ - (table_.header ? 0 : 1);
  if (others_ < 2 || others_ != below) return false;
  problems_ = {};
  problems_.add({table_.source, first_line, 0},
                fmt::format("{} cell{} where the lines below have {}; remove the line if it is a title or a comment, "
                            "else give every column a name",
                            file_columns_.size(), file_columns_.size() == 1 ? "" : "s", other_width_));
  return true;
}

// Number, text or a mixture; a column without name and cells is what a delimiter at every line's end makes.
void Parser::settle_columns() {
  for (std::size_t j = 0; j < file_columns_.size(); ++j) {
    FileColumn& column = file_columns_[j];
    const bool empty = column.numbers + column.words + column.endless == 0;
    if (column.role == Role::found && column.unnamed && empty) {
      column.role = Role::skip;
      continue;
    }
    if (column.role == Role::found) column.role = column.numbers == 0 && column.words > 0 ? Role::text : Role::number;
    if (column.role == Role::number) report_odd_cells(column);
    if (column.role == Role::skip) {
      table_.skipped.push_back(column.name);
      continue;
    }
    chosen_.push_back(j);
    Column made;
    made.name = column.name;
    made.is_text = column.role == Role::text;
    table_.columns.push_back(std::move(made));
  }
}

void Parser::report_odd_cells(const FileColumn& column) {
  const std::size_t cells = column.numbers + column.words + column.endless;
  for (const Cell& cell : column.odd) {
    double value = 0;
    const std::string shown = printable(unescaped(cell)), name = printable(column.name);
    if (read_cell(trimmed(cell.text), value, mark_) == CellKind::not_finite) {
      problems_.add(place(cell), fmt::format("'{}' in column '{}' is not finite; correct it, or leave the cell empty "
                                             "and set data.missing",
                                             shown, name));
      continue;
    }
    const bool comma = mark_ == ',';
    if (column.declared && read_cell(trimmed(cell.text), value, comma ? '.' : ',') == CellKind::number) {
      problems_.add(place(cell), fmt::format("'{}' in column '{}' has a decimal {}, and the training data {}; correct "
                                             "it, or say --decimal {}",
                                             shown, name, comma ? "point" : "comma", comma ? "a comma" : "a point",
                                             comma ? "point" : "comma"));
      return;  // the column is the mistake, not each of its cells
    }
    // Why a column was told to be numeric is not known here, so neither is another remedy.
    const std::string remedy = column.declared ? "; correct it"
                                               : fmt::format(
                                                     " ({} of {} cells {}); correct it, or list the column in "
                                                     "data.categorical or data.ignore",
                                                     column.numbers, cells, column.numbers == 1 ? "is" : "are");
    problems_.add(place(cell), fmt::format("'{}' in column '{}' is not a number{}", shown, name, remedy));
    // Where most cells are words the column is the mistake, not each of them.
    if (column.words > column.numbers) return;
  }
}

void Parser::read_cells() {
  codes_.resize(chosen_.size());
  table_.lines.reserve(rows_);
  for (Column& column : table_.columns) {
    if (column.is_text)
      column.codes.reserve(rows_);
    else
      column.numbers.reserve(rows_);
    if (column.is_text || options_.keep_places) column.places.reserve(rows_);
  }
  CsvScanner scanner(text_, table_.delimiter);
  std::vector<Cell> record;
  if (table_.header) scanner.next(record);
  for (std::uint32_t row = 0; next_row(scanner, record); ++row) {
    table_.lines.push_back(static_cast<std::uint32_t>(record[0].line));
    for (std::size_t k = 0; k < chosen_.size(); ++k) {
      const Cell& cell = record[chosen_[k]];
      read_cell_into(k, cell, cell.line == record[0].line, row);
    }
  }
}

void Parser::read_cell_into(std::size_t index, const Cell& cell, bool first_line, std::uint32_t row) {
  Column& column = table_.columns[index];
  const std::uint32_t place_column = first_line ? cell.column : 0;
  bool missing = false;
  if (column.is_text) {
    missing = is_missing(trimmed(cell.text));
    column.codes.push_back(missing ? kMissingCode : code_of(index, cell));
  } else {
    double value = 0;
    missing = read_cell(trimmed(cell.text), value, mark_) == CellKind::missing;
    column.numbers.push_back(missing ? std::numeric_limits<double>::quiet_NaN() : value);
  }
  if (column.is_text || options_.keep_places) column.places.push_back(place_column);
  if (missing) table_.missing.push_back({row, static_cast<std::uint32_t>(index), place_column});
}

// Categories are numbered as they come; sort_codes puts them in order.
std::uint32_t Parser::code_of(std::size_t index, const Cell& cell) {
  auto& codes = codes_[index];
  std::string_view text = cell.text;
  std::string plain;
  if (cell.escaped) text = plain = unescaped(cell);
  if (const auto found = codes.find(text); found != codes.end()) return found->second;
  if (cell.escaped) text = unescaped_.emplace_back(std::move(plain));
  const auto code = static_cast<std::uint32_t>(codes.size());
  codes.emplace(text, code);
  table_.columns[index].categories.emplace_back(text);
  return code;
}

void Parser::sort_codes(Column& column) const {
  const auto index = static_cast<std::size_t>(&column - table_.columns.data());
  const auto& codes = codes_[index];
  sort_categories(column.categories);
  std::vector<std::uint32_t> sorted(codes.size());
  for (std::uint32_t code = 0; code < column.categories.size(); ++code)
    sorted[codes.at(column.categories[code])] = code;
  for (std::uint32_t& code : column.codes)
    if (code != kMissingCode) code = sorted[code];
}

// Columns of 1,5 and 2,25, of 1,234 or of 5 % would pass for categories.
void Parser::refuse_numbers_in_words() {
  for (std::size_t k = 0; k < chosen_.size(); ++k) {
    const Column& column = table_.columns[k];
    if (!column.is_text || contains(options_.text_columns, column.name)) continue;
    if (options_.last_column_is_text && k + 1 == chosen_.size()) continue;
    const std::string_view wrong = number_in_words(column.categories, mark_);
    if (wrong.empty()) continue;
    const auto first = std::find_if(column.codes.begin(), column.codes.end(), [](auto c) { return c != kMissingCode; });
    problems_.add(table_.place(static_cast<std::size_t>(first - column.codes.begin()), column),
                  fmt::format("'{}' in column '{}' {}, or list the column in data.categorical",
                              printable(column.categories[*first]), printable(column.name), wrong));
  }
  problems_.report();
}

}  // namespace

Table parse_csv(std::string_view text, std::string source, const CsvOptions& options) {
  const std::string_view checked = check_text(text, source);
  return Parser(checked, std::move(source), options).run();
}

Table read_csv(const std::string& path, const CsvOptions& options) {
  try {
    TextSource read = read_text(path);
    return Parser(read.text, std::move(read.source), options).run();
  } catch (const std::bad_alloc&) {
    throw Error(Fault::runtime, "not enough memory to read '{}'", path);
  }
}

}  // namespace descent
