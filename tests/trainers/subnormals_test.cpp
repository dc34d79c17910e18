// Numbers too small for full precision while something is minimised.
#include "tests/trainers/run.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace descent {
namespace {

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
    volatile double smallest = std::numeric_limits<double>::min();
    half = smallest / 2;
    g[0] = 1;
    return w[0];
  }
  bool flushes_;
};

TEST(Subnormals, AreZeroWhereTheObjectiveAllowsItAndNowhereElse) {
  for (const bool flushes : {false, true}) {
    Tilted tilted(flushes);
    std::vector<double> w = {0};
    Options<double> options;
    options.epochs = 3;
    support::descend(tilted, w, support::steepest(0.1), options);
#ifdef __SSE__
    EXPECT_EQ(tilted.half, flushes ? 0 : std::numeric_limits<double>::min() / 2);
#endif
    volatile double smallest = std::numeric_limits<double>::min();
    EXPECT_GT(smallest / 2, 0) << "afterwards";
  }
}

}  // namespace
}  // namespace descent
