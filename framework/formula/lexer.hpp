// A formula's text cut into numbers, names and signs, and messages that point into it.
//
// Signs of print are read as those of the keyboard: − × · ÷ as - * /, π as pi, x² as x^2. Greek and accented letters
// are letters.
#pragma once

#include <cstddef>
#include <deque>
#include <list>
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
  void skip_spaces();
  Token number(Token token);
  Token raised(Token token);
  [[noreturn]] void refuse_character(std::size_t at) const;

  std::string_view text_;
  std::size_t at_ = 0;
  std::deque<Token> later_;        // of a raised number
  std::list<std::string> raised_;  // their digits, which tokens point to
};

}  // namespace descent::formula
