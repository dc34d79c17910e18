#include "trainers/line_search.hpp"

#include "framework/error.hpp"
#include "tests/trainers/landscapes.hpp"
#include "tests/trainers/search_suite.hpp"
#include "trainers/dot.hpp"
#include "trainers/finite.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace descent {
namespace {

using support::Formula;
using support::OnStep;
using support::Problem;
using support::Quadratic;
using support::search;

// Directions that minimise a smooth f with any line search, within the budget of the suite.
const std::vector<std::string> kDirections = {"steepest", "momentum",           "nesterov", "adam",  "rmsprop",
                                              "adagrad",  "conjugate_gradient", "lbfgs",    "newton"};

TEST(LineSearch, WolfeConditionsHoldAtEveryAcceptedStep) {
  for (const Problem& p : support::problems())
    for (const std::string& direction : kDirections) {
      Formula<double> f(p);
      std::vector<double> w = p.start;
      LineSearchOptions o{.c2 = 0.4};
      std::size_t steps = 0;
      OnStep<double> look([&](const StepView<double>& s) {
        const double end = dot<double>(s.gradient, s.d), rounding = rounding_of<double>(s.loss_from);
        ASSERT_LT(s.slope, 0);
        // Where neither f nor w resolves the step, slopes are rounding too.
        if (-s.gamma * s.slope <= rounding || s.gamma * norm<double>(s.d) <= 1e-10 * norm<double>(s.from)) return;
        ++steps;
        EXPECT_LE(std::abs(end), o.c2 * std::abs(s.slope)) << p.name << " " << direction << " step " << s.step;
        const double line = s.loss_from + o.c1 * s.gamma * s.slope;
        const bool drowned = o.c1 * s.gamma * std::abs(s.slope) <= rounding;
        EXPECT_LE(s.loss_to, drowned ? s.loss_from + rounding : line) << p.name << " " << direction << " " << s.step;
      });
      search<double>(f, w, direction, "wolfe", {.epochs = 300, .gradient_tolerance = 1e-8}, o, {&look});
      EXPECT_GT(steps, 0u) << p.name;
    }
}

TEST(LineSearch, ArmijosInequalityHoldsAtEveryAcceptedStep) {
  for (const Problem& p : support::problems())
    for (const std::string row : {"armijo", "exact"}) {
      Formula<double> f(p);
      std::vector<double> w = p.start;
      OnStep<double> look([&](const StepView<double>& s) {
        const double rounding = rounding_of<double>(s.loss_from), line = s.loss_from + 0.3 * s.gamma * s.slope;
        EXPECT_LE(s.loss_to, s.loss_from - line <= rounding ? s.loss_from + rounding : line)
            << p.name << " " << row << " step " << s.step;
      });
      search<double>(f, w, "steepest", row, {.epochs = 300}, {.c1 = 0.3}, {&look});
    }
}

template <class Real>
void expect_minimum(Objective<Real>& f, std::vector<Real> w, const std::vector<double>& minimizer, double lowest,
                    double tolerance, const std::string& direction, const std::string& row) {
  const Report report =
      search<Real>(f, w, direction, row, {.epochs = 3000, .gradient_tolerance = 1e-9}, {.minimum = lowest});
  EXPECT_NE(report.status(), Status::diverged) << report.sentence;
  EXPECT_NE(report.reason, Reason::no_descent) << direction << " " << row << ": " << report.sentence;
  for (std::size_t i = 0; i < w.size(); ++i)
    EXPECT_NEAR(w[i], minimizer[i], tolerance) << direction << " " << row << ": " << report.sentence;
}

template <class Real>
void expect_every_pair_converges(double tolerance) {
  for (const auto& direction : directions<Real>()) {
    if (direction.name == "adamw") continue;  // minimises something else
    for (const std::string& row : line_search_names()) {
      for (const char* name : {"sphere", "valley", "booth"}) {
        const Problem& p = support::problem(name);
        Formula<Real> f(p);
        expect_minimum<Real>(f, {p.start.begin(), p.start.end()}, p.minima[0], p.minimum, tolerance,
                             std::string(direction.name), row);
      }
      Quadratic<Real> q(6, 10, 4);
      std::vector<Real> best(q.minimizer().begin(), q.minimizer().end());
      // Polyak's step ends where f reaches its minimum to rounding, which is √ε away.
      expect_minimum<Real>(q, std::vector<Real>(6, Real(0.5)), q.minimizer(), q.value(best), 3 * tolerance,
                           std::string(direction.name), row);
    }
  }
}

TEST(LineSearch, EveryDirectionConvergesWithEveryRow) { expect_every_pair_converges<double>(1e-5); }
TEST(LineSearch, EveryDirectionConvergesWithEveryRowInFloat32) { expect_every_pair_converges<float>(5e-3); }

TEST(LineSearch, KnownAnswersByEverySuitablePair) {
  for (const Problem& p : support::problems())
    for (const auto& [direction, row] : std::vector<std::pair<std::string, std::string>>{
             {"lbfgs", "wolfe"}, {"lbfgs", "armijo"}, {"steepest", "barzilai_borwein"}, {"steepest", "wolfe"}}) {
      Formula<double> f(p);
      std::vector<double> w = p.start;
      const Report r =
          search<double>(f, w, direction, row, {.epochs = 20000, .gradient_tolerance = 1e-9, .settled_epochs = 20});
      EXPECT_EQ(r.status(), Status::converged) << p.name << " " << direction << " " << row << ": " << r.sentence;
      EXPECT_LE(support::distance(w, p), 1e-6) << p.name << " " << direction << " " << row << ": " << r.sentence;
    }
}

TEST(LineSearch, RosenbrockByLbfgsInUnderSixtyEvaluations) {
  const Problem& p = support::problem("rosenbrock");
  Formula<double> f(p);
  std::vector<double> w = p.start;
  const Report r = search<double>(f, w, "lbfgs", "wolfe", {.gradient_tolerance = 1e-6});
  EXPECT_EQ(r.reason, Reason::gradient_small) << r.sentence;
  EXPECT_LT(r.evaluations.gradients + r.evaluations.values, 60u);
  EXPECT_LE(support::distance(w, p), 1e-6);
}

TEST(LineSearch, RosenbrockByPlainDescentWithArmijo) {
  const Problem& p = support::problem("rosenbrock");
  Formula<double> f(p);
  std::vector<double> w = p.start;
  const Report r = search<double>(f, w, "steepest", "armijo", {.epochs = 30000, .gradient_tolerance = 1e-7});
  EXPECT_EQ(r.reason, Reason::gradient_small) << r.sentence;
  EXPECT_LE(support::distance(w, p), 1e-6);
}

TEST(LineSearch, ExactStepsOfConjugateGradientsSolveAQuadraticInNSteps) {
  for (const std::size_t n : {2u, 5u, 10u, 20u}) {
    Quadratic<double> f(n, 10, n);
    std::vector<double> w(n, 0.0);
    const Report r = search<double>(f, w, "conjugate_gradient", "exact", {.epochs = n});
    EXPECT_EQ(r.evaluations.gradients, r.epochs + 1) << "one evaluation a step";
    EXPECT_EQ(r.evaluations.values, 0u);
    EXPECT_LE(support::distance(w, f.minimizer()), 1e-9) << n << ": " << r.sentence;
  }
}

TEST(LineSearch, OneExactStepSolvesASphere) {
  Formula<double> f(support::problem("sphere"));
  std::vector<double> w = {1, -2, 3};
  EXPECT_EQ(search<double>(f, w, "steepest", "exact", {}).steps, 1u);
}

// What minimize evaluates is what the searches say they tried: each point once.
TEST(LineSearch, TheAcceptedPointIsNotEvaluatedAgain) {
  for (const std::string& row : line_search_names())
    for (const std::string direction : {"steepest", "lbfgs"}) {
      const Problem& p = support::problem("himmelblau");
      Formula<double> f(p);
      std::vector<double> w = p.start, g(2);
      OnStep<double> look([&](const StepView<double>& s) {
        Formula<double> fresh(p);
        std::vector<double> again(2);
        const double value = fresh.value_and_gradient(s.to, again);
        EXPECT_EQ(value, s.loss_to) << "the bits of evaluating again";
        EXPECT_TRUE(std::equal(again.begin(), again.end(), s.gradient.begin()));
      });
      std::vector<Observer<double>*> observers = {&look};
      const Report r = search<double>(f, w, direction, row, {.epochs = 15}, {.minimum = 0}, observers);
      if (row != "polyak") continue;
      EXPECT_EQ(r.evaluations.gradients, r.steps + 1);
      EXPECT_EQ(r.evaluations.values, 0u);
    }
  // By hand: f = x² from 4, first trial 1/4·… accepted at once: one gradient at the start and one a step.
  Formula<double> f(support::problem("sphere"));
  std::vector<double> w = {4, 0, 0};
  const Report r = search<double>(f, w, "steepest", "armijo", {.epochs = 1}, {.initial_step = 0.25});
  EXPECT_EQ(r.evaluations.gradients, 2u);
  EXPECT_EQ(r.evaluations.values, 0u);
  EXPECT_EQ(w[0], 2);
}

TEST(LineSearch, ArmijoByHand) {
  // f = x² from 3 with γ = 1: −3 is no decrease, γ = 1/2 goes to 0.
  Formula<double> f(support::problem("sphere"));
  std::vector<double> w = {3, 0, 0};
  const Report r = search<double>(f, w, "steepest", "armijo", {.epochs = 1}, {.initial_step = 1});
  EXPECT_EQ(w[0], 0);
  EXPECT_EQ(r.reason, Reason::gradient_small);
}

TEST(LineSearch, BarzilaiBorweinByHand) {
  // Hessian [[2, 1], [1, 2]], so sᵀs/sᵀy is 1 over a Rayleigh quotient of s = −γ g.
  for (const bool is_short : {false, true}) {
    Formula<double> f(support::problem("valley"));
    std::vector<double> w = {3, -2}, gammas;
    OnStep<double> look([&](const StepView<double>& s) { gammas.push_back(s.gamma); });
    search<double>(f, w, "steepest", "barzilai_borwein", {.epochs = 2}, {.initial_step = 0.1, .short_step = is_short},
                   {&look});
    // g = (4, −1): gᵀHg = 26, gᵀg = 17, ‖Hg‖² = 49 + 4 = 53.
    EXPECT_NEAR(gammas[1], is_short ? 26.0 / 53 : 17.0 / 26, 1e-14);
  }
}

TEST(LineSearch, PolyakByHand) {
  Formula<double> f(support::problem("sphere"));
  std::vector<double> w = {4, 0, 0};
  search<double>(f, w, "steepest", "polyak", {.epochs = 1}, {.minimum = 0});
  EXPECT_EQ(w[0], 2) << "γ = 16 / 64";
  try {
    search<double>(f, w, "steepest", "polyak", {}, {.minimum = 100});
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "polyak: the loss 4 is below the stated minimum = 100; state a lower one");
  }
  Quadratic<double> q(4, 10, 4);
  std::vector<double> best = q.minimizer(), v(4, 1.0);
  const Report r = search<double>(q, v, "steepest", "polyak", {.epochs = 10000}, {.minimum = q.value(best)});
  EXPECT_EQ(r.reason, Reason::precision_limit);
  EXPECT_EQ(r.sentence.find("reached the known minimum value in step "), 0u) << r.sentence;
}

