#include "datasets/split.hpp"

#include "tests/datasets/data_checks.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace descent {
namespace {

using Rows = std::vector<std::uint32_t>;
using testing::error_of;

Rows count_up(std::size_t n) {
  Rows rows(n);
  std::iota(rows.begin(), rows.end(), 0u);
  return rows;
}

Rows counts(const Rows& part, const Rows& labels, std::size_t classes) {
  Rows result(classes);
  for (const std::uint32_t row : part) ++result[labels[row]];
  return result;
}

TEST(Split, TakesTheLastRowsInFileOrder) {
  const Split split = split_rows(count_up(10), {}, {.validation = 0.2, .test = 0.3, .shuffle = false});
  EXPECT_EQ(split.train, (Rows{0, 1, 2, 3, 4}));
  EXPECT_EQ(split.validation, (Rows{5, 6}));
  EXPECT_EQ(split.test, (Rows{7, 8, 9}));
}

TEST(Split, GivesEveryRowToOnePart) {
  const Rows rows = {3, 5, 8, 13, 21, 34, 55};
  const Split split = split_rows(rows, {}, {.validation = 0.3, .test = 0.3, .seed = 4});
  EXPECT_EQ(split.validation.size(), 2u);
  EXPECT_EQ(split.test.size(), 2u);
  Rows all;
  for (const auto& part : {split.train, split.validation, split.test}) {
    EXPECT_TRUE(std::is_sorted(part.begin(), part.end()));
    all.insert(all.end(), part.begin(), part.end());
  }
  std::sort(all.begin(), all.end());
  EXPECT_EQ(all, rows);
}

TEST(Split, IsDecidedByTheSeed) {
  const auto of_seed = [](std::uint64_t seed) {
    return split_rows(count_up(100), {}, {.test = 0.5, .seed = seed}).test;
  };
  EXPECT_EQ(of_seed(7), of_seed(7));
  EXPECT_NE(of_seed(7), of_seed(8));
  // The same on every machine.
  EXPECT_EQ(split_rows(count_up(12), {}, {.validation = 0.25, .test = 0.25, .seed = 1}).test, (Rows{2, 8, 11}));
}

TEST(Split, TakesNothingForAShareOfZero) {
  const Split split = split_rows(count_up(3), {}, {});
  EXPECT_EQ(split.train.size(), 3u);
  EXPECT_TRUE(split.validation.empty() && split.test.empty());
}

TEST(Split, TakesAtLeastOneRowForASmallShare) {
  const Split split = split_rows(count_up(5), {}, {.validation = 0.01, .test = 0.01});
  EXPECT_EQ(split.validation.size(), 1u);
  EXPECT_EQ(split.test.size(), 1u);
}

TEST(Split, KeepsTheProportionsOfClasses) {
  Rows labels(50, 0);
  labels.insert(labels.end(), 30, 1);
  labels.insert(labels.end(), 20, 2);
  const Split split = split_rows(count_up(100), labels, {.validation = 0.1, .test = 0.2, .seed = 3});
  EXPECT_EQ(counts(split.test, labels, 3), (Rows{10, 6, 4}));
  EXPECT_EQ(counts(split.validation, labels, 3), (Rows{5, 3, 2}));
}

TEST(Split, RoundsClassesByLargestRemainder) {
  // Exact shares of the 7 test rows: 4.2, 1.68, 1.12.
  Rows labels(15, 0);
  labels.insert(labels.end(), 6, 1);
  labels.insert(labels.end(), 4, 2);
  const Split split = split_rows(count_up(25), labels, {.test = 0.28});
  EXPECT_EQ(counts(split.test, labels, 3), (Rows{4, 2, 1}));
}

TEST(Split, StratifiesWithTheTotalsOfAPlainSplit) {
  for (std::size_t n = 5; n < 60; ++n) {
    Rows labels(n);
    for (std::size_t i = 0; i < n; ++i) labels[i] = static_cast<std::uint32_t>(i * i % 7 % 4);
    const SplitOptions options{.validation = 0.15, .test = 0.1, .seed = n};
    const Split plain = split_rows(count_up(n), {}, options), stratified = split_rows(count_up(n), labels, options);
    EXPECT_EQ(stratified.test.size(), plain.test.size()) << n;
    EXPECT_EQ(stratified.validation.size(), plain.validation.size()) << n;
    const Rows all = counts(count_up(n), labels, 4), train = counts(stratified.train, labels, 4);
    for (std::size_t c = 0; c < 4; ++c) EXPECT_EQ(train[c] > 0, all[c] > 0) << n;
  }
}

TEST(Split, TrainsOnTheOnlyRowOfAClass) {
  const Rows labels = {0, 1, 1, 5, 5, 5, 5, 5};
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const Split split = split_rows(count_up(8), labels, {.validation = 0.3, .test = 0.3, .seed = seed});
    EXPECT_EQ(counts(split.train, labels, 6), (Rows{1, 1, 0, 0, 0, 2})) << seed;
  }
}

TEST(Split, StratifiesInFileOrder) {
  const Split split = split_rows(count_up(8), Rows{0, 0, 0, 0, 1, 1, 1, 1}, {.test = 0.25, .shuffle = false});
  EXPECT_EQ(split.test, (Rows{3, 7}));
}

TEST(Split, RefusesSharesThatLeaveNothingToTrainOn) {
  EXPECT_EQ(error_of(Fault::data, [] { split_rows(count_up(2), {}, {.validation = 0.1, .test = 0.1}); }),
            "2 rows cannot be split into 1 for validation, 1 for test and at least one to train on; add rows, or set "
            "data.validation_split and data.test_split lower");
  EXPECT_EQ(error_of(Fault::data, [] { split_rows(count_up(1), {}, {.test = 0.5}); }).substr(0, 24),
            "1 row cannot be split in");
  EXPECT_EQ(error_of(Fault::data, [] { split_rows({}, {}, {}); }).substr(0, 25), "0 rows cannot be split in");
}

TEST(Split, RefusesMoreClassesThanTrainingCanKeep) {
  EXPECT_EQ(error_of(Fault::data,
                     [] {
                       split_rows(count_up(4), Rows{0, 1, 2, 2}, {.test = 0.5});
                     }),
            "4 rows of 3 classes leave 1 that training can spare, but validation and test ask for 2; add rows, set "
            "data.validation_split and data.test_split lower, or data.stratify = false");
}

TEST(Split, DoubtsClassesOfAQuantity) {
  EXPECT_EQ(
      error_of(Fault::data, [] { split_rows(count_up(40), count_up(40), {.test = 0.5}); }),
      "40 rows of 40 classes leave 0 that training can spare, but validation and test ask for 20; if the target is "
      "a quantity, set train.loss to a loss for numbers; else add rows, set data.validation_split and "
      "data.test_split lower, or data.stratify = false");
}

TEST(Split, RefusesImpossibleShares) {
  for (const SplitOptions& options :
       {SplitOptions{.validation = -0.1}, SplitOptions{.test = 1.0}, SplitOptions{.validation = 0.5, .test = 0.5},
        SplitOptions{.test = std::numeric_limits<double>::quiet_NaN()}})
    error_of(Fault::usage, [&] { split_rows(count_up(10), {}, options); });
  EXPECT_EQ(error_of(Fault::usage, [] { split_rows(count_up(10), {}, {.validation = 0.5, .test = 0.75}); }),
            "cannot split off 0.5 of the rows for validation and 0.75 for test; each is at least 0, and the sum below "
            "1");
}

}  // namespace
}  // namespace descent
