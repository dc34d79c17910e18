// What a run does to the weights, the objective, the observers and the report.
#include "trainers/minimize.hpp"

#include "framework/error.hpp"
#include "framework/kernels/simd.hpp"
#include "framework/random.hpp"
#include "tests/support/problems.hpp"
#include "tests/trainers/run.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <stdexcept>

namespace descent {
namespace {

using support::descend;
using support::LeastSquares;
using support::steepest;

TEST(Minimize, OneStepByHand) {
  // (x − 5)²/2 from 0 with γ = 0.5: half of the way to 5.
  class Parabola final : public Objective<double> {
   public:
    std::size_t dimension() const override { return 1; }
    std::size_t terms() const override { return 1; }

   private:
    double do_value(ConstParams<double> w, Terms) override { return (w[0] - 5) * (w[0] - 5) / 2; }
    double do_value_and_gradient(ConstParams<double> w, Params<double> g, Terms) override {
      g[0] = w[0] - 5;
      return value(w);
    }
  } parabola;
  std::vector<double> w = {0};
  const Report report = descend(parabola, w, steepest(0.5), {.epochs = 1});
  EXPECT_EQ(w[0], 2.5);
  EXPECT_EQ(report.loss, 3.125);
  EXPECT_EQ(report.gradient_norm, 2.5);
  EXPECT_EQ(report.epochs, 1u);
  EXPECT_EQ(report.steps, 1u);
  EXPECT_EQ(report.kept_epoch, 1u);
}

TEST(Minimize, OneStepInTheValley) {
  support::Formula<double> valley(support::problem("valley"));
  std::vector<double> w = {3, -2};
  descend(valley, w, steepest(0.1), {.epochs = 1});
  EXPECT_DOUBLE_EQ(w[0], 2.6);
  EXPECT_DOUBLE_EQ(w[1], -1.9);
}

TEST(Minimize, AFullBatchEvaluatesEachPointOnce) {
  for (const std::size_t batch_size : {std::size_t{0}, std::size_t{12}, std::size_t{99}}) {
    LeastSquares<double> f(12, 3, 0.1, 1);
    std::vector<double> w(3);
    std::vector<double> g(3);
    f.value(w);  // before the run: not in its report
    f.value_and_gradient(w, g);
    const Report report = descend(f, w, steepest(0.01), {.epochs = 20, .batch_size = batch_size});
    EXPECT_EQ(report.evaluations.gradients, 21u);
    EXPECT_EQ(report.evaluations.gradient_terms, 21u * 12);
    EXPECT_EQ(report.evaluations.values, 0u);
    EXPECT_EQ(report.steps, 20u);
  }
}

struct Cost {
  LossLog log;
  bool norm;
  std::size_t gradient_terms, value_terms;
};

TEST(Minimize, MiniBatchesCostWhatTheLogAsksFor) {
  const std::size_t n = 10, epochs = 6;
  for (const Cost& cost :
       {Cost{LossLog::running, true, epochs * n, 0}, Cost{LossLog::exact, false, epochs * n, (epochs + 1) * n},
        Cost{LossLog::exact, true, (2 * epochs + 1) * n, 0}}) {
    LeastSquares<double> f(n, 3, 0.1, 1);
    std::vector<double> w(3);
    const Report report =
        descend(f, w, steepest(0.01),
                {.epochs = epochs, .batch_size = 4, .loss_log = cost.log, .log_gradient_norm = cost.norm});
    EXPECT_EQ(report.evaluations.gradient_terms, cost.gradient_terms);
    EXPECT_EQ(report.evaluations.value_terms, cost.value_terms);
    EXPECT_EQ(report.steps, epochs * 3);
  }
}

// The same descent in a few lines: w ← w − γ Σ over the rows of the batch, nothing divided.
std::vector<double> slow_mini_batches(Objective<double>& f, std::vector<double> w, double gamma, std::size_t B,
                                      bool shuffled, std::uint64_t seed, std::uint32_t epochs, double* running) {
  std::vector<double> g(w.size());
  for (std::uint32_t epoch = 1; epoch <= epochs; ++epoch) {
    std::vector<std::uint32_t> order;
    for (std::uint32_t i = 0; i < f.terms(); ++i) order.push_back(i);
    Rng rng(seed, Purpose::shuffle, epoch);
    if (shuffled) shuffle(order, rng);
    *running = 0;
    for (std::size_t first = 0; first < order.size(); first += B) {
      const std::size_t size = std::min(B, order.size() - first);
      *running += f.value_and_gradient(w, g, Terms(order).subspan(first, size));
      // A step is rounded once where the processor can.
      const bool once = kernels::simd<double>().instructions != "baseline";
      for (std::size_t j = 0; j < w.size(); ++j) w[j] = once ? std::fma(-gamma, g[j], w[j]) : w[j] - gamma * g[j];
    }
  }
  return w;
}

TEST(Minimize, MiniBatchesFollowTheSlowLoop) {
  for (const bool shuffled : {true, false})
    for (const std::size_t B : {1u, 3u, 5u}) {
      LeastSquares<double> f(10, 4, 0.1, 1);
      double running = 0;
      const std::vector<double> expected = slow_mini_batches(f, {1, 2, 3, 4}, 0.02, B, shuffled, 77, 5, &running);
      std::vector<double> w = {1, 2, 3, 4};
      Options<double> options{.epochs = 5, .batch_size = B, .shuffle = shuffled, .seed = 77};
      const Report exact = descend(f, w, steepest(0.02), options);
      EXPECT_EQ(w, expected);
      std::vector<double> g(4);
      EXPECT_EQ(exact.loss, f.value_and_gradient(w, g));
      EXPECT_NEAR(exact.gradient_norm, std::sqrt(g[0] * g[0] + g[1] * g[1] + g[2] * g[2] + g[3] * g[3]), 1e-12);

      options.loss_log = LossLog::running;
      w = {1, 2, 3, 4};
      const Report cheap = descend(f, w, steepest(0.02), options);
      EXPECT_EQ(w, expected);
      EXPECT_EQ(cheap.loss, running);
      EXPECT_TRUE(std::isnan(cheap.gradient_norm));
    }
}

TEST(Minimize, RecordsTellTheWholeStory) {
  LeastSquares<float> f(10, 3, 0.1, 1);
  std::vector<float> w(3);
  History<float> history;
  Options<float> options{.epochs = 3, .batch_size = 4};
  options.monitors = {{"first weight", [](ConstParams<float> at) { return double{at[0]}; }}};
  support::Method method{"steepest", {.name = "exponential", .learning_rate = 0.1, .every = 1}, {}};
  const Report report = descend(f, w, method, options, {&history});
  ASSERT_EQ(history.records.size(), 4u);
  for (std::size_t k = 0; k < 4; ++k) {
    const EpochRecord& r = history.records[k];
    EXPECT_EQ(r.epoch, k);
    EXPECT_EQ(r.step, 3 * k);
    EXPECT_EQ(r.terms, 10u);
    EXPECT_EQ(r.batch_size, 4u);
    EXPECT_FALSE(r.running);
    ASSERT_EQ(r.figures.size(), 1u);
    // The last step of epoch k starts at t = k − 1/3.
    EXPECT_NEAR(r.gamma, k == 0 ? 0 : 0.1 * std::pow(0.5, static_cast<double>(k) - 1.0 / 3), 1e-15);
  }
  EXPECT_EQ(history.records[0].figures[0], 0);
  EXPECT_EQ(history.records[3].figures[0], w[0]);
  EXPECT_EQ(history.records[3].loss, report.loss);
  EXPECT_LT(report.loss, history.records[0].loss);
  EXPECT_LE(history.records[3].seconds, report.seconds);
}

TEST(Minimize, TellsTheStepSizeHowEveryEpochEnded) {
  support::Formula<double> f(support::problem("sphere"));
  std::vector<double> w = {1, -2, 3};
  History<double> history;
  // No epoch makes progress by more than 100, so γ halves after every epoch but the first.
  support::Method method{
      "steepest", {.name = "reduce_on_plateau", .learning_rate = 0.1, .patience = 1, .min_delta = 100}, {}};
  descend(f, w, method, {.epochs = 4}, {&history});
  const std::vector<double> expected = {0, 0.1, 0.1, 0.05, 0.025};
  for (std::size_t k = 0; k < 5; ++k) EXPECT_EQ(history.records[k].gamma, expected[k]) << k;
}

TEST(Minimize, TheRunningLogKnowsNothingAtTheStart) {
  LeastSquares<double> f(10, 3, 0.1, 1);
  std::vector<double> w(3);
  History<double> history;
  descend(f, w, steepest(0.01), {.epochs = 2, .batch_size = 4, .loss_log = LossLog::running}, {&history});
  EXPECT_TRUE(history.records[0].running);
  EXPECT_TRUE(std::isnan(history.records[0].loss));
  EXPECT_TRUE(std::isnan(history.records[0].gradient_norm));
  EXPECT_TRUE(std::isfinite(history.records[1].loss));

  history.records.clear();
  descend(f, w, steepest(0.01), {.epochs = 2, .loss_log = LossLog::running}, {&history});
  EXPECT_FALSE(history.records[0].running) << "a full batch is always exact";
  EXPECT_TRUE(std::isfinite(history.records[0].gradient_norm));
}

// Writes down what it is told; stops where asked; changes w at the end if asked.
class Scribe final : public Observer<double> {
 public:
  Scribe(std::string& log, char name, std::size_t stop_at = 0) : log_(log), name_(name), stop_at_(stop_at) {}
  void on_start(const EpochRecord&, ConstParams<double>) override { log_ += {name_, 's', ' '}; }
  std::optional<Stop> on_epoch(const EpochRecord& record, ConstParams<double>) override {
    log_ += name_ + std::to_string(record.epoch) + ' ';
    if (record.epoch != stop_at_) return std::nullopt;
    return Stop{Reason::early_stopping, std::string("asked by ") + name_};
  }
  void on_end(Report& report, Params<double> w) override {
    log_ += {name_, 'e', ' '};
    if (name_ == 'b') {
      w[0] = 42;
      report.loss = -1;
    }
  }

