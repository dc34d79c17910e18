#include "trainers/batches.hpp"

#include "framework/random.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <vector>

namespace descent {
namespace {

std::vector<std::uint32_t> order(Batches& batches, std::size_t epoch) {
  batches.start_epoch(epoch);
  std::vector<std::uint32_t> all;
  for (std::size_t i = 0; i < batches.count(); ++i) all.insert(all.end(), batches.at(i).begin(), batches.at(i).end());
  return all;
}

std::vector<std::uint32_t> identity(std::size_t n) {
  std::vector<std::uint32_t> all(n);
  std::iota(all.begin(), all.end(), 0u);
  return all;
}

TEST(Batches, EveryTermComesOnceAnEpochAndTheLastBatchIsShort) {
  Batches batches(10, 4, true, 7);
  EXPECT_EQ(batches.count(), 3u);
  EXPECT_EQ(batches.size(), 4u);
  EXPECT_FALSE(batches.whole());
  std::vector<std::uint32_t> all = order(batches, 1);
  EXPECT_EQ(batches.at(0).size(), 4u);
  EXPECT_EQ(batches.at(2).size(), 2u);
  EXPECT_NE(all, identity(10));
  std::sort(all.begin(), all.end());
  EXPECT_EQ(all, identity(10));
}

TEST(Batches, TheOrderIsTheShuffleOfSeedAndEpochAlone) {
  std::vector<std::uint32_t> expected = identity(10);
  Rng rng(7, Purpose::shuffle, 5);
  shuffle(expected, rng);

  Batches fresh(10, 4, true, 7), used(10, 4, true, 7), other(10, 4, true, 8);
  for (std::size_t epoch = 1; epoch < 5; ++epoch) order(used, epoch);
  EXPECT_EQ(order(fresh, 5), expected);
  EXPECT_EQ(order(used, 5), expected);
  EXPECT_NE(order(used, 6), expected);
  EXPECT_NE(order(other, 5), expected);
}

TEST(Batches, WithoutShuffleRowsAreConsecutive) {
  Batches batches(7, 3, false, 7);
  EXPECT_EQ(order(batches, 1), identity(7));
  EXPECT_EQ(order(batches, 2), identity(7));
}

TEST(Batches, AWholeBatchIsTheEmptyListOfTerms) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{10}, std::size_t{11}}) {
    Batches batches(10, size, true, 7);
    batches.start_epoch(1);
    EXPECT_TRUE(batches.whole());
    EXPECT_EQ(batches.count(), 1u);
    EXPECT_EQ(batches.size(), 10u);
    EXPECT_TRUE(batches.at(0).empty());
  }
  EXPECT_TRUE(Batches(1, 1, true, 7).whole());
}

}  // namespace
}  // namespace descent
