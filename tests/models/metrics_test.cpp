#include "models/metrics.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace descent {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

Evaluation measured(TargetKind kind, std::size_t rows, const std::vector<double>& predicted,
                    const std::vector<double>& truth) {
  Evaluation result;
  measure(kind, {predicted.data(), rows, predicted.size() / rows}, {truth.data(), rows, truth.size() / rows}, result);
  EXPECT_EQ(result.rows, rows);
  std::vector<std::string> names;
  for (const auto& [name, value] : result.metrics) names.push_back(name);
  EXPECT_EQ(names, metric_names(kind));
  return result;
}

// Truth 0 0 0 1 1 2, predicted 0 0 1 1 1 0: confusion
//   2 1 0
//   0 2 0
//   1 0 0
TEST(Metrics, OfThreeClassesByHand) {
  const Evaluation e =
      measured(TargetKind::classes, 6, {.8, .1, .1, .5, .3, .2, .2, .7, .1, .1, .8, .1, .3, .4, .3, .6, .2, .2},
               {0, 0, 0, 1, 1, 2});
  const double confusion[3][3] = {{2, 1, 0}, {0, 2, 0}, {1, 0, 0}};
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 3; ++j) EXPECT_EQ(e.confusion(i, j), confusion[i][j]);
  EXPECT_DOUBLE_EQ(e.metric("accuracy"), 4.0 / 6);
  EXPECT_DOUBLE_EQ(e.metric("balanced_accuracy"), (2.0 / 3 + 1 + 0) / 3);
  EXPECT_DOUBLE_EQ(e.metric("f1"), (4.0 / 6 + 4.0 / 5 + 0) / 3);
}

std::vector<PartFigures> broken_down(TargetKind kind, std::size_t rows, const std::vector<double>& predicted,
                                     const std::vector<double>& truth, const std::vector<std::string>& names) {
  return break_down(kind, {predicted.data(), rows, predicted.size() / rows}, {truth.data(), rows, truth.size() / rows},
                    names);
}

void expect_figures(const PartFigures& part, const std::string& name, std::size_t rows,
                    const std::vector<std::pair<std::string, double>>& metrics) {
  EXPECT_EQ(part.name, name);
  EXPECT_EQ(part.rows, rows);
  ASSERT_EQ(part.metrics.size(), metrics.size());
  for (std::size_t m = 0; m < metrics.size(); ++m) {
    EXPECT_EQ(part.metrics[m].first, metrics[m].first);
    if (std::isnan(metrics[m].second))
      EXPECT_TRUE(std::isnan(part.metrics[m].second)) << name << ' ' << metrics[m].first;
    else
      EXPECT_DOUBLE_EQ(part.metrics[m].second, metrics[m].second) << name << ' ' << metrics[m].first;
  }
}

