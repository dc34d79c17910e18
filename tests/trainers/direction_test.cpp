#include "trainers/direction.hpp"

#include "framework/error.hpp"
#include "framework/random.hpp"
#include "tests/support/problems.hpp"
#include "tests/trainers/run.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <set>

namespace descent {
namespace {

using Gradients = std::vector<double>;  // g_1 … g_t of one weight

// Σᵢ decay^(t−i) h(gᵢ)
double decayed(const Gradients& g, double decay, const std::function<double(double)>& h) {
  double sum = 0;
  for (std::size_t i = 0; i < g.size(); ++i) sum += std::pow(decay, static_cast<double>(g.size() - 1 - i)) * h(g[i]);
  return sum;
}
double same(double g) { return g; }
double squared(double g) { return g * g; }

double adam(const Gradients& g, const DirectionOptions& o) {
  const double t = static_cast<double>(g.size());
  const double m = (1 - o.beta1) * decayed(g, o.beta1, same) / (1 - std::pow(o.beta1, t));
  const double v = (1 - o.beta2) * decayed(g, o.beta2, squared) / (1 - std::pow(o.beta2, t));
  return -m / (std::sqrt(v) + o.epsilon);
}

// d of one weight in closed form: a sum over all gradients so far instead of a recursion.
using Closed = std::function<double(const Gradients& g, double w, const DirectionOptions& o)>;
const std::map<std::string, Closed, std::less<>> kClosed = {
    {"steepest", [](const Gradients& g, double, const DirectionOptions&) { return -g.back(); }},
    {"momentum", [](const Gradients& g, double, const DirectionOptions& o) { return -decayed(g, o.momentum, same); }},
    {"nesterov", [](const Gradients& g, double,
                    const DirectionOptions& o) { return -g.back() - o.momentum * decayed(g, o.momentum, same); }},
    {"adam", [](const Gradients& g, double, const DirectionOptions& o) { return adam(g, o); }},
    {"adamw", [](const Gradients& g, double w, const DirectionOptions& o) { return adam(g, o) - o.weight_decay * w; }},
    {"rmsprop",
     [](const Gradients& g, double, const DirectionOptions& o) {
       return -g.back() / (std::sqrt((1 - o.rho) * decayed(g, o.rho, squared)) + o.epsilon);
     }},
    {"adagrad", [](const Gradients& g, double,
                   const DirectionOptions& o) { return -g.back() / (std::sqrt(decayed(g, 1, squared)) + o.epsilon); }},
};

// Directions of these have tests of their own: they do not work weight by weight.
const std::set<std::string, std::less<>> kJoint = {"conjugate_gradient", "lbfgs", "newton"};

// d of one step at w with gradient g, by a method that does not ask the objective.
template <class Real>
void compute(Direction<Real>& direction, const std::vector<Real>& w, const std::vector<Real>& g, std::size_t step,
             std::vector<Real>& d) {
  support::Formula<Real> unused(support::problem("sphere"));
  direction.compute({unused, {}, w, g, 0, step}, d);
}

template <class Real>
void expect_closed_form(std::string_view name) {
  const auto closed = kClosed.find(name);
  ASSERT_NE(closed, kClosed.end()) << "give the new row '" << name << "' its closed form";
  DirectionOptions options;
  options.epsilon = 1e-3;  // large enough to be seen
  options.momentum = 0.8;
  const std::size_t n = 7;
  const auto direction = make_direction<Real>(name, options);
  direction->start(n);
  Rng rng(11, Purpose::check);
  std::vector<Gradients> seen(n);
  std::vector<Real> w(n), g(n), d(n);
  for (std::size_t step = 0; step < 25; ++step) {
    for (std::size_t i = 0; i < n; ++i) {
      w[i] = static_cast<Real>(rng.normal());
      g[i] = static_cast<Real>(rng.normal());
      seen[i].push_back(static_cast<double>(g[i]));
    }
    compute(*direction, w, g, step, d);
    for (std::size_t i = 0; i < n; ++i) {
      const double expected = closed->second(seen[i], static_cast<double>(w[i]), options);
      // β₂ = 0.999 rounded to Real is off by ε/2, which 1 − β₂ᵗ magnifies by up to 1/(1 − β₂).
      EXPECT_NEAR(static_cast<double>(d[i]), expected,
                  256 * std::numeric_limits<Real>::epsilon() * (1 + std::abs(expected)))
          << name << " step " << step;
    }
  }
}

TEST(Direction, EveryRowFollowsItsClosedForm) {
  for (const auto& row : directions<double>())
    if (!kJoint.contains(row.name)) expect_closed_form<double>(row.name);
  for (const auto& row : directions<float>())
    if (!kJoint.contains(row.name)) expect_closed_form<float>(row.name);
}

TEST(Direction, FirstTwoStepsByHand) {
  const auto first_two = [](std::string_view name) {
    const auto direction = make_direction<double>(name, {.epsilon = 1e-8});
    direction->start(1);
    const std::vector<double> w = {3}, g1 = {4}, g2 = {2};
    std::vector<double> d(1), all;
    compute(*direction, w, g1, 0, d);
    all.push_back(d[0]);
    compute(*direction, w, g2, 1, d);
    all.push_back(d[0]);
    return all;
  };
  EXPECT_EQ(first_two("steepest"), (std::vector<double>{-4, -2}));
  EXPECT_DOUBLE_EQ(first_two("momentum")[1], -(0.9 * 4 + 2));
  EXPECT_DOUBLE_EQ(first_two("nesterov")[0], -(4 + 0.9 * 4));
  EXPECT_DOUBLE_EQ(first_two("nesterov")[1], -(2 + 0.9 * 5.6));
  EXPECT_NEAR(first_two("adam")[0], -4 / (4 + 1e-8), 1e-14) << "-g / (|g| + epsilon)";
  // m = .9·.4 + .1·2 = .56, v = .999·.016 + .001·4 = .019984; m / (1 − .81), v / (1 − .998001)
  EXPECT_NEAR(first_two("adam")[1], -(0.56 / 0.19) / (std::sqrt(0.019984 / 0.001999) + 1e-8), 1e-12);
  EXPECT_NEAR(first_two("adamw")[0], -4 / (4 + 1e-8) - 0.03, 1e-14);
  EXPECT_NEAR(first_two("rmsprop")[0], -4 / (std::sqrt(1.6) + 1e-8), 1e-14);
  EXPECT_NEAR(first_two("adagrad")[1], -2 / (std::sqrt(20.0) + 1e-8), 1e-14);
}

template <class Real>
void expect_minimum(Objective<Real>& f, std::vector<Real> w, std::vector<double> minimizer, const std::string& name) {
  support::Method method{name, {.name = "cosine", .learning_rate = 0.2, .epochs = 3000}, {.weight_decay = 0}};
  Options<Real> options;
  options.epochs = 3000;
  const Report report = support::descend(f, w, method, options);
  EXPECT_NE(report.status(), Status::diverged) << name << ": " << report.sentence;
  for (std::size_t i = 0; i < w.size(); ++i) EXPECT_NEAR(w[i], minimizer[i], 2e-4) << name << " weight " << i;
}

template <class Real>
void expect_every_row_converges() {
  for (const auto& row : directions<Real>()) {
    const support::Problem& sphere = support::problem("sphere");
    support::Formula<Real> f(sphere);
    expect_minimum<Real>(f, {sphere.start.begin(), sphere.start.end()}, sphere.minima[0], std::string(row.name));
    support::Quadratic<Real> q(5, 5, 4);
    expect_minimum<Real>(q, std::vector<Real>(5, Real(0.5)), q.minimizer(), std::string(row.name));
  }
}

TEST(Direction, EveryRowConvergesOnSphereAndQuadratic) {
  expect_every_row_converges<double>();
  expect_every_row_converges<float>();
}

TEST(Direction, AdamWDecaysTowardsZeroWhereTheGradientIsZero) {
  const auto direction = make_direction<double>("adamw", {.weight_decay = 0.25});
  direction->start(2);
  std::vector<double> d(2);
  compute<double>(*direction, {8, -4}, {0, 0}, 0, d);
  EXPECT_EQ(d, (std::vector<double>{-2, 1}));
}

TEST(Direction, StartForgetsAndStateIsWhatRemains) {
  support::Quadratic<double> f(4, 10, 5);
  for (const auto& row : directions<double>()) {
    const auto direction = make_direction<double>(row.name);
    const auto twin = make_direction<double>(row.name);
    std::vector<double> w(4, 1.0), g(4), d(4), again(4), first(4);
    const auto step = [&](Direction<double>& by, std::size_t k, std::vector<double>& into) {
      f.value_and_gradient(w, g);
      by.compute({f, {}, w, g, 0, k}, into);
    };
    direction->start(4);
    for (std::size_t k = 0; k < 3; ++k) {
      step(*direction, k, d);
      if (k == 0) first = d;
      for (std::size_t i = 0; i < 4; ++i) w[i] += 0.05 * d[i];
    }

    // A copy of the state makes another object go on alike.
    twin->start(4);
    const auto from = direction->state(), to = twin->state();
    ASSERT_EQ(from.size(), to.size());
    for (std::size_t i = 0; i < from.size(); ++i) {
      ASSERT_EQ(from[i].values.size(), to[i].values.size());
      std::copy(from[i].values.begin(), from[i].values.end(), to[i].values.begin());
    }
    const auto numbers = direction->numbers(), copies = twin->numbers();
    ASSERT_EQ(numbers.size(), copies.size());
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers_of(copies)[i].set(numbers_of(numbers)[i].get());
    step(*direction, 3, d);
    step(*twin, 3, again);
    EXPECT_EQ(d, again) << row.name;

    direction->start(4);
    w.assign(4, 1.0);
    step(*direction, 0, d);
    EXPECT_EQ(d, first) << row.name;
  }
}

TEST(Direction, ASquareThatOverflowsIsNotAStandstill) {
  for (const std::string name : {"adam", "adamw", "rmsprop", "adagrad"}) {
    const auto direction = make_direction<float>(name);
    direction->start(1);
    std::vector<float> d(1);
    compute<float>(*direction, {0}, {1e30f}, 0, d);
    EXPECT_TRUE(std::isnan(d[0])) << name;
  }
}

std::string message(std::string_view name, const DirectionOptions& options) {
  try {
    make_direction<float>(name, options);
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::usage);
    return error.what();
  }
  return "";
}

TEST(Direction, RefusesConstantsOutOfRangeByName) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(message("momentum", {.momentum = 1}), "momentum: momentum = 1 must be in [0, 1)");
  EXPECT_EQ(message("nesterov", {.momentum = -0.1}), "nesterov: momentum = -0.1 must be in [0, 1)");
  EXPECT_EQ(message("adam", {.beta1 = nan}), "adam: beta1 = nan must be in [0, 1)");
  EXPECT_EQ(message("adam", {.beta2 = 1.5}), "adam: beta2 = 1.5 must be in [0, 1)");
  EXPECT_EQ(message("adagrad", {.epsilon = 0}), "adagrad: epsilon = 0 must be in (0, inf)");
  EXPECT_EQ(message("rmsprop", {.rho = 1}), "rmsprop: rho = 1 must be in [0, 1)");
  EXPECT_EQ(message("adamw", {.weight_decay = -1}), "adamw: weight_decay = -1 must be in [0, inf)");
  EXPECT_EQ(message("adam", {.epsilon = 1e-60}),
            "adam: epsilon = 1e-60 is 0 in this precision; use 1.1754943508222875e-38 or more");
  EXPECT_EQ(message("steepest", {.momentum = 7}), "") << "a constant that the row does not use";
}

TEST(Direction, AnUnknownNameGetsTheKnownOnes) {
  EXPECT_EQ(message("adamx", {}),
            "unknown direction 'adamx'; did you mean 'adam'? (known: steepest, momentum, nesterov, adam, adamw, "
            "rmsprop, adagrad, conjugate_gradient, lbfgs, newton)");
}

TEST(Direction, NamesOfRowsAndObjectsAgree) {
  for (const auto& row : directions<float>()) {
    EXPECT_EQ(make_direction<float>(row.name)->name(), row.name);
    EXPECT_FALSE(row.formula.empty());
  }
  EXPECT_EQ(direction_names().size(), directions<double>().size());
}

}  // namespace
}  // namespace descent