TEST(LineSearch, AStepThatLeavesTheDomainIsShortened) {
  support::JetObjective f([](const support::Jet* x) { return x[0] - log(x[0]); }, 1);  // x > 0, minimum at 1
  for (const std::string& row : line_search_names())
    for (const std::string direction : {"steepest", "lbfgs", "newton", "conjugate_gradient"}) {
      std::vector<double> w = {5};
      const Report r = search<double>(f, w, direction, row, {.epochs = 500, .gradient_tolerance = 1e-9},
                                      {.initial_step = 1000, .minimum = 1});
      EXPECT_EQ(r.status(), Status::converged) << direction << " " << row << ": " << r.sentence;
      EXPECT_NEAR(w[0], 1, 1e-6) << direction << " " << row;
    }
}

TEST(LineSearch, WhereTheCurvatureIsNotPositiveTheExactStepBacktracksAndSaysSo) {
  support::JetObjective f(support::landscape("x^4 - x^2"));
  std::vector<double> w = {0.1};
  std::vector<std::string> remarks;
  OnStep<double> look([&](const StepView<double>& s) { remarks.emplace_back(s.remark); });
  const Report r = search<double>(f, w, "steepest", "exact", {.gradient_tolerance = 1e-10}, {}, {&look});
  EXPECT_EQ(r.reason, Reason::gradient_small) << r.sentence;
  EXPECT_NEAR(w[0], std::sqrt(0.5), 1e-8);
  EXPECT_EQ(remarks.front(),
            "curvature dᵀHd ≤ 0 along the step: no lowest point of the quadratic model, backtracked instead");
  EXPECT_EQ(remarks.back(), "");
}

