#include "framework/formula/parser.hpp"

#include "framework/error.hpp"
#include "framework/formula/functions.hpp"
#include "framework/formula/lexer.hpp"
#include "framework/text.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <optional>

namespace descent::formula {
namespace {

constexpr std::size_t kLongestName = 64;

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }

// Recursive descent. `last_` is the token before the current one, for messages about what is missing.
class Parser {
 public:
  explicit Parser(std::string_view text) : lexer_(text) { advance(); }

  Parsed formula() {
    if (token_.kind == TokenKind::end) fail("the formula is empty; write one like x^2 + x*y + y^2");
    Parsed result;
    do {
      if (!result.outputs.empty()) {
        refuse_decimal_comma();
        advance();
      }
      result.outputs.push_back(sum());
    } while (is(','));
    if (is(')')) fail("this ')' closes nothing: a '(' is missing before it, or the ')' is one too many");
    check_names();
    if (sum_at_) check_sum(result.outputs);
    for (const Variable& variable : variables_) result.variables.push_back(variable.name);
    return result;
  }

 private:
  struct Variable {
    std::string name;
    std::size_t at;  // where it appears first
  };

  // One level deeper while it lives.
  class Level {
   public:
    explicit Level(Parser& parser) : parser_(parser) {
      if (++parser_.depth_ > kMostNesting)
        parser_.fail(
            fmt::format("nested more than {} levels deep; give parts of the formula fewer parentheses, "
                        "signs and exponents",
                        kMostNesting));
    }
    ~Level() { --parser_.depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

   private:
    Parser& parser_;
  };

  void advance() {
    last_ = token_;
    token_ = lexer_.next();
    if (token_.kind != TokenKind::end && ++nodes_ > 4 * kMostNodes) too_large();
  }
  bool is(char sign) const { return token_.kind == TokenKind::sign && token_.text[0] == sign; }
  [[noreturn]] void fail(const std::string& message) const { lexer_.fail(token_.at, message); }
  [[noreturn]] void too_large() const {
    fail(fmt::format("the formula has more than {} numbers, names and operators", kMostNodes));
  }
  void count() {
    if (++parts_ > kMostNodes) too_large();
  }

  std::string found() const {
    return token_.kind == TokenKind::end ? "the formula ends here"
                                         : fmt::format("found '{}'", printable(token_.text, 20));
  }

  Expr sum() {
    std::vector<Expr> terms = {product()};
    while (is('+') || is('-')) {
      const bool minus = is('-');
      count();
      advance();
      Expr term = product();
      terms.push_back(minus ? negate(term) : std::move(term));
    }
    return terms.size() == 1 ? terms[0] : add(terms);
  }

  Expr product() {
    std::vector<Expr> factors = {signed_factor()};
    bool divided = false;  // the last sign was '/'
    while (true) {
      if (is('*') || is('/')) {
        const bool over = is('/');
        divided = over;
        count();
        advance();
        Expr factor = signed_factor();
        factors.push_back(over ? power(factor, number(-1.0)) : std::move(factor));
      } else if (token_.kind == TokenKind::name || is('(')) {
        if (divided) refuse_ambiguous();
        count();
        factors.push_back(raised());
      } else if (token_.kind == TokenKind::number) {
        refuse_number();
      } else {
        return factors.size() == 1 ? factors[0] : multiply(factors);
      }
    }
  }

  [[noreturn]] void refuse_ambiguous() const {
    fail("a product without '*' behind a division can be read in two ways; write 1/2x as 1/(2*x) or as 1/2*x");
  }

  [[noreturn]] void refuse_number() const {
    const std::string digits = printable(token_.text, 20), before = printable(last_.text, 20);
    if (last_.kind == TokenKind::number)
      fail(fmt::format("two numbers in a row; an operator is missing between {} and {}", before, digits));
    const std::string what = last_.kind == TokenKind::name ? before : "(...)";
    fail(fmt::format("a number behind '{}' is not read as a product; write {}*{}, or {}^{} for a power", before, digits,
                     what, what, digits));
  }

  Expr signed_factor() {
    if (!is('-') && !is('+')) return raised();
    const Level level(*this);
    const bool minus = is('-');
    count();
    advance();
    const Expr factor = signed_factor();
    return minus ? negate(factor) : factor;
  }

  Expr raised() {
    const Expr base = atom();
    if (!is('^')) return base;
    const Level level(*this);
    count();
    advance();
    return power(base, signed_factor());
  }

  Expr atom() {
    count();
    if (token_.kind == TokenKind::number) {
      const Number value = Number::from_text(token_.text);
      if (!std::isfinite(value.value())) fail("this number is too large: the largest is about 1.8e308");
      advance();
      return number(value);
    }
    if (is('(')) {
      const std::size_t opened = token_.at;
      const Level level(*this);
      advance();
      if (is(')')) fail("nothing stands between '(' and ')'");
      Expr inside = sum();
      close(opened, "a '(...)' that is not a function's holds no comma; outputs are separated by commas on top");
      return inside;
    }
    if (token_.kind == TokenKind::name) return named();
    refuse_operand();
  }

