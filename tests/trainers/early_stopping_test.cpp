#include "trainers/early_stopping.hpp"

#include "framework/error.hpp"
#include "tests/support/problems.hpp"
#include "tests/trainers/run.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace descent {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// Tells an observer the losses of epochs 0, 1, … as if w were {epoch}; the epoch of its Stop, or 0.
std::size_t stops_at(EarlyStopping<double>& early, const std::vector<double>& losses, std::string* sentence = nullptr) {
  for (std::size_t k = 0; k < losses.size(); ++k) {
    EpochRecord record;
    record.epoch = record.step = k;
    record.loss = losses[k];
    record.gradient_norm = 100 + static_cast<double>(k);
    const std::vector<double> w = {static_cast<double>(k)};
    if (k == 0) {
      early.on_start(record, w);
    } else if (const auto stop = early.on_epoch(record, w)) {
      EXPECT_EQ(stop->reason, Reason::early_stopping);
      if (sentence != nullptr) *sentence = stop->sentence;
      return k;
    }
  }
  return 0;
}

TEST(EarlyStopping, PatienceCountsEpochsInARowWithoutProgress) {
  EarlyStopping<double> early({.patience = 3});
  std::string sentence;
  EXPECT_EQ(stops_at(early, {9, 8, 8, 8.5, 7, 7, 7, 7, 7}, &sentence), 7u);
  EXPECT_EQ(sentence, "loss made no progress for 3 epochs");
  EXPECT_EQ(stops_at(early, {9, 8, 7, 6, 5}), 0u) << "a new start forgets";
}

TEST(EarlyStopping, ProgressIsMoreThanMinDelta) {
  EarlyStopping<double> early({.patience = 1, .min_delta = 0.5});
  EXPECT_EQ(stops_at(early, {9, 8.25, 7.75}), 2u);
  EXPECT_EQ(stops_at(early, {9, 8.25, 7.5}), 0u);
}

TEST(EarlyStopping, NotANumberIsNeverProgressNorTheBest) {
  EarlyStopping<double> early({.patience = 2});
  EXPECT_EQ(stops_at(early, {kNaN, kNaN, 5, kNaN, 4}), 0u);
  EXPECT_EQ(stops_at(early, {5, kNaN, kNaN}), 2u);
  std::string sentence;
  EXPECT_EQ(stops_at(early, {kNaN, kNaN, kNaN}, &sentence), 2u);
  EXPECT_EQ(sentence, "loss made no progress for 2 epochs: it was never a finite number");
  Report report;
  std::vector<double> w = {2};
  early.on_end(report, w);
  EXPECT_EQ(w[0], 2) << "there is nothing to bring back";
}

TEST(EarlyStopping, WithoutRestoreTheSentenceNamesTheBest) {
  EarlyStopping<double> early({.name = "val_loss", .patience = 1, .restore_best = false});
  std::string sentence;
  EXPECT_EQ(stops_at(early, {9, 0.123, 4}, &sentence), 2u);
  EXPECT_EQ(sentence, "val_loss made no progress for 1 epoch (the best was 0.123 in epoch 1)");
  Report report;
  report.sentence = sentence;
  std::vector<double> w = {2};
  early.on_end(report, w);
  EXPECT_EQ(w[0], 2);
  EXPECT_EQ(report.sentence, sentence);
}

TEST(EarlyStopping, TheStartMayBeTheBest) {
  EarlyStopping<double> early({.patience = 2});
  EXPECT_EQ(stops_at(early, {1, 2, 3}), 2u);
  Report report;
  report.steps = 2;
  report.sentence = "stopped";
  std::vector<double> w = {2};
  early.on_end(report, w);
  EXPECT_EQ(w[0], 0);
  EXPECT_EQ(report.kept_epoch, 0u);
  EXPECT_EQ(report.loss, 1);
  EXPECT_EQ(report.gradient_norm, 100);
  EXPECT_EQ(report.sentence, "stopped; kept the weights of epoch 0, the best loss 1");
}

// w moves 0.1 an epoch along f = w; the monitor is |w + 0.5|, best after 5 epochs.
class Slope final : public Objective<double> {
 public:
  std::size_t dimension() const override { return 1; }
  std::size_t terms() const override { return 1; }

