#include "framework/formula/lexer.hpp"

#include "framework/error.hpp"
#include "framework/formula/parser.hpp"
#include "framework/text.hpp"

#include <algorithm>
#include <span>

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
    {"\u2014", "write '-' for minus"},
    {":", "write '/' for a division"},
    {"\u221A", "write sqrt(...)"},
    {"\u00BC", "write (1/4)"},
    {"\u00BD", "write (1/2)"},
    {"\u00BE", "write (3/4)"},
    {"\u221E", "infinity is no number"},
    {"\u00B0", "angles are in radians; an angle of x degrees is x*pi/180"},
    {"<", "there are no comparisons; min(...), max(...) and step(...) tell cases apart"},
    {">", "there are no comparisons; min(...), max(...) and step(...) tell cases apart"},
    {"\u2264", "there are no comparisons; min(...), max(...) and step(...) tell cases apart"},
    {"\u2265", "there are no comparisons; min(...), max(...) and step(...) tell cases apart"},
    {"\u2032", "derivatives are worked out for you, give the function itself"},
    {"\u2033", "derivatives are worked out for you, give the function itself"},
    {"\u2202", "derivatives are worked out for you, give the function itself"},
    {"\u222B", "there are no integrals"},
    {"\u201C", "leave out the quotes"},
    {"\u201D", "leave out the quotes"},
    {"\"", "leave out the quotes"},
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

// Signs of print, read as those of the keyboard.
struct Spelling {
  std::string_view sign, ours;
};
constexpr Spelling kSpellings[] = {
    {"\u2212", "-"}, {"\u2013", "-"}, {"\u00D7", "*"}, {"\u00B7", "*"}, {"\u22C5", "*"},
    {"\u2217", "*"}, {"\u00F7", "/"}, {"\u2044", "/"}, {"\u2215", "/"},
};
// Raised signs: x² is x^2, x⁻¹ is x^-1.
constexpr Spelling kRaised[] = {
    {"\u2070", "0"}, {"\u00B9", "1"}, {"\u00B2", "2"}, {"\u00B3", "3"}, {"\u2074", "4"}, {"\u2075", "5"},
    {"\u2076", "6"}, {"\u2077", "7"}, {"\u2078", "8"}, {"\u2079", "9"}, {"\u207B", "-"},
};
constexpr Spelling kSpaces[] = {{"\u00A0", " "}, {"\u2009", " "}, {"\u202F", " "}};
constexpr std::string_view kPi = "\u03C0";

const Spelling* find(std::span<const Spelling> spellings, std::string_view text) {
  const auto row = std::ranges::find_if(spellings, [&](const Spelling& s) { return text.starts_with(s.sign); });
  return row == spellings.end() ? nullptr : &*row;
}

// Bytes of the letter that `text` begins with, 0 when it is none: A to Z, _, Latin letters with accents, Greek but pi.
std::size_t letter_length(std::string_view text) {
  if (text.empty()) return 0;
  if (is_letter(text[0])) return 1;
  if (text.size() < 2 || !continues(text[1]) || text.starts_with(kPi)) return 0;
  const unsigned point =
      (static_cast<unsigned char>(text[0]) & 0x1Fu) << 6 | (static_cast<unsigned char>(text[1]) & 0x3Fu);
  const bool two_bytes = (static_cast<unsigned char>(text[0]) & 0xE0) == 0xC0;
  const bool latin = point >= 0xC0 && point <= 0x24F && point != 0xD7 && point != 0xF7;
  const bool greek = (point >= 0x391 && point <= 0x3A9) || (point >= 0x3B1 && point <= 0x3C9);
  return two_bytes && (latin || greek) ? 2 : 0;
}

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

void Lexer::skip_spaces() {
  while (at_ < text_.size())
    if (is_space(text_[at_]))
      ++at_;
    else if (const Spelling* const space = find(kSpaces, text_.substr(at_)))
      at_ += space->sign.size();
    else
      break;
}

// The sign of a power, the number to come later.
Token Lexer::raised(Token token) {
  std::string digits;
  while (const Spelling* const sign = find(kRaised, text_.substr(at_))) {
    digits += sign->ours;
    at_ += sign->sign.size();
  }
  skip_spaces();
  const std::size_t bare = digits.find_last_of('-');
  if (digits == "-" || (bare != std::string::npos && bare != 0)) fail(token.at, "a raised number is like x² or x⁻¹");
  if (text_.substr(at_).starts_with('^') || text_.substr(at_).starts_with("**"))
    fail(at_, "a power of a power can be read in two ways; write (x^2)^3 or x^(2^3)");
  if (digits[0] == '-') later_.push_back({TokenKind::sign, token.at, "-"});
  raised_.push_back(digits.substr(bare + 1));
  later_.push_back({TokenKind::number, token.at, raised_.back()});
  return {TokenKind::sign, token.at, "^"};
}

Token Lexer::next() {
  if (!later_.empty()) {
    const Token token = later_.front();
    later_.pop_front();
    return token;
  }
  skip_spaces();
  Token token{TokenKind::end, at_, {}};
  if (at_ > kMostBytes) fail(at_, fmt::format("the text is longer than {} bytes", kMostBytes));
  if (at_ == text_.size()) return token;
  const char c = text_[at_];
  const char second = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
  if (is_digit(c) || (c == '.' && is_digit(second))) {
    token.kind = TokenKind::number;
    return number(token);
  }
  const std::string_view rest = text_.substr(at_);
  if (letter_length(rest) > 0) {
    token.kind = TokenKind::name;
    while (at_ < text_.size())
      if (const std::size_t length = letter_length(text_.substr(at_)); length > 0)
        at_ += length;
      else if (is_digit(text_[at_]))
        ++at_;
      else
        break;
    token.text = text_.substr(token.at, at_ - token.at);
    return token;
  }
  if (rest.starts_with(kPi)) {
    at_ += kPi.size();
    return {TokenKind::name, token.at, "pi"};
  }
  if (find(kRaised, rest) != nullptr) return raised(token);
  if (const Spelling* const sign = find(kSpellings, rest)) {
    at_ += sign->sign.size();
    return {TokenKind::sign, token.at, sign->ours};
  }
  if (std::string_view("+-*/^(),").find(c) == std::string_view::npos) refuse_character(at_);
  token.kind = TokenKind::sign;
  token.text = c == '*' && second == '*' ? "^" : text_.substr(at_, 1);
  at_ += c == '*' && second == '*' ? 2 : 1;
  return token;
}

}  // namespace descent::formula
