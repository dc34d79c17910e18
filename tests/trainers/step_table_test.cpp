#include "trainers/step_table.hpp"

#include "framework/error.hpp"
#include "tests/trainers/landscapes.hpp"
#include "tests/trainers/search_suite.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace descent {
namespace {

StepTable table(const std::string& problem, double gamma, std::size_t epochs) {
  support::Formula<double> f(support::problem(problem));
  std::vector<double> w = support::problem(problem).start;
  StepTable steps;
  support::descend<double>(f, w, support::steepest(gamma), {.epochs = epochs}, {&steps});
  return steps;
}

TEST(StepTable, TheWorkedExampleByHand) {
  // x² + xy + y² from (3, −2): f = 7, g = (4, −1), one step of 0.1 → (2.6, −1.9), f = 5.43.
  const StepTable steps = table("valley", 0.1, 1);
  ASSERT_EQ(steps.rows.size(), 2u);
  const StepRecord& start = steps.rows[0];
  EXPECT_EQ(start.step, 0u);
  EXPECT_EQ(start.w, (std::vector<double>{3, -2}));
  EXPECT_EQ(start.f, 7);
  EXPECT_EQ(start.text(), "");
  const StepRecord& r = steps.rows[1];
  EXPECT_EQ(r.w, (std::vector<double>{2.6, -1.9}));
  EXPECT_NEAR(r.f, 5.43, 1e-14);
  EXPECT_DOUBLE_EQ(r.gamma, 0.1);
  EXPECT_NEAR(r.predicted, 1.7, 1e-14) << "γ ‖g‖²";
  EXPECT_NEAR(r.actual, 1.57, 1e-14);
  EXPECT_NEAR(r.gamma_curvature, 0.1 * 26 / 17, 1e-13) << "γ gᵀHg / gᵀg";
  EXPECT_NEAR(r.gamma_lambda, 0.3, 1e-15);
  EXPECT_EQ(r.verdict, StepVerdict::good) << "γ λmax is no longer small";
}

TEST(StepTable, TooSmallGoodAndOvershootsOnASphere) {
  // f = |w|²: curvature 2, q = 2 γ.
  EXPECT_EQ(table("sphere", 0.05, 1).rows[1].text(), "too small");
  EXPECT_EQ(table("sphere", 0.4, 1).rows[1].text(), "good");
  EXPECT_EQ(table("sphere", 0.9, 1).rows[1].text(), "good");
  const StepTable over = table("sphere", 1.2, 3);
  EXPECT_EQ(over.rows[1].text(), "overshoots: f rose because γ·curvature = 2.4 > 2");
  EXPECT_EQ(over.overshoots, 3u);
  EXPECT_NEAR(over.largest_gamma_lambda, 2.4, 1e-14);
}

TEST(StepTable, AStepToTheOtherSideAtTheSameHeightBounces) {
  const StepTable steps = table("sphere", 1, 3);
  EXPECT_EQ(steps.last.text(), "bounces: f is as high as before because γ·curvature = 2");
  EXPECT_NEAR(steps.last.gamma_curvature, 2, 1e-12);
}

TEST(StepTable, FRisesExactlyWhereGammaTimesCurvatureIsBeyondTwo) {
  for (const support::Problem& p : support::problems())
    for (const double part : {0.01, 0.3, 0.9, 1.1, 1.7}) {
      support::Formula<double> f(p);
      std::vector<double> w = p.minima[0];
      w[0] += 0.1;
      StepTable steps;
      support::descend<double>(f, w, support::steepest(part * p.limit), {.epochs = 30}, {&steps});
      for (const StepRecord& r : steps.rows) {
        if (r.step == 0 || r.verdict == StepVerdict::settled || r.verdict == StepVerdict::bounces) continue;
        EXPECT_EQ(r.actual<0, r.gamma_curvature> 2) << p.name << " " << part;
        EXPECT_EQ(r.verdict == StepVerdict::overshoots, r.actual < 0) << p.name << " " << part;
      }
    }
}

TEST(StepTable, ALongValleyIsNotToldToTakeLongerSteps) {
  // Matyas: λ = 0.04 and 1; after some steps only the slow direction is left, and γ λmax = 1.8.
  const StepTable steps = table("matyas", 1.8, 60);
  EXPECT_LT(steps.last.gamma_curvature, 0.2);
  EXPECT_EQ(steps.last.verdict, StepVerdict::good);
  EXPECT_EQ(table("matyas", 0.1, 60).last.verdict, StepVerdict::too_small);
}

TEST(StepTable, NamesUphillAndSettledSteps) {
  support::Formula<double> f(support::problem("sphere"));
  std::vector<double> w = {1, 0, 0};
  StepTable steps;
  support::descend<double>(f, w, support::momentum(0.3), {.epochs = 300}, {&steps});
  std::size_t uphill = 0;
  for (const StepRecord& r : steps.rows) uphill += r.step > 0 && r.verdict == StepVerdict::uphill ? 1 : 0;
  EXPECT_GT(uphill, 0u) << "the ball rolls through the minimum and up";
  support::JetObjective g([](const support::Jet* x) { return 1e6 + square(x[0]); }, 1);
  std::vector<double> v = {1e-6};
  support::descend<double>(g, v, support::steepest(0.1), {.epochs = 1}, {&steps});
  EXPECT_EQ(steps.rows[1].verdict, StepVerdict::settled);
  EXPECT_NEAR(steps.rows[1].gamma_curvature, 0.2, 1e-9) << "from the slopes";
}

TEST(StepTable, KeepsTheFirstRowsAndTheLast) {
  support::Formula<double> f(support::problem("rosenbrock"));
  std::vector<double> w = {-1.2, 1};
  StepTable steps({.keep = 10, .most_weights = 0});
  support::descend<double>(f, w, support::steepest(1e-3), {.epochs = 50}, {&steps});
  EXPECT_EQ(steps.rows.size(), 10u);
  EXPECT_EQ(steps.last.step, 50u);
  EXPECT_EQ(steps.last.w, w);
  EXPECT_TRUE(std::isnan(steps.last.gamma_lambda));
}

TEST(StepTable, NeedsAFullBatchAndDoesNotTouchThePath) {
  support::LeastSquares<double> f(20, 3, 0.1, 1);
  std::vector<double> w(3), v(3);
  StepTable steps;
  EXPECT_THROW(support::descend<double>(f, w, support::steepest(1e-3), {.batch_size = 4}, {&steps}), Error);
  support::descend<double>(f, w, support::momentum(1e-3), {.epochs = 30}, {&steps});
  support::descend<double>(f, v, support::momentum(1e-3), {.epochs = 30});
  EXPECT_EQ(w, v);
}

}  // namespace
}  // namespace descent