 private:
  double do_value(ConstParams<double> w, Terms) override { return w[0]; }
  double do_value_and_gradient(ConstParams<double> w, Params<double> g, Terms) override {
    g[0] = w[0] < -0.95 ? -std::numeric_limits<double>::infinity() : 1;  // in the tenth epoch
    return w[0];
  }
};

struct Outcome {
  Report report;
  std::vector<double> w = {0};
};
Outcome monitored(std::size_t epochs, EarlyStoppingOptions early_options, double sign = 1, double gamma = 0.1) {
  Slope slope;
  Outcome outcome;
  Options<double> options;
  options.epochs = epochs;
  options.monitors = {{"unused", [](ConstParams<double>) { return 1.0; }},
                      {"distance", [=](ConstParams<double> w) { return sign * std::abs(w[0] + 0.5); }}};
  early_options.monitor = 2;
  early_options.name = "distance";
  EarlyStopping<double> early(early_options);
  outcome.report = support::descend(slope, outcome.w, support::steepest(gamma), options, {&early});
  return outcome;
}

TEST(EarlyStopping, EndsTheRunAndBringsBackTheBestWeights) {
  const Outcome outcome = monitored(100, {.patience = 3});
  EXPECT_EQ(outcome.report.reason, Reason::early_stopping);
  EXPECT_EQ(outcome.report.epochs, 8u);
  EXPECT_EQ(outcome.report.kept_epoch, 5u);
  EXPECT_NEAR(outcome.w[0], -0.5, 1e-15);
  EXPECT_NEAR(outcome.report.loss, -0.5, 1e-15);
  EXPECT_EQ(outcome.report.gradient_norm, 1);
  EXPECT_EQ(
      outcome.report.sentence.find("distance made no progress for 3 epochs; kept the weights of epoch 5, the best "
                                   "distance "),
      0u)
      << outcome.report.sentence;
}

TEST(EarlyStopping, LargerIsBetterWhenMaximizing) {
  const Outcome outcome = monitored(100, {.maximize = true, .patience = 3}, -1);
  EXPECT_EQ(outcome.report.epochs, 8u);
  EXPECT_EQ(outcome.report.kept_epoch, 5u);
}

TEST(EarlyStopping, BringsBackTheBestWhenTheBudgetEndsTheRun) {
  const Outcome outcome = monitored(7, {.patience = 50});
  EXPECT_EQ(outcome.report.reason, Reason::epoch_budget);
  EXPECT_EQ(outcome.report.epochs, 7u);
  EXPECT_EQ(outcome.report.kept_epoch, 5u);
  EXPECT_NEAR(outcome.w[0], -0.5, 1e-15);
}

TEST(EarlyStopping, SaysNothingWhenTheLastWeightsAreTheBest) {
  const Outcome outcome = monitored(5, {.patience = 50});
  EXPECT_EQ(outcome.report.sentence, "reached the epoch budget (5 epochs); the loss was still falling (‖∇L‖ = 1)");
}

TEST(EarlyStopping, BringsBackTheBestAfterDivergence) {
  const Outcome outcome = monitored(100, {.patience = 50}, 1, 0.1);
  ASSERT_EQ(outcome.report.reason, Reason::diverged) << outcome.report.sentence;
  EXPECT_EQ(outcome.report.kept_epoch, 5u);
  EXPECT_NEAR(outcome.w[0], -0.5, 1e-15);
  EXPECT_NE(outcome.report.sentence.find("; kept the weights of epoch 5"), std::string::npos);
}

TEST(EarlyStopping, RefusesAMonitorThatIsNotThereAndABadDelta) {
  EXPECT_THROW(EarlyStopping<float>({.min_delta = -1}), Error);
  EXPECT_THROW(EarlyStopping<float>({.min_delta = kNaN}), Error);
  EarlyStopping<double> early({.monitor = 3, .name = "val_loss"});
  Slope slope;
  std::vector<double> w = {0};
  try {
    support::descend(slope, w, support::steepest(0.1), {}, {&early});
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "early stopping watches monitor 3 ('val_loss'), but the run has 0");
    EXPECT_EQ(error.fault(), Fault::usage);
  }
}

}  // namespace
}  // namespace descent