 private:
  std::string& log_;
  char name_;
  std::size_t stop_at_;
};

TEST(Minimize, ObserversAreCalledInOrderAndTheFirstStopWins) {
  LeastSquares<double> f(10, 3, 0.1, 1);
  std::vector<double> w(3);
  std::string log;
  Scribe a(log, 'a'), b(log, 'b', 2), c(log, 'c', 2);
  const Report report = descend(f, w, steepest(0.01), {.epochs = 9}, {&a, &b, &c});
  EXPECT_EQ(log, "as bs cs a1 b1 c1 a2 b2 c2 ae be ce ");
  EXPECT_EQ(report.reason, Reason::early_stopping);
  EXPECT_EQ(report.sentence, "asked by b");
  EXPECT_EQ(w[0], 42);
  EXPECT_EQ(report.loss, -1);
}

TEST(Minimize, ObserversSeeAnEpochBeforeABuiltInStopAndTheCriticalPointWins) {
  support::Formula<double> f(support::problem("sphere"));
  std::vector<double> w = {1, -2, 3};
  std::string log;
  Scribe a(log, 'a', 1);
  const Report report = descend(f, w, steepest(0.5), {.epochs = 9}, {&a});  // lands on the minimum
  EXPECT_EQ(log, "as a1 ae ");
  EXPECT_EQ(report.reason, Reason::gradient_small);
}

TEST(Minimize, WHoldsTheWeightsOfTheMomentWhenAMonitorThrows) {
  for (const std::size_t epochs : {1u, 2u, 3u}) {
    support::Formula<double> f(support::problem("sphere"));
    std::vector<double> plain = {1, -2, 3}, w = plain;
    descend(f, plain, steepest(0.1), {.epochs = epochs});
    std::size_t calls = 0;
    Options<double> options;
    options.monitors = {{"fuse", [&](ConstParams<double>) {
                           if (++calls > epochs) throw std::runtime_error("blown");
                           return 0.0;
                         }}};
    EXPECT_THROW(descend(f, w, steepest(0.1), options), std::runtime_error);
    EXPECT_EQ(w, plain);
  }
}

TEST(Minimize, RefusesOptionsOutOfRange) {
  LeastSquares<double> f(10, 3, 0.1, 1);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto message = [&](const Options<double>& options, std::size_t n = 3) -> std::string {
    std::vector<double> w(n);
    try {
      descend(f, w, steepest(0.01), options);
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::usage);
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(message({}, 4), "w has 4 numbers, but the objective has dimension 3");
  EXPECT_EQ(message({.gradient_tolerance = -1}), "gradient_tolerance = -1 must be in [0, inf)");
  EXPECT_EQ(message({.loss_target = nan}), "loss_target must be a number, got nan");
  EXPECT_EQ(message({.seconds = nan}), "seconds = nan must be in [0, inf]");
  const std::string needs =
      "gradient_tolerance = 0.5 with mini-batches needs the norm of the whole gradient: use the exact loss log with "
      "log_gradient_norm, or a full batch";
  EXPECT_EQ(message({.batch_size = 4, .gradient_tolerance = 0.5, .loss_log = LossLog::running}), needs);
  EXPECT_EQ(message({.batch_size = 4, .gradient_tolerance = 0.5, .log_gradient_norm = false}), needs);
  EXPECT_EQ(message({.batch_size = 0, .gradient_tolerance = 0.5, .loss_log = LossLog::running}), "");
}

}  // namespace
}  // namespace descent
