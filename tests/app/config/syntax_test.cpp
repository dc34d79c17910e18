#include "app/config/reader.hpp"
#include "tests/app/config/support.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>

namespace descent {
namespace {

using namespace std::string_literals;

// "line:column: message" of the first error.
std::string first_error(std::string_view text) {
  const std::string message = refusal(text);
  const std::size_t colon = message.find(':') + 1;
  std::string line = message.substr(colon, message.find('\n') - colon);
  if (const std::size_t word = line.find(" error:"); word != std::string::npos) line.erase(word, 7);
  return line;
}

TEST(ConfigSyntax, SaysWhatToWriteInstead) {
  const std::pair<std::string, std::string> cases[] = {
      {"lr = .1", "1:6: a number needs a digit before the point; write 0.1"},
      {"lr = -.1", "1:6: a number needs a digit before the point; write -0.1"},
      {"lr = 1.", "1:6: a number needs a digit after the point; write 1.0"},
      {"lr: 0.1", "1:3: a key and its value are joined by =, not by :"},
      {"[model]\nactivation = relu # x", "2:14: a text needs quotes; write \"relu\""},
      {"path = ./data.csv", "1:8: a text needs quotes; write \"./data.csv\""},
      {"a = True", "1:5: write true in lower case"},
      {"epochs 100", "1:8: expected '=', saw '1'; a setting is key = value"},
      {"a = 1\na = 2", "2:1: 'a' is already there; keep one of the two"},
      {"[a]\nx = 1\n[a]\n", "3:1: 'a' is already there; put its keys under one heading"},
      {"a = 1e999", "1:5: 1e999 is beyond the largest number, 1.8e308"},
      {"a = 99999999999999999999", "1:5: 99999999999999999999 does not fit in 64 bits"},
      {"a = \"x\nb = 1", "1:7: the text is not closed; end it with the quote it began with"},
      {"a = [1, 2", "1:10: unfinished array"},
      {"a = 1\rb = 2", "1:7: expected '\\n' after '\\r', saw 'b'"},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(first_error(text), expected) << text;
}

TEST(ConfigSyntax, PointsAtTheCulprit) {
  EXPECT_EQ(refusal("[optimizer]\n  lr = .5 # half\n"),
            "run.toml:2:8: error: a number needs a digit before the point; write 0.5\n"
            "    2 |   lr = .5 # half\n"
            "      |        ^~\n"
            "1 error; nothing was run.");
}

TEST(ConfigSyntax, CountsColumnsInBytesAndDrawsCaretsInCharacters) {
  EXPECT_EQ(refusal("run = { name = \"äöü\", sed = 1 }\n"),
            "run.toml:1:26: error: unknown key 'sed' in [run]; did you mean 'seed'?\n"
            "    1 | run = { name = \"äöü\", sed = 1 }\n"
            "      |                       ^~~\n"
            "1 error; nothing was run.");
}

TEST(ConfigSyntax, ShowsAWindowOfALongLine) {
  const std::string message = refusal("train.epochs = [" + std::string(5000, ' ') + "{]");
  EXPECT_LT(message.size(), 500u);
  EXPECT_TRUE(contains(message, "1 | …")) << message;
}

TEST(ConfigSyntax, RefusesBytesThatAreNotText) {
  EXPECT_EQ(first_error("[data]\npath = \"a\0b\""s), "2:10: a NUL byte; a config is plain text");
  EXPECT_EQ(first_error("[data]\npath = \"a\xff\""), "2:10: byte 0xFF is not valid UTF-8; save the file as UTF-8");
}

TEST(ConfigSyntax, TakesAByteOrderMarkAndCarriageReturns) {
  EXPECT_EQ(accepted("\xEF\xBB\xBF[data]\r\npath = \"x\"\r\n[train]\r\nepochs = 7\r\n").train.epochs, 7);
  EXPECT_EQ(first_error("\xEF\xBB\xBF[data]\r\npat = \"x\"\r\n"),
            "2:1: unknown key 'pat' in [data]; did you mean 'path'?");
}

TEST(ConfigSyntax, RefusesDeepNestingAtOnce) {
  const auto repeat = [](std::string_view part, int times) {
    std::string text;
    for (int i = 0; i < times; ++i) text += part;
    return text;
  };
  const std::pair<std::string, std::string> cases[] = {
      {repeat("[", 1000000), "1:33: brackets nested more than 32 deep"},
      {"a = " + repeat("[", 1000000), "1:37: brackets nested more than 32 deep"},
      {"a = " + repeat("{a=", 300000), "1:101: brackets nested more than 32 deep"},
      {"a = [\n" + repeat("[\n", 400000), "33:1: brackets nested more than 32 deep"},
      {repeat("a.", 500000) + "a = 1", "1:64: a key of more than 32 parts"},
      {"[" + repeat("a.", 500000) + "a]", "1:65: a key of more than 32 parts"},
      {repeat("\"]\".", 200000) + "a = 1", "1:128: a key of more than 32 parts"},
  };
  for (const auto& [text, expected] : cases) {
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(first_error(text), expected) << text.substr(0, 20);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(100)) << text.substr(0, 20);
  }
}

TEST(ConfigSyntax, RefusesALargeFile) {
  EXPECT_EQ(refusal(std::string((1 << 20) + 1, 'a')),
            "run.toml: error: the file is larger than 1 MiB\n1 error; nothing was run.");
}

TEST(ConfigSyntax, SeesBracketsAndDotsInStringsAndCommentsAsText) {
  const std::string many(2000, '['), dots(2000, '.');
  const std::string text = "# " + many + dots + "\n[data]\npath = \"" + many + dots + "\"\ntarget = '" + many +
                           "'\ncategorical = [\"\"\"" + dots + "\"\"\"\"]\n";
  EXPECT_EQ(accepted(text).data.target, std::vector<std::string>{many});
}

}  // namespace
}  // namespace descent
