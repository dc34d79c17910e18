// Every message in full, so that messages stay good.
#include "framework/formula/formula.hpp"
#include "framework/formula/functions.hpp"
#include "tests/support/refusal.hpp"

#include <gtest/gtest.h>

namespace descent {
namespace {

std::string refused(const std::string& text) {
  return test::refusal([&] { Formula::parse(text); });
}

struct Case {
  const char *text, *message;
};

TEST(ParseErrors, SayPlaceFindingAndRemedy) {
  const Case cases[] = {
      {"",
       "formula, column 1: the formula is empty; write one like x^2 + x*y + y^2\n"
       "  \n"
       "  ^"},
      {"   ",
       "formula, column 4: the formula is empty; write one like x^2 + x*y + y^2\n"
       "     \n"
       "     ^"},
      {"x^2 + * y",
       "formula, column 7: found '*', but '+' before it needs a number, a variable, a function or '('\n"
       "  x^2 + * y\n"
       "        ^"},
      {"* x",
       "formula, column 1: found '*'; a formula begins with a number, a variable, a function or '('\n"
       "  * x\n"
       "  ^"},
      {"x +",
       "formula, column 4: the formula ends here, but '+' before it needs a number, a variable, a function or '('\n"
       "  x +\n"
       "     ^"},
      {"x^",
       "formula, column 3: the formula ends here, but '^' before it needs a number, a variable, a function or '('\n"
       "  x^\n"
       "    ^"},
      {"x^^2",
       "formula, column 3: two signs for a power in a row; write x^2 or x**2\n"
       "  x^^2\n"
       "    ^"},
      {"2 *",
       "formula, column 4: the formula ends here, but '*' before it needs a number, a variable, a function or '('\n"
       "  2 *\n"
       "     ^"},
      {"x + )",
       "formula, column 5: found ')', but '+' before it needs a number, a variable, a function or '('\n"
       "  x + )\n"
       "      ^"},
      {"x)",
       "formula, column 2: this ')' closes nothing: a '(' is missing before it, or the ')' is one too many\n"
       "  x)\n"
       "   ^"},
      {")",
       "formula, column 1: found ')'; a formula begins with a number, a variable, a function or '('\n"
       "  )\n"
       "  ^"},
      {"()",
       "formula, column 2: nothing stands between '(' and ')'\n"
       "  ()\n"
       "   ^"},
      {"(x + 1",
       "formula, column 1: this '(' is never closed; add the ')' that belongs to it\n"
       "  (x + 1\n"
       "  ^"},
      {"((x)",
       "formula, column 1: this '(' is never closed; add the ')' that belongs to it\n"
       "  ((x)\n"
       "  ^"},
      {"(x + 1))",
       "formula, column 8: this ')' closes nothing: a '(' is missing before it, or the ')' is one too many\n"
       "  (x + 1))\n"
       "         ^"},
      {"sin(",
       "formula, column 5: the formula ends here, but '(' before it needs a number, a variable, a function or '('\n"
       "  sin(\n"
       "      ^"},
      {"sin(x",
       "formula, column 4: this '(' is never closed; add the ')' that belongs to it\n"
       "  sin(x\n"
       "     ^"},
      {"sin()",
       "formula, column 5: sin() lacks its argument\n"
       "  sin()\n"
       "      ^"},
      {"sin x",
       "formula, column 1: 'sin' is a function: its argument goes in parentheses, sin(x)\n"
       "  sin x\n"
       "  ^"},
      {"sin",
       "formula, column 1: 'sin' is a function: its argument goes in parentheses, sin(x)\n"
       "  sin\n"
       "  ^"},
      {"2 sin + 1",
       "formula, column 3: 'sin' is a function: its argument goes in parentheses, sin(x)\n"
       "  2 sin + 1\n"
       "    ^"},
      {"sin(x, y)",
       "formula, column 6: sin(...) takes one argument; a decimal point is '.'\n"
       "  sin(x, y)\n"
       "       ^"},
      {"3.5 + sin(1,5)",
       "formula, column 12: sin(...) takes one argument; a decimal point is '.'\n"
       "  3.5 + sin(1,5)\n"
       "             ^"},
      {"max(x)",
       "formula, column 6: max(...) takes two arguments or more, like max(x, 0)\n"
       "  max(x)\n"
       "       ^"},
      {"max(x,)",
       "formula, column 7: found ')', but ',' before it needs a number, a variable, a function or '('\n"
       "  max(x,)\n"
       "        ^"},
      {"(x, y)",
       "formula, column 3: a '(...)' that is not a function's holds no comma; outputs are separated by commas on top\n"
       "  (x, y)\n"
       "    ^"},
      {"x,",
       "formula, column 3: the formula ends here, but ',' before it needs a number, a variable, a function or '('\n"
       "  x,\n"
       "    ^"},
      {", x",
       "formula, column 1: found ','; a formula begins with a number, a variable, a function or '('\n"
       "  , x\n"
       "  ^"},
      {"x, , y",
       "formula, column 4: found ',', but ',' before it needs a number, a variable, a function or '('\n"
       "  x, , y\n"
       "     ^"},
      {"sinx",
       "formula, column 1: 'sinx' is one name; did you mean sin(x)?\n"
       "  sinx\n"
       "  ^"},
      {"x + cosy",
       "formula, column 5: 'cosy' is one name; did you mean cos(y)?\n"
       "  x + cosy\n"
       "      ^"},
      {"exp2",
       "formula, column 1: 'exp2' is one name; did you mean exp(2)?\n"
       "  exp2\n"
       "  ^"},
      {"log2x",
       "formula, column 1: 'log2x' is one name; did you mean log2(x)?\n"
       "  log2x\n"
       "  ^"},
      {"f(x) = x^2",
       "formula, column 1: give the right side alone: f(x) = x^2 is written x^2\n"
       "  f(x) = x^2\n"
       "  ^"},
      {"sinn(x)",
       "formula, column 1: unknown function 'sinn'; did you mean 'sin'? Write sinn*(...) if a product is meant\n"
       "  sinn(x)\n"
       "  ^"},
      {"Sin(x)",
       "formula, column 1: unknown function 'Sin'; did you mean 'sin'? Write Sin*(...) if a product is meant\n"
       "  Sin(x)\n"
       "  ^"},
      {"arcsin(x)",
       "formula, column 1: unknown function 'arcsin'; here it is called asin(...)\n"
       "  arcsin(x)\n"
       "  ^"},
      {"pow(x, 2)",
       "formula, column 1: unknown function 'pow'; a power is written x^2\n"
       "  pow(x, 2)\n"
       "  ^"},
      {"lg(x)",
       "formula, column 1: unknown function 'lg'; here it is called log10(...)\n"
       "  lg(x)\n"
       "  ^"},
      {"f(x)",
       "formula, column 1: 'f' is not a function; write f*(...) if a product is meant\n"
       "  f(x)\n"
       "  ^"},
      {"x(y + 1)",
       "formula, column 1: 'x' is not a function; write x*(...) if a product is meant\n"
       "  x(y + 1)\n"
       "  ^"},
      {"foobar(x)",
       "formula, column 1: unknown function 'foobar'; write foobar*(...) if a product is meant (functions: sin, cos, "
       "tan, asin, acos, atan, sinh, cosh, tanh, exp, log, log2, log10, sqrt, abs, sign, step, min, max, relu, "
       "sigmoid, softplus, erf, floor, sum, ln)\n"
       "  foobar(x)\n"
       "  ^"},
      {"xy + x + y",
       "formula, column 1: 'xy' is one name; did you mean x*y?\n"
       "  xy + x + y\n"
       "  ^"},
      {"xyx*x + y",
       "formula, column 1: 'xyx' is one name; did you mean x*y*x?\n"
       "  xyx*x + y\n"
       "  ^"},
      {"2 3",
       "formula, column 3: two numbers in a row; an operator is missing between 2 and 3\n"
       "  2 3\n"
       "    ^"},
      {"x 2",
       "formula, column 3: a number behind 'x' is not read as a product; write 2*x, or x^2 for a power\n"
       "  x 2\n"
       "    ^"},
      {"(x)2",
       "formula, column 4: a number behind ')' is not read as a product; write 2*(...), or (...)^2 for a power\n"
       "  (x)2\n"
       "     ^"},
      {"1.2.3",
       "formula, column 4: a number has one decimal point\n"
       "  1.2.3\n"
       "     ^"},
      {"1e400",
       "formula, column 1: this number is too large: the largest is about 1.8e308\n"
       "  1e400\n"
       "  ^"},
      {"1/2x",
       "formula, column 4: a product without '*' behind a division can be read in two ways; write 1/2x as 1/(2*x) or "
       "as 1/2*x\n"
       "  1/2x\n"
       "     ^"},
      {"x/y(z)",
       "formula, column 3: 'y' is not a function; write y*(...) if a product is meant\n"
       "  x/y(z)\n"
       "    ^"},
      {"x/2 y",
       "formula, column 5: a product without '*' behind a division can be read in two ways; write 1/2x as 1/(2*x) or "
       "as 1/2*x\n"
       "  x/2 y\n"
       "      ^"},
      {"y = x^2",
       "formula, column 3: '=' is not understood; give the right side alone: f(x) = x^2 is written x^2\n"
       "  y = x^2\n"
       "    ^"},
      {"√x",
       "formula, column 1: '√' is not understood; write sqrt(...)\n"
       "  √x\n"
       "  ^"},
      {"|x|",
       "formula, column 1: '|' is not understood; write abs(...) for an absolute value\n"
       "  |x|\n"
       "  ^"},
      {"[x + 1]",
       "formula, column 1: '[' is not understood; write '('\n"
       "  [x + 1]\n"
       "  ^"},
      {"x;y",
       "formula, column 2: ';' is not understood; write ',' between outputs\n"
       "  x;y\n"
       "   ^"},
      {"x!",
       "formula, column 2: '!' is not understood; there is no factorial\n"
       "  x!\n"
       "   ^"},
      {"f'(x)",
       "formula, column 2: ''' is not understood; derivatives are worked out for you, give the function itself\n"
       "  f'(x)\n"
       "   ^"},
      {"\\sin x",
       "formula, column 1: '\\' is not understood; LaTeX is not read, write sin(x) and x/2\n"
       "  \\sin x\n"
       "  ^"},
      {"$x$",
       "formula, column 1: '$' is not understood; leave out the $\n"
       "  $x$\n"
       "  ^"},
      {"x & y",
       "formula, column 3: '&' is not understood; a formula has numbers, names and + - * / ^ ( ) ,\n"
       "  x & y\n"
       "    ^"},
      {"x # y",
       "formula, column 3: '#' is not understood; a formula has numbers, names and + - * / ^ ( ) ,\n"
       "  x # y\n"
       "    ^"},
      {"\"x\"",
       "formula, column 1: '\"' is not understood; leave out the quotes\n"
       "  \"x\"\n"
       "  ^"},
      {"x . y",
       "formula, column 3: '.' is not understood; a formula has numbers, names and + - * / ^ ( ) ,\n"
       "  x . y\n"
       "    ^"},
      {"sum(sum(x))",
       "formula, column 5: a sum inside a sum; there is one table, and sum(...) goes over its rows once\n"
       "  sum(sum(x))\n"
       "      ^"},
      {"sum(x) + sum(y)",
       "formula, column 10: a second sum(...); bring both into one: sum(a) + sum(b) is sum(a + b)\n"
       "  sum(x) + sum(y)\n"
       "           ^"},
      {"log(sum(x))",
       "formula, column 5: sum(...) stands on top, perhaps with a number before it and terms beside it: 0.5*sum((y - "
       "a*x)^2) + a^2\n"
       "  log(sum(x))\n"
       "      ^"},
      {"sum(x)^2",
       "formula, column 1: sum(...) stands on top, perhaps with a number before it and terms beside it: 0.5*sum((y - "
       "a*x)^2) + a^2\n"
       "  sum(x)^2\n"
       "  ^"},
      {"a*sum(x)",
       "formula, column 3: sum(...) stands on top, perhaps with a number before it and terms beside it: 0.5*sum((y - "
       "a*x)^2) + a^2\n"
       "  a*sum(x)\n"
       "    ^"},
      {"1/sum(x)",
       "formula, column 3: sum(...) stands on top, perhaps with a number before it and terms beside it: 0.5*sum((y - "
       "a*x)^2) + a^2\n"
       "  1/sum(x)\n"
       "    ^"},
      {"(sum(x) + 1)*2",
       "formula, column 2: sum(...) stands on top, perhaps with a number before it and terms beside it: 0.5*sum((y - "
       "a*x)^2) + a^2\n"
       "  (sum(x) + 1)*2\n"
       "   ^"},
      {"sum(x), y",
       "formula, column 1: a formula with sum(...) has one output\n"
       "  sum(x), y\n"
       "  ^"},
      {"sum x",
       "formula, column 1: 'sum' is a function: its argument goes in parentheses, sum(x)\n"
       "  sum x\n"
       "  ^"},
      {"sum(x, y)",
       "formula, column 6: sum(...) takes one argument; a decimal point is '.'\n"
       "  sum(x, y)\n"
       "       ^"},
  };
  for (const Case& c : cases) EXPECT_EQ(refused(c.text), c.message) << c.text;
}

TEST(ParseErrors, ShowAWindowOfALongFormula) {
  std::string text = "x";
  for (int i = 0; i < 100; ++i) text += " + x";
  text += " + * y";
  for (int i = 0; i < 100; ++i) text += " + y";
  EXPECT_EQ(refused(text),
            "formula, column 405: found '*', but '+' before it needs a number, a variable, a function or '('\n"
            "  ...+ x + x + x + x + x + x + x + x + x + x + x + x + * y + y + y + y + y + y +...\n"
            "                                                       ^");
}

// What people type because they know it from elsewhere: the first line of each message.
TEST(ParseErrors, KnowOtherWaysToWrite) {
  const Case cases[] = {
      {"cot(x)", "formula, column 1: unknown function 'cot'; cot(x) is 1/tan(x)"},
      {"1 + asinh(x)", "formula, column 5: unknown function 'asinh'; asinh(x) is log(x + sqrt(x^2 + 1))"},
      {"log_2(x)", "formula, column 1: unknown function 'log_2'; log_2(x) is log2(x)"},
      {"log(x, 2)", "formula, column 6: log(...) takes one argument; to the base b it is log(x)/log(b)"},
      {"sin^2(x)", "formula, column 1: 'sin' is a function: its power goes behind the argument, sin(x)^2 for sin^2(x)"},
      {"sin²(x)", "formula, column 1: 'sin' is a function: its power goes behind the argument, sin(x)^2 for sin^2(x)"},
      {"Pi*x", "formula, column 1: 'Pi' is no variable; the constant is written pi"},
      {"x + inf", "formula, column 5: 'inf' is no variable, and no number that a formula can hold"},
      {"1,5x",
       "formula, column 2: a comma between digits; a decimal point is '.', and a blank after the comma makes two "
       "outputs"},
      {"x²^3", "formula, column 3: a power of a power can be read in two ways; write (x^2)^3 or x^(2^3)"},
      {"x⁻", "formula, column 2: a raised number is like x² or x⁻¹"},
      {"½x", "formula, column 1: '½' is not understood; write (1/2)"},
      {"x ≤ 1",
       "formula, column 3: '≤' is not understood; there are no comparisons; min(...), max(...) and step(...) tell "
       "cases "
       "apart"},
  };
  for (const Case& each : cases) {
    const std::string message = refused(each.text);
    EXPECT_EQ(message.substr(0, message.find('\n')), each.message) << each.text;
  }
}

// A remedy that is wrong is worse than none.
TEST(ParseErrors, OfferFormulasThatAreRead) {
  for (const char* name :
       {"cot",    "sec",   "csc",  "cosec", "coth", "sech", "csch", "asinh", "acosh", "atanh", "atan2", "cbrt",
        "square", "hypot", "ceil", "round", "mod",  "clip", "sinc", "log1p", "expm1", "silu",  "erfc",  "if"}) {
    const formula::Instead* const instead = formula::find_instead(name);
    ASSERT_NE(instead, nullptr) << name;
    EXPECT_EQ(refused(std::string(instead->ours)), "nothing was refused") << name;
  }
}

TEST(ParseErrors, CountCharactersNotBytes) {
  EXPECT_EQ(refused("α → 1"),
            "formula, column 3: '→' is not understood; a formula has numbers, names and + - * / ^ ( ) ,\n"
            "  α → 1\n"
            "    ^");
  EXPECT_EQ(refused("2α − ×"),
            "formula, column 6: found '*', but '-' before it needs a number, a variable, a function or '('\n"
            "  2α − ×\n"
            "       ^");
  EXPECT_EQ(refused("x +\t\n ) "),
            "formula, column 7: found ')', but '+' before it needs a number, a variable, a function or '('\n"
            "  x +   ) \n"
            "        ^");
}

TEST(ParseErrors, SurviveTextThatIsNone) {
  EXPECT_EQ(refused(std::string("x\0y", 3)),
            "formula, column 2: '\\x00' is not understood; a formula has numbers, names and + - * / ^ ( ) ,\n"
            "  x\\x00y\n"
            "   ^");
  EXPECT_EQ(refused("x \xFF\x80"),
            "formula, column 3: '\\xFF\\x80' is not understood; a formula has numbers, names and + - * / ^ ( ) ,\n"
            "  x \\xFF\\x80\n"
            "    ^");
  EXPECT_EQ(refused("\x1B[31m"),
            "formula, column 1: '\\x1B' is not understood; a formula has numbers, names and + - * / ^ ( ) ,\n"
            "  \\x1B[31m\n"
            "  ^");
}

// The first line of a message, for those whose window is dull.
std::string first_line(const std::string& text) {
  const std::string message = refused(text);
  return message.substr(0, message.find('\n'));
}

TEST(ParseErrors, NameTheLimitThatWasPassed) {
  constexpr int kDeep = 1'000'000;
  const std::string deep =
      "nested more than 200 levels deep; give parts of the formula fewer parentheses, signs and exponents";
  EXPECT_EQ(first_line(std::string(kDeep, '(')), "formula, column 201: " + deep);
  EXPECT_EQ(first_line(std::string(kDeep, '-') + "x"), "formula, column 201: " + deep);
  std::string text;
  for (int i = 0; i < kDeep / 2; ++i) text += "2^";
  EXPECT_EQ(first_line(text), "formula, column 402: " + deep);
  text.clear();
  for (int i = 0; i < kDeep / 4; ++i) text += "sin(";
  EXPECT_EQ(first_line(text), "formula, column 804: " + deep);

  const std::string many = "the formula has more than 10000 numbers, names and operators";
  text = "x";
  for (int i = 0; i < kDeep / 2; ++i) text += "+x";
  EXPECT_EQ(first_line(text), "formula, column 10001: " + many);
  text = "x";
  for (int i = 0; i < kDeep / 2; ++i) text += ", 1";
  EXPECT_EQ(first_line(text), "formula, column 30001: " + many);
  text = "v0";
  for (int i = 1; i < 65; ++i) text += "+v" + std::to_string(i);
  EXPECT_EQ(first_line(text), "formula, column 247: more than 64 variables; 'v64' is one too many");

  const std::string longer = "the text is longer than 1000000 bytes";
  EXPECT_EQ(first_line("x" + std::string(50'000'000, ' ') + "+ y"), "formula, column 1000002: " + longer);
  EXPECT_EQ(first_line("0." + std::string(50'000'000, '1')), "formula, column 1000002: " + longer);
  EXPECT_EQ(first_line(std::string(50'000'000, '1')),
            "formula, column 1: this number is too large: the largest is about 1.8e308");
  for (const std::string& large : {"1" + std::string(500, '0') + "e-100", "01" + std::string(400, '0')})
    EXPECT_EQ(first_line(large), "formula, column 1: this number is too large: the largest is about 1.8e308");
  EXPECT_EQ(first_line(std::string(50'000'000, 'a')),
            "formula, column 1: a name of 1000001 letters; the longest has 64");
}

}  // namespace
}  // namespace descent
