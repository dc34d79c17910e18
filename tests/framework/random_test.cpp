#include "framework/random.hpp"

#include "framework/kernels/simd.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <span>
#include <vector>

namespace descent {
namespace {

using Counter = std::array<std::uint32_t, 4>;
using Key = std::array<std::uint32_t, 2>;

// Philox4x32-10 from its definition (Salmon et al. 2011, §3.3).
Counter philox(Counter c, Key k) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t{0xD2511F53} * c[0], b = std::uint64_t{0xCD9E8D57} * c[2];
    c = {static_cast<std::uint32_t>(b >> 32) ^ c[1] ^ k[0], static_cast<std::uint32_t>(b),
         static_cast<std::uint32_t>(a >> 32) ^ c[3] ^ k[1], static_cast<std::uint32_t>(a)};
    k[0] += 0x9E3779B9;
    k[1] += 0xBB67AE85;
  }
  return c;
}

Counter four(Rng rng) { return {rng.next(), rng.next(), rng.next(), rng.next()}; }

TEST(Philox, TheDefinitionGivesTheKnownAnswers) {
  // github.com/DEShawResearch/random123, tests/kat_vectors, "philox4x32 10".
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}), (Counter{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  const std::uint32_t ones = 0xffffffff;
  EXPECT_EQ(philox({ones, ones, ones, ones}, {ones, ones}), (Counter{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Counter{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Philox, EveryInstructionSetGivesTheDefinition) {
  for (const auto* variant : kernels::simd_variants<float>())
    for (const Key& key : {Key{0, 0}, Key{0xffffffff, 0xffffffff}, Key{0xa4093822, 0x299f31d0}})
      for (const std::uint32_t word : {0u, 0x80000000u, 0xffffffe0u}) {
        const Counter counter = {word, word ^ 0x85a308d3, ~word, word + 3};
        std::array<std::uint32_t, 4 * 32> made;
        variant->philox(key.data(), counter.data(), 32, made.data());
        for (std::uint32_t i = 0; i < 32; ++i) {
          const Counter expected = philox({counter[0] + i, counter[1], counter[2], counter[3]}, key);
          for (std::size_t k = 0; k < 4; ++k) ASSERT_EQ(made[4 * i + k], expected[k]) << variant->instructions << i;
        }
      }
}

TEST(Rng, IsPhiloxWithTheNameOfTheStreamAsCounterAndTheSeedAsKey) {
  EXPECT_EQ(four(Rng(0, static_cast<Purpose>(0))), (Counter{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  Rng names(17, Purpose::check);
  for (int trial = 0; trial < 100; ++trial) {
    const std::uint32_t low = names.next(), high = names.next(), epoch = names.next(), index = names.next();
    Rng rng(std::uint64_t{high} << 32 | low, Purpose::shuffle, epoch, index);
    for (std::uint32_t block = 0; block < 3; ++block)
      for (const std::uint32_t expected : philox({block, index, epoch, 2}, {low, high}))
        ASSERT_EQ(rng.next(), expected);
  }
}

TEST(Rng, TheSameNameGivesTheSameNumbers) {
  Rng a(42, Purpose::generate, 3, 7), b(42, Purpose::generate, 3, 7);
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(a.normal(), b.normal());
    ASSERT_EQ(a.below(10), b.below(10));
    ASSERT_EQ(a.uniform(), b.uniform());
  }
}

TEST(Rng, StreamsOfDifferentNamesShareNoBlock) {
  std::set<Counter> seen;
  std::size_t streams = 0;
  for (const std::uint64_t seed : {0ull, 1ull, 1ull << 32, ~0ull})
    for (const Purpose purpose :
         {Purpose::initialize, Purpose::shuffle, Purpose::split, Purpose::generate, Purpose::check})
      for (const std::uint32_t epoch : {0u, 1u, 2u})
        for (const std::uint32_t index : {0u, 1u, 2u}) {
          seen.insert(four(Rng(seed, purpose, epoch, index)));
          ++streams;
        }
  EXPECT_EQ(seen.size(), streams);
}

TEST(Rng, UniformStaysInsideTheOpenInterval) {
  Rng rng(1, Purpose::check);
  double smallest = 1, largest = 0, sum = 0, squares = 0;
  constexpr int kDraws = 200'000;
  for (int i = 0; i < kDraws; ++i) {
    const double u = rng.uniform();
    smallest = std::min(smallest, u);
    largest = std::max(largest, u);
    sum += u;
    squares += u * u;
  }
  EXPECT_GT(smallest, 0);
  EXPECT_LT(largest, 1);
  const double mean = sum / kDraws;
  EXPECT_NEAR(mean, 0.5, 5 * std::sqrt(1.0 / 12 / kDraws));
  EXPECT_NEAR(squares / kDraws - mean * mean, 1.0 / 12, 0.001);
}

TEST(Rng, UniformIsTheMiddleOfOneOf52BitCells) {
  // The ends of the range, by the formula: all bits 0 and all bits 1.
  EXPECT_GT((0.0 + 0.5) * 0x1p-52, 0.0);
  EXPECT_LT((static_cast<double>((std::uint64_t{1} << 52) - 1) + 0.5) * 0x1p-52, 1.0);
  Rng bits(5, Purpose::check), rng(5, Purpose::check);
  for (int i = 0; i < 100; ++i) {
    const std::uint64_t high = bits.next(), low = bits.next();
    ASSERT_EQ(rng.uniform(), (static_cast<double>((high << 32 | low) >> 12) + 0.5) / 4503599627370496.0);
  }
}

TEST(Rng, UniformOnARangeStaysInIt) {
  Rng rng(2, Purpose::check);
  for (int i = 0; i < 10'000; ++i) {
    const double u = rng.uniform(-3, -1);
    ASSERT_GE(u, -3);
    ASSERT_LE(u, -1);
  }
}

TEST(Rng, NormalHasTheMomentsOfTheNormalDistribution) {
  Rng rng(3, Purpose::check);
  constexpr int kDraws = 400'000;
  double moment[5] = {}, together = 0, before = 0;
  int within = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double z = rng.normal();
    for (int p = 1; p <= 4; ++p) moment[p] += std::pow(z, p) / kDraws;
    within += std::abs(z) < 1;
    together += z * before / kDraws;
    before = z;
  }
  const double error = 5 / std::sqrt(double{kDraws});  // 5 standard errors of a unit-variance mean
  EXPECT_NEAR(moment[1], 0, error);
  EXPECT_NEAR(moment[2], 1, error * std::sqrt(2));
  EXPECT_NEAR(moment[3], 0, error * std::sqrt(15));
  EXPECT_NEAR(moment[4], 3, error * std::sqrt(96));
  EXPECT_NEAR(double{static_cast<double>(within)} / kDraws, 0.6826894921370859, error / 2);
  EXPECT_NEAR(together, 0, error) << "sine and cosine of one pair";
}

double chi_square(const std::vector<int>& counts) {
  const double expected = std::accumulate(counts.begin(), counts.end(), 0.0) / static_cast<double>(counts.size());
  double sum = 0;
  for (const int count : counts) sum += (count - expected) * (count - expected) / expected;
  return sum;
}

// Mean of chi-square with f degrees of freedom plus 5 standard deviations.
double chi_square_limit(double f) { return f + 5 * std::sqrt(2 * f); }

TEST(Rng, BelowIsUnbiased) {
  for (const std::uint32_t n : {2u, 3u, 7u, 10u, 100u}) {
    Rng rng(4, Purpose::check, 0, n);
    std::vector<int> counts(n);
    for (std::uint32_t i = 0; i < 2000 * n; ++i) ++counts[rng.below(n)];
    EXPECT_LT(chi_square(counts), chi_square_limit(n - 1)) << n;
  }
}

TEST(Rng, BelowIsUnbiasedWhereAMultipleOf2To32IsFarAway) {
  // With n = ¾ · 2³², plain scaling of 32 bits gives every third value twice as often.
  constexpr std::uint32_t n = 3u << 30;
  Rng rng(5, Purpose::check);
  std::vector<int> counts(3);
  for (int i = 0; i < 90'000; ++i) ++counts[rng.below(n) % 3];
  EXPECT_LT(chi_square(counts), chi_square_limit(2));
}

TEST(Rng, BelowOneIsZero) {
  Rng rng(6, Purpose::check);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(rng.below(1), 0u);
}

// Also where every other draw is rejected (n a little above 2³¹), and from the middle of what was made together.
TEST(Rng, BelowEachGivesWhatBelowGivesOneAfterTheOther) {
  for (const std::uint32_t n : {1u, 2u, 150u, 100'000u, 0x8000'0001u, 0xffff'ffffu})
    for (const std::size_t before : {0, 1, 63}) {
      Rng each(9, Purpose::shuffle), single(9, Purpose::shuffle);
      for (std::size_t i = 0; i < before; ++i) ASSERT_EQ(each.next(), single.next());
      std::uint32_t left = n;
      for (int draws = 0; draws < 300 && left > 0;) {
        std::uint32_t to[40];
        const std::size_t most = std::min<std::size_t>(left, 40),
                          count = each.below_each(left, std::span(to).first(most));
        ASSERT_GE(count, 1u);
        ASSERT_LE(count, most);
        for (std::size_t k = 0; k < count; ++k, --left, ++draws)
          ASSERT_EQ(to[k], single.below(left)) << n << ' ' << draws;
      }
      EXPECT_EQ(each.next(), single.next());
    }
}

TEST(Shuffle, IsAPermutation) {
  for (const std::size_t n : {0u, 1u, 2u, 3u, 100u, 1000u}) {
    std::vector<std::uint32_t> items(n), sorted(n);
    std::iota(sorted.begin(), sorted.end(), 0u);
    items = sorted;
    Rng rng(7, Purpose::shuffle);
    shuffle(items, rng);
    if (n >= 100) {
      EXPECT_NE(items, sorted);
    }
    std::ranges::sort(items);
    EXPECT_EQ(items, sorted) << n;
  }
}

TEST(Shuffle, MakesAll24OrdersOfFourEquallyLikely) {
  Rng rng(8, Purpose::shuffle);
  std::map<std::vector<std::uint32_t>, int> orders;
  for (int i = 0; i < 24'000; ++i) {
    std::vector<std::uint32_t> items = {0, 1, 2, 3};
    shuffle(items, rng);
    ++orders[items];
  }
  ASSERT_EQ(orders.size(), 24u);
  std::vector<int> counts;
  for (const auto& [order, count] : orders) counts.push_back(count);
  EXPECT_LT(chi_square(counts), chi_square_limit(23));
}

}  // namespace
}  // namespace descent
