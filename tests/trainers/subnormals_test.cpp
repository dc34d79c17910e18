// Numbers too small for full precision while something is minimised.
#include "tests/trainers/run.hpp"
#include "trainers/probe.hpp"
#include "trainers/range_test.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace descent {
namespace {

double half_of_the_smallest() {
  volatile double smallest = std::numeric_limits<double>::min();
  return smallest / 2;
}

// f(w) = w; remembers half of the smallest normal number, computed in its pass.
class Tilted final : public Objective<double> {
 public:
  explicit Tilted(bool flushes) : flushes_(flushes) {}
  std::size_t dimension() const override { return 1; }
  std::size_t terms() const override { return 1; }
  bool flushes_subnormals() const override { return flushes_; }
  double half = -1;

 private:
  double do_value(ConstParams<double> w, Terms) override { return w[0]; }
  double do_value_and_gradient(ConstParams<double> w, Params<double> g, Terms) override {
    half = half_of_the_smallest();
    g[0] = 1;
    return w[0];
  }
  bool flushes_;
};

// Whether `pass` over an objective that flushes, or does not, meets 0, and leaves this thread as it was.
void expect_zero_only_where_flushed(auto pass) {
  for (const bool flushes : {false, true}) {
    Tilted tilted(flushes);
    pass(tilted);
#ifdef __SSE__
    EXPECT_EQ(tilted.half, flushes ? 0 : std::numeric_limits<double>::min() / 2);
#endif
    EXPECT_GT(half_of_the_smallest(), 0) << "afterwards";
  }
}

TEST(Subnormals, AreZeroWhereTheObjectiveAllowsItAndNowhereElse) {
  expect_zero_only_where_flushed([](Tilted& tilted) {
    std::vector<double> w = {0};
    Options<double> options;
    options.epochs = 3;
    support::descend(tilted, w, support::steepest(0.1), options);
  });
}

TEST(Subnormals, AreZeroWhileALearningRateIsSought) {
  const std::vector<double> w = {0};
  const auto steepest = make_direction<double>("steepest");
  expect_zero_only_where_flushed([&](Tilted& tilted) { range_test<double>(tilted, w, *steepest); });
  expect_zero_only_where_flushed([&](Tilted& tilted) { probe<double>(tilted, w, *steepest, {}); });
}

}  // namespace
}  // namespace descent
