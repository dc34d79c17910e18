// What the tape says in words about points without a value or a derivative.
#include "framework/formula/formula.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace descent {
namespace {

using Point = std::vector<double>;

std::string explain(const std::string& text, const Point& x) {
  return Formula::parse(text).tape().explain_nonfinite(x);
}

TEST(Explain, NamesThePartThatLeavesItsDomain) {
  EXPECT_EQ(explain("x^2 + log(x - 3)", {2}), "log(x - 3) at x = 2: log of -1; it needs a number > 0");
  EXPECT_EQ(explain("log(x)", {0}), "log(x) at x = 0: log of 0; it needs a number > 0");
  EXPECT_EQ(explain("sqrt(x + y)", {1, -3}), "sqrt(x + y) at x = 1, y = -3: sqrt of -2; it needs a number >= 0");
  EXPECT_EQ(explain("y*asin(2x)", {3, 1}), "asin(2*x) at x = 1: asin of 2; it needs a number from -1 to 1");
  EXPECT_EQ(explain("1/x", {0}), "1/x at x = 0: 1 divided by 0");
  EXPECT_EQ(explain("x/(y - 2)", {0, 2}), "x/(y - 2) at x = 0, y = 2: 0 divided by 0");
  EXPECT_EQ(explain("x/x", {0}), "x/x at x = 0: 0 divided by 0");
  EXPECT_EQ(explain("x^0.5", {-4}),
            "x^0.5 at x = -4: -4 to the power 0.5; the base needs a number >= 0 unless the exponent is whole");
  EXPECT_EQ(explain("x^-1.5", {0}), "1/x^1.5 at x = 0: 0 to the power -1.5 divides by 0");
  EXPECT_EQ(explain("log(-1)*x", {1}), "log(-1): log of -1; it needs a number > 0") << "also where nothing varies";
  EXPECT_EQ(explain("log(log(x))", {0.5}), "log(log(x)) at x = 0.5: log of -0.6931471805599453; it needs a number > 0")
      << "the part that fails, not the first";
}

TEST(Explain, TellsWhatIsTooLarge) {
  EXPECT_EQ(explain("exp(x)", {1000}), "exp(x) at x = 1000: exp of 1000 is too large for a number");
  EXPECT_EQ(explain("x*y", {1e200, 1e200}),
            "x*y at x = 1e+200, y = 1e+200: 1e+200 times 1e+200 is too large for a number");
  EXPECT_EQ(explain("x + y", {1.5e308, 1e308}),
            "x + y at x = 1.5e+308, y = 1e+308: a sum of 1.5e+308 and 1e+308 is too large for a number");
  EXPECT_EQ(explain("2.5^x", {1e4}), "2.5^x at x = 10000: 2.5 to the power 10000 is too large for a number");
  EXPECT_EQ(explain("x/1e-300", {1e200}), "x/1e-300 at x = 1e+200: 1e+200 divided by 1e-300 is too large for a number");
}

TEST(Explain, NamesAVariableThatIsNoNumber) {
  EXPECT_EQ(explain("x + y", {1, std::numeric_limits<double>::quiet_NaN()}), "y = nan");
  EXPECT_EQ(explain("x + y", {std::numeric_limits<double>::infinity(), 1}), "x = inf");
}

TEST(Explain, NamesAnInfiniteSlopeWhereTheValueIsFinite) {
  EXPECT_EQ(explain("2*x + sqrt(x)", {0}), "sqrt(x) at x = 0: its slope is infinite or does not exist");
  EXPECT_EQ(explain("y + acos(x)", {1, 1}), "acos(x) at x = 1: its slope is infinite or does not exist");
  EXPECT_EQ(explain("x^(1/3) + x", {0}), "x^(1/3) at x = 0: its slope is infinite or does not exist");
  EXPECT_EQ(explain("x^y", {-2, 2}), "x^y at x = -2, y = 2: its slope is infinite or does not exist");
}

TEST(Explain, HasNothingToSayOfFinitePoints) {
  EXPECT_EQ(explain("log(x) + sqrt(y)", {1, 2}), "");
  EXPECT_EQ(explain("0^x + 7", {3}), "");
}

std::vector<std::string> kinks(const std::string& text, const Point& x, double distance = 0) {
  return Formula::parse(text).tape().kinks(x, distance);
}
using Texts = std::vector<std::string>;

TEST(Kinks, AreNamedWhereAPointSitsOnOne) {
  EXPECT_EQ(kinks("abs(x - 1) + y^2", {1, 2}), Texts{"abs(x - 1) at x = 1: no derivative at abs of 0"});
  EXPECT_EQ(kinks("max(x, y)", {2, 2}), Texts{"max(x, y) at x = 2, y = 2: no derivative at max of 2 and 2"});
  EXPECT_EQ(kinks("min(x, 3)", {3}), Texts{"min(x, 3) at x = 3: no derivative at min of 3 and 3"});
  EXPECT_EQ(kinks("floor(2x)", {1.5}), Texts{"floor(2*x) at x = 1.5: no derivative at floor of 3"});
  EXPECT_EQ(kinks("sqrt(x)", {0}), Texts{"sqrt(x) at x = 0: no derivative at sqrt of 0"});
  EXPECT_EQ(kinks("x^1.5", {0}), Texts{"x^1.5 at x = 0: no derivative at 0 to the power 1.5"});
  EXPECT_EQ(kinks("asin(x)", {-1}), Texts{"asin(x) at x = -1: no derivative at asin of -1"});
  EXPECT_EQ(kinks("relu(x) + sign(x) + step(x)", {0}),
            (Texts{"relu(x) at x = 0: no derivative at relu of 0", "sign(x) at x = 0: no derivative at sign of 0",
                   "step(x) at x = 0: no derivative at step of 0"}));
}

TEST(Kinks, AreNotSeenElsewhere) {
  EXPECT_EQ(kinks("abs(x) + max(x, y) + floor(x) + sqrt(x) + x^1.5 + x^3 + relu(x)", {0.5, 1}), Texts{});
  EXPECT_EQ(kinks("x^2", {0}), Texts{}) << "a whole power has none";
  EXPECT_EQ(kinks("abs(x) + max(y, 1)", {1e-9, 1 + 1e-9}).size(), 0u);
  EXPECT_EQ(kinks("abs(x) + max(y, 1)", {1e-9, 1 + 1e-9}, 1e-8).size(), 2u) << "nor those that are near";
  EXPECT_EQ(kinks("abs(x)", {1e-9}, 1e-8)[0], "abs(x) at x = 1e-09: no derivative near abs of 1e-09");
}

}  // namespace
}  // namespace descent
