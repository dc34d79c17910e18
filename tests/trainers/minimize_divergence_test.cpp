// Not a number is an answer: the run ends in the step that made it, at the last good weights.
#include "framework/error.hpp"
#include "framework/random.hpp"
#include "tests/support/problems.hpp"
#include "tests/trainers/run.hpp"
#include "trainers/finite.hpp"
#include "trainers/minimize.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

namespace descent {
namespace {

using support::descend;
using support::Formula;
using support::LeastSquares;
using support::problem;
using support::steepest;

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// f(w) = w with whatever value and gradient the test wants at a point.
class Line final : public Objective<double> {
 public:
  using Tamper = std::function<void(double w, double& f, double& g)>;
  explicit Line(Tamper tamper) : tamper_(std::move(tamper)) {}
  std::size_t dimension() const override { return 1; }
  std::size_t terms() const override { return 1; }

 private:
  double do_value(ConstParams<double> w, Terms) override {
    double g = 0;
    return do_value_and_gradient(w, std::span(&g, 1), {});
  }
  double do_value_and_gradient(ConstParams<double> w, Params<double> g, Terms) override {
    double f = w[0];
    g[0] = 1;
    tamper_(w[0], f, g[0]);
    return f;
  }
  std::string do_explain_nonfinite(ConstParams<double>, Terms) override { return "the point below -2"; }

  Tamper tamper_;
};

TEST(MinimizeDivergence, AnInfiniteLossIsTakenBackInItsStep) {
  Line f([](double w, double& f, double&) { f = w < -2 ? kInf : f; });
  std::vector<double> w = {0};
  History<double> history;
  const Report report = descend(f, w, steepest(0.75), {.epochs = 50}, {&history});
  EXPECT_EQ(report.reason, Reason::diverged);
  EXPECT_EQ(report.status(), Status::diverged);
  EXPECT_EQ(report.epochs, 2u);
  EXPECT_EQ(report.steps, 2u);
  EXPECT_EQ(report.kept_epoch, 2u);
  EXPECT_EQ(w[0], -1.5);
  EXPECT_EQ(report.loss, -1.5);
  EXPECT_EQ(report.gradient_norm, 1);
  EXPECT_EQ(history.records.size(), 3u) << "the epoch that diverged is not shown";
  EXPECT_EQ(report.sentence,
            "diverged in epoch 3, step 3: the loss is inf (the point below -2) with step size γ = 0.75; kept the last "
            "weights at which all was finite; try a smaller learning rate");
}

TEST(MinimizeDivergence, ANonFiniteGradientToo) {
  Line f([](double w, double&, double& g) { g = w < -2 ? kNaN : g; });
  std::vector<double> w = {0};
  const Report report = descend(f, w, steepest(0.75), {.epochs = 50});
  EXPECT_EQ(report.reason, Reason::diverged);
  EXPECT_EQ(w[0], -1.5);
  EXPECT_NE(report.sentence.find("epoch 3, step 3: entry 0 of the gradient is nan"), std::string::npos)
      << report.sentence;
}

// f(w) = w₀²: a second weight that nothing shows.
class Blind final : public Objective<double> {
 public:
  std::size_t dimension() const override { return 2; }
  std::size_t terms() const override { return 1; }

