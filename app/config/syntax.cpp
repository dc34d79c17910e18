#include "app/config/syntax.hpp"

#include "framework/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <string>

namespace descent {
namespace {

constexpr std::size_t kDeepest = 32;  // brackets within brackets, and parts of a dotted key

struct Problem {
  std::size_t at;  // byte
  std::string message;
};

// Walks over TOML as far as it needs to see what would make a parser recurse: nesting and dotted keys.
// Strings and comments end where TOML ends them; after a mistake the parser stops earlier than this does.
class DepthScan {
 public:
  explicit DepthScan(std::string_view text) : text_(text) {}

  std::optional<Problem> run() {
    std::size_t depth = 0, dots = 0;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '[' || c == '{') ++depth;
      if ((c == ']' || c == '}') && depth > 0) --depth;
      if (c == '.') ++dots;
      if (std::string_view("=,[]{}\n").find(c) != std::string_view::npos) dots = 0;
      if (depth > kDeepest) return Problem{at_, fmt::format("brackets nested more than {} deep", kDeepest)};
      if (dots >= kDeepest) return Problem{at_, fmt::format("a key of more than {} parts", kDeepest)};
      if (c == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (c == '"' || c == '\'') {
        skip_string(c);
      } else {
        ++at_;
      }
    }
    return std::nullopt;
  }

