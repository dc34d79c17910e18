// Trainers and models together, where each alone has nothing to show.

#include "models/summed_loss.hpp"
#include "trainers/minimize.hpp"

#include <gtest/gtest.h>

namespace descent {
namespace {

// The loss of the second row is finite, its gradient is not: the step that led there is taken back, though it was
// taken in place.
TEST(MinimizeNetwork, AGradientThatOverflowsInOnePassTakesTheStepBack) {
  TrainingRows<float> rows{zeros<float>(2, 1), zeros<float>(2, 1), {}};
  rows.inputs(0, 0) = rows.targets(0, 0) = 1;
  rows.inputs(1, 0) = 1e21f;
  rows.targets(1, 0) = 1e18f;
  const Network<float> network({1, {{.units = 1, .bias = false}}});
  SummedLoss<float> objective(network, find_loss<float>("squared_error"), rows);
  std::vector<float> w = {0};
  const auto direction = make_direction<float>("steepest");
  const auto step_size = make_schedule<float>({.learning_rate = 5e-5});
  Options<float> options;
  options.batch_size = 1;
  options.shuffle = false;
  options.log_gradient_norm = false;
  options.loss_log = LossLog::running;
  const Report report = minimize<float>(objective, w, *direction, *step_size, options);
  EXPECT_EQ(report.reason, Reason::diverged);
  EXPECT_EQ(report.steps, 0u);
  EXPECT_EQ(w[0], 0);
  EXPECT_NE(report.sentence.find("kept the last weights at which all was finite"), std::string::npos)
      << report.sentence;
}

}  // namespace
}  // namespace descent
