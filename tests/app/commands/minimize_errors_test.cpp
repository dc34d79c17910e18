// descent minimize: what it refuses, in full, so that messages stay good.

#include "tests/app/commands/minimize_program.hpp"

#include <gtest/gtest.h>

namespace descent {
namespace {

using test::holds;
using test::minimize;
using test::Ran;
using test::run_program;
using test::TemporaryFolder;

// The one line of a refusal.
void expect_refused(const std::vector<std::string>& arguments, const std::string& message, int code = 2) {
  const Ran ran = minimize(arguments);
  EXPECT_EQ(ran.code, code) << ran.out;
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.err, "error: " + message + "\n");
}

TEST(MinimizeErrors, AsksForTheDataThatAFormulaNeeds) {
  expect_refused({"sum((y - a*x)^2)", "--start", "a=1"},
                 "sum((y - a*x)^2) holds sum(…), which needs rows to sum over: give --data FILE.csv, or objective.data "
                 "in a config");
  const TemporaryFolder folder;
  const std::string data = folder.write("words.csv", "x,y\n1,red\n2,blue\n");
  EXPECT_EQ(minimize({"sum((y - a*x)^2)", "--start", "a=1", "--data", data}).code, 3);
  EXPECT_EQ(minimize({"sum((y - a*x)^2)", "--start", "a=1", "--data", folder.file("none.csv")}).code, 3);
}

TEST(MinimizeErrors, NeedsNumbersOnlyWhereTheFormulaLooks) {
  const TemporaryFolder folder;
  const std::vector<std::string> fit = {"sum((y - a*x)^2)", "--start", "a=1", "--data"};
  const auto with = [&](const std::string& path) {
    std::vector<std::string> arguments = fit;
    arguments.push_back(path);
    return arguments;
  };
  const std::string commas = folder.write("commas.csv", "x;y\n0,5;1\n1,5;3\n");
  expect_refused(with(commas),
                 commas +
                     ": column 'x' holds '0,5', and the formula needs numbers there, of digits and a decimal "
                     "point, such as 1500.5",
                 3);
  const std::string words = folder.write("words.csv", "x,y\none,1\ntwo,3\n");
  expect_refused(with(words), words + ": column 'x' holds text, and the formula needs numbers there", 3);
  EXPECT_EQ(minimize(with(folder.write("more.csv", "x,y,share\n1,2,5 %\n2,4,7 %\n"))).code, 0);
}

TEST(MinimizeErrors, RefusesBadStarts) {
  expect_refused({"log(x)", "--start", "x=-1"},
                 "the start is outside the domain of f: log(x) at x = -1: log of -1; it needs a number > 0; choose "
                 "another start");
  expect_refused({"x^2 + y", "--start", "x=1"}, "--start: a variable is missing: y; write x=NUMBER,y=NUMBER");
  expect_refused({"x^2 + y"},
                 "--start is missing: a number for each of x, y, such as --start x=1,y=1; or --start random:20 --box "
                 "-5:5");
  expect_refused({"x^2 + y", "--start", "x=1 y=2"},
                 "--start: 'x=1 y=2' lacks a comma between two variables; write x=NUMBER,y=NUMBER");
  expect_refused({"x^2", "--start", "1e200"},
                 "f overflows at the start: x^2 at x = 1e+200: 1e+200 times 1e+200 is too large for a number; choose "
                 "another start");
  expect_refused({"x^2", "--start", "y=1"}, "--start: unknown variable 'y' (known: x)");
  expect_refused({"x^2", "--start", "x=1,x=2"}, "--start: the variable x stands there twice; give it once");
  expect_refused({"x^2", "--start", "x=y"},
                 "--start: x: 'y' is not a finite number; write it like 3, -0.5, 1e-3 or pi/2");
  expect_refused({"3 + 4", "--start", "x=1"},
                 "the formula '3 + 4' has no variables: nothing in it can change its value 7");
}

TEST(MinimizeErrors, RefusesBadFormulas) {
  const auto first_line = [](const std::string& formula) {
    const Ran ran = minimize({formula, "--start", "x=1"});
    EXPECT_EQ(ran.code, 2) << formula;
    EXPECT_EQ(ran.out, "") << formula;
    return ran.err.substr(0, ran.err.find('\n'));
  };
  EXPECT_EQ(first_line("sni(x)"),
            "error: formula, column 1: unknown function 'sni'; did you mean 'sin'? Write sni*(...) if a product is "
            "meant");
  EXPECT_TRUE(holds(first_line("x + "), "needs a number, a variable, a function or '('"));
  EXPECT_TRUE(holds(first_line("(x + 1"), "column 1: this '('")) << first_line("(x + 1");
  EXPECT_TRUE(holds(first_line("x + 1)"), "this ')' closes nothing"));
  EXPECT_TRUE(holds(first_line("log(x - 1)*x"), "log(x - 1) at x = 1: log of 0"));
  for (const char part : {'(', '-'})
    EXPECT_TRUE(holds(first_line(std::string(100'000, part)), "nested more than 200 levels deep")) << part;
  // Longer than an argument may be: by a config. A stack or a loop of squares would show as a crash or the time-out.
  for (const std::string part : {"(", "-", "2^", "sin(", "max(1,", "x*(1+"}) {
    std::string deep;
    while (deep.size() < 1'000'000) deep += part;
    const Ran ran = run_program({"train", "-"}, ".",
                                "[objective]\nstart = \"1\"\nformula = \"" + deep.substr(0, 1'000'000) + "\"\n");
    EXPECT_EQ(ran.code, 2) << part;
    EXPECT_TRUE(holds(ran.err, "nested more than 200 levels deep")) << part << ": " << ran.err.substr(0, 300);
  }
}

TEST(MinimizeErrors, RefusesBadStepSizes) {
  expect_refused({"x^2", "--start", "x=1", "--learning-rate", "0"}, "--learning-rate 0: γ must be a number above 0");
  expect_refused({"x^2", "--start", "x=1", "--learning-rate", "-1"},
                 "--learning-rate -1: γ must be a number above 0; to go uphill, use --maximize");
  expect_refused({"x^2", "--start", "x=1", "--method", "adam"},
                 "adam needs a step size: --learning-rate 0.1, for instance");
  expect_refused({"x^2", "--start", "x=1", "--learning-rate", "1", "--line-search", "wolfe"},
                 "--learning-rate fixes γ and --line-search looks for it: give one of them");
}

TEST(MinimizeErrors, RefusesBadBoxes) {
  expect_refused({"x^2", "--start", "random:5"},
                 "random starts need a box to be drawn from: --box -5:5, or a range for each variable");
  expect_refused({"x^2", "--start", "random:5", "--box", "5:-5"},
                 "--box: the low end 5 must be below the high end -5; swap them: -5:5");
  expect_refused({"x^2", "--start", "random:0", "--box", "-5:5"},
                 "--start random:0 must say how many starts, from 1 to 100000: random:20");
}

}  // namespace
}  // namespace descent
