// Paths and minima that are known in closed form.
#include "framework/random.hpp"
#include "tests/support/problems.hpp"
#include "tests/trainers/run.hpp"
#include "trainers/minimize.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace descent {
namespace {

using support::descend;
using support::Formula;
using support::Method;
using support::momentum;
using support::problem;
using support::Quadratic;
using support::steepest;

constexpr std::uint64_t kQuadratics = 50;

struct Setting {
  std::size_t n;
  double condition;
};
// n in 1 … 20, κ in 1 … 10⁴ and, in one of five, exactly 10⁴.
Setting setting(std::uint64_t seed) {
  Rng rng(seed, Purpose::check, 1);
  const std::size_t n = 1 + rng.below(20);
  return {n, n == 1 ? 1 : seed % 5 == 0 ? 1e4 : std::pow(10, rng.uniform(0, 4))};
}

std::vector<double> start(std::size_t n, std::uint64_t seed) {
  Rng rng(seed, Purpose::check, 2);
  std::vector<double> w(n);
  for (double& x : w) x = rng.normal();
  return w;
}

double distance(std::span<const double> a, std::span<const double> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return std::sqrt(sum);
}

// Compares w_k with the closed form at the end of every epoch.
class ClosedForm final : public Observer<double> {
 public:
  ClosedForm(const Quadratic<double>& f, std::vector<double> w0, double gamma)
      : f_(f), w0_(std::move(w0)), gamma_(gamma) {}
  std::optional<Stop> on_epoch(const EpochRecord& record, ConstParams<double> w) override {
    const std::vector<double> expected = f_.descended(w0_, gamma_, record.epoch);
    worst = std::max(worst, distance(w, expected) / distance(expected, std::vector<double>(w.size())));
    ++epochs;
    return std::nullopt;
  }
  double worst = 0;  // relative to ‖w_k‖
  std::size_t epochs = 0;

 private:
  const Quadratic<double>& f_;
  std::vector<double> w0_;
  double gamma_;
};

TEST(KnownAnswers, OnQuadraticsEveryStepIsTheClosedForm) {
  for (std::uint64_t seed = 0; seed < kQuadratics; ++seed) {
    const auto [n, condition] = setting(seed);
    Quadratic<double> f(n, condition, seed);
    std::vector<double> w = start(n, seed);
    const double gamma = (seed % 2 == 0 ? 1.0 : 1.9) / f.eigenvalues().back();
    ClosedForm closed(f, w, gamma);
    descend(f, w, steepest(gamma), {.epochs = 1000}, {&closed});
    EXPECT_LE(closed.worst, 1e-10) << "n = " << n << ", κ = " << condition;
    EXPECT_GT(closed.epochs, 0u);
  }
}

TEST(KnownAnswers, JustBelowTheStabilityLimitConverges) {
  for (std::uint64_t seed = 0; seed < kQuadratics; ++seed) {
    const auto [n, condition] = setting(seed);
    Quadratic<double> f(n, condition, seed);
    std::vector<double> w = start(n, seed);
    const double gamma = (1 - 1e-3) * 2 / f.eigenvalues().back();
    const double tolerance = 1e-7 * f.eigenvalues().back();
    const Report report = descend(f, w, steepest(gamma), {.epochs = 200'000, .gradient_tolerance = tolerance});
    EXPECT_EQ(report.status(), Status::converged) << "n = " << n << ", κ = " << condition << ": " << report.sentence;
    EXPECT_LE(distance(w, f.minimizer()), tolerance * 1.01) << "λmin = 1";
  }
}

TEST(KnownAnswers, JustAboveTheStabilityLimitDiverges) {
  for (std::uint64_t seed = 0; seed < kQuadratics; ++seed) {
    const auto [n, condition] = setting(seed);
    Quadratic<double> f(n, condition, seed);
    std::vector<double> w = start(n, seed);
    const double gamma = (1 + 1e-3) * 2 / f.eigenvalues().back();  // grows by 1.002 a step
    const Report report = descend(f, w, steepest(gamma), {.epochs = 400'000});
    EXPECT_EQ(report.status(), Status::diverged) << "n = " << n << ", κ = " << condition << ": " << report.sentence;
    EXPECT_TRUE(std::isfinite(f.value(w)));
  }
}

struct Try {
  const char* problem;
  Method method;
  std::size_t epochs;
};

TEST(KnownAnswers, ClassicMinimaAreFoundToSixDigits) {
  const std::vector<Try> tries = {
      {"sphere", steepest(0.1), 200},
      {"valley", steepest(0.3), 200},
      {"booth", steepest(0.1), 300},
      {"matyas", steepest(1.9), 1000},
      {"himmelblau", steepest(0.01), 1000},
      {"beale", momentum(0.005), 10'000},
      {"rosenbrock", steepest(1e-3), 100'000},
      {"rosenbrock", momentum(5e-4), 20'000},
      {"mccormick", steepest(0.2), 1000},
      {"styblinski-tang", steepest(0.02), 1000},
      {"goldstein-price", steepest(1e-4), 5000},
  };
  for (const support::Problem& p : support::problems())
    EXPECT_TRUE(std::any_of(tries.begin(), tries.end(), [&](const Try& t) { return t.problem == p.name; })) << p.name;
  for (const Try& t : tries) {
    Formula<double> f(problem(t.problem));
    std::vector<double> w = problem(t.problem).start;
    const Report report = descend(f, w, t.method, {.epochs = t.epochs});
    EXPECT_LE(distance(w, problem(t.problem).minima[0]), 1e-6) << t.problem << ": " << report.sentence;
    EXPECT_NEAR(report.loss, problem(t.problem).minimum, 1e-10) << t.problem;
  }
}

TEST(KnownAnswers, HimmelblausFourMinimaAttractTheirCorners) {
  const std::vector<std::vector<double>> corners = {{4, 4}, {-4, 4}, {-4, -4}, {4, -4}};
  const support::Problem& p = problem("himmelblau");
  for (std::size_t k = 0; k < 4; ++k) {
    Formula<double> f(p);
    std::vector<double> w = corners[k];
    descend(f, w, steepest(0.01), {.epochs = 1000});
    EXPECT_LE(distance(w, p.minima[k]), 1e-6);
  }
}

TEST(KnownAnswers, TheStabilityLimitOfAClassicIsSharp) {
  for (const support::Problem& p : support::problems()) {
    for (const double side : {0.97, 1.03}) {
      Formula<double> f(p);
      std::vector<double> w = p.minima[0];
      w[0] += 1e-7;
      const double before = distance(w, p.minima[0]);
      descend(f, w, steepest(side * p.limit), {.epochs = 200});
      // Along the steepest curvature the distance changes by |1 − 2·side| = 0.94 or 1.06 a step.
      EXPECT_EQ(distance(w, p.minima[0]) > before, side > 1) << p.name << " " << side;
    }
  }
}

}  // namespace
}  // namespace descent
