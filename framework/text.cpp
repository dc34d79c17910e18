#include "framework/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace descent {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

// Length of the UTF-8 sequence at the start of `text` (RFC 3629), or 0 if it is not one.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const auto tail = [&](std::size_t i) { return (byte(i) & 0xC0u) == 0x80u; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return tail(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const unsigned low = first == 0xE0 ? 0xA0 : 0x80;
    const unsigned high = first == 0xED ? 0x9F : 0xBF;
    return byte(1) >= low && byte(1) <= high && tail(2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const unsigned low = first == 0xF0 ? 0x90 : 0x80;
    const unsigned high = first == 0xF4 ? 0x8F : 0xBF;
    return byte(1) >= low && byte(1) <= high && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

}  // namespace

std::size_t edit_distance(std::string_view left, std::string_view right) {
  const std::string a = lower(left), b = lower(right);
  std::vector<std::size_t> before_last(b.size() + 1), last(b.size() + 1), current(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = a[i - 1] == b[j - 1];
      current[j] = std::min({last[j] + 1, current[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        current[j] = std::min(current[j], before_last[j - 2] + 1);
    }
    std::swap(before_last, last);
    std::swap(last, current);
  }
  return last[b.size()];
}

std::optional<std::string> nearest_name(std::string_view typed, std::span<const std::string> known) {
  constexpr std::size_t kLongestTyped = 200;  // nobody mistypes a name that long; the distance is quadratic
  if (typed.empty() || typed.size() > kLongestTyped) return std::nullopt;
  const std::size_t allowed = std::min<std::size_t>(typed.size() >= 8 ? 3 : 2, typed.size() / 2);
  std::optional<std::string> best;
  std::size_t best_distance = allowed + 1;
  for (const std::string& name : known) {
    const std::size_t distance = edit_distance(typed, name);
    if (distance < best_distance) {
      best_distance = distance;
      best = name;
    }
  }
  return best;
}

std::string unknown_name(std::string_view what, std::string_view typed, std::span<const std::string> known) {
  const auto near = nearest_name(typed, known);
  const std::string hint = near ? fmt::format("; did you mean '{}'?", *near) : std::string();
  return fmt::format("unknown {} '{}'{} (known: {})", what, printable(typed), hint, join(known));
}

std::string join(std::span<const std::string> names, std::string_view separator) {
  std::string list;
  for (const std::string& name : names) {
    if (!list.empty()) list += separator;
    list += name;
  }
  return list;
}

std::string shortest(double x) { return fmt::format("{}", x); }

std::string printable(std::string_view text, std::size_t limit) {
  std::string result;
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const unsigned char first = static_cast<unsigned char>(text[0]);
    const bool control =
        first < 0x20 || first == 0x7F || (length == 2 && first == 0xC2 && static_cast<unsigned char>(text[1]) < 0xA0);
    const bool plain = length > 0 && !control;
    const std::string piece = plain ? std::string(text.substr(0, length)) : fmt::format("\\x{:02X}", first);
    if (result.size() + piece.size() > limit) return result + "…";
    result += piece;
    text.remove_prefix(plain ? length : 1);
  }
  return result;
}

std::string shell_word(std::string_view text) {
  if (!text.empty() && text.find_first_of(" '\"[]{}$&;|<>*?()\\`!#~\t\n") == std::string_view::npos)
    return std::string(text);
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::size_t find_invalid_utf8(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    if (static_cast<unsigned char>(text[at]) < 0x80) {
      ++at;
      continue;
    }
    const std::size_t length = utf8_length(text.substr(at, 4));
    if (length == 0) return at;
    at += length;
  }
  return std::string_view::npos;
}

}  // namespace descent
