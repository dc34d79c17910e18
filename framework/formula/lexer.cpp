#include "framework/formula/lexer.hpp"

#include "framework/error.hpp"
#include "framework/formula/parser.hpp"
#include "framework/text.hpp"

#include <algorithm>

namespace descent::formula {
namespace {

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }  // inside a UTF-8 character

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return !continues(c); }));
}

// Signs people type or paste, and what to write instead.
struct Hint {
  std::string_view sign, remedy;
};
constexpr Hint kHints[] = {
    {"\u2212", "write '-' for minus"},
    {"\u2013", "write '-' for minus"},
    {"\u2014", "write '-' for minus"},
    {"\u00D7", "write '*' for times"},
    {"\u00B7", "write '*' for times"},
    {"\u22C5", "write '*' for times"},
    {"\u2217", "write '*' for times"},
    {"\u00F7", "write '/' for a division"},
    {"\u2044", "write '/' for a division"},
    {":", "write '/' for a division"},
    {"\u00B2", "write ^2"},
    {"\u00B3", "write ^3"},
    {"\u03C0", "write pi"},
    {"\u221A", "write sqrt(...)"},
    {"\u2211", "write sum(...)"},
    {"=", "give the right side alone: f(x) = x^2 is written x^2"},
    {"|", "write abs(...) for an absolute value"},
    {"[", "write '('"},
    {"{", "write '('"},
    {"]", "write ')'"},
    {"}", "write ')'"},
    {";", "write ',' between outputs"},
    {"!", "there is no factorial"},
    {"%", "there is no remainder; a percentage is x/100"},
    {"'", "derivatives are worked out for you, give the function itself"},
    {"\\", "LaTeX is not read, write sin(x) and x/2"},
    {"$", "leave out the $"},
};

}  // namespace

// One byte beyond the limit is enough to know that there are too many.
Lexer::Lexer(std::string_view text) : text_(text.substr(0, kMostBytes + 1)) {}

void Lexer::fail(std::size_t at, const std::string& message) const {
  // What is shown around the caret; cut at whole characters.
  constexpr std::size_t kBefore = 50, kAfter = 25;
  const auto whole = [&](std::size_t place) {
    while (place < text_.size() && place > 0 && continues(text_[place])) --place;
    return place;
  };
  at = whole(std::min(at, text_.size()));
  const std::size_t first = at > kBefore ? whole(at - kBefore) : 0;
  const std::size_t last = whole(std::min(text_.size(), at + kAfter));
  const auto shown = [&](std::size_t from, std::size_t to) {
    std::string line;
    for (std::size_t i = from; i < to; ++i) line += is_space(text_[i]) ? ' ' : text_[i];
    return printable(line, 400);
  };
  const std::string before = (first > 0 ? "..." : "") + shown(first, at);
  const std::string after = shown(at, last) + (last < text_.size() ? "..." : "");
  throw Error(Fault::usage, "formula, column {}: {}\n  {}{}\n  {}^", characters(text_.substr(0, at)) + 1, message,
              before, after, std::string(characters(before), ' '));
}

void Lexer::refuse_character(std::size_t at) const {
  const std::string_view rest = text_.substr(at);
  for (const Hint& hint : kHints)
    if (rest.starts_with(hint.sign)) fail(at, fmt::format("'{}' is not understood; {}", hint.sign, hint.remedy));
  std::size_t length = 1;
  while (length < std::min<std::size_t>(rest.size(), 4) && continues(rest[length])) ++length;
  fail(at, fmt::format("'{}' is not understood; a formula has numbers, names and + - * / ^ ( ) ,",
                       printable(rest.substr(0, length))));
}

Token Lexer::number(Token token) {
  std::size_t end = token.at;
  const auto peek = [&](std::size_t i) { return i < text_.size() ? text_[i] : '\0'; };
  const auto skip_digits = [&] {
    while (is_digit(peek(end))) ++end;
  };
  skip_digits();
  if (peek(end) == '.') {
    ++end;
    skip_digits();
  }
  if (peek(end) == 'e' || peek(end) == 'E') {  // 2e is two times e unless digits follow
    const std::size_t digits = end + (peek(end + 1) == '+' || peek(end + 1) == '-' ? 2 : 1);
    if (is_digit(peek(digits))) {
      end = digits;
      skip_digits();
    }
  }
  if (peek(end) == '.') fail(end, "a number has one decimal point");
  token.text = text_.substr(token.at, end - token.at);
  at_ = end;
  return token;
}

Token Lexer::next() {
  while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  Token token{TokenKind::end, at_, {}};
  if (at_ > kMostBytes) fail(at_, fmt::format("the text is longer than {} bytes", kMostBytes));
  if (at_ == text_.size()) return token;
  const char c = text_[at_];
  const char second = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
  if (is_digit(c) || (c == '.' && is_digit(second))) {
    token.kind = TokenKind::number;
    return number(token);
  }
  if (is_letter(c)) {
    token.kind = TokenKind::name;
    while (at_ < text_.size() && (is_letter(text_[at_]) || is_digit(text_[at_]))) ++at_;
    token.text = text_.substr(token.at, at_ - token.at);
    return token;
  }
  if (std::string_view("+-*/^(),").find(c) == std::string_view::npos) refuse_character(at_);
  token.kind = TokenKind::sign;
  token.text = c == '*' && second == '*' ? "^" : text_.substr(at_, 1);
  at_ += c == '*' && second == '*' ? 2 : 1;
  return token;
}

}  // namespace descent::formula
