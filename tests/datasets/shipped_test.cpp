// The data files in datasets/ are what datasets/README.md says.
#include "datasets/csv.hpp"
#include "datasets/encoding.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <sstream>

namespace descent {
namespace {

const std::string kFolder = DESCENT_SOURCE_DIR "/datasets/";

double sum(const std::vector<double>& x) { return std::accumulate(x.begin(), x.end(), 0.0); }

TEST(Shipped, IrisIsFishers) {
  const Table table = read_csv(kFolder + "iris.csv");
  EXPECT_EQ(table.rows(), 150u);
  EXPECT_EQ(table.columns.size(), 5u);
  EXPECT_EQ(table.column("species").categories, (std::vector<std::string>{"setosa", "versicolor", "virginica"}));
  for (std::uint32_t code = 0; code < 3; ++code)
    EXPECT_EQ(std::count(table.columns[4].codes.begin(), table.columns[4].codes.end(), code), 50);
  const double sums[] = {876.5, 458.6, 563.7, 179.9};
  for (std::size_t j = 0; j < 4; ++j) EXPECT_NEAR(sum(table.columns[j].numbers), sums[j], 1e-9);
  EXPECT_EQ(table.column("petal_width").numbers[34], 0.2) << "row 35 as Fisher printed it";
  EXPECT_EQ(table.column("sepal_width").numbers[37], 3.6) << "row 38 as Fisher printed it";
}

TEST(Shipped, DigitsAreSixtyFourPixels) {
  const EncodingOptions options{.target_kind = TargetKind::classes};
  const Table table = read_csv(kFolder + "digits.csv.gz", csv_options(options));
  EXPECT_EQ(table.rows(), 1797u);
  ASSERT_EQ(table.columns.size(), 65u);
  EXPECT_EQ(table.columns[0].name, "pixel_0_0");
  EXPECT_EQ(table.columns[63].name, "pixel_7_7");
  EXPECT_EQ(table.column("digit").categories.size(), 10u);
  double total = 0;
  for (std::size_t j = 0; j < 64; ++j) {
    const auto [low, high] = std::minmax_element(table.columns[j].numbers.begin(), table.columns[j].numbers.end());
    EXPECT_GE(*low, 0);
    EXPECT_LE(*high, 16);
    total += sum(table.columns[j].numbers);
  }
  EXPECT_EQ(total, 561718);
}

TEST(Shipped, IrisIsWrittenAsItIsRead) {
  const Table table = read_csv(kFolder + "iris.csv");
  std::ostringstream out;
  write_csv(out, table);
  const Table again = parse_csv(out.str(), "again");
  for (std::size_t j = 0; j < 4; ++j) EXPECT_EQ(again.columns[j].numbers, table.columns[j].numbers);
  EXPECT_EQ(again.columns[4].codes, table.columns[4].codes);
}

}  // namespace
}  // namespace descent
