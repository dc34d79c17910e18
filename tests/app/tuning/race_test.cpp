// Whom a sweep trains how far, on curves that are known beforehand.
#include "app/tuning/race.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace descent {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// The figure of an arm with a seed after so many epochs; NaN: it diverges in that epoch.
using Curve = std::function<double(std::size_t arm, std::size_t seed, std::size_t epoch)>;

TrialRecord trained(const Curve& curve, std::size_t arm, std::size_t seed, std::size_t epochs) {
  TrialRecord record;
  for (std::size_t e = 0; e <= epochs && !record.diverged; ++e) {
    const double figure = curve(arm, seed, e);
    record.diverged = record.ended = std::isnan(figure);
    if (record.diverged) break;
    record.figures.push_back(figure);
    record.epochs = e;
  }
  return record;
}

// Plays the race to its end; the stretches in the order in which they were asked for.
std::vector<std::vector<Stretch>> play(Race& race, const Curve& curve, std::size_t seeds) {
  std::vector<std::vector<Stretch>> all;
  for (auto stretches = race.next(); !stretches.empty(); stretches = race.next()) {
    for (const Stretch& stretch : stretches)
      for (std::size_t seed = 0; seed < seeds; ++seed)
        if (!race.record(stretch.arm, seed).ended)
          race.enter(stretch.arm, seed, trained(curve, stretch.arm, seed, stretch.epochs));
    all.push_back(std::move(stretches));
  }
  return all;
}

std::vector<std::string> one_change(std::size_t arms) { return std::vector<std::string>(arms); }

// Larger γ fall faster and end higher; from 20 on they diverge.
double usual(std::size_t arm, std::size_t, std::size_t epoch) {
  if (arm >= 20) return epoch < 2 ? 1 : kNaN;
  const double a = static_cast<double>(arm);
  return 0.0005 * a + std::exp(-0.002 * std::pow(1.4, a) * static_cast<double>(epoch));
}

TEST(Race, FindsTheWinnerOfTheExhaustiveOneForLess) {
  Race race(one_change(25), {.seeds = 3, .epochs = 100}),
      exhaustive(one_change(25), {.seeds = 3, .epochs = 100, .halving = false});
  play(race, usual, 3);
  play(exhaustive, usual, 3);
  ASSERT_TRUE(race.leader());
  EXPECT_EQ(race.leader(), exhaustive.leader());
  EXPECT_EQ(race.standing(*race.leader()).arrival, exhaustive.standing(*exhaustive.leader()).arrival);
  EXPECT_LE(race.trained() * 10, exhaustive.trained() * 4);
  EXPECT_EQ(exhaustive.trained(), 3u * (20 * 100 + 5));
}

TEST(Race, GoesOnInRoundsOfATwelfthAQuarterAndAllEpochs) {
  Race race(one_change(25), {.seeds = 1, .epochs = 120});
  const auto asked = play(race, usual, 1);
  ASSERT_GE(asked.size(), 3u);
  const auto is_round = [&](std::size_t k, std::size_t arms, std::size_t epochs) {
    EXPECT_EQ(asked[k].size(), arms);
    for (const Stretch& stretch : asked[k]) EXPECT_EQ(stretch.epochs, epochs);
  };
  is_round(0, 25, 10);
  is_round(1, 10, 30);  // half of the 20 that did not diverge
  is_round(2, 5, 120);  // (0.36 · (20 · 120 + 5) − 20 · 10 − 10 · 20 − 5) / 90, with an epoch of each that diverged
  for (std::size_t i = 20; i < 25; ++i) EXPECT_EQ(race.rounds_of(i), 1u);
  EXPECT_EQ(race.rounds_of(*race.leader()), race.rounds());
}

TEST(Race, TakesShortTrainingsInFewerRounds) {
  for (const std::size_t epochs : {1u, 2u, 3u, 4u, 5u}) {
    Race race(one_change(4), {.seeds = 1, .epochs = epochs});
    const auto asked = play(
        race, [](std::size_t arm, std::size_t, std::size_t e) { return 1.0 / static_cast<double>(1 + e * (arm + 1)); },
        1);
    EXPECT_EQ(race.leader(), 3u);
    EXPECT_EQ(asked.front().size(), 4u);
    EXPECT_EQ(race.record(3, 0).epochs, epochs);
  }
}

