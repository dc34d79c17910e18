#include "framework/loss.hpp"

#include "framework/derivative_check.hpp"
#include "framework/error.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace descent {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// y (B, K) and t (B, k) as flat lists; the loss of them and its gradient.
template <class Real = double>
struct Batch {
  std::size_t rows;
  std::vector<Real> y, t;
  std::vector<Real> dy = std::vector<Real>(y.size(), Real(99));

  double evaluate(std::string_view loss, bool with_gradient = true) {
    const std::size_t outputs = y.size() / rows, targets = t.size() / rows;
    const MatrixView<Real> gradient = with_gradient ? MatrixView<Real>(dy.data(), rows, outputs) : MatrixView<Real>();
    return find_loss<Real>(loss).evaluate({y.data(), rows, outputs}, {t.data(), rows, targets}, gradient);
  }
  std::vector<Real> predict(std::string_view loss) const {
    std::vector<Real> p = y;
    find_loss<Real>(loss).predict({p.data(), rows, y.size() / rows});
    return p;
  }
};

TEST(Losses, SquaredErrorByHand) {
  Batch<> batch{2, {1, 2, 3, 4}, {0, 2, 5, 4.5}};
  EXPECT_DOUBLE_EQ(batch.evaluate("squared_error"), 1 + 0 + 4 + 0.25);
  EXPECT_EQ(batch.dy, (std::vector<double>{2, 0, -4, -1}));
}

TEST(Losses, AbsoluteErrorByHandWithSlopeZeroAtZero) {
  Batch<> batch{2, {1, 2, 3, 4}, {0, 2, 5, 4.5}};
  EXPECT_DOUBLE_EQ(batch.evaluate("absolute_error"), 1 + 0 + 2 + 0.5);
  EXPECT_EQ(batch.dy, (std::vector<double>{1, 0, -1, -1}));
}

TEST(Losses, HuberByHandOnBothSidesOfItsBend) {
  Batch<> batch{1, {0.5, 3, -3, 1, -1, 0}, {0, 0, 0, 0, 0, 0}};
  EXPECT_DOUBLE_EQ(batch.evaluate("huber"), 0.125 + 2.5 + 2.5 + 0.5 + 0.5);
  EXPECT_EQ(batch.dy, (std::vector<double>{0.5, 1, -1, 1, -1, 0}));
}

TEST(Losses, CrossEntropyByHand) {
  // softmax(log 1, log 2, log 5) = (1, 2, 5) / 8
  Batch<> batch{2, {0, std::log(2.0), std::log(5.0), 0, std::log(2.0), std::log(5.0)}, {2, 0}};
  EXPECT_NEAR(batch.evaluate("cross_entropy"), -std::log(5.0 / 8) - std::log(1.0 / 8), 1e-15);
  const double expected[] = {0.125, 0.25, 0.625 - 1, 0.125 - 1, 0.25, 0.625};
  for (std::size_t k = 0; k < 6; ++k) EXPECT_NEAR(batch.dy[k], expected[k], 1e-15);
}

TEST(Losses, BinaryCrossEntropyByHand) {
  // sigmoid(log 3) = 3/4
  Batch<> batch{2, {std::log(3.0), -std::log(3.0)}, {1, 1}};
  EXPECT_NEAR(batch.evaluate("binary_cross_entropy"), -std::log(0.75) - std::log(0.25), 1e-15);
  EXPECT_NEAR(batch.dy[0], -0.25, 1e-15);
  EXPECT_NEAR(batch.dy[1], -0.75, 1e-15);
}

TEST(Losses, PoissonByHand) {
  Batch<> batch{1, {std::log(2.0), 0}, {3, 0}};
  EXPECT_NEAR(batch.evaluate("poisson"), 2 - 3 * std::log(2.0) + 1, 1e-15);
  EXPECT_NEAR(batch.dy[0], -1, 1e-15);
  EXPECT_NEAR(batch.dy[1], 1, 1e-15);
}

TEST(Losses, PredictWhatAPersonReads) {
  const Batch<> batch{1, {0, std::log(3.0)}, {0, 0}};
  const auto expect = [&](const char* loss, double first, double second) {
    const std::vector<double> p = batch.predict(loss);
    EXPECT_NEAR(p[0], first, 1e-15) << loss;
    EXPECT_NEAR(p[1], second, 1e-15) << loss;
  };
  expect("squared_error", 0, std::log(3.0));
  expect("absolute_error", 0, std::log(3.0));
  expect("huber", 0, std::log(3.0));
  expect("cross_entropy", 0.25, 0.75);
  expect("binary_cross_entropy", 0.5, 0.75);
  expect("poisson", 1, 3);
}