  void close(std::size_t opened, const std::string& comma) {
    if (token_.kind == TokenKind::end) lexer_.fail(opened, "this '(' is never closed; add the ')' that belongs to it");
    if (is(',')) fail(comma);
    advance();
  }

  [[noreturn]] void refuse_operand() const {
    const std::string wanted = "a number, a variable, a function or '('";
    if (last_.kind == TokenKind::end) fail(fmt::format("{}; a formula begins with {}", found(), wanted));
    if (is('^') && last_.text == "^") fail("two signs for a power in a row; write x^2 or x**2");
    fail(fmt::format("{}, but '{}' before it needs {}", found(), last_.text, wanted));
  }

  Expr named() {
    const Token name = token_;
    const std::string text(name.text);
    if (text.size() > kLongestName)
      fail(fmt::format("a name of {} letters; the longest has {}", text.size(), kLongestName));
    advance();
    const Function* function = find_function(text);
    if (is('(')) {
      if (function == nullptr) refuse_function(name);
      return call(name, *function);
    }
    if (function != nullptr && is('^'))
      lexer_.fail(name.at,
                  fmt::format("'{0}' is a function: its power goes behind the argument, {0}(x)^2 for {0}^2(x)", text));
    if (function != nullptr)
      lexer_.fail(name.at, fmt::format("'{0}' is a function: its argument goes in parentheses, {0}({1})", text,
                                       token_.kind == TokenKind::name ? printable(token_.text, 20) : "x"));
    for (const Constant& row : constants())
      if (row.name == text) return constant(row.name, row.value);
    refuse_glued(name);
    refuse_as_variable(name);
    return variable(name);
  }

  // sinx, exp2, log2x: a function's name, the longest that fits, and one letter or a number behind it.
  void refuse_glued(const Token& name) const {
    std::string function;
    for (const std::string& known : function_names())
      if (name.text.starts_with(known) && known.size() > function.size()) function = known;
    if (function.empty() || find_function(function)->arguments() != 1 || find_function(function)->sums_rows) return;
    const std::string_view argument = name.text.substr(function.size());
    const auto is_digit = [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; };
    if (is_digit(argument[0]) || std::all_of(argument.begin() + 1, argument.end(), is_digit))
      lexer_.fail(name.at, fmt::format("'{}' is one name; did you mean {}({})?", name.text, function, argument));
  }

  // Names that nobody means as variables.
  void refuse_as_variable(const Token& name) const {
    std::string small;
    for (const char c : name.text) small += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (small == "pi") lexer_.fail(name.at, fmt::format("'{}' is no variable; the constant is written pi", name.text));
    if (small == "inf" || small == "infinity" || small == "nan")
      lexer_.fail(name.at, fmt::format("'{}' is no variable, and no number that a formula can hold", name.text));
  }

  // "1,5": two outputs would have a blank between them.
  void refuse_decimal_comma() const {
    const std::string_view text = lexer_.text();
    const auto is_digit = [&](std::size_t at) {
      return at < text.size() && std::isdigit(static_cast<unsigned char>(text[at])) != 0;
    };
    if (token_.at > 0 && is_digit(token_.at - 1) && is_digit(token_.at + 1))
      fail("a comma between digits; a decimal point is '.', and a blank after the comma makes two outputs");
  }

  [[noreturn]] void refuse_function(const Token& name) const {
    const std::string text(name.text);
    if (const std::string_view ours = foreign_name(text); ours == "^")
      lexer_.fail(name.at, fmt::format("unknown function '{}'; a power is written x^2", text));
    else if (!ours.empty())
      lexer_.fail(name.at, fmt::format("unknown function '{}'; here it is called {}(...)", text, ours));
    if (const Instead* const instead = find_instead(text))
      lexer_.fail(name.at, fmt::format("unknown function '{}'; {} is {}", text, instead->call, instead->ours));
    const std::string product = fmt::format("{}*(...) if a product is meant", text);
    if (text.size() == 1 && name.at == 0 && lexer_.text().find('=') != std::string_view::npos)
      lexer_.fail(name.at, fmt::format("give the right side alone: {}(x) = x^2 is written x^2", text));
    if (text.size() == 1) lexer_.fail(name.at, fmt::format("'{}' is not a function; write {}", text, product));
    if (const auto near = nearest_name(text, function_names()))
      lexer_.fail(name.at, fmt::format("unknown function '{}'; did you mean '{}'? Write {}", text, *near, product));
    lexer_.fail(name.at,
                fmt::format("unknown function '{}'; write {} (functions: {})", text, product, join(function_names())));
  }

