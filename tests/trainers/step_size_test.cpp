#include "trainers/step_size.hpp"

#include "framework/error.hpp"
#include "tests/support/problems.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>

namespace descent {
namespace {

// γ at `epoch` (with fraction), `steps` steps an epoch.
double length(StepSize<double>& schedule, double epoch, std::size_t steps = 1) {
  support::Formula<double> f(support::problem("sphere"));
  return schedule.length({f, {}, {}, {}, {}, 0, 0, epoch, steps});
}

TEST(StepSize, SchedulesByHand) {
  const ScheduleOptions base{.learning_rate = 0.8, .min_learning_rate = 0.1, .epochs = 40, .factor = 0.5, .every = 10};
  const double root = std::sqrt(0.5);
  const std::map<std::string, std::map<double, double>> expected = {
      {"constant", {{0, 0.8}, {39.5, 0.8}}},
      {"step", {{0, 0.8}, {9.99, 0.8}, {10, 0.4}, {29.5, 0.2}, {1000, 0.1}}},
      {"exponential", {{0, 0.8}, {5, 0.8 * root}, {10, 0.4}, {15, 0.4 * root}, {1000, 0.1}}},
      {"inverse_time", {{0, 0.8}, {10, 0.4}, {30, 0.2}, {1000, 0.1}}},
      {"cosine", {{0, 0.8}, {10, 0.1 + 0.35 * (1 + root)}, {20, 0.45}, {40, 0.1}, {1000, 0.1}}},
      {"reduce_on_plateau", {{0, 0.8}, {1000, 0.8}}},
  };
  for (const ScheduleRow& row : schedules()) {
    const auto values = expected.find(std::string(row.name));
    ASSERT_NE(values, expected.end()) << "give the new row '" << row.name << "' its values";
    ScheduleOptions options = base;
    options.name = row.name;
    const auto schedule = make_schedule<double>(options);
    for (const auto& [t, gamma] : values->second) EXPECT_NEAR(length(*schedule, t), gamma, 1e-15) << row.name << t;
  }
}

TEST(StepSize, WarmUpRisesFromTheFirstStepToTheFullRateInFrontOfAnySchedule) {
  for (const ScheduleRow& row : schedules()) {
    ScheduleOptions options{.name = std::string(row.name), .learning_rate = 0.8, .warmup_epochs = 2, .epochs = 12};
    const auto schedule = make_schedule<double>(options);
    options.warmup_epochs = 0;
    options.epochs = 10;
    const auto without = make_schedule<double>(options);
    EXPECT_DOUBLE_EQ(length(*schedule, 0, 4), 0.1) << row.name;
    EXPECT_DOUBLE_EQ(length(*schedule, 0.25, 4), 0.2) << row.name;
    EXPECT_DOUBLE_EQ(length(*schedule, 1.75, 4), 0.8) << row.name;
    EXPECT_DOUBLE_EQ(length(*schedule, 2, 4), 0.8) << row.name;
    for (const double t : {0.0, 0.5, 3.25, 9.75})
      EXPECT_DOUBLE_EQ(length(*schedule, 2 + t, 4), length(*without, t, 4)) << row.name << " " << t;
  }
}

TEST(StepSize, AWarmUpShorterThanAStepChangesNothing) {
  const auto schedule = make_schedule<double>({.learning_rate = 0.8, .warmup_epochs = 0.1});
  EXPECT_EQ(length(*schedule, 0, 4), 0.8);
}

TEST(StepSize, NeverBelowTheMinimumInTheWarmUpNeither) {
  const auto schedule = make_schedule<double>({.learning_rate = 0.8, .min_learning_rate = 0.3, .warmup_epochs = 8});
  EXPECT_EQ(length(*schedule, 0), 0.3);
  EXPECT_DOUBLE_EQ(length(*schedule, 3), 0.4);
}

EpochRecord record(std::size_t epoch, double loss, std::vector<double> figures = {}) {
  EpochRecord r;
  r.epoch = epoch;
  r.loss = loss;
  r.figures = std::move(figures);
  return r;
}

TEST(StepSize, ReduceOnPlateauDropsAfterPatienceEpochsWithoutProgress) {
  const auto schedule = make_schedule<double>(
      {.name = "reduce_on_plateau", .learning_rate = 1, .min_learning_rate = 0.2, .patience = 2, .min_delta = 0.5});
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<std::pair<double, double>> told = {
      {10, 1},     {9, 1},                          // progress
      {8.6, 1},    {8.5, 0.5},                      // by no more than min_delta, twice
      {8.4, 0.5},  {9, 0.5},                        // 8.4 is progress against 9: the count starts anew
      {nan, 0.25}, {1, 0.25},                       // NaN is never progress
      {1, 0.25},   {1, 0.2},   {1, 0.2}, {1, 0.2},  // not below the minimum
  };
  std::size_t epoch = 0;
  for (const auto& [loss, gamma] : told) {
    schedule->epoch_ended(record(++epoch, loss));
    EXPECT_EQ(length(*schedule, static_cast<double>(epoch)), gamma) << "epoch " << epoch;
  }
  schedule->start(1);
  EXPECT_EQ(length(*schedule, 0), 1);
}

TEST(StepSize, ReduceOnPlateauWaitsAnewAfterADropAndNotDuringTheWarmUp) {
  for (const double warmup : {0.0, 3.0}) {
    const auto schedule = make_schedule<double>(
        {.name = "reduce_on_plateau", .learning_rate = 1, .warmup_epochs = warmup, .patience = 2});
    // Epoch 1 is the best of both; waiting starts with epoch 2, or 4 after the warm-up.
    const std::size_t first = warmup == 0 ? 3 : 5;
    for (std::size_t epoch = 1; epoch <= 9; ++epoch) {
      schedule->epoch_ended(record(epoch, 7));
      const double drops = epoch < first ? 0 : static_cast<double>((epoch - first) / 2 + 1);
      EXPECT_EQ(length(*schedule, 100), std::pow(0.5, drops)) << "epoch " << epoch << ", warm-up " << warmup;
    }
  }
}

TEST(StepSize, ReduceOnPlateauWatchesAnyMonitorEitherWay) {
  const auto schedule = make_schedule<double>(
      {.name = "reduce_on_plateau", .learning_rate = 1, .patience = 1, .monitor = 2, .maximize = true});
  schedule->epoch_ended(record(1, 5, {0, 0.5}));
  schedule->epoch_ended(record(2, 5, {0, 0.6}));
  EXPECT_EQ(length(*schedule, 2), 1);
  schedule->epoch_ended(record(3, 1, {9, 0.6}));
  EXPECT_EQ(length(*schedule, 3), 0.5);
  EXPECT_THROW(schedule->epoch_ended(record(4, 1, {9})), Error);
}

TEST(StepSize, StateMakesAnotherObjectGoOnAlike) {
  const ScheduleOptions options{.name = "reduce_on_plateau", .learning_rate = 1, .patience = 2};
  const auto schedule = make_schedule<double>(options), twin = make_schedule<double>(options);
  for (std::size_t epoch = 1; epoch < 5; ++epoch) schedule->epoch_ended(record(epoch, 1));
  const auto from = schedule->state(), to = twin->state();
  ASSERT_FALSE(from.empty());
  for (std::size_t i = 0; i < from.size(); ++i) numbers_of(to)[i].set(numbers_of(from)[i].get());
  for (std::size_t epoch = 5; epoch < 10; ++epoch) {
    schedule->epoch_ended(record(epoch, 1));
    twin->epoch_ended(record(epoch, 1));
    EXPECT_EQ(length(*schedule, 5), length(*twin, 5));
  }
}

std::string message(const ScheduleOptions& options) {
  try {
    make_schedule<float>(options);
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::usage);
    return error.what();
  }
  return "";
}

TEST(StepSize, RefusesConstantsOutOfRangeByName) {
  const double inf = std::numeric_limits<double>::infinity();
  EXPECT_EQ(message({.learning_rate = 0}), "constant: learning_rate = 0 must be in (0, inf)");
  EXPECT_EQ(message({.learning_rate = -1}), "constant: learning_rate = -1 must be in (0, inf)");
  EXPECT_EQ(message({.learning_rate = inf}), "constant: learning_rate = inf must be in (0, inf)");
  EXPECT_EQ(message({.learning_rate = std::nan("")}), "constant: learning_rate = nan must be in (0, inf)");
  EXPECT_EQ(message({.learning_rate = 0.1, .min_learning_rate = 0.2}),
            "constant: min_learning_rate = 0.2 must be at most learning_rate = 0.1");
  EXPECT_EQ(message({.warmup_epochs = -1}), "constant: warmup_epochs = -1 must be in [0, inf)");
  EXPECT_EQ(message({.name = "step", .factor = 0}), "step: factor = 0 must be in (0, 1]");
  EXPECT_EQ(message({.name = "step", .factor = 1.5}), "step: factor = 1.5 must be in (0, 1]");
  EXPECT_EQ(message({.name = "exponential", .every = 0}), "exponential: every = 0 must be in (0, inf)");
  EXPECT_EQ(message({.name = "cosine", .warmup_epochs = 5, .epochs = 5}),
            "cosine: epochs = 5 must be more than warmup_epochs = 5");
  EXPECT_EQ(message({.name = "reduce_on_plateau", .min_delta = -1}),
            "reduce_on_plateau: min_delta = -1 must be in [0, inf)");
  EXPECT_EQ(message({.name = "constant", .factor = 7}), "") << "a constant that the row does not use";
  EXPECT_EQ(message({.name = "cosin"}),
            "unknown schedule 'cosin'; did you mean 'cosine'? (known: constant, step, exponential, inverse_time, "
            "cosine, reduce_on_plateau)");
}

}  // namespace
}  // namespace descent