 private:
  void skip_string(char quote) {
    const std::string three(3, quote);
    const bool multiline = text_.substr(at_, 3) == three;
    at_ += multiline ? 3 : 1;
    for (; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\\' && quote == '"') {
        ++at_;
      } else if (multiline && text_.substr(at_, 3) == three) {
        at_ += 3;
        for (int extra = 0; extra < 2 && at_ < text_.size() && text_[at_] == quote; ++extra) ++at_;
        return;
      } else if (!multiline && (text_[at_] == quote || text_[at_] == '\n')) {
        ++at_;
        return;
      }
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

std::optional<Problem> find_problem(std::string_view text) {
  if (text.size() > kLargestConfig) return Problem{std::string_view::npos, "the file is larger than 1 MiB"};
  if (const std::size_t at = text.find('\0'); at != std::string_view::npos)
    return Problem{at, "a NUL byte; a config is plain text"};
  if (const std::size_t at = find_invalid_utf8(text); at != std::string_view::npos)
    return Problem{at, fmt::format("byte 0x{:02X} is not valid UTF-8; save the file as UTF-8",
                                   static_cast<unsigned char>(text[at]))};
  return DepthScan(text).run();
}

Spot spot_of_byte(std::string_view text, std::size_t at) {
  if (at == std::string_view::npos) return {};
  const std::string_view before = text.substr(0, at);
  const std::size_t line_begin = before.rfind('\n') + 1;  // npos + 1 is 0
  return {.line = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')) + 1,
          .column = count_characters(before.substr(line_begin)) + 1};
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_space(char c) { return c == ' ' || c == '\t'; }
bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }

// What a person typed as a value, from its first byte up to a blank, a comma, a bracket or a comment.
struct Typed {
  std::size_t begin = 0;  // byte in the line
  std::string_view text;
};

// The value in which byte `error` of `line` stands, if one does.
std::optional<Typed> value_at(std::string_view line, std::size_t error) {
  const std::size_t first = line.find_first_not_of(" \t");
  if (error > line.size() || first == std::string_view::npos || line[first] == '[') return std::nullopt;
  std::size_t begin = error;
  while (begin > 0 && std::string_view("=,[{ \t").find(line[begin - 1]) == std::string_view::npos) --begin;
  std::size_t left = begin;
  while (left > 0 && is_space(line[left - 1])) --left;
  if (left == 0 || std::string_view("=,[").find(line[left - 1]) == std::string_view::npos) return std::nullopt;
  const std::size_t end = std::min(line.find_first_of(" \t,]}#\r", begin), line.size());
  return Typed{begin, line.substr(begin, end - begin)};
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

// A sentence for a value that is nearly TOML; empty if nothing better than the parser's own is known.
std::string value_hint(std::string_view v, std::string_view description) {
  if (v.empty()) return {};
  const std::string shown = printable(v);
  const bool sign = v[0] == '-' || v[0] == '+';
  const std::string_view body = v.substr(sign ? 1 : 0);
  if (lower(v) == "true" || lower(v) == "false") return fmt::format("write {} in lower case", lower(v));
  if (body.size() > 1 && body[0] == '.' && is_digit(body[1]))
    return fmt::format("a number needs a digit before the point; write {}0{}", sign ? v.substr(0, 1) : "", body);
  if (body.size() > 1 && is_digit(body[0]) && body.back() == '.')
    return fmt::format("a number needs a digit after the point; write {}0", shown);
  if (contains(description, "not representable")) return fmt::format("{} does not fit in 64 bits", shown);
  if (contains(description, "could not be interpreted as a value"))
    return fmt::format("{} is beyond the largest number, 1.8e308", shown);
  if (v[0] == '=') return "one = is enough";
  const bool texty = is_letter(v[0]) || v[0] == '.' || v[0] == '/' || v[0] == '~' || v[0] == '_';
  if (texty && !contains(v, "\"") && !contains(v, "'") && !contains(v, "="))
    return fmt::format("a text needs quotes; write \"{}\"", shown);
  return {};
}

// "Error while parsing key-value pair: expected '=', saw ':'" → "expected '=', saw ':'"
std::string plain(std::string_view description) {
  constexpr std::string_view prefix = "Error while parsing ";
  std::string what = printable(description, 300);
  std::string during;
  if (what.starts_with(prefix)) {
    const std::size_t colon = what.find(": ");
    if (colon == std::string::npos) return what;
    during = what.substr(prefix.size(), colon - prefix.size());
    what = what.substr(colon + 2);
  }
  if (what == "encountered end-of-file") return during.empty() ? "the file ends here" : "unfinished " + during;
  return what;
}

// Columns that the message is about, and the message.
void add_syntax_error(const toml::parse_error& error, std::string_view text, ConfigErrors& errors) {
  const std::string_view description = error.description();
  Spot spot{.line = error.source().begin.line, .column = error.source().begin.column};
  std::size_t begin = 0;
  for (std::size_t i = 1; i < spot.line && begin <= text.size(); ++i)
    begin = std::min(text.find('\n', begin), text.size()) + 1;
  const std::string_view rest = begin < text.size() ? text.substr(begin) : std::string_view{};
  const std::string_view line = rest.substr(0, rest.find('\n'));
  const std::size_t byte = byte_of_character(line, spot.column - 1);

  if (contains(description, "cannot redefine existing")) {
    const std::size_t first = std::min(line.find_first_not_of(" \t"), line.size());
    const std::size_t quote = description.find('\'');
    const std::string name = quote == std::string_view::npos ? std::string() : std::string(description.substr(quote));
    spot.column = count_characters(line.substr(0, first)) + 1;
    spot.width = count_characters(line.substr(first, line.find_first_of(" \t=#\r", first) - first));
    const bool header = first < line.size() && line[first] == '[';
    return errors.add(spot, fmt::format("{} is already there; {}", printable(name),
                                        header ? "put its keys under one heading" : "keep one of the two"));
  }
  if (contains(description, "expected '='") && (line.substr(byte).starts_with(':')))
    return errors.add(spot, "a key and its value are joined by =, not by :");
  if (contains(description, "expected '=', saw"))
    return errors.add(spot, plain(description) + "; a setting is key = value");
  if (contains(description, "parsing string") && line.substr(byte).find_first_not_of('\r') == std::string_view::npos)
    return errors.add(spot, "the text is not closed; end it with the quote it began with");
  if (const auto typed = value_at(line, byte)) {
    if (const std::string hint = value_hint(typed->text, description); !hint.empty()) {
      spot.column = count_characters(line.substr(0, typed->begin)) + 1;
      spot.width = count_characters(typed->text);
      return errors.add(spot, hint);
    }
  }
  errors.add(spot, plain(description));
}

}  // namespace

std::optional<toml::table> parse_toml(std::string_view text, ConfigErrors& errors) {
  if (const auto problem = find_problem(text)) {
    errors.add(spot_of_byte(text, problem->at), problem->message);
    return std::nullopt;
  }
  try {
    return toml::parse(text, std::string_view{});
  } catch (const toml::parse_error& error) {
    add_syntax_error(error, text, errors);
    return std::nullopt;
  }
}

toml::table parse_toml_value(std::string_view value) {
  const std::string assignment = fmt::format("v = {}", value);
  if (!find_problem(assignment)) {
    try {
      toml::table parsed = toml::parse(std::string_view(assignment), std::string_view{});
      if (parsed.size() == 1 && parsed.contains("v")) return parsed;
    } catch (const toml::parse_error&) {
      // Not TOML: a bare word such as relu, which needs no quotes on the command line.
    }
  }
  toml::table bare;
  bare.insert("v", std::string(value));
  return bare;
}

}  // namespace descent