  Expr call(const Token& name, const Function& function) {
    const std::string text(name.text);
    const std::size_t opened = token_.at;
    if (function.sums_rows) {
      if (in_sum_) lexer_.fail(name.at, "a sum inside a sum; there is one table, and sum(...) goes over its rows once");
      if (sum_at_) lexer_.fail(name.at, "a second sum(...); bring both into one: sum(a) + sum(b) is sum(a + b)");
      sum_at_ = name.at;
    }
    const bool outer = in_sum_;
    in_sum_ = in_sum_ || function.sums_rows;
    const Level level(*this);
    advance();
    if (is(')')) fail(fmt::format("{}() lacks its argument", text));
    std::vector<Expr> arguments = {sum()};
    while (is(',')) {
      if (function.arguments() == 1)
        fail(fmt::format("{}(...) takes one argument; {}", text,
                         function.name == "log" ? "to the base b it is log(x)/log(b)" : "a decimal point is '.'"));
      count();
      advance();
      arguments.push_back(sum());
    }
    if (is(')') && arguments.size() < function.arguments())
      fail(fmt::format("{0}(...) takes two arguments or more, like {0}(x, 0)", text));
    close(opened, "");
    in_sum_ = outer;
    if (function.arguments() == 1) return apply(function, std::move(arguments));
    Expr result = arguments[0];  // min(a, b, c) is min(min(a, b), c)
    for (std::size_t i = 1; i < arguments.size(); ++i) result = apply(function, {result, arguments[i]});
    return result;
  }

  Expr variable(const Token& name) {
    const auto known = std::ranges::find(variables_, name.text, &Variable::name);
    const auto index = static_cast<std::size_t>(known - variables_.begin());
    if (known == variables_.end()) {
      if (variables_.size() == kMostVariables)
        lexer_.fail(name.at, fmt::format("more than {} variables; '{}' is one too many", kMostVariables, name.text));
      variables_.push_back({std::string(name.text), name.at});
      symbols_.push_back(symbol(static_cast<std::uint32_t>(index), std::string(name.text)));
    }
    return symbols_[index];
  }

  // xy beside x and y is a product somebody forgot to write.
  void check_names() const {
    const auto is_variable = [&](char c) {
      return std::ranges::find(variables_, std::string(1, c), &Variable::name) != variables_.end();
    };
    for (const Variable& variable : variables_) {
      const std::string& name = variable.name;
      if (name.size() < 2 || !std::ranges::all_of(name, is_letter) || !std::ranges::all_of(name, is_variable)) continue;
      std::string product(1, name[0]);
      for (std::size_t i = 1; i < name.size(); ++i) product += std::string("*") + name[i];
      lexer_.fail(variable.at, fmt::format("'{}' is one name; did you mean {}?", name, product));
    }
  }

  void check_sum(const std::vector<Expr>& outputs) const {
    if (outputs.size() > 1) lexer_.fail(*sum_at_, "a formula with sum(...) has one output");
    if (!sum_parts(outputs[0]).summand)
      lexer_.fail(*sum_at_,
                  "sum(...) stands on top, perhaps with a number before it and terms beside it: "
                  "0.5*sum((y - a*x)^2) + a^2");
  }

  Lexer lexer_;
  Token token_, last_;
  std::size_t nodes_ = 0, parts_ = 0, depth_ = 0;
  std::vector<Variable> variables_;
  std::vector<Expr> symbols_;
  std::optional<std::size_t> sum_at_;
  bool in_sum_ = false;
};

bool has_sum(const Expr& u) {
  if (u->kind == Kind::function && u->function->sums_rows) return true;
  return std::ranges::any_of(u->operands, has_sum);
}

}  // namespace

Parsed parse(std::string_view text) { return Parser(text).formula(); }

SumParts sum_parts(const Expr& output) {
  const std::vector<Expr> only = {output};
  std::vector<Expr> rest;
  SumParts parts;
  for (const Expr& term : output->kind == Kind::sum ? output->operands : only) {
    const auto [factor, bare] = split_factor(term);
    std::vector<Expr> factors = {number(factor)};
    Expr summand;
    for (const Expr& part : bare->kind == Kind::product ? bare->operands : std::vector<Expr>{bare})
      if (part->kind == Kind::function && part->function->sums_rows)
        summand = part->operands[0];
      else
        factors.push_back(part);
    const Expr before = multiply(factors);
    if (summand && before->symbols == 0 && !has_sum(before)) {
      parts.summand = summand;
      parts.factor = before;
    } else if (has_sum(term)) {
      return {};
    } else {
      rest.push_back(term);
    }
  }
  parts.rest = add(rest);
  return parts;
}

}  // namespace descent::formula
