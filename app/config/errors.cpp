#include "app/config/errors.hpp"

#include "framework/error.hpp"
#include "framework/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace descent {
namespace {

constexpr std::size_t kMostPrinted = 40;
constexpr std::size_t kWidestLine = 100;  // characters of a source line shown around the error

bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xC0u) != 0x80u; }

}  // namespace

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_character));
}

std::size_t byte_of_character(std::string_view text, std::size_t index) {
  for (std::size_t at = 0; at < text.size(); ++at)
    if (begins_character(text[at]) && index-- == 0) return at;
  return text.size();
}

std::size_t ConfigErrors::add_argument(std::string_view argument) {
  arguments_.push_back(printable(argument, 80));
  return arguments_.size();
}

void ConfigErrors::add(const Spot& spot, std::string message) { errors_.push_back({spot, std::move(message)}); }

std::string_view ConfigErrors::line(std::size_t number) const {
  std::size_t begin = 0;
  for (std::size_t i = 1; i < number; ++i) {
    begin = text_.find('\n', begin);
    if (begin == std::string_view::npos) return {};
    ++begin;
  }
  std::string_view found = text_.substr(begin, text_.find('\n', begin) - begin);
  if (!found.empty() && found.back() == '\r') found.remove_suffix(1);
  return found;
}

std::string ConfigErrors::place(const Spot& spot) const {
  if (spot.argument > 0) return "--set " + arguments_[spot.argument - 1];
  if (spot.line == 0) return std::string(file_);
  const std::size_t byte = spot.column == 0 ? 0 : byte_of_character(line(spot.line), spot.column - 1) + 1;
  return to_string(Place{std::string(file_), spot.line, byte});
}

// The source line and a caret under its column, with a tail under the rest of the culprit. A long
// line is cut to a window around the column; what a terminal would obey is shown as '?'.
std::string ConfigErrors::excerpt(const Spot& spot) const {
  if (spot.argument > 0 || spot.line == 0 || spot.column == 0) return {};
  const std::string_view whole = line(spot.line);
  const std::size_t column = spot.column - 1;
  const std::size_t first = column > kWidestLine * 2 / 3 ? column - kWidestLine / 3 : 0;
  const std::size_t begin = byte_of_character(whole, first);
  const std::string_view shown = whole.substr(begin, byte_of_character(whole.substr(begin), kWidestLine));
  const bool cut = begin + shown.size() < whole.size();
  std::string source = first > 0 ? "…" : "";
  for (const char c : shown) {
    const unsigned char byte = static_cast<unsigned char>(c);
    source += c == '\t' ? ' ' : byte < 0x20 || byte == 0x7F ? '?' : c;
  }
  if (find_invalid_utf8(source) != std::string::npos) source = printable(source, kWidestLine * 4);
  const std::size_t indent = column - first + (first > 0 ? 1 : 0);
  const std::size_t room = std::max<std::size_t>(count_characters(source), indent + 1) - indent;
  const std::size_t tail = std::clamp<std::size_t>(spot.width, 1, room) - 1;
  return fmt::format("\n{:5} | {}{}\n{:5} | {}^{}", spot.line, source, cut ? "…" : "", "", std::string(indent, ' '),
                     std::string(tail, '~'));
}

std::string ConfigErrors::print(const Item& item) const {
  return fmt::format("{}: error: {}{}\n", place(item.spot), item.message, excerpt(item.spot));
}

void ConfigErrors::throw_if_any() const {
  if (errors_.empty()) return;
  std::vector<const Item*> order;
  for (const Item& item : errors_) order.push_back(&item);
  const auto rank = [](const Item* item) {
    const Spot& spot = item->spot;
    const bool whole_file = spot.argument == 0 && spot.line == 0;
    return std::tuple(whole_file, spot.argument, spot.line, spot.column);
  };
  std::stable_sort(order.begin(), order.end(), [&](const Item* a, const Item* b) { return rank(a) < rank(b); });
  std::string message;
  for (std::size_t i = 0; i < std::min(order.size(), kMostPrinted); ++i) message += print(*order[i]);
  if (order.size() > kMostPrinted) message += fmt::format("… and {} more\n", order.size() - kMostPrinted);
  message += fmt::format("{} error{}; nothing was run.", plenty() ? "At least 1000" : std::to_string(order.size()),
                         order.size() == 1 ? "" : "s");
  throw Error(Fault::config, message);
}

}  // namespace descent
