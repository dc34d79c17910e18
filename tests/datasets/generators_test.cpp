#include "datasets/generators.hpp"

#include "datasets/encoding.hpp"
#include "tests/datasets/data_checks.hpp"

#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

namespace descent {
namespace {

using testing::error_of;
using Numbers = std::vector<double>;

constexpr double kDefault = std::numeric_limits<double>::quiet_NaN();

TEST(Generators, MakeWhatTheyAreAsked) {
  for (const Generator& generator : generators()) {
    const Table table = generate(generator.name, 0, kDefault, 1);
    EXPECT_EQ(table.rows(), generator.default_rows) << generator.name;
    EXPECT_EQ(table.source, "<" + std::string(generator.name) + ">");
    EXPECT_EQ(generate(generator.name, 37, 0.5, 1).rows(), 37u) << generator.name;
    for (const Column& column : table.columns) {
      EXPECT_EQ(column.numbers.size(), table.rows());
      for (const double x : column.numbers) EXPECT_TRUE(std::isfinite(x));
    }
    const auto numbers_of = [&](std::uint64_t seed) {
      return generate(generator.name, 0, 0.1, seed).columns[0].numbers;
    };
    EXPECT_EQ(numbers_of(1), numbers_of(1));
    if (generator.name != "sine") {
      EXPECT_NE(numbers_of(1), numbers_of(2)) << generator.name;
    }
    EXPECT_EQ(generate(generator.name, generator.least_rows, 0, 1).rows(), generator.least_rows);
  }
}

TEST(Generators, XorHoldsTheFourCorners) {
  const Table table = generate("xor", 0, kDefault, 1);
  EXPECT_EQ(table.columns[0].numbers, (Numbers{0, 0, 1, 1}));
  EXPECT_EQ(table.columns[1].numbers, (Numbers{0, 1, 0, 1}));
  EXPECT_EQ(table.column("y").numbers, (Numbers{0, 1, 1, 0}));
  const Table noisy = generate("xor", 400, 0.1, 1);
  double squares = 0;
  for (std::size_t i = 0; i < 400; ++i) {
    const double x1 = noisy.columns[0].numbers[i], corner = i % 4 < 2 ? 0 : 1;
    squares += (x1 - corner) * (x1 - corner);
  }
  EXPECT_NEAR(std::sqrt(squares / 400), 0.1, 0.015);
}

TEST(Generators, MoonsAreTwoHalfCircles) {
  const Table table = generate("moons", 201, 0, 1);
  double labels = 0;
  for (std::size_t i = 0; i < 201; ++i) {
    const double x1 = table.columns[0].numbers[i], x2 = table.columns[1].numbers[i];
    const double label = table.column("label").numbers[i];
    labels += label;
    const double cx = label, cy = label / 2;
    EXPECT_NEAR(std::hypot(x1 - cx, x2 - cy), 1, 1e-12);
    EXPECT_GE((label == 0 ? 1 : -1) * (x2 - cy), -1e-12);
  }
  EXPECT_EQ(labels, 100);
}

TEST(Generators, SpiralsWindWithTheirRadius) {
  const Table table = generate("spirals", 200, 0, 1);
  for (std::size_t i = 0; i < 200; ++i) {
    const double x1 = table.columns[0].numbers[i], x2 = table.columns[1].numbers[i];
    const double r = std::hypot(x1, x2), turn = table.column("label").numbers[i] * std::numbers::pi;
    EXPECT_LE(r, 1 + 1e-12);
    EXPECT_NEAR(x1, r * std::cos(3.5 * std::numbers::pi * r + turn), 1e-12);
  }
}

TEST(Generators, SineStandsOnAnEvenGrid) {
  const Table table = generate("sine", 5, kDefault, 1);
  EXPECT_DOUBLE_EQ(table.columns[0].numbers[0], -std::numbers::pi);
  EXPECT_DOUBLE_EQ(table.columns[0].numbers[3], std::numbers::pi / 2);
  EXPECT_DOUBLE_EQ(table.columns[1].numbers[3], 1);
}

TEST(Generators, LinearHasTheCoefficientsItNames) {
  const Table table = generate("linear", 50, 0, 1);
  for (std::size_t i = 0; i < 50; ++i)
    EXPECT_NEAR(table.column("y").numbers[i],
                3 + 2 * table.columns[0].numbers[i] - table.columns[1].numbers[i] + 0.5 * table.columns[2].numbers[i],
                1e-14);
}

TEST(Generators, TakeTheRoadOfAFile) {
  const Table table = generate("moons", 0, kDefault, 1);
  std::vector<std::uint32_t> rows(table.rows());
  std::iota(rows.begin(), rows.end(), 0u);
  const EncodingOptions classes{.target_kind = TargetKind::classes}, binary{.target_kind = TargetKind::binary};
  EXPECT_EQ(Encoding::fit(table, rows, classes).output_names(), (std::vector<std::string>{"0", "1"}));
  EXPECT_EQ(Encoding::fit(table, rows, binary).encode(table, true).targets(1, 0), 1);
  EXPECT_EQ(class_labels(table, rows, classes)[1], 1u);
}

TEST(Generators, RefuseWhatTheyCannotMake) {
  EXPECT_EQ(error_of(Fault::usage, [] { generate("moon", 0, 0, 1); }),
            "unknown generator 'moon'; did you mean 'moons'? (known: xor, moons, spirals, sine, linear)");
  EXPECT_EQ(error_of(Fault::usage, [] { generate("xor", 3, 0, 1); }), "xor makes 4 to 10000000 rows, not 3");
  EXPECT_EQ(error_of(Fault::usage, [] { generate("sine", 10'000'001, 0, 1); }),
            "sine makes 2 to 10000000 rows, not 10000001");
  EXPECT_EQ(error_of(Fault::usage, [] { generate("sine", 10, -1, 1); }),
            "the noise of sine must be a number of at least 0, not -1");
  error_of(Fault::usage, [] { generate("sine", 10, std::numeric_limits<double>::infinity(), 1); });
}

}  // namespace
}  // namespace descent