 private:
  double do_value(ConstParams<double> w, Terms) override { return w[0] * w[0]; }
  double do_value_and_gradient(ConstParams<double> w, Params<double> g, Terms) override {
    g[0] = 2 * w[0];
    g[1] = 0;
    return w[0] * w[0];
  }
};

TEST(MinimizeDivergence, AStartThatIsNotFiniteIsNoMinimumThoughTheLossDoesNotShowIt) {
  for (const LossLog log : {LossLog::exact, LossLog::running}) {
    Blind f;
    std::vector<double> w = {0, -kInf};
    const Report report = descend(f, w, steepest(0.1), {.epochs = 5, .loss_log = log});
    EXPECT_EQ(report.reason, Reason::diverged);
    EXPECT_EQ(report.steps, 0u);
    EXPECT_EQ(report.sentence,
              "the start is not finite: weight 1 is -inf there; choose other weights to start from, or check the data");
  }
}

// With mini-batches an update finds it, after it has written over the oldest weights.
TEST(MinimizeDivergence, AMiniBatchGradientThatOverflowsLeavesFiniteWeights) {
  for (const double gamma : {0.5, 0.7, 1.0, 1e3, 1e6}) {
    support::LeastSquares<float> f(50, 6, 0.1, 1);
    std::vector<float> w(6, 1.0f);
    support::Method method = support::momentum(gamma);
    const Report report = descend(f, w, method, {.epochs = 400, .batch_size = 8});
    EXPECT_EQ(report.reason, Reason::diverged);
    for (const float v : w) EXPECT_TRUE(std::isfinite(v)) << report.sentence;
  }
}

TEST(MinimizeDivergence, AGradientThatFailsBehindALoggedEpochKeepsTheLoggedWeights) {
  class TwoTerms final : public Objective<double> {
    std::size_t dimension() const override { return 1; }
    std::size_t terms() const override { return 2; }
    double do_value(ConstParams<double> w, Terms) override { return 2 * w[0]; }
    double do_value_and_gradient(ConstParams<double> w, Params<double> g, Terms) override {
      g[0] = w[0] < -1.4 ? kNaN : 1;
      return w[0];
    }
  } f;
  std::vector<double> w = {0};
  const Report report = descend(f, w, steepest(0.75), {.epochs = 50, .batch_size = 1, .log_gradient_norm = false});
  EXPECT_EQ(report.reason, Reason::diverged);
  EXPECT_EQ(report.kept_epoch, 1u);
  EXPECT_EQ(w[0], -1.5);
  EXPECT_EQ(report.loss, 2 * w[0]);
  EXPECT_EQ(report.steps, 2u);
}

TEST(MinimizeDivergence, AWeightThatOverflowsNeverReachesTheCaller) {
  Line f([](double w, double&, double& g) { g = w < -1e307 ? 1.5e308 : 1e308; });
  std::vector<double> w = {0};
  const Report report = descend(f, w, steepest(1), {.epochs = 50});
  EXPECT_EQ(report.reason, Reason::diverged);
  EXPECT_EQ(report.steps, 1u);
  EXPECT_EQ(w[0], -1e308);
  EXPECT_EQ(report.sentence,
            "diverged in epoch 2, step 2: weight 0 became -inf with step size γ = 1; kept the last weights at which "
            "all was finite; try a smaller learning rate");
}

TEST(MinimizeDivergence, AStepSizeThatIsNotANumberIsOne) {
  class Broken final : public StepSize<double> {
    double length(const StepContext<double>& context) override { return context.step < 2 ? 0.5 : kNaN; }
  } broken;
  Line f([](double, double&, double&) {});
  std::vector<double> w = {0};
  const auto direction = make_direction<double>("steepest");
  const Report report = minimize<double>(f, w, *direction, broken);
  EXPECT_EQ(report.reason, Reason::diverged);
  EXPECT_EQ(w[0], -1);
  EXPECT_NE(report.sentence.find("epoch 3, step 3: weight 0 became nan with step size γ = nan"), std::string::npos)
      << report.sentence;
}

TEST(MinimizeDivergence, AStartThatIsNotFiniteStaysWhereItIs) {
  Line f([](double, double& f, double&) { f = kNaN; });
  std::vector<double> w = {4};
  History<double> history;
  const Report report = descend(f, w, steepest(0.5), {}, {&history});
  EXPECT_EQ(report.reason, Reason::diverged);
  EXPECT_EQ(report.epochs, 0u);
  EXPECT_EQ(report.steps, 0u);
  EXPECT_EQ(w[0], 4);
  EXPECT_EQ(history.records.size(), 1u);
  EXPECT_EQ(report.sentence,
            "the start is not finite: the loss is nan there (the point below -2); choose other weights to start "
            "from, or check the data");
}

TEST(MinimizeDivergence, HugeButFiniteGradientsAreNot) {
  Line f([](double, double&, double& g) { g = 1e200; });  // the square overflows
  std::vector<double> w = {0};
  const Report report = descend(f, w, steepest(1e-200), {.epochs = 3});
  EXPECT_EQ(report.reason, Reason::epoch_budget);
  EXPECT_DOUBLE_EQ(w[0], -3);
  EXPECT_DOUBLE_EQ(report.gradient_norm, 1e200);
}

TEST(MinimizeDivergence, ABadRowNamesItsBatch) {
  LeastSquares<double> f(40, 3, 0.1, 1);
  f.targets()[17] = kNaN;
  std::vector<double> w(3);
  const Options<double> options{.epochs = 3, .batch_size = 16, .shuffle = false, .loss_log = LossLog::running};
  const Report report = descend(f, w, steepest(1e-3), options);
  EXPECT_EQ(report.reason, Reason::diverged);
  EXPECT_EQ(report.sentence,
            "diverged in epoch 1, step 2 (rows 16, 17, 18, … 16 rows): the loss is nan (row 17, its residual) with "
            "step size γ = 0.001; kept the last weights at which all was finite; try a smaller learning rate");
  EXPECT_EQ(report.steps, 0u);
  EXPECT_EQ(w, std::vector<double>(3)) << "the weights at which the first batch was finite";

  std::vector<std::uint32_t> names(40);
  std::iota(names.begin(), names.end(), 101);
  Options<double> named = options;
  named.term_names = names;
  EXPECT_TRUE(
      descend(f, w, steepest(1e-3), named).sentence.starts_with("diverged in epoch 1, step 2 (rows 117, 118, "));
  named.term_names = std::span(names).first(39);
  EXPECT_THROW(descend(f, w, steepest(1e-3), named), Error);

  f.targets()[0] = kInf;
  EXPECT_EQ(descend(f, w, steepest(1e-3), options).sentence,
            "the start is not finite (rows 0, 1, 2, … 16 rows): the loss is inf there (row 0, its residual); choose "
            "other weights to start from, or check the data");
}

TEST(MinimizeDivergence, TheExactLogSeesWhatTheLastStepDid) {
  LeastSquares<double> f(8, 3, 0.1, 1);
  std::vector<double> w(3);
  const Report report = descend(f, w, steepest(1e154), {.epochs = 3, .batch_size = 4, .log_gradient_norm = false});
  EXPECT_EQ(report.reason, Reason::diverged);
  EXPECT_TRUE(all_finite<double>(w));
  EXPECT_TRUE(std::isfinite(f.value(w)));
}

TEST(MinimizeDivergence, TheRowNamedIsOneOfTheBatch) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    LeastSquares<double> f(40, 3, 0.1, 1);
    f.targets()[2] = f.targets()[39] = kNaN;
    std::vector<std::uint32_t> order(40);
    std::iota(order.begin(), order.end(), 0u);
    Rng rng(seed, Purpose::shuffle, 1);
    shuffle(order, rng);
    const auto first =
        std::find_if(order.begin(), order.end(), [](std::uint32_t row) { return row == 2 || row == 39; });
    std::vector<double> w(3);
    const Options<double> options{.epochs = 1, .batch_size = 1, .seed = seed, .loss_log = LossLog::running};
    const std::string sentence = descend(f, w, steepest(1e-3), options).sentence;
    EXPECT_NE(sentence.find(fmt::format(" (row {}): the loss is nan", *first)), std::string::npos) << sentence;
    EXPECT_NE(sentence.find(fmt::format("(row {}, its residual)", *first)), std::string::npos) << sentence;
  }
}

