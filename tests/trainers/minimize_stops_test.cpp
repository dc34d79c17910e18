// Every reason to stop, with its whole sentence.
#include "tests/support/problems.hpp"
#include "tests/trainers/run.hpp"
#include "trainers/minimize.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <limits>
#include <set>

namespace descent {
namespace {

using support::descend;
using support::Formula;
using support::LeastSquares;
using support::problem;
using support::steepest;

TEST(MinimizeStops, WhenTheGradientIsSmall) {
  Formula<double> f(problem("sphere"));
  std::vector<double> w = {3, 0, 0};
  const Report report = descend(f, w, steepest(0.25), {.gradient_tolerance = 0.1});  // ‖∇L‖ halves: 6/64 at epoch 6
  EXPECT_EQ(report.reason, Reason::gradient_small);
  EXPECT_EQ(report.status(), Status::converged);
  EXPECT_EQ(report.epochs, 6u);
  EXPECT_EQ(report.sentence, "reached a critical point in epoch 6: ‖∇L‖ = 0.09375 is at most the tolerance 0.1");
}

TEST(MinimizeStops, WhereTheGradientIsExactlyZeroWithoutAnyTolerance) {
  Formula<double> f(problem("sphere"));
  std::vector<double> w = {3, -4, 5};
  const Report report = descend(f, w, steepest(0.5), {});
  EXPECT_EQ(report.reason, Reason::gradient_small);
  EXPECT_EQ(report.epochs, 1u);
  EXPECT_EQ(report.sentence, "reached a critical point in epoch 1: ‖∇L‖ = 0");
  EXPECT_EQ(w, (std::vector<double>{0, 0, 0}));
}

TEST(MinimizeStops, ATinyGradientIsNotZero) {
  Formula<double> f(problem("sphere"));
  std::vector<double> w = {1e-200, 0, 0};  // the squares of ∇L underflow
  EXPECT_EQ(descend(f, w, steepest(0.25), {.epochs = 3}).reason, Reason::epoch_budget);
}

TEST(MinimizeStops, BeforeTheFirstStepAtACriticalPoint) {
  Formula<double> f(problem("sphere"));
  std::vector<double> w = {0, 0, 0};
  const Report report = descend(f, w, steepest(0.1), {});
  EXPECT_EQ(report.reason, Reason::gradient_small);
  EXPECT_EQ(report.epochs, 0u);
  EXPECT_EQ(report.steps, 0u);
  EXPECT_EQ(report.evaluations.gradients, 1u);
  EXPECT_EQ(report.sentence, "the start is already a critical point: ‖∇L‖ = 0");
  w = {0.25, 0, 0};
  EXPECT_EQ(descend(f, w, steepest(0.1), {.gradient_tolerance = 0.5}).sentence,
            "the start is already a critical point: ‖∇L‖ = 0.5 is at most the tolerance 0.5");
}

TEST(MinimizeStops, AtTheLossTarget) {
  Formula<double> f(problem("sphere"));
  std::vector<double> w = {3, 0, 0};
  Report report = descend(f, w, steepest(0.25), {.loss_target = 0.6});  // L = 9 / 4ᵏ
  EXPECT_EQ(report.reason, Reason::target_reached);
  EXPECT_EQ(report.status(), Status::converged);
  EXPECT_EQ(report.epochs, 2u);
  EXPECT_EQ(report.sentence, "reached the loss target in epoch 2: loss 0.5625 is at most 0.6");
  report = descend(f, w, steepest(0.25), {.loss_target = 0.6});
  EXPECT_EQ(report.epochs, 0u);
  EXPECT_EQ(report.sentence, "the start is already at the loss target: loss 0.5625 is at most 0.6");
}

TEST(MinimizeStops, AtTheTargetOfARunningLossToo) {
  LeastSquares<double> f(40, 3, 0, 1);
  std::vector<double> w(3);
  const Report report =
      descend(f, w, steepest(0.02), {.batch_size = 8, .loss_target = 1e-3, .loss_log = LossLog::running});
  EXPECT_EQ(report.reason, Reason::target_reached);
  EXPECT_NE(report.sentence.find("running loss"), std::string::npos);
  EXPECT_GT(report.epochs, 0u);
}

TEST(MinimizeStops, MiniBatchesAtASmallWholeGradient) {
  LeastSquares<double> f(40, 3, 0, 1);
  std::vector<double> w(3), g(3);
  const Report report = descend(f, w, steepest(0.02), {.epochs = 1000, .batch_size = 8, .gradient_tolerance = 1e-6});
  EXPECT_EQ(report.reason, Reason::gradient_small);
  f.value_and_gradient(w, g);
  EXPECT_LE(std::hypot(g[0], g[1], g[2]), 1e-6);
  EXPECT_EQ(report.steps, 5 * report.epochs);
}

TEST(MinimizeStops, AtTheEpochBudget) {
  Formula<double> f(problem("sphere"));
  std::vector<double> w = {3, 0, 0};
  Report report = descend(f, w, steepest(0.25), {.epochs = 3});
  EXPECT_EQ(report.reason, Reason::epoch_budget);
  EXPECT_EQ(report.status(), Status::stopped);
  EXPECT_EQ(report.epochs, 3u);
  EXPECT_EQ(report.sentence, "reached the epoch budget (3 epochs); the loss was still falling (‖∇L‖ = 0.75)");
  w = {3, 0, 0};
  report = descend(f, w, steepest(1), {.epochs = 1});  // from 3 to −3
  EXPECT_EQ(report.sentence, "reached the epoch budget (1 epoch); the loss no longer changed (‖∇L‖ = 6)");
  report = descend(f, w, steepest(2), {.epochs = 1});
  EXPECT_EQ(report.sentence, "reached the epoch budget (1 epoch); the loss rose in the last epoch (‖∇L‖ = 18)");
}

TEST(MinimizeStops, ABudgetOfNoEpochsOnlyLooks) {
  Formula<double> f(problem("sphere"));
  std::vector<double> w = {3, 0, 0};
  const Report report = descend(f, w, steepest(0.25), {.epochs = 0});
  EXPECT_EQ(report.reason, Reason::epoch_budget);
  EXPECT_EQ(report.loss, 9);
  EXPECT_EQ(report.sentence, "reached the epoch budget (0 epochs) without a step (‖∇L‖ = 6)");
  EXPECT_EQ(w[0], 3);
}

TEST(MinimizeStops, AtTheTimeBudgetBeforeTheNextStep) {
  LeastSquares<double> f(10, 3, 0.1, 1);
  std::vector<double> w(3);
  const Report report = descend(f, w, steepest(1e-3), {.batch_size = 4, .seconds = 0});
  EXPECT_EQ(report.reason, Reason::time_budget);
  EXPECT_EQ(report.status(), Status::stopped);
  EXPECT_EQ(report.steps, 0u);
  EXPECT_EQ(report.sentence, "reached the time budget (0 s) in epoch 1, before step 1");
}

TEST(MinimizeStops, AtATimeBudgetThatEarlierRunsUsedUp) {
  LeastSquares<double> f(10, 3, 0.1, 1);
  std::vector<double> w(3);
  const Report report = descend(f, w, steepest(1e-3), {.seconds = 1000, .seconds_before = 1001});
  EXPECT_EQ(report.steps, 0u);
  EXPECT_EQ(report.sentence, "reached the time budget (1000 s) in epoch 1, before step 1");
}

// Raises a flag at its k-th evaluation of a mini-batch.
class Alarm final : public Objective<double> {
 public:
  Alarm(Objective<double>& inner, std::size_t after, std::atomic<bool>& flag)
      : inner_(inner), left_(after), flag_(flag) {}
  std::size_t dimension() const override { return inner_.dimension(); }
  std::size_t terms() const override { return inner_.terms(); }