// Always up.
class Climber final : public Direction<double> {
 public:
  std::string_view name() const override { return "climber"; }
  void start(std::size_t) override { restarts = 0; }
  void compute(const DirectionContext<double>& context, Params<double> d) override {
    std::copy(context.g.begin(), context.g.end(), d.begin());
  }
  void restart() override { ++restarts; }
  std::size_t restarts = 0;
};

TEST(LineSearch, ADirectionThatDoesNotLeadDownIsReplacedByTheNegativeGradient) {
  Climber climber;
  for (const std::string& row : line_search_names()) {
    Formula<double> f(support::problem("booth"));
    std::vector<double> w = {-5, 5}, v = w;
    const auto step_size = make_line_search<double>(row, {.minimum = 0});
    const Report r = minimize<double>(f, w, climber, *step_size, {.epochs = 20});
    search<double>(f, v, "steepest", row, {.epochs = 20}, {.minimum = 0});
    EXPECT_EQ(w, v) << row;
    EXPECT_EQ(climber.restarts, r.steps) << row;
  }
}

TEST(LineSearch, AKinkIsNoMinimumOfTheGradient) {
  support::JetObjective f(support::landscape("abs(x)"));
  for (const std::string row : {"armijo", "wolfe"}) {
    std::vector<double> w = {0.7};
    const Report r = search<double>(f, w, "steepest", row, {.epochs = 1000});
    EXPECT_NEAR(w[0], 0, 1e-9) << row << r.sentence;
    EXPECT_TRUE(r.reason == Reason::no_descent || r.reason == Reason::gradient_small) << r.sentence;
  }
}

