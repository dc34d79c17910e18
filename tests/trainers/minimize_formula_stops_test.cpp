// Why a run on a formula ends: relative tolerance, settled, unbounded, beyond a bound, stuck.
#include "framework/error.hpp"
#include "tests/trainers/landscapes.hpp"
#include "tests/trainers/search_suite.hpp"
#include "trainers/curvature.hpp"
#include "trainers/dot.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace descent {
namespace {

using support::descend;
using support::Formula;
using support::steepest;

TEST(MinimizeFormulaStops, AtAToleranceRelativeToTheStart) {
  Formula<double> f(support::problem("sphere"));
  std::vector<double> w = {4, 0, 0};  // ‖g‖ = 8 / 2ᵏ
  Report r = descend(f, w, steepest(0.25), {.relative_gradient_tolerance = 0.125});
  EXPECT_EQ(r.epochs, 3u);
  EXPECT_EQ(r.sentence, "reached a critical point in epoch 3: ‖∇L‖ = 1 is at most the tolerance 1");
  EXPECT_EQ(descend(f, w, steepest(0.25), {.epochs = 0, .relative_gradient_tolerance = 0.125}).reason,
            Reason::epoch_budget)
      << "a start is no critical point relative to itself";
}

TEST(MinimizeFormulaStops, WhereTheLossNoLongerChanges) {
  support::JetObjective f([](const support::Jet* x) { return 1 + square(x[0]); }, 1);
  std::vector<double> w = {1};
  const Report r = descend(f, w, steepest(0.25), {.epochs = 1000, .settled_epochs = 3});
  EXPECT_EQ(r.reason, Reason::loss_settled);
  EXPECT_EQ(r.status(), Status::converged);
  EXPECT_EQ(r.epochs, 30u) << "4⁻²⁷ is below half an ulp of 1: the value is 1 from epoch 27 on";
  EXPECT_EQ(r.sentence.find("settled in epoch 30: the loss no longer changed in each of the last 3 epochs (‖∇L‖ = "),
            0u)
      << r.sentence;
  w = {1};
  const Report loose = descend(f, w, steepest(0.25), {.epochs = 1000, .settled_epochs = 1, .loss_tolerance = 0.01});
  EXPECT_EQ(loose.epochs, 5u) << "the change from 1 + 4⁻³ to 1 + 4⁻⁴ is 0.0117, the next 0.0029";
}

TEST(MinimizeFormulaStops, EpochsThatDoNotFollowEachOtherDoNotSettle) {
  // On |w|² γ = 1 reflects, which changes nothing, and 1/4 halves.
  class InTurns final : public StepSize<double> {
   public:
    double length(const StepContext<double>& context) override { return context.step % 2 == 0 ? 1 : 0.25; }
  } in_turns;
  Formula<double> f(support::problem("sphere"));
  std::vector<double> w = {4, 0, 0};
  const auto direction = make_direction<double>("steepest");
  EXPECT_EQ(minimize<double>(f, w, *direction, in_turns, {.epochs = 20, .settled_epochs = 2}).reason,
            Reason::epoch_budget);
  EXPECT_EQ(minimize<double>(f, w, *direction, in_turns, {.epochs = 20, .settled_epochs = 1}).epochs, 1u);
}

TEST(MinimizeFormulaStops, SevenTenthsDivergesOnTheValley) {
  Formula<double> f(support::problem("valley"));
  std::vector<double> w = {3, -2};
  const Report r = descend(f, w, steepest(0.7), {.epochs = 1000, .loss_bound = 1e12});
  EXPECT_EQ(r.reason, Reason::diverged);
  EXPECT_LT(r.epochs, 200u);
  EXPECT_EQ(r.sentence.find("diverged: the loss grew from 7 to "), 0u) << r.sentence;
  EXPECT_EQ(stability_text(f, w, 0.7),
            "λmax = 3 at this point: γ must stay below 2/λmax = 0.666667, and γ = 0.7 is beyond it");
}

TEST(MinimizeFormulaStops, WhereTheLossHasNoMinimum) {
  support::JetObjective f(support::landscape("x^3 - 3x"));
  std::vector<double> w = {-2};
  const Report r = descend(f, w, steepest(0.1), {.epochs = 1000, .loss_bound = 1e9});
  EXPECT_EQ(r.reason, Reason::unbounded);
  EXPECT_EQ(r.status(), Status::diverged);
  EXPECT_EQ(r.sentence.find("unbounded: the loss fell to -"), 0u) << r.sentence;
}

TEST(MinimizeFormulaStops, AThousandthBesideTheLimitDecides) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    support::Quadratic<double> f(4, 50, seed);
    for (const double side : {-1e-3, 1e-3}) {
      std::vector<double> w(4, 1.0);
      const Report r = descend(f, w, steepest((1 + side) * 2 / 50.0),
                               {.epochs = 40000, .relative_gradient_tolerance = 1e-8, .loss_bound = 1e6});
      EXPECT_EQ(r.status(), side < 0 ? Status::converged : Status::diverged) << seed << ": " << r.sentence;
    }
  }
}

