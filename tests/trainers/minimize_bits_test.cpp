// Same bits: what must not change a path, and what must.
#include "tests/support/problems.hpp"
#include "tests/trainers/run.hpp"
#include "trainers/minimize.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace descent {
namespace {

using support::descend;
using support::LeastSquares;
using support::Method;
using support::steepest;

template <class Real>
std::vector<Real> trained(std::uint64_t seed, const std::string& direction, LossLog log = LossLog::exact) {
  LeastSquares<Real> f(50, 6, 0.1, 1);
  std::vector<Real> w(6);
  Method method{direction, {.name = "cosine", .learning_rate = 0.003, .warmup_epochs = 3, .epochs = 20}, {}};
  descend(f, w, method, {.epochs = 20, .batch_size = 8, .seed = seed, .loss_log = log});
  return w;
}

TEST(MinimizeBits, OneSeedDecidesEverything) {
  for (const std::string& direction : direction_names()) {
    EXPECT_EQ(trained<double>(3, direction), trained<double>(3, direction));
    EXPECT_EQ(trained<float>(3, direction), trained<float>(3, direction));
    EXPECT_NE(trained<double>(3, direction), trained<double>(4, direction));
  }
}

TEST(MinimizeBits, TheLogDoesNotTouchThePath) {
  EXPECT_EQ(trained<float>(3, "adam", LossLog::exact), trained<float>(3, "adam", LossLog::running));
}

TEST(MinimizeBits, ASecondRunWithTheSameObjectsIsTheSame) {
  LeastSquares<double> f(50, 6, 0.1, 1);
  const auto direction = make_direction<double>("momentum");
  const auto schedule = make_schedule<double>({.name = "reduce_on_plateau", .learning_rate = 0.004, .patience = 1});
  const Options<double> options{.epochs = 30, .batch_size = 8};
  std::vector<double> first(6), second(6);
  minimize<double>(f, first, *direction, *schedule, options);
  minimize<double>(f, second, *direction, *schedule, options);
  EXPECT_EQ(first, second);
}

template <class Real>
void expect_scaling_by_powers_of_two() {
  for (const int k : {-7, -1, 1, 5, 10}) {
    const double factor = std::ldexp(1, k);
    for (const std::size_t batch_size : {0u, 8u}) {
      LeastSquares<Real> f(50, 6, 0.1, 1);
      support::Multiplied<Real> scaled(f, factor);
      std::vector<Real> w(6), v(6);
      const Report plain = descend(f, w, steepest(0.003), {.epochs = 50, .batch_size = batch_size});
      const Report other = descend(scaled, v, steepest(0.003 / factor), {.epochs = 50, .batch_size = batch_size});
      EXPECT_EQ(w, v) << "2^" << k;
      EXPECT_EQ(plain.loss * factor, other.loss);
    }
  }
}

TEST(MinimizeBits, ALossTimesAPowerOfTwoWithGammaDividedByItIsTheSamePath) {
  expect_scaling_by_powers_of_two<double>();
  expect_scaling_by_powers_of_two<float>();
}

TEST(MinimizeBits, DuplicatedRowsWithHalfTheGammaGiveTheSamePath) {
  LeastSquares<double> once(50, 6, 0.1, 1), twice(50, 6, 0.1, 1, 2);
  ASSERT_EQ(twice.terms(), 100u);
  std::vector<double> w(6), v(6);
  const Report a = descend(once, w, steepest(0.02), {.epochs = 100});
  const Report b = descend(twice, v, steepest(0.01), {.epochs = 100});
  for (std::size_t j = 0; j < 6; ++j) EXPECT_NEAR(w[j], v[j], 1e-12);
  EXPECT_NEAR(2 * a.loss, b.loss, 1e-12 * b.loss);
}

TEST(MinimizeBits, TwoRunsOfFixedGammaAreOneLongRun) {
  LeastSquares<double> f(50, 6, 0.1, 1);
  std::vector<double> whole(6), parts(6);
  descend(f, whole, steepest(0.01), {.epochs = 30});
  descend(f, parts, steepest(0.01), {.epochs = 13});
  descend(f, parts, steepest(0.01), {.epochs = 17});
  EXPECT_EQ(whole, parts);
}

}  // namespace
}  // namespace descent
