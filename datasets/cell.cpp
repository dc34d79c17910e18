#include "datasets/cell.hpp"

#include "framework/decimal.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace descent {
namespace {

using namespace std::string_view_literals;

// pandas' default set (io.parsers, STR_NA_VALUES) and the question mark of the UCI files.
constexpr std::array kMissingWords = {""sv,     "#N/A"sv,   "#N/A N/A"sv, "#NA"sv,  "-1.#IND"sv, "-1.#QNAN"sv, "-NaN"sv,
                                      "-nan"sv, "1.#IND"sv, "1.#QNAN"sv,  "<NA>"sv, "N/A"sv,     "NA"sv,       "NULL"sv,
                                      "NaN"sv,  "None"sv,   "n/a"sv,      "nan"sv,  "null"sv,    "?"sv};
constexpr std::size_t kLongestMissingWord = 8;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Whole numbers below 2⁵³ are exact in a double, and most cells of most files are short ones.
bool read_short_whole(std::string_view cell, double& value) {
  if (cell.size() > 15) return false;
  std::int64_t sum = 0;
  for (const char c : cell) {
    if (!is_digit(c)) return false;
    sum = sum * 10 + (c - '0');
  }
  value = static_cast<double>(sum);
  return true;
}

bool is_number(std::string_view cell) {
  double value = 0;
  return read_cell(cell, value) == CellKind::number;
}

// Without a currency or percent sign at either end, and with a minus for the typographic one.
std::string without_signs(std::string_view cell) {
  constexpr std::array kSigns = {"$"sv, "€"sv, "£"sv, "¥"sv, "%"sv};
  constexpr std::string_view kMinus = "−";
  std::string_view rest = trimmed(cell);
  for (const std::string_view sign : kSigns) {
    if (rest.starts_with(sign)) rest.remove_prefix(sign.size());
    if (rest.ends_with(sign)) rest.remove_suffix(sign.size());
  }
  std::string bare(trimmed(rest));
  if (bare.starts_with(kMinus)) bare.replace(0, kMinus.size(), "-");
  return bare;
}

bool has_decimal_comma(std::string text) {
  const std::size_t comma = text.find(',');
  if (comma == text.npos) return false;
  text[comma] = '.';
  return is_number(text);
}

// 1,234 or 1,234,567.8
bool has_grouped_digits(std::string text) {
  const std::size_t point = std::min(text.find('.'), text.size());
  const std::size_t first = text.find(',');
  if (first == text.npos || first > point) return false;
  for (std::size_t i = first; i < point; ++i)
    if ((text[i] == ',') != ((i - first) % 4 == 0)) return false;
  if ((point - first) % 4 != 0) return false;
  std::erase(text, ',');
  return is_number(text);
}

CellKind word(std::string_view cell) { return is_missing(cell) ? CellKind::missing : CellKind::text; }

}  // namespace

std::string_view trimmed(std::string_view cell) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!cell.empty() && blank(cell.front())) cell.remove_prefix(1);
  while (!cell.empty() && blank(cell.back())) cell.remove_suffix(1);
  return cell;
}

bool is_missing(std::string_view cell) {
  if (cell.size() > kLongestMissingWord) return false;
  return std::find(kMissingWords.begin(), kMissingWords.end(), cell) != kMissingWords.end();
}

CellKind read_cell(std::string_view cell, double& value) {
  if (cell.empty()) return CellKind::missing;
  if (read_short_whole(cell, value)) return CellKind::number;
  std::string_view number = cell;
  if (number.starts_with('+') && !number.starts_with("+-")) number.remove_prefix(1);
  double result = 0;
  const char* const last = number.data() + number.size();
  const auto [end, code] = std::from_chars(number.data(), last, result);
  if (code == std::errc::invalid_argument || end != last) return word(cell);
  if (code == std::errc::result_out_of_range) {
    if (!underflows(number)) return CellKind::not_finite;
    result = number.starts_with('-') ? -0.0 : 0.0;
  }
  if (std::isnan(result)) return word(cell);
  if (std::isinf(result)) return CellKind::not_finite;
  value = result;
  return CellKind::number;
}

CellKind read_cell(std::string_view cell, double& value, char mark) {
  if (mark == '.') return read_cell(cell, value);
  if (cell.find('.') != cell.npos) return word(cell);
  const std::size_t comma = cell.find(',');
  if (comma == cell.npos) return read_cell(cell, value);
  std::string pointed(cell);
  pointed[comma] = '.';
  return read_cell(pointed, value);
}

std::string_view number_in_words(const std::vector<std::string>& texts, char mark) {
  bool other_mark = !texts.empty(), grouped = other_mark && mark == '.';
  for (const std::string& text : texts) {
    const std::string bare = without_signs(text);
    const bool is_marked = mark == '.' ? has_decimal_comma(bare) : is_number(bare);
    const bool is_grouped = mark == '.' && has_grouped_digits(bare);
    other_mark = other_mark && is_marked;
    grouped = grouped && is_grouped;
    double value = 0;
    if (!is_marked && !is_grouped && read_cell(bare, value, mark) != CellKind::number) return {};
  }
  if (other_mark && mark == ',') return "has a decimal point where data.decimal is \"comma\"; leave that out";
  if (other_mark && grouped)
    return "has a comma; set data.decimal = \"comma\" if it is decimal, write 1500 if it is between thousands";
  if (other_mark) return "has a decimal comma; set data.decimal = \"comma\"";
  if (grouped) return "has commas between thousands; write 1500 for 1,500";
  return texts.empty() ? "" : "is a number with more than digits in it; write 1500 for $1,500 or 1500 %";
}

}  // namespace descent