 private:
  double do_value(ConstParams<double> w, Terms batch) override { return inner_.value(w, batch); }
  double do_value_and_gradient(ConstParams<double> w, Params<double> g, Terms batch) override {
    if (!batch.empty() && --left_ == 0) flag_ = true;
    return inner_.value_and_gradient(w, g, batch);
  }

  Objective<double>& inner_;
  std::size_t left_;
  std::atomic<bool>& flag_;
};

TEST(MinimizeStops, WhenInterruptedBeforeTheNextStepInTheMiddleOfAnEpoch) {
  LeastSquares<double> inner(10, 3, 0.1, 1);
  std::atomic<bool> flag{false};
  Alarm f(inner, 5, flag);  // three steps an epoch: in the second step of epoch 2
  std::vector<double> w(3);
  History<double> history;
  const Report report = descend(f, w, steepest(0.01), {.batch_size = 4, .interrupt = &flag}, {&history});
  EXPECT_EQ(report.reason, Reason::interrupted);
  EXPECT_EQ(report.status(), Status::interrupted);
  EXPECT_EQ(report.steps, 5u);
  EXPECT_EQ(report.epochs, 1u);
  EXPECT_EQ(report.kept_epoch, 1u);
  EXPECT_EQ(report.loss, history.records[1].loss);
  EXPECT_EQ(report.sentence, "interrupted in epoch 2, before step 6");
}

TEST(MinimizeStops, ReasonsAndStatusesHaveDistinctNames) {
  std::set<std::string_view> names;
  for (const Reason reason : {Reason::gradient_small, Reason::target_reached, Reason::early_stopping,
                              Reason::epoch_budget, Reason::time_budget, Reason::diverged, Reason::interrupted})
    names.insert(to_string(reason));
  EXPECT_EQ(names.size(), 7u);
  EXPECT_EQ(to_string(Reason::early_stopping), "early_stopping");
  EXPECT_EQ(status_of(Reason::early_stopping), Status::stopped);
  EXPECT_EQ(status_of(Reason::time_budget), Status::stopped);
  EXPECT_EQ(to_string(status_of(Reason::target_reached)), "converged");
  EXPECT_EQ(to_string(status_of(Reason::epoch_budget)), "stopped");
  EXPECT_EQ(to_string(status_of(Reason::diverged)), "diverged");
  EXPECT_EQ(to_string(status_of(Reason::interrupted)), "interrupted");
}

}  // namespace
}  // namespace descent