TEST(MinimizeDivergence, ANormBeyondTheLargestDoubleIsNotOne) {
  class Cliff final : public Objective<double> {
   public:
    std::size_t dimension() const override { return 9; }
    std::size_t terms() const override { return 1; }

   private:
    double do_value(ConstParams<double> w, Terms) override { return w[0]; }
    double do_value_and_gradient(ConstParams<double> w, Params<double> g, Terms) override {
      std::fill(g.begin(), g.end(), 1e308);
      return w[0];
    }
  } cliff;
  std::vector<double> w(9);
  const Report report = descend(cliff, w, steepest(1e-308), {.epochs = 3});
  EXPECT_EQ(report.reason, Reason::epoch_budget) << report.sentence;
  EXPECT_EQ(report.gradient_norm, kInf);
  EXPECT_NEAR(w[8], -3, 1e-12);
}

// γ = 1e6 on everything: the first number that is not finite ends the run, and all is finite where it ends.
template <class Real>
void expect_caught(Objective<Real>& f, std::vector<Real> w, std::size_t batch_size, std::string_view name) {
  for (const LossLog log : {LossLog::exact, LossLog::running}) {
    std::vector<Real> end = w, g(w.size());
    const Report report = descend(f, end, steepest(1e6), {.epochs = 5000, .batch_size = batch_size, .loss_log = log});
    EXPECT_EQ(report.reason, Reason::diverged) << name;
    EXPECT_TRUE(all_finite<Real>(end)) << name;

    // A budget one step short of the trouble ends at the same weights, without trouble.
    std::vector<Real> again = w;
    const std::size_t a_step = batch_size == 0 ? 1 : (f.terms() + batch_size - 1) / batch_size;
    if (report.steps % a_step != 0) continue;
    const Report shorter =
        descend(f, again, steepest(1e6), {.epochs = report.steps / a_step, .batch_size = batch_size, .loss_log = log});
    EXPECT_EQ(shorter.reason, Reason::epoch_budget) << name << ": " << shorter.sentence;
    EXPECT_EQ(again, end) << name;
  }
}

TEST(MinimizeDivergence, ALearningRateOfAMillionEndsAtFiniteWeights) {
  for (const support::Problem& p : support::problems()) {
    Formula<double> f(p);
    expect_caught<double>(f, p.start, 0, p.name);
    Formula<float> single(p);
    expect_caught<float>(single, {p.start.begin(), p.start.end()}, 0, p.name);
  }
  for (const std::size_t batch_size : {0u, 1u, 4u, 7u}) {
    LeastSquares<double> f(8, 3, 0.1, 1);
    expect_caught<double>(f, {1, 2, 3}, batch_size, "least squares");
    LeastSquares<float> single(8, 3, 0.1, 1);
    expect_caught<float>(single, {1, 2, 3}, batch_size, "least squares");
  }
}

}  // namespace
}  // namespace descent