TEST(MinimizeFormulaStops, StuckWhereTheGradientIsWrong) {
  class Liar final : public Objective<double> {
   public:
    std::size_t dimension() const override { return 1; }
    std::size_t terms() const override { return 1; }

   private:
    double do_value(ConstParams<double> w, Terms) override { return w[0] * w[0]; }
    double do_value_and_gradient(ConstParams<double> w, Params<double> g, Terms) override {
      g[0] = -2 * w[0];
      return w[0] * w[0];
    }
  } f;
  for (const std::string row : {"armijo", "wolfe", "barzilai_borwein"}) {
    std::vector<double> w = {1};
    const Report r = support::search<double>(f, w, "steepest", row, {});
    EXPECT_EQ(r.reason, Reason::no_descent) << row << r.sentence;
    EXPECT_EQ(r.status(), Status::stopped);
    EXPECT_EQ(w[0], 1);
    EXPECT_EQ(r.sentence,
              "stuck after step 0: no step along the negative gradient lowers the loss, though ‖∇L‖ = 2; the "
              "loss has a kink there, or its gradient is wrong");
  }
}

TEST(MinimizeFormulaStops, RefusesTolerancesOutOfRange) {
  Formula<double> f(support::problem("sphere"));
  std::vector<double> w = {1, 1, 1};
  const auto said = [&](const Options<double>& options) -> std::string {
    try {
      descend(f, w, steepest(0.1), options);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(said({.relative_gradient_tolerance = 1}), "relative_gradient_tolerance = 1 must be in [0, 1)");
  EXPECT_EQ(said({.loss_tolerance = -1}), "loss_tolerance = -1 must be in [0, 1)");
  EXPECT_EQ(said({.loss_bound = 0}), "loss_bound = 0 must be in (0, inf]");
}

// A run cut in two by its state goes on bit for bit.
TEST(MinimizeFormulaStops, StateIsComplete) {
  for (const auto& row : directions<double>())
    for (const std::string& search : line_search_names()) {
      support::Quadratic<double> f(5, 30, 3);
      std::vector<double> best = f.minimizer();
      const LineSearchOptions o{.minimum = f.value(best)};
      const auto direction = make_direction<double>(row.name), twin = make_direction<double>(row.name);
      const auto step_size = make_line_search<double>(search, o), other = make_line_search<double>(search, o);
      direction->start(5);
      step_size->start(5);
      twin->start(5);
      other->start(5);
      std::vector<double> w(5, 1.0), g(5), d(5), next(5);
      LineFunction<double> line(f);
      line.start(5);
      const auto step = [&](Direction<double>& way, StepSize<double>& length, std::size_t k) {
        const double value = f.value_and_gradient(w, g);
        way.compute({f, {}, w, g, value, k}, d);
        if (!(dot<double>(g, d) < 0))
          for (std::size_t i = 0; i < 5; ++i) d[i] = -g[i];
        line.aim(w, d, next, {}, value, dot<double>(g, d), true);
        StepContext<double> context{f, {}, w, g, d, value, k, static_cast<double>(k), 1};
        context.line = &line;
        context.natural_step = way.has_natural_step();
        return length.length(context);
      };
      for (std::size_t k = 0; k < 6; ++k) {
        const double gamma = step(*direction, *step_size, k);
        for (std::size_t i = 0; i < 5; ++i) w[i] += gamma * d[i];
      }
      const auto copy = [](const auto& from, const auto& to) {
        ASSERT_EQ(from.size(), to.size());
        for (std::size_t i = 0; i < from.size(); ++i)
          std::copy(from[i].values.begin(), from[i].values.end(), to[i].values.begin());
      };
      const auto copy_numbers = [](const std::vector<StateValue>& from, const std::vector<StateValue>& to) {
        ASSERT_EQ(from.size(), to.size());
        for (std::size_t i = 0; i < from.size(); ++i) numbers_of(to)[i].set(numbers_of(from)[i].get());
      };
      copy(direction->state(), twin->state());
      copy_numbers(direction->numbers(), twin->numbers());
      copy(step_size->vectors(), other->vectors());
      copy_numbers(step_size->state(), other->state());
      const double gamma = step(*direction, *step_size, 6);
      const std::vector<double> way = d;
      EXPECT_EQ(step(*twin, *other, 6), gamma) << row.name << " " << search;
      EXPECT_EQ(d, way) << row.name << " " << search;
    }
}

}  // namespace
}  // namespace descent