TEST(Metrics, OfEachClassByHand) {
  // The rows of OfThreeClassesByHand. Pairs of a row in the class and one outside: of 9, 8 and 5 the former has the
  // higher probability in 6, 7 and 3 and a half.
  const auto three =
      broken_down(TargetKind::classes, 6, {.8, .1, .1, .5, .3, .2, .2, .7, .1, .1, .8, .1, .3, .4, .3, .6, .2, .2},
                  {0, 0, 0, 1, 1, 2}, {"a", "b", "c"});
  ASSERT_EQ(three.size(), 3u);
  expect_figures(three[0], "a", 3, {{"precision", 2.0 / 3}, {"recall", 2.0 / 3}, {"f1", 2.0 / 3}, {"auc", 6.0 / 9}});
  expect_figures(three[1], "b", 2, {{"precision", 2.0 / 3}, {"recall", 1}, {"f1", 0.8}, {"auc", 7.0 / 8}});
  expect_figures(three[2], "c", 1, {{"precision", kNaN}, {"recall", 0}, {"f1", 0}, {"auc", 3.5 / 5}});

  const auto two = broken_down(TargetKind::binary, 5, {.9, .5, .51, .7, .1}, {1, 1, 1, 0, 0}, {"no", "yes"});
  ASSERT_EQ(two.size(), 2u);
  expect_figures(two[0], "no", 2, {{"precision", 0.5}, {"recall", 0.5}, {"f1", 0.5}, {"auc", 4.0 / 6}});
  expect_figures(two[1], "yes", 3, {{"precision", 2.0 / 3}, {"recall", 2.0 / 3}, {"f1", 2.0 / 3}, {"auc", 4.0 / 6}});

  const auto absent = broken_down(TargetKind::classes, 2, {.9, 0, .1, .2, 0, .8}, {0, 0}, {"a", "b", "c"});
  expect_figures(absent[0], "a", 2, {{"precision", 1}, {"recall", 0.5}, {"f1", 2.0 / 3}, {"auc", kNaN}});
  expect_figures(absent[1], "b", 0, {{"precision", kNaN}, {"recall", kNaN}, {"f1", kNaN}, {"auc", kNaN}});
  EXPECT_TRUE(broken_down(TargetKind::classes, 1, {.9, kNaN}, {0}, {"a", "b"}).empty());
}

TEST(Metrics, OfEachTargetAreThoseOfItAlone) {
  const auto numbers = broken_down(TargetKind::numbers, 3, {1, 10, 2, 30, 4, 20}, {1, 11, 2, 33, 3, 22}, {"u", "v"});
  ASSERT_EQ(numbers.size(), 2u);
  expect_figures(numbers[0], "u", 3, measured(TargetKind::numbers, 3, {1, 2, 4}, {1, 2, 3}).metrics);
  expect_figures(numbers[1], "v", 3, measured(TargetKind::numbers, 3, {10, 30, 20}, {11, 33, 22}).metrics);
  EXPECT_TRUE(broken_down(TargetKind::counts, 3, {1, 2, 4}, {1, 2, 3}, {"u"}).empty()) << "the whole says it";

  const auto flags = broken_down(TargetKind::binary, 3, {.9, .2, .1, .6, .8, .7}, {1, 0, 0, 0, 0, 1}, {"p", "q"});
  ASSERT_EQ(flags.size(), 2u);
  auto expected = measured(TargetKind::binary, 3, {.2, .6, .7}, {0, 0, 1}).metrics;
  expected.emplace_back("auc", 1);
  expect_figures(flags[1], "q", 3, expected);
}

TEST(Metrics, LeaveOutClassesThatAreNotThere) {
  // Class 1 neither occurs nor is predicted; class 2 is predicted but does not occur.
  const Evaluation e = measured(TargetKind::classes, 2, {.9, 0, .1, .2, 0, .8}, {0, 0});
  EXPECT_DOUBLE_EQ(e.metric("accuracy"), 0.5);
  EXPECT_DOUBLE_EQ(e.metric("balanced_accuracy"), 0.5) << "over class 0 alone";
  EXPECT_DOUBLE_EQ(e.metric("f1"), (2.0 / 3 + 0) / 2) << "over classes 0 and 2";
}

TEST(Metrics, OfABinaryTargetByHand) {
  // Truth 1 1 1 0 0, predicted 1 0 1 1 0; exactly 1/2 counts as 0.
  const Evaluation e = measured(TargetKind::binary, 5, {.9, .5, .51, .7, .1}, {1, 1, 1, 0, 0});
  EXPECT_EQ(e.confusion(0, 0), 1);
  EXPECT_EQ(e.confusion(0, 1), 1);
  EXPECT_EQ(e.confusion(1, 0), 1);
  EXPECT_EQ(e.confusion(1, 1), 2);
  EXPECT_DOUBLE_EQ(e.metric("accuracy"), 0.6);
  EXPECT_DOUBLE_EQ(e.metric("balanced_accuracy"), (0.5 + 2.0 / 3) / 2);
  EXPECT_DOUBLE_EQ(e.metric("f1"), 2 * 2.0 / (3 + 3)) << "that of the ones";
}