TEST(LineSearch, MiniBatchesAreSearchedOnTheirOwnTerms) {
  for (const std::string& row : line_search_names())
    for (const auto& direction : directions<double>()) {
      support::LeastSquares<double> f(60, 4, 0, 3);  // no noise: every batch has the same minimum, 0
      std::vector<double> w(4, 0.0), g(4);
      const Report r =
          search<double>(f, w, std::string(direction.name), row, {.epochs = 60, .batch_size = 10}, {.minimum = 0});
      EXPECT_EQ(r.reason == Reason::epoch_budget || r.reason == Reason::gradient_small, true) << r.sentence;
      const double limit = direction.name == "adamw" ? 1 : 1e-3;
      EXPECT_LT(r.loss, limit) << direction.name << " " << row << ": " << r.sentence;
      if (direction.name == "lbfgs" || row == "barzilai_borwein") continue;  // one more gradient a step
      EXPECT_LE(r.evaluations.value_terms, 60 * r.evaluations.values) << "never more than all";
    }
}

TEST(LineSearch, RefusesAnObjectiveWithoutSecondDerivatives) {
  class Plain final : public Objective<double> {
    std::size_t dimension() const override { return 1; }
    std::size_t terms() const override { return 1; }
    double do_value(ConstParams<double> w, Terms) override { return w[0] * w[0]; }
    double do_value_and_gradient(ConstParams<double> w, Params<double> g, Terms) override {
      g[0] = 2 * w[0];
      return w[0] * w[0];
    }
  } f;
  const auto said = [&](const std::string& direction, const std::string& row) -> std::string {
    std::vector<double> w = {1};
    try {
      search<double>(f, w, direction, row, {});
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::usage);
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(
      said("newton", "armijo"),
      "newton needs second derivatives, which this objective does not have; use lbfgs, which needs gradients only");
  EXPECT_EQ(said("steepest", "exact"),
            "this step size needs second derivatives, which this objective does not have; use "
            "wolfe or armijo, which need gradients only");
  EXPECT_EQ(said("lbfgs", "wolfe"), "");
}

std::string message(const std::string& row, const LineSearchOptions& options) {
  try {
    make_line_search<float>(row, options);
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::usage);
    return error.what();
  }
  return "";
}

TEST(LineSearch, RefusesConstantsOutOfRangeByName) {
  EXPECT_EQ(message("armijo", {.c1 = 0.5}), "armijo: c1 = 0.5 must be in (0, 0.5)");
  EXPECT_EQ(message("armijo", {.contraction = 1}), "armijo: contraction = 1 must be in (0, 1)");
  EXPECT_EQ(message("armijo", {.growth = 0.5}), "armijo: growth = 0.5 must be in [1, inf)");
  EXPECT_EQ(message("wolfe", {.c2 = 1}), "wolfe: c2 = 1 must be in [0, 1)");
  EXPECT_EQ(message("wolfe", {.c1 = 0.2, .c2 = 0.1}),
            "wolfe: c2 = 0.1 must be more than c1 = 0.2, or 0 to choose by the direction");
  EXPECT_EQ(message("barzilai_borwein", {.memory = 2.5}), "barzilai_borwein: memory = 2.5 must be a whole number");
  EXPECT_EQ(message("polyak", {}), "polyak: minimum = nan must be in (-inf, inf)");
  EXPECT_EQ(message("polyak", {.minimum = 0, .relaxation = 2}), "polyak: relaxation = 2 must be in (0, 2)");
  EXPECT_EQ(message("armijo", {.minimum = NAN}), "") << "a constant that the row does not use";
  EXPECT_EQ(
      message("armijoo", {}),
      "unknown line search 'armijoo'; did you mean 'armijo'? (known: armijo, wolfe, exact, barzilai_borwein, polyak)");
}

}  // namespace
}  // namespace descent
