#include "trainers/finite.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace descent {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

TEST(Finite, SeesOneBadEntryAnywhere) {
  for (const double bad : {kInf, -kInf, kNaN})
    for (std::size_t n = 1; n < 40; ++n)
      for (std::size_t i = 0; i < n; ++i) {
        std::vector<double> x(n, 1.5);
        EXPECT_TRUE(all_finite<double>(x));
        EXPECT_EQ(first_nonfinite<double>(x), n);
        x[i] = bad;
        EXPECT_FALSE(all_finite<double>(x));
        EXPECT_EQ(first_nonfinite<double>(x), i);
        EXPECT_FALSE(std::isfinite(norm<double>(x)));
      }
  std::vector<float> largest(3, std::numeric_limits<float>::max());
  EXPECT_TRUE(all_finite<float>(largest));
}

TEST(Finite, NormOfThreeAndFourIsFive) {
  EXPECT_EQ(norm<double>(std::vector<double>{3, 4}), 5);
  EXPECT_EQ(norm<float>(std::vector<float>{3, 4}), 5);
  EXPECT_EQ(norm<double>(std::vector<double>(100, 1.0)), 10);
  EXPECT_EQ(norm<double>(std::vector<double>(11, 0.0)), 0);
}

TEST(Finite, NormSurvivesSquaresBeyondTheRange) {
  EXPECT_DOUBLE_EQ(norm<double>(std::vector<double>{3e200, 4e200}), 5e200);
  EXPECT_DOUBLE_EQ(norm<double>(std::vector<double>{3e-200, 4e-200}), 5e-200);
  EXPECT_GT(norm<double>(std::vector<double>{5e-324}), 0) << "not a critical point";
  EXPECT_DOUBLE_EQ(norm<float>(std::vector<float>{3e38f}), double{3e38f});
}

}  // namespace
}  // namespace descent
