// The probe and the range test on problems whose limit 2/λmax is known.
#include "framework/error.hpp"
#include "framework/random.hpp"
#include "tests/support/problems.hpp"
#include "trainers/lanczos.hpp"
#include "trainers/minimize.hpp"
#include "trainers/probe.hpp"
#include "trainers/range_test.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace descent {
namespace {

// f(w) = Σ ½ λᵢ wᵢ², with as many terms as eigenvalues where asked; NaN beyond a distance of 1e3.
class Bowl final : public Objective<double> {
 public:
  explicit Bowl(std::vector<double> lambda, double beyond = 1e3) : lambda_(std::move(lambda)), beyond_(beyond) {}
  std::size_t dimension() const override { return lambda_.size(); }
  std::size_t terms() const override { return lambda_.size(); }
  bool has_hessian() const override { return true; }

 private:
  double do_value(ConstParams<double> w, Terms batch) override {
    std::vector<double> g(w.size());
    return do_value_and_gradient(w, g, batch);
  }
  double do_value_and_gradient(ConstParams<double> w, Params<double> g, Terms batch) override {
    std::fill(g.begin(), g.end(), 0.0);
    double f = 0;
    const auto add = [&](std::size_t i) {
      f += lambda_[i] * w[i] * w[i] / 2;
      g[i] += lambda_[i] * w[i];
      if (std::abs(w[i]) > beyond_) f = std::numeric_limits<double>::quiet_NaN();
    };
    if (batch.empty())
      for (std::size_t i = 0; i < w.size(); ++i) add(i);
    else
      for (const auto i : batch) add(i);
    return f;
  }
  void do_hessian_vector(ConstParams<double>, ConstParams<double> v, Params<double> hv, Terms) override {
    for (std::size_t i = 0; i < v.size(); ++i) hv[i] = lambda_[i] * v[i];
  }
  std::vector<double> lambda_;
  double beyond_;
};

const std::vector<double> kStart = {1, -2, 3};

TEST(Probe, FindsTheLimitOfABowl) {
  for (const double scale : {1e-3, 1.0, 250.0}) {
    Bowl bowl({4 * scale, 4 * scale, 4 * scale});
    const auto steepest = make_direction<double>("steepest");
    for (const double guess : {0.5 / scale, 0.001 / scale, 90 / scale}) {
      const Probe found = probe<double>(bowl, kStart, *steepest, {.guess = guess, .tolerance = 1e-4});
      EXPECT_TRUE(found.bracketed);
      EXPECT_NEAR(found.gamma * scale, 0.5, 1e-4);
    }
  }
}

TEST(Probe, StopsAtTheEndsOfItsRange) {
  Bowl flat({0, 0, 0}), bowl({4, 4, 4});
  const auto steepest = make_direction<double>("steepest");
  EXPECT_EQ(probe<double>(flat, kStart, *steepest).gamma, 0);  // nothing falls
  const Probe short_range = probe<double>(bowl, kStart, *steepest, {.guess = 1e-9, .range = 100});
  EXPECT_FALSE(short_range.bracketed);
  EXPECT_GT(short_range.gamma, 1e-8);
  EXPECT_THROW(probe<double>(bowl, kStart, *steepest, {.guess = 0}), Error);
}

TEST(Probe, StartsDirectionsThatRememberAnew) {
  Bowl bowl({4, 4, 4});
  const auto momentum = make_direction<double>("momentum", {.momentum = 0.5});
  const Probe a = probe<double>(bowl, kStart, *momentum), b = probe<double>(bowl, kStart, *momentum);
  EXPECT_EQ(a.gamma, b.gamma);
  EXPECT_GT(a.gamma, 0.5);  // momentum's limit is 2 (1 + μ) / λmax = 0.75
  EXPECT_LT(a.gamma, 0.76);
}

TEST(RangeTest, LeavesWeightsAloneAndRepeatsItself) {
  Bowl bowl({1, 2, 4});
  std::vector<double> w = kStart;
  const auto adam = make_direction<double>("adam");
  for (const std::size_t batch : {0u, 1u}) {
    const RangeTestOptions options{.low = 1e-4, .high = 10, .steps = 60, .batch_size = batch};
    const RangeTest a = range_test<double>(bowl, w, *adam, options), b = range_test<double>(bowl, w, *adam, options);
    EXPECT_EQ(w, kStart);
    ASSERT_EQ(a.points.size(), b.points.size());
    for (std::size_t i = 0; i < a.points.size(); ++i) EXPECT_EQ(a.points[i].loss, b.points[i].loss);
    EXPECT_EQ(a.remark, "");
    EXPECT_EQ(a.valley, b.valley);
  }
}

TEST(RangeTest, SuggestsBelowTheLimit) {
  Bowl bowl({4, 4, 4});
  const auto steepest = make_direction<double>("steepest");
  const RangeTest test = range_test<double>(bowl, kStart, *steepest, {.low = 1e-5, .high = 100, .steps = 100});
  EXPECT_TRUE(test.diverged);
  EXPECT_EQ(test.remark, "");
  for (const double gamma : {test.steepest, test.valley, test.minimum_tenth}) {
    EXPECT_GT(gamma, 1e-4);
    EXPECT_LT(gamma, 0.5);
  }
}

TEST(RangeTest, NaNEndsTheCurveWithFinitePoints) {
  Bowl narrow({4, 4, 4}, 5);
  const auto steepest = make_direction<double>("steepest");
  const RangeTest test = range_test<double>(narrow, std::vector<double>{4, 4, 4}, *steepest,
                                            {.low = 1e-3, .high = 1e6, .steps = 60, .stop_factor = 1e300});
  EXPECT_TRUE(test.diverged);
  for (const RangePoint& point : test.points) EXPECT_TRUE(std::isfinite(point.loss));
  EXPECT_TRUE(std::isfinite(test.valley));
}

TEST(RangeTest, SaysWhyThereIsNoSuggestion) {
  Bowl bowl({4, 4, 4}), nan({4, 4, 4}, 1);
  const auto steepest = make_direction<double>("steepest");
  const RangeTest few = range_test<double>(bowl, kStart, *steepest, {.low = 0.01, .high = 0.1, .steps = 5});
  EXPECT_TRUE(std::isnan(few.valley));
  EXPECT_NE(few.remark.find("too few"), std::string::npos);
  const RangeTest none = range_test<double>(nan, kStart, *steepest, {});
  EXPECT_TRUE(none.diverged);
  EXPECT_TRUE(none.points.empty());
  EXPECT_THROW(range_test<double>(bowl, kStart, *steepest, {.low = 1, .high = 0.1}), Error);
  EXPECT_THROW(range_test<double>(bowl, kStart, *steepest, {.steps = 1}), Error);
}

// How gradient descent with γ = share · 2/λmax ends, λmax from products with the Hessian.
Status ending(Objective<double>& objective, double share) {
  std::vector<double> w(objective.dimension(), 1.0);
  const double lambda = extreme_eigenvalues(objective, w, {.largest_only = true}).lambda_max;
  const auto steepest = make_direction<double>("steepest");
  const auto constant = make_schedule<double>({.learning_rate = share * 2 / lambda});
  Options<double> options;
  options.epochs = 40'000;
  options.relative_gradient_tolerance = 1e-6;
  return minimize<double>(objective, w, *steepest, *constant, options).status();
}

TEST(StabilityLimit, DividesConvergenceFromDivergenceOn50Quadratics) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    support::Quadratic<double> quadratic(2 + seed % 12, 3 + static_cast<double>(seed), seed);
    EXPECT_EQ(ending(quadratic, 0.98), Status::converged) << seed;
    EXPECT_EQ(ending(quadratic, 1.02), Status::diverged) << seed;
  }
}

TEST(StabilityLimit, DividesConvergenceFromDivergenceOn50LinearRegressions) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    support::LeastSquares<double> regression(30 + seed, 2 + seed % 6, 0.1, seed);
    EXPECT_EQ(ending(regression, 0.98), Status::converged) << seed;
    EXPECT_EQ(ending(regression, 1.02), Status::diverged) << seed;
  }
}

}  // namespace
}  // namespace descent
