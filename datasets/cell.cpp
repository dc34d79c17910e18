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

}  // namespace descent
