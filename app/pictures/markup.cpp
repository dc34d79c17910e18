#include "app/pictures/markup.hpp"

#include "framework/text.hpp"

#include <algorithm>
#include <sstream>
#include <utility>

namespace descent::pictures {
namespace {

constexpr std::size_t kLongest = 200;

bool starts_character(char c) { return (static_cast<unsigned char>(c) & 0xC0u) != 0x80u; }

// Advance of the character that starts with `first`, as a part of the text size.
double advance(char first) {
  // DejaVu Sans from the blank to ~, in hundredths.
  constexpr unsigned char kAscii[] = {32, 40, 46, 84, 64, 95, 78, 27, 39, 39, 50, 84, 32, 36,  32, 34, 64, 64, 64,
                                      64, 64, 64, 64, 64, 64, 64, 34, 34, 84, 84, 84, 53, 100, 68, 69, 70, 77, 63,
                                      58, 77, 75, 29, 29, 66, 56, 86, 75, 79, 60, 79, 69, 63,  61, 73, 68, 99, 69,
                                      61, 69, 39, 34, 39, 84, 50, 50, 61, 63, 55, 63, 62, 35,  63, 63, 28, 28, 58,
                                      28, 97, 63, 61, 63, 63, 41, 52, 39, 63, 59, 82, 59, 59,  52, 64, 34, 64, 84};
  constexpr double kOther = 0.75, kRoom = 1.03;  // room: other faces
  const bool ascii = first >= ' ' && first <= '~';
  return kRoom * (ascii ? kAscii[first - ' '] / 100.0 : kOther);
}

// `text` with an ellipsis in place of its end, so that it fits.
std::string shortened(std::string text, double size, double width) {
  while (!text.empty() && text_width(text + "…", size) > width) {
    while (text.size() > 1 && !starts_character(text.back())) text.pop_back();
    text.pop_back();
  }
  return text + "…";
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : printable(text, kLongest)) {
    if (std::string_view("\\{}^_@&~").find(c) != std::string_view::npos) result += '\\';
    result += c;
  }
  return result;
}

std::string markup_literal(std::string_view markup) {
  // gnuplot takes three quotes at the start for an empty string and another: nothing, in braces, parts them.
  std::string result = markup.starts_with('\'') ? "'{}" : "'";
  for (const char c : markup) result += c == '\'' ? "''" : std::string(1, c);
  return result + "'";
}

std::string literal(std::string_view text) { return markup_literal(escaped(text)); }

double text_width(std::string_view text, double size) {
  double width = 0;
  for (const char c : text)
    if (starts_character(c)) width += advance(c) * size;
  return width;
}

std::vector<std::string> wrapped(std::string_view text, double size, double width, std::size_t lines) {
  std::istringstream words(printable(text, kLongest));
  std::vector<std::string> result;
  std::string word, line;
  bool cut = false;
  while (words >> word && !cut) {
    const std::string longer = line.empty() ? word : line + " " + word;
    if (line.empty() || text_width(longer, size) <= width) {
      line = longer;
    } else if (result.size() + 1 < lines) {
      result.push_back(std::exchange(line, word));
    } else {
      line = longer;
      cut = true;
    }
  }
  if (!line.empty()) result.push_back(line);
  for (std::string& each : result)
    if (text_width(each, size) > width) each = shortened(each, size, width);
  return result;
}

}  // namespace descent::pictures