template <class Real>
class EveryLoss : public ::testing::Test {
 protected:
  // Targets that suit the loss, for 2 rows of 3 outputs.
  static std::vector<Real> targets(const Loss<Real>& loss) {
    switch (loss.targets) {
      case TargetKind::classes:
        return {2, 0};
      case TargetKind::binary:
        return {0, 1, 1, 0, 0, 1};
      case TargetKind::counts:
        return {0, 3, 1, 2, 7, 1};
      case TargetKind::numbers:
        break;
    }
    return {Real(0.3), Real(-1.5), Real(2), Real(0.1), 4, -3};
  }
};
using Reals = ::testing::Types<float, double>;
TYPED_TEST_SUITE(EveryLoss, Reals);

TYPED_TEST(EveryLoss, IsASumOverRowsNotAMean) {
  for (const auto& loss : losses<TypeParam>()) {
    Batch<TypeParam> both{2, {TypeParam(0.2), -1, TypeParam(0.7), 2, TypeParam(-0.4), 1}, this->targets(loss)};
    const std::size_t k = both.t.size() / 2;
    Batch<TypeParam> first{1, {both.y.begin(), both.y.begin() + 3}, {both.t.begin(), both.t.begin() + k}};
    Batch<TypeParam> second{1, {both.y.begin() + 3, both.y.end()}, {both.t.begin() + k, both.t.end()}};
    EXPECT_DOUBLE_EQ(both.evaluate(loss.name), first.evaluate(loss.name) + second.evaluate(loss.name)) << loss.name;
    for (std::size_t j = 0; j < 3; ++j) {
      EXPECT_EQ(both.dy[j], first.dy[j]) << loss.name;
      EXPECT_EQ(both.dy[3 + j], second.dy[j]) << loss.name;
    }
    // Rows repeated 4 times: 4 times the loss.
    Batch<TypeParam> four = both;
    for (int copy = 0; copy < 3; ++copy) {
      four.y.insert(four.y.end(), both.y.begin(), both.y.end());
      four.t.insert(four.t.end(), both.t.begin(), both.t.end());
    }
    four.rows = 8;
    four.dy.resize(four.y.size());
    EXPECT_NEAR(four.evaluate(loss.name), 4 * both.evaluate(loss.name), 1e-12) << loss.name;
  }
}

TYPED_TEST(EveryLoss, IsTheSameToTheBitWithoutAGradient) {
  for (const auto& loss : losses<TypeParam>()) {
    Batch<TypeParam> batch{2, {TypeParam(0.2), -1, TypeParam(0.7), 2, TypeParam(-0.4), 1}, this->targets(loss)};
    EXPECT_EQ(batch.evaluate(loss.name, false), batch.evaluate(loss.name, true)) << loss.name;
  }
}

TYPED_TEST(EveryLoss, LetsNaNThroughToValueAndSlope) {
  for (const auto& loss : losses<TypeParam>())
    for (std::size_t at = 0; at < 3; ++at) {
      Batch<TypeParam> batch{2, {TypeParam(0.2), -1, TypeParam(0.7), 2, TypeParam(-0.4), 1}, this->targets(loss)};
      batch.y[at] = static_cast<TypeParam>(kNaN);
      EXPECT_TRUE(std::isnan(batch.evaluate(loss.name))) << loss.name;
      EXPECT_TRUE(std::isnan(batch.evaluate(loss.name, false))) << loss.name;
      EXPECT_TRUE(std::isnan(batch.dy[at])) << loss.name;
      EXPECT_TRUE(std::isfinite(batch.dy[3])) << loss.name << ": the other row is well";
      EXPECT_TRUE(std::isnan(batch.predict(loss.name)[at])) << loss.name;
    }
}

// Away from kinks.
Batch<> two_rows(const Loss<double>& loss) {
  return {2,
          {0.2, -1, 0.7, 2, -0.4, 1.35},
          loss.targets == TargetKind::classes  ? std::vector<double>{2, 0}
          : loss.targets == TargetKind::binary ? std::vector<double>{0, 1, 1, 0, 0.25, 1}
          : loss.targets == TargetKind::counts ? std::vector<double>{0, 3, 1, 2, 7, 1}
                                               : std::vector<double>{0.3, -1.5, 2, 0.1, 4, -3}};
}

TEST(EveryLoss, HasTheGradientOfItsValue) {
  for (const auto& loss : losses<double>()) {
    Batch<> batch = two_rows(loss);
    batch.evaluate(loss.name);
    const std::vector<double> dy = batch.dy;
    for (std::size_t j = 0; j < 6; ++j) {
      const double y = batch.y[j];
      const auto along = [&](double x) {
        batch.y[j] = x;
        return batch.evaluate(loss.name, false);
      };
      EXPECT_NEAR(dy[j], ridders_derivative(along, y, 0.03).value, 1e-9) << loss.name << " output " << j;
      batch.y[j] = y;
    }
  }
}

