#include "datasets/csv_scan.hpp"

#include "datasets/cell.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

namespace descent {
namespace {

constexpr std::size_t kSniffedRecords = 50;

// Whether a table of nothing but words begins with a row of them: most of its cells stand below in their own columns
// again, as categories do and names do not. A record that is all of `first` says nothing: a header may stand twice.
bool recurs_below(const std::vector<Cell>& first, CsvScanner& scanner, char mark) {
  std::vector<bool> recurs(first.size());
  std::vector<Cell> record;
  double value = 0;
  for (std::size_t i = 1; i < kSniffedRecords && scanner.next(record); ++i) {
    if (std::ranges::equal(first, record, {}, &Cell::text, &Cell::text)) continue;
    for (std::size_t j = 0; j < std::min(first.size(), record.size()); ++j) {
      if (read_cell(trimmed(record[j].text), value, mark) == CellKind::number) return false;
      if (record[j].text == first[j].text) recurs[j] = true;
    }
  }
  return 2 * std::ranges::count(recurs, true) > std::ssize(recurs);
}

}  // namespace

std::string unescaped(const Cell& cell) {
  std::string text(cell.text);
  if (!cell.escaped) return text;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    text[kept++] = text[i];
    if (text[i] == '"') ++i;
  }
  text.resize(kept);
  return text;
}

CsvScanner::CsvScanner(std::string_view text, char delimiter)
    : at_(text.data()), end_(text.data() + text.size()), line_start_(text.data()), delimiter_(delimiter) {
  const char* p = at_;
  while (p != end_ && (is_space(*p) || *p == '\r' || *p == '\n')) {
    if (*p++ != '\n') continue;
    ++line_;
    at_ = line_start_ = p;
  }
}

bool CsvScanner::fail(const char* at, std::string message) {
  error_ = ScanError{line_, static_cast<std::size_t>(at - line_start_) + 1, std::move(message)};
  at_ = end_;
  return false;
}

// At the opening quote. Leaves at_ behind the closing one and the spaces that follow it.
bool CsvScanner::quoted_cell(std::vector<Cell>& cells) {
  const std::size_t line = line_;
  const char* const opening = at_;
  const char* const opening_line = line_start_;
  const auto column = static_cast<std::uint32_t>(opening - line_start_) + 1;
  bool escaped = false;
  for (++at_; at_ != end_; ++at_) {
    if (*at_ == '\n') {
      ++line_;
      line_start_ = at_ + 1;
    } else if (*at_ == '"') {
      if (at_ + 1 == end_ || at_[1] != '"') break;
      escaped = true;
      ++at_;
    }
  }
  if (at_ == end_) {
    line_ = line;
    line_start_ = opening_line;
    return fail(opening, "the quote that opens here is never closed; close it, or double a quote that is meant");
  }
  cells.push_back({{opening + 1, static_cast<std::size_t>(at_ - opening - 1)}, line, column, true, escaped});
  ++at_;
  while (at_ != end_ && is_space(*at_)) ++at_;
  return true;
}

void CsvScanner::plain_cell(std::vector<Cell>& cells, const char* start) {
  while (at_ != end_ && *at_ != delimiter_ && *at_ != '\n' && *at_ != '\r') ++at_;
  const char* last = at_;
  const char* first = start;
  while (first != last && is_space(*first)) ++first;
  while (last != first && is_space(last[-1])) --last;
  const auto column = static_cast<std::uint32_t>(first - line_start_) + 1;
  cells.push_back({{first, static_cast<std::size_t>(last - first)}, line_, column, false, false});
}

// Steps over what ends a cell: a delimiter, a line end or the end of the text.
bool CsvScanner::end_of_cell(bool& record_ends) {
  record_ends = at_ == end_ || *at_ != delimiter_;
  if (at_ == end_) return true;
  if (*at_ == delimiter_) {
    ++at_;
    return true;
  }
  if (*at_ == '\r') {
    if (at_ + 1 != end_ && at_[1] != '\n')
      return fail(at_,
                  "a carriage return without a line feed; save the file with Unix (LF) or Windows (CR LF) "
                  "line ends");
    ++at_;
    if (at_ == end_) return true;
  }
  if (*at_ != '\n') return fail(at_, "text after the closing quote; a quote inside quotes is written twice");
  ++at_;
  ++line_;
  line_start_ = at_;
  return true;
}