TEST(Race, AnArmThatDivergesNeverWins) {
  const Curve late = [](std::size_t arm, std::size_t seed, std::size_t epoch) {
    return arm == 12 && epoch > 0 ? (epoch < 90 ? 1e-6 : kNaN) : usual(arm, seed, epoch);
  };
  Race race(one_change(20), {.seeds = 3, .epochs = 100});
  play(race, late, 3);
  EXPECT_TRUE(race.record(12, 0).diverged);
  EXPECT_EQ(race.standing(12).converged, 0);
  EXPECT_TRUE(std::isinf(race.standing(12).arrival));
  EXPECT_NE(race.leader(), 12u);

  const Curve with_one_seed = [&](std::size_t arm, std::size_t seed, std::size_t epoch) {
    return seed == 1 ? late(arm, seed, epoch) : usual(arm, seed, epoch) * (arm == 12 ? 0.01 : 1);
  };
  Race second(one_change(20), {.seeds = 3, .epochs = 100});
  play(second, with_one_seed, 3);
  EXPECT_LT(second.standing(12).converged, 1);
  EXPECT_NE(second.leader(), 12u);
}

TEST(Race, WhereAllDivergeWhoWentOnTheOthersAreLeft) {
  const Curve curve = [](std::size_t arm, std::size_t, std::size_t epoch) {
    if (arm >= 6 && epoch >= 20) return kNaN;
    return std::exp(-0.001 * static_cast<double>((arm + 1) * epoch));
  };
  Race race(one_change(12), {.seeds = 1, .epochs = 120});
  const auto asked = play(race, curve, 1);
  for (const Stretch& stretch : asked[1]) EXPECT_GE(stretch.arm, 6u);
  EXPECT_EQ(race.leader(), 5u);
  EXPECT_EQ(race.record(5, 0).epochs, 120u);
}

TEST(Race, NobodyLeadsWhereNothingConverges) {
  Race race(one_change(5), {.seeds = 2, .epochs = 50});
  const auto asked = play(
      race, [](std::size_t, std::size_t, std::size_t epoch) { return 1.0 + static_cast<double>(epoch); }, 2);
  EXPECT_EQ(asked.size(), 1u);
  EXPECT_FALSE(race.leader());
}

// Arm 1 is second to last with two seeds of three until the last third, and best with the other one.
TEST(Race, ASeedAloneKeepsAnArmInTheRace) {
  const Curve curve = [](std::size_t arm, std::size_t seed, std::size_t epoch) {
    if (arm != 1) return usual(arm, seed, epoch);
    if (seed == 0) return epoch == 0 ? 1 : 1e-3;
    return epoch < 70 ? 1 - 0.001 * static_cast<double>(epoch) : 1e-6;
  };
  Race race(one_change(20), {.seeds = 3, .epochs = 100});
  play(race, curve, 3);
  EXPECT_EQ(race.record(1, 2).epochs, 100u);
  EXPECT_DOUBLE_EQ(race.standing(1).figure, 1e-6);
}

// The last arm falls late, and below all: the others' arrivals are counted anew.
TEST(Race, WhoWasLeftBehindIsTrainedUntilTheLeadersArrival) {
  Race race(one_change(12), {.seeds = 1, .epochs = 200});
  const auto asked = play(race, usual, 1);
  const auto arrival = static_cast<std::size_t>(race.standing(*race.leader()).arrival);
  std::size_t until_then = 0;
  for (std::size_t k = 3; k < asked.size(); ++k)
    for (const Stretch& stretch : asked[k]) until_then += stretch.epochs < 200 ? 1 : 0;
  EXPECT_GT(until_then, 0u);
  // Whoever was not is told apart: it arrived later, or the epochs that may be spent would not have paid for it.
  const double most = 0.38 * 12 * 200;
  for (std::size_t i = 0; i < 12; ++i) {
    const std::size_t epochs = race.record(i, 0).epochs;
    if (epochs < arrival && std::isinf(race.standing(i).arrival)) {
      EXPECT_GT(static_cast<double>(race.trained() + arrival - epochs), most) << i;
    }
  }
  EXPECT_LE(static_cast<double>(race.trained()), most);
}

TEST(Race, ATargetThatWasReachedEndsTheRounds) {
  Race race(one_change(6), {.seeds = 1, .epochs = 120, .has_target = true});
  const auto stretches = race.next();
  ASSERT_EQ(stretches.size(), 6u);
  for (std::size_t i = 0; i < 6; ++i) {
    TrialRecord record = trained(usual, i, 0, i < 3 ? 10 : 12 - i);
    record.reached = record.ended = i >= 3;
    race.enter(i, 0, record);
  }
  EXPECT_TRUE(race.next().empty());  // the first three have had more epochs than the winner needed
  EXPECT_EQ(race.leader(), 5u);
  EXPECT_EQ(race.standing(5).arrival, 7);
  EXPECT_EQ(race.rounds_of(5), race.rounds());
  EXPECT_EQ(race.rounds_of(0), 1u);
}

