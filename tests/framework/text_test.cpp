#include "framework/text.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>

namespace descent {
namespace {

const std::vector<std::string> kKnown = {"identity", "relu", "leaky_relu", "sigmoid", "tanh", "softplus"};

TEST(NearestName, ForgivesEveryKindOfSlip) {
  EXPECT_EQ(nearest_name("rellu", kKnown), "relu") << "one letter too many";
  EXPECT_EQ(nearest_name("rel", kKnown), "relu") << "one too few";
  EXPECT_EQ(nearest_name("sogmoid", kKnown), "sigmoid") << "a wrong one";
  EXPECT_EQ(nearest_name("tnah", kKnown), "tanh") << "two swapped";
  EXPECT_EQ(nearest_name("SIGMOID", kKnown), "sigmoid") << "capitals";
  EXPECT_EQ(nearest_name("relu", kKnown), "relu");
}

TEST(NearestName, ASwapCountsOnce) {
  const std::vector<std::string> one = {"abcd"};
  EXPECT_EQ(nearest_name("badc", one), "abcd");
  EXPECT_EQ(nearest_name("dcba", one), std::nullopt);
}

TEST(NearestName, LongNamesMayDifferByThreeLettersShortOnesByTwo) {
  EXPECT_EQ(nearest_name("softplxyz", std::vector<std::string>{"softplus"}), "softplus");
  EXPECT_EQ(nearest_name("abcdefg", std::vector<std::string>{"abcdxyz"}), std::nullopt);
  EXPECT_EQ(nearest_name("abcdefg", std::vector<std::string>{"abcdeyz"}), "abcdeyz");
}

TEST(NearestName, NeverReplacesEveryLetter) {
  EXPECT_EQ(nearest_name("x", kKnown), std::nullopt);
  EXPECT_EQ(nearest_name("xy", std::vector<std::string>{"ab"}), std::nullopt);
  EXPECT_EQ(nearest_name("", kKnown), std::nullopt);
  EXPECT_EQ(nearest_name("quadratic", kKnown), std::nullopt);
  EXPECT_EQ(nearest_name("relu", {}), std::nullopt);
}

TEST(NearestName, TakesTheNearestAndOfEqualsTheFirst) {
  EXPECT_EQ(nearest_name("cast", std::vector<std::string>{"coats", "cost", "cart"}), "cost");
}

TEST(NearestName, DoesNotLookAtTextsNobodyWouldType) {
  const std::string huge(100'000, 'a');
  EXPECT_EQ(nearest_name(huge, std::vector<std::string>{huge}), std::nullopt);
}

TEST(UnknownName, SaysWhatIsKnownAndWhatWasMeant) {
  const std::vector<std::string> known = {"identity", "relu", "tanh"};
  EXPECT_EQ(unknown_name("activation", "rellu", known),
            "unknown activation 'rellu'; did you mean 'relu'? (known: identity, relu, tanh)");
  EXPECT_EQ(unknown_name("loss", "quadratic", known), "unknown loss 'quadratic' (known: identity, relu, tanh)");
  EXPECT_EQ(unknown_name("loss", "a\nb", known), "unknown loss 'a\\x0Ab' (known: identity, relu, tanh)");
}

TEST(Join, PutsTheSeparatorBetween) {
  EXPECT_EQ(join(std::vector<std::string>{"a", "b", "c"}), "a, b, c");
  EXPECT_EQ(join(std::vector<std::string>{"a", "b"}, "/"), "a/b");
  EXPECT_EQ(join(std::vector<std::string>{"a"}), "a");
  EXPECT_EQ(join({}), "");
}

TEST(Shortest, ReadsBackAsTheSameNumber) {
  EXPECT_EQ(shortest(0.1), "0.1");
  EXPECT_EQ(shortest(1), "1");
  EXPECT_EQ(shortest(-2.5), "-2.5");
  EXPECT_EQ(shortest(1e-5), "1e-05");
  EXPECT_EQ(shortest(std::numeric_limits<double>::quiet_NaN()), "nan");
  EXPECT_EQ(shortest(-std::numeric_limits<double>::infinity()), "-inf");
  for (const double x : {1.0 / 3, 5e-324, 1.7976931348623157e308, 0.1 + 0.2, 123456789012345678.0, -0.0}) {
    const double again = std::strtod(shortest(x).c_str(), nullptr);
    EXPECT_EQ(again, x);
    EXPECT_EQ(std::signbit(again), std::signbit(x));
  }
}

TEST(Printable, KeepsTextAndShowsControlCharacters) {
  EXPECT_EQ(printable("petal length (cm)"), "petal length (cm)");
  EXPECT_EQ(printable("größe 漢 🙂"), "größe 漢 🙂");
  EXPECT_EQ(printable("a\tb\n\x1B[31m\x7F"), "a\\x09b\\x0A\\x1B[31m\\x7F");
  EXPECT_EQ(printable(std::string_view("a\0b", 3)), "a\\x00b");
}

TEST(Printable, ShowsTheControlCharactersBehindAscii) {
  EXPECT_EQ(printable("\xC2\x9B"
                      "31m"),
            "\\xC2\\x9B"
            "31m")
      << "U+009B starts a terminal's escape sequence";
  EXPECT_EQ(printable("\xC2\x80\xC2\x9F\xC2\xA0"), "\\xC2\\x80\\xC2\\x9F\xC2\xA0");
}

TEST(Printable, ShowsBytesThatAreNotUtf8) {
  EXPECT_EQ(printable("gr\xF6\xDF"
                      "e"),
            "gr\\xF6\\xDF"
            "e");
  EXPECT_EQ(printable("\xE6\xBC"), "\\xE6\\xBC") << "cut short";
  EXPECT_EQ(printable("\xC0\xAF"), "\\xC0\\xAF") << "overlong";
}

TEST(Printable, StopsAtTheLimitBetweenCharacters) {
  EXPECT_EQ(printable("abcdef", 6), "abcdef");
  EXPECT_EQ(printable("abcdefg", 6), "abcdef…");
  EXPECT_EQ(printable("abcdeü", 6), "abcde…") << "ü has two bytes";
  EXPECT_EQ(printable("ab\n", 5), "ab…") << "\\x0A has four";
  EXPECT_EQ(printable(std::string(1000, 'x')), std::string(60, 'x') + "…");
}

TEST(FindInvalidUtf8, AcceptsTheEndsOfEveryRange) {
  for (const char* text : {"", "plain", "\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xEC\xBF\xBF", "\xED\x9F\xBF",
                           "\xEE\x80\x80", "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF3\xBF\xBF\xBF", "\xF4\x8F\xBF\xBF"})
    EXPECT_EQ(find_invalid_utf8(text), std::string_view::npos) << printable(text);
  EXPECT_EQ(find_invalid_utf8(std::string_view("a\0b", 3)), std::string_view::npos);
}

TEST(FindInvalidUtf8, FindsWhatTheStandardForbids) {
  const std::pair<const char*, const char*> kBad[] = {
      {"\x80", "a tail without a head"},
      {"\xC0\xAF", "overlong, 2 bytes"},
      {"\xC1\xBF", "overlong, 2 bytes"},
      {"\xE0\x9F\xBF", "overlong, 3 bytes"},
      {"\xF0\x8F\xBF\xBF", "overlong, 4"},
      {"\xED\xA0\x80", "the first surrogate"},
      {"\xED\xBF\xBF", "the last surrogate"},
      {"\xF4\x90\x80\x80", "beyond U+10FFFF"},
      {"\xF5\x80\x80\x80", "beyond U+10FFFF"},
      {"\xFF", "never a byte of UTF-8"},
      {"\xC3", "cut after 1 of 2"},
      {"\xE6\xBC", "cut after 2 of 3"},
      {"\xF0\x9F\x99", "cut after 3 of 4"},
      {"\xC3(", "a head without a tail"},
      {"\xE6\xBC(", "a short tail"},
      {"\xF0\x9F\x99(", "a short tail"},
  };
  for (const auto& [bytes, what] : kBad) {
    EXPECT_EQ(find_invalid_utf8(bytes), 0u) << what;
    EXPECT_EQ(find_invalid_utf8(std::string("aü") + bytes), 3u) << what;
    EXPECT_EQ(find_invalid_utf8(std::string("漢") + bytes + "after"), 3u) << what;
  }
}

}  // namespace
}  // namespace descent