TEST(EveryLoss, HasTheCurvatureOfItsGradient) {
  for (const auto& loss : losses<double>()) {
    Batch<> batch = two_rows(loss);
    const std::vector<double> start = batch.y, change = {1, -0.5, 2, 0.3, 0.7, -1};
    std::vector<double> curved(6);
    const std::size_t columns = batch.t.size() / 2;
    loss.curve({start.data(), 2, 3}, {batch.t.data(), 2, columns}, {change.data(), 2, 3}, {curved.data(), 2, 3});
    for (std::size_t j = 0; j < 6; ++j) {
      const auto along = [&](double h) {
        for (std::size_t i = 0; i < 6; ++i) batch.y[i] = start[i] + h * change[i];
        batch.evaluate(loss.name);
        return batch.dy[j];
      };
      EXPECT_NEAR(curved[j], ridders_derivative(along, 0, 0.03).value, 1e-9) << loss.name << " output " << j;
    }
  }
}

TEST(EveryLoss, TakesTheDocumentedCurvatureAtKinksAndFarOut) {
  const auto curvature = [](const char* name, double y, double t) {
    const double one = 1;
    double curved = kNaN;
    find_loss<double>(name).curve({&y, 1, 1}, {&t, 1, 1}, {&one, 1, 1}, {&curved, 1, 1});
    return curved;
  };
  EXPECT_EQ(curvature("absolute_error", 2, 2), 0);
  EXPECT_EQ(curvature("huber", 3, 2), 0);
  EXPECT_EQ(curvature("huber", 2.5, 2), 1);
  EXPECT_TRUE(std::isnan(curvature("huber", kNaN, 2)));
  for (const double y : {-1e4, -710.0, 710.0, 1e4}) EXPECT_NEAR(curvature("binary_cross_entropy", y, 1), 0, 1e-300);
  const std::vector<double> y = {1e4, -1e4, 0}, t = {1}, change = {1, 2, 3};
  std::vector<double> curved(3);
  find_loss<double>("cross_entropy")
      .curve({y.data(), 1, 3}, {t.data(), 1, 1}, {change.data(), 1, 3}, {curved.data(), 1, 3});
  EXPECT_EQ(curved, std::vector<double>(3, 0.0));
}

TYPED_TEST(EveryLoss, HasNoLogarithmOfZero) {
  // Logits of ±10⁴ mean probabilities of exactly 0 and 1 in every precision.
  Batch<TypeParam> classes{
      4, {10000, -10000, 0, 10000, -10000, 0, -10000, 10000, -10000, -10000, -10000, -10000}, {0, 1, 1, 2}};
  EXPECT_NEAR(classes.evaluate("cross_entropy"), 0 + 20000 + 0 + std::log(3.0), 1e-3);
  const std::vector<TypeParam> expected = {0, 0, 0, 1, -1, 0, 0, 0, 0};
  for (std::size_t j = 0; j < expected.size(); ++j) EXPECT_EQ(classes.dy[j], expected[j]) << j;
  Batch<TypeParam> binary{4, {10000, 10000, -10000, -10000}, {1, 0, 1, 0}};
  EXPECT_EQ(binary.evaluate("binary_cross_entropy"), 20000);
  EXPECT_EQ(binary.dy, (std::vector<TypeParam>{0, 1, -1, 0}));
  EXPECT_EQ(binary.predict("binary_cross_entropy"), (std::vector<TypeParam>{1, 1, 0, 0}));
  EXPECT_EQ(classes.predict("cross_entropy")[0], 1);
  EXPECT_EQ(classes.predict("cross_entropy")[1], 0);
  Batch<TypeParam> rate{1, {-10000}, {0}};
  EXPECT_EQ(rate.evaluate("poisson"), 0);
}

TEST(EveryLoss, SaysWhenItOverflows) {
  Batch<> rate{1, {10000}, {1}};
  EXPECT_EQ(rate.evaluate("poisson"), std::numeric_limits<double>::infinity());
  Batch<> far{1, {1e200}, {0}};
  EXPECT_EQ(far.evaluate("squared_error"), std::numeric_limits<double>::infinity());
}

TEST(CheckTargets, RefusesAClassIndexThatIsNone) {
  const auto& loss = find_loss<double>("cross_entropy");
  const auto check = [&](double label) { check_targets<double>(loss, {&label, 1, 1}, 3); };
  EXPECT_NO_THROW(check(0));
  EXPECT_NO_THROW(check(2));
  for (const double label : {3.0, -1.0, 0.5, 1e300, kNaN, std::numeric_limits<double>::infinity()})
    EXPECT_THROW(check(label), Error) << label;
  const double nan = kNaN;
  EXPECT_NO_THROW(check_targets<double>(find_loss<double>("squared_error"), {&nan, 1, 1}, 1));
}

TEST(EveryLoss, IsFoundByItsName) {
  for (const auto& loss : losses<float>()) {
    EXPECT_EQ(&find_loss<float>(loss.name), &loss);
    EXPECT_EQ(find_loss<double>(loss.name).targets, loss.targets);
  }
  EXPECT_EQ(loss_names().size(), losses<double>().size());
  try {
    find_loss<float>("crossentropy");
    FAIL() << "found";
  } catch (const Error& error) {
    EXPECT_TRUE(
        std::string_view(error.what()).starts_with("unknown loss 'crossentropy'; did you mean 'cross_entropy'?"));
  }
}

}  // namespace
}  // namespace descent