bool CsvScanner::next(std::vector<Cell>& cells) {
  cells.clear();
  if (at_ == end_) return false;
  for (bool record_ends = false; !record_ends;) {
    const char* start = at_;
    while (at_ != end_ && is_space(*at_)) ++at_;
    if (at_ != end_ && *at_ == '"') {
      if (!quoted_cell(cells)) return false;
    } else {
      plain_cell(cells, start);
    }
    if (cells.size() > kMostColumns) return fail(start, fmt::format("more than {} cells in one row", kMostColumns));
    if (!end_of_cell(record_ends)) return false;
  }
  return true;
}

bool is_blank(const std::vector<Cell>& record) {
  return record.size() == 1 && record[0].text.empty() && !record[0].quoted;
}

std::string_view without_blank_end(std::string_view text, char delimiter) {
  for (;;) {
    const std::size_t line = text.rfind('\n') + 1;  // npos + 1 is 0
    const std::string_view last = text.substr(line);
    const bool blank = std::all_of(last.begin(), last.end(),
                                   [&](char c) { return c == '\r' || (c != delimiter && (c == ' ' || c == '\t')); });
    if (!blank || text.empty()) return text;
    text = text.substr(0, line == 0 ? 0 : line - 1);
  }
}

char find_delimiter(std::string_view text) {
  // In a file of decimal commas the comma may be as regular as the true delimiter, so it comes last.
  constexpr std::array kCandidates = {'\t', ';', '|', ','};
  char best = '\0';
  std::size_t best_agreeing = 0;
  for (const char delimiter : kCandidates) {
    CsvScanner scanner(text, delimiter);
    std::vector<Cell> record;
    std::map<std::size_t, std::size_t> records_of_width;
    for (std::size_t i = 0; i < kSniffedRecords && scanner.next(record);)
      if (!is_blank(record)) ++records_of_width[record.size()], ++i;
    if (record.size() > kMostColumns) ++records_of_width[record.size()];  // where the scanner gave up
    const auto usual = std::max_element(records_of_width.begin(), records_of_width.end(),
                                        [](const auto& a, const auto& b) { return a.second < b.second; });
    if (usual == records_of_width.end() || usual->first == 1 || usual->second <= best_agreeing) continue;
    best = delimiter;
    best_agreeing = usual->second;
  }
  return best;
}

bool find_header(std::string_view text, char delimiter, char mark, const std::vector<std::string_view>& known) {
  CsvScanner scanner(text, delimiter);
  std::vector<Cell> first, record;
  double value = 0;
  if (!scanner.next(first)) return false;
  std::vector<bool> word(first.size());
  std::size_t words = 0, numbers = 0;
  for (std::size_t j = 0; j < first.size(); ++j) {
    if (std::find(known.begin(), known.end(), first[j].text) != known.end()) return true;
    const CellKind kind = read_cell(trimmed(first[j].text), value, mark);
    word[j] = kind == CellKind::text;
    words += word[j];
    numbers += kind == CellKind::number || kind == CellKind::not_finite;
  }
  if (words == 0) return false;
  if (numbers == 0) return !recurs_below(first, scanner, mark);
  for (std::size_t i = 1; i < kSniffedRecords && scanner.next(record); ++i) {
    for (std::size_t j = 0; j < std::min(first.size(), record.size()); ++j) {
      const CellKind kind = word[j] ? read_cell(trimmed(record[j].text), value, mark) : CellKind::missing;
      if (kind == CellKind::number) return true;
      if (kind == CellKind::text) word[j] = false;  // only the first cell that says something counts
    }
  }
  return false;
}

}  // namespace descent
