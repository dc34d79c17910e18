// A formula's text cut into numbers, names and signs, and messages that point into it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace descent::formula {

enum class TokenKind { number, name, sign, end };

struct Token {
  TokenKind kind = TokenKind::end;
  std::size_t at = 0;     // byte offset
  std::string_view text;  // "**" reads as "^"
};

class Lexer {
 public:
  explicit Lexer(std::string_view text);

  Token next();

  std::string_view text() const { return text_; }

  // Throws Error(usage): "formula, column N: <message>", the formula and a caret under byte `at`.
  [[noreturn]] void fail(std::size_t at, const std::string& message) const;

 private:
  Token number(Token token);
  [[noreturn]] void refuse_character(std::size_t at) const;

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace descent::formula
