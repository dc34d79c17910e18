#include "models/l2_penalty.hpp"

#include "framework/derivative_check.hpp"
#include "models/summed_loss.hpp"
#include "tests/support/random_network.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

namespace descent {
namespace {

class L2PenaltyTest : public ::testing::Test {
 protected:
  L2PenaltyTest() {
    Rng rng(31, Purpose::check);
    for (double& x : rows_.inputs) x = rng.normal();
    for (double& t : rows_.targets) t = rng.normal();
    for (double& w : w_) w = rng.uniform(-1, 1);
  }
  Network<double> network_{{2, {{.units = 3, .activation = "tanh"}, {.units = 1}}}};
  TrainingRows<double> rows_{zeros<double>(10, 2), zeros<double>(10, 1), {}};
  std::vector<double> w_ = std::vector<double>(13);
  SummedLoss<double>& inner() {
    if (!inner_) inner_ = std::make_unique<SummedLoss<double>>(network_, find_loss<double>("squared_error"), rows_);
    return *inner_;
  }
  std::unique_ptr<SummedLoss<double>> inner_;
};

TEST_F(L2PenaltyTest, AddsHalfLambdaTimesTheSquaresOfThePenalisedWeights) {
  w_ = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13};
  L2Penalty<double> objective(inner(), 0.5, {{0, 6}, {9, 3}});
  const double squares = 1 + 4 + 9 + 16 + 25 + 36 + 100 + 121 + 144;
  EXPECT_DOUBLE_EQ(objective.value(w_) - inner().value(w_), 0.25 * squares);
  std::vector<double> g(13), plain(13);
  EXPECT_EQ(objective.value_and_gradient(w_, g), objective.value(w_));
  inner().value_and_gradient(w_, plain);
  for (std::size_t j = 0; j < 13; ++j) {
    const bool penalised = j < 6 || (j >= 9 && j < 12);
    EXPECT_NEAR(g[j] - plain[j], penalised ? 0.5 * w_[j] : 0, 1e-12) << j;
  }
  EXPECT_EQ(objective.dimension(), 13u);
  EXPECT_EQ(objective.terms(), 10u);
}

TEST_F(L2PenaltyTest, HasTheGradientOfItsValue) {
  L2Penalty<double> objective(inner(), 3, {{0, 6}, {9, 3}});
  std::vector<std::size_t> all(13);
  std::iota(all.begin(), all.end(), 0);
  const GradientCheck check = check_gradient(objective, w_, all);
  EXPECT_EQ(check.checked, 13u);
  EXPECT_LE(check.worst, 1e-9);
}

TEST_F(L2PenaltyTest, SharesOfTheBatchesOfAnEpochSumToTheWhole) {
  L2Penalty<double> objective(inner(), 3, {{0, 6}});
  std::vector<std::uint32_t> order(10);
  std::iota(order.begin(), order.end(), 0u);
  std::vector<double> whole(13), part(13), sum(13);
  double value = 0;
  for (const auto& [first, count] : {std::pair{0, 4}, std::pair{4, 4}, std::pair{8, 2}}) {
    value += objective.value_and_gradient(w_, part, Terms(order).subspan(first, count));
    for (std::size_t j = 0; j < 13; ++j) sum[j] += part[j];
  }
  EXPECT_NEAR(value, objective.value_and_gradient(w_, whole), 1e-12 * value);
  for (std::size_t j = 0; j < 13; ++j) EXPECT_NEAR(sum[j], whole[j], 1e-12 * value);
}

TEST_F(L2PenaltyTest, OfZeroChangesNoBit) {
  L2Penalty<double> objective(inner(), 0, {{0, 13}});
  std::vector<double> g(13), plain(13);
  EXPECT_EQ(objective.value_and_gradient(w_, g), inner().value_and_gradient(w_, plain));
  EXPECT_EQ(g, plain);
}

TEST_F(L2PenaltyTest, ExplainsWhatIsInsideAndItself) {
  L2Penalty<double> objective(inner(), 1, {{0, 6}});
  EXPECT_EQ(objective.explain_nonfinite(w_), "");
  w_[0] = 1e200;
  rows_.inputs.fill(0);
  inner_.reset();
  L2Penalty<double> huge(inner(), 1, {{0, 6}});
  EXPECT_EQ(huge.explain_nonfinite(w_), "the L2 penalty");
  w_[0] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(huge.explain_nonfinite(w_), "weight of layer 0 (dense 2 -> 3, tanh)");
}

}  // namespace
}  // namespace descent