TEST(Race, AThirdOfThePlacesGoToTheNextLargerRatesOfAChange) {
  // Two changes with ten γ each. The first seven by their figures: the largest γ of the first one, which has none
  // above, and some of the second one, where those above are the worst of all.
  std::vector<std::string> changes(10, "a");
  changes.resize(20, "b");
  const std::vector<std::size_t> order = {8, 9, 15, 14, 13, 12, 11, 0, 1, 2, 3, 4, 5, 6, 7, 10, 19, 18, 17, 16};
  const Curve curve = [&](std::size_t arm, std::size_t, std::size_t epoch) {
    return epoch == 0 ? 1 : 0.01 * static_cast<double>(1 + (std::ranges::find(order, arm) - order.begin()));
  };
  Race race(changes, {.seeds = 1, .epochs = 240});
  const auto asked = play(race, curve, 1);
  ASSERT_GE(asked.size(), 2u);
  std::vector<std::size_t> arms;
  for (const Stretch& stretch : asked[1]) arms.push_back(stretch.arm);
  EXPECT_EQ(arms, (std::vector<std::size_t>{8, 9, 11, 12, 13, 14, 15, 16, 17, 18}));
}

// The best figure is met by whoever has it, although seeds differ by more than 1 %.
TEST(Race, SomebodyArrivesForAnyNumberOfSeeds) {
  const Curve curve = [](std::size_t arm, std::size_t seed, std::size_t epoch) {
    return usual(arm, seed, epoch) + (epoch == 0 ? 0 : 0.1 * static_cast<double>(seed));
  };
  for (const std::size_t seeds : {1u, 2u, 3u, 4u}) {
    Race race(one_change(12), {.seeds = seeds, .epochs = 100});
    play(race, curve, seeds);
    ASSERT_TRUE(race.leader());
    EXPECT_LE(race.standing(*race.leader()).arrival, 100) << seeds;
  }
}

// As those of poisson are, which leaves log t! out.
TEST(Race, FiguresBelowZeroAskForTheSame) {
  const Curve below = [](std::size_t arm, std::size_t seed, std::size_t epoch) { return usual(arm, seed, epoch) - 4; };
  Race race(one_change(25), {.seeds = 1, .epochs = 120}), race_below(one_change(25), {.seeds = 1, .epochs = 120});
  const auto asked = play(race, usual, 1), asked_below = play(race_below, below, 1);
  EXPECT_EQ(race_below.leader(), race.leader());
  EXPECT_EQ(race_below.trained(), race.trained());
  ASSERT_EQ(asked_below.size(), asked.size());
  for (std::size_t k = 0; k < asked.size(); ++k) EXPECT_EQ(asked_below[k].size(), asked[k].size()) << k;
}

// Arm 0 comes down slowly and ends a little lower; arm 1 is near the best figure at once; arm 2 stays infinite.
TEST(Race, FromAnInfiniteStartWhoIsFirstNearTheBestFigureWins) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  for (const bool halving : {true, false})
    for (const std::size_t seeds : {1u, 3u}) {
      const Curve curve = [](std::size_t arm, std::size_t, std::size_t epoch) {
        if (epoch == 0 || arm == 2) return kInfinity;
        if (arm == 1) return 0.5;
        return 0.499 + 10 * std::exp(-0.2 * static_cast<double>(epoch));
      };
      Race race(one_change(3), {.seeds = seeds, .epochs = 60, .halving = halving});
      play(race, curve, seeds);
      EXPECT_EQ(race.leader(), 1u);
      EXPECT_EQ(race.standing(1).arrival, 1) << "not at the start";
      EXPECT_LT(race.target(), 0.51);
      EXPECT_EQ(race.standing(2).converged, 0);
      EXPECT_TRUE(std::isinf(race.standing(2).arrival));
    }
  // Where most seeds of every arm stay infinite, nobody has a figure to come near to.
  Race lost(one_change(2), {.seeds = 3, .epochs = 60});
  play(
      lost, [](std::size_t, std::size_t seed, std::size_t epoch) { return seed == 0 && epoch > 0 ? 1 : kInfinity; }, 3);
  ASSERT_TRUE(lost.leader());
  EXPECT_TRUE(std::isinf(lost.standing(0).arrival));
}

}  // namespace
}  // namespace descent