TEST(Metrics, OfSeveralBinaryTargetsAreTheMeanOverTheColumns) {
  // Column 0: truth 1 0, predicted 1 1. Column 1: truth 0 0, predicted 0 0.
  const Evaluation e = measured(TargetKind::binary, 2, {.9, .1, .8, .2}, {1, 0, 0, 0});
  EXPECT_DOUBLE_EQ(e.metric("accuracy"), (0.5 + 1) / 2);
  EXPECT_DOUBLE_EQ(e.metric("balanced_accuracy"), (0.5 + 1) / 2);
  EXPECT_DOUBLE_EQ(e.metric("f1"), (2.0 / 3 + 0) / 2);
  EXPECT_EQ(e.confusion.size(), 0u);
}

TEST(Metrics, OfNumbersByHand) {
  // Errors 1, 0, −2, so that Σe² = 5; the truth is 1 2 6 with mean 3 and Σ(t − 3)² = 14.
  const Evaluation e = measured(TargetKind::numbers, 3, {2, 2, 4}, {1, 2, 6});
  EXPECT_DOUBLE_EQ(e.metric("rmse"), std::sqrt(5.0 / 3));
  EXPECT_DOUBLE_EQ(e.metric("mae"), 1);
  EXPECT_DOUBLE_EQ(e.metric("r2"), 1 - 5.0 / 14);
  EXPECT_EQ(e.confusion.size(), 0u);
}

TEST(Metrics, OfSeveralNumbersTakeAllEntriesAndTheMeanR2) {
  // The second column is predicted exactly; the first is the mean of the truth.
  const Evaluation e = measured(TargetKind::counts, 2, {2, 5, 2, 7}, {1, 5, 3, 7});
  EXPECT_DOUBLE_EQ(e.metric("rmse"), std::sqrt(2.0 / 4));
  EXPECT_DOUBLE_EQ(e.metric("mae"), 0.5);
  EXPECT_DOUBLE_EQ(e.metric("r2"), 0.5);
}

TEST(Metrics, HaveNoR2WhereTheTruthIsConstant) {
  // The mean of ten times 0.1 is not 0.1 in floating point.
  const Evaluation e = measured(TargetKind::numbers, 10, std::vector<double>(10, 0.3), std::vector<double>(10, 0.1));
  EXPECT_TRUE(std::isnan(e.metric("r2")));
  EXPECT_NEAR(e.metric("rmse"), 0.2, 1e-15);
}

TEST(Metrics, AreNaNWhereAPredictionIs) {
  for (const TargetKind kind : {TargetKind::classes, TargetKind::binary, TargetKind::numbers, TargetKind::counts}) {
    const bool classes = kind == TargetKind::classes;
    const Evaluation e =
        measured(kind, 2, {kNaN, 1, 0, 1}, classes ? std::vector<double>{0, 1} : std::vector<double>{0, 1, 0, 1});
    for (const auto& [name, value] : e.metrics) EXPECT_TRUE(std::isnan(value)) << name;
  }
}

TEST(Metrics, KnowWhichWayIsBetter) {
  EXPECT_TRUE(larger_is_better("accuracy"));
  EXPECT_TRUE(larger_is_better("balanced_accuracy"));
  EXPECT_TRUE(larger_is_better("f1"));
  EXPECT_TRUE(larger_is_better("r2"));
  EXPECT_FALSE(larger_is_better("rmse"));
  EXPECT_FALSE(larger_is_better("mae"));
  EXPECT_FALSE(larger_is_better("loss"));
}

TEST(Metrics, PutALossPerRowBesideTheSum) {
  Evaluation e;
  e.loss = 12;
  e.rows = 8;
  EXPECT_EQ(e.loss_per_row(), 1.5);
  EXPECT_TRUE(std::isnan(e.metric("speed")));
}

}  // namespace
}  // namespace descent
