#include "models/feature_major.hpp"

#include "framework/kernels/products.hpp"
#include "framework/kernels/simd.hpp"
#include "models/summed_loss.hpp"
#include "tests/support/allocations.hpp"
#include "tests/support/random_network.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <utility>

namespace descent {
namespace {

template <class Real>
class FeatureMajorPasses : public testing::Test {};
using Reals = testing::Types<float, double>;
TYPED_TEST_SUITE(FeatureMajorPasses, Reals);

// A network of dense layers over so many rows.
test::RandomProblem dense_problem(std::uint32_t index, std::size_t rows) {
  for (;; index += 1000) {
    test::RandomProblem problem = test::random_problem(index);
    if (!FeatureMajorPass<double>::serves(Network<double>(problem.spec), find_loss<double>(problem.loss))) continue;
    Rng rng(5, Purpose::check, 0, index);
    problem.x = zeros<double>(rows, problem.spec.inputs);
    for (double& element : problem.x) element = rng.normal();
    const Network<double> network(problem.spec);
    problem.t = test::random_targets(find_loss<double>(problem.loss), rows, network.outputs(), rng);
    return problem;
  }
}

// A problem with all that is made of it, and both ways to its loss.
template <class Real>
struct Both {
  explicit Both(const test::RandomProblem& problem)
      : network(problem.spec),
        rows(test::rows_of<Real>(problem)),
        w(problem.w.begin(), problem.w.end()),
        by_features(network, find_loss<Real>(problem.loss), view(std::as_const(rows.inputs)),
                    view(std::as_const(rows.targets))),
        by_rows(network, find_loss<Real>(problem.loss), rows),
        g(w.size()),
        g_by_rows(w.size()) {}

  Network<Real> network;
  TrainingRows<Real> rows;
  std::vector<Real> w;
  FeatureMajorPass<Real> by_features;
  SummedLoss<Real> by_rows;  // while that backend is chosen
  std::vector<Real> g, g_by_rows;
};

class RowByRow {
 public:
  RowByRow() { kernels::set_backend("tiles"); }
  ~RowByRow() { kernels::set_backend("auto"); }
};

TYPED_TEST(FeatureMajorPasses, AgreeWithThoseRowByRow) {
  using Real = TypeParam;
  constexpr double kEpsilon = std::numeric_limits<Real>::epsilon();
  const std::size_t sizes[] = {1, 2, 15, 16, 17, 33, 150, 256, 257, 700};
  for (std::uint32_t index = 0; index < 300; ++index) {
    const std::size_t rows = sizes[index % std::size(sizes)];
    const test::RandomProblem problem = dense_problem(index, rows);
    std::vector<std::uint32_t> batch;
    if (index % 3 == 0)
      for (std::size_t i = 0; i < rows; i += 2) batch.push_back(static_cast<std::uint32_t>(rows - 1 - i));
    const RowByRow backend;
    Both<Real> both(problem);
    const double value = both.by_features.value_and_gradient(both.w, both.g, batch);
    const double by_rows = both.by_rows.value_and_gradient(both.w, both.g_by_rows, batch);
    EXPECT_EQ(value, both.by_features.value(both.w, batch)) << "to the bit";
    EXPECT_NEAR(value, by_rows, 200 * kEpsilon * std::abs(by_rows)) << index;
    double difference = 0, size = 0;
    for (std::size_t j = 0; j < both.g.size(); ++j) {
      difference += std::pow(both.g[j] - both.g_by_rows[j], 2);
      size += std::pow(both.g_by_rows[j], 2);
    }
    EXPECT_LE(std::sqrt(difference), 100 * kEpsilon * std::sqrt(size)) << index << ", " << problem.loss << ", " << rows;
  }
}

TYPED_TEST(FeatureMajorPasses, ARowIsTheSameWhereverItStands) {
  using Real = TypeParam;
  const test::RandomProblem problem = dense_problem(3, 40);
  Both<Real> both(problem);
  const auto with_row_9_at = [&](std::size_t place) {
    std::vector<std::uint32_t> batch(31, 7);
    batch[place] = 9;
    return both.by_features.value(both.w, batch);
  };
  const double first = with_row_9_at(0);
  EXPECT_GT(std::abs(first - both.by_features.value(both.w, std::vector<std::uint32_t>(31, 7))), 1e-3 * first);
  for (const std::size_t place : {1u, 15u, 16u, 30u}) EXPECT_NEAR(with_row_9_at(place), first, 1e-14 * std::abs(first));
}

TYPED_TEST(FeatureMajorPasses, AllocateNothingOnceABatchSizeIsKnown) {
  if (!support::counts_allocations()) GTEST_SKIP() << "a sanitizer owns operator new";
  using Real = TypeParam;
  Both<Real> both(dense_problem(3, 300));
  const std::vector<std::uint32_t> batch(40, 7);
  both.by_features.value_and_gradient(both.w, both.g, batch);
  both.by_features.value_and_gradient(both.w, both.g, {});
  const std::size_t before = support::allocations();
  both.by_features.value_and_gradient(both.w, both.g, batch);
  both.by_features.value_and_gradient(both.w, both.g, {});
  both.by_features.value(both.w, batch);
  EXPECT_EQ(support::allocations(), before);
}

TYPED_TEST(FeatureMajorPasses, LargeWeightsOverflowAsTheyDoRowByRow) {
  using Real = TypeParam;
  test::RandomProblem problem = dense_problem(0, 5);
  for (double& w : problem.w) w *= std::sqrt(static_cast<double>(std::numeric_limits<Real>::max()));
  const RowByRow backend;
  Both<Real> both(problem);
  EXPECT_EQ(std::isfinite(both.by_features.value_and_gradient(both.w, both.g, {})),
            std::isfinite(both.by_rows.value_and_gradient(both.w, both.g_by_rows)));
  for (std::size_t j = 0; j < both.g.size(); ++j)
    EXPECT_EQ(std::isfinite(both.g[j]), std::isfinite(both.g_by_rows[j])) << j;
}

// Its kernel knows one loss over classes by itself.
TYPED_TEST(FeatureMajorPasses, AnotherLossOverClassesIsTakenAtItsWord) {
  using Real = TypeParam;
  Loss<Real> twice = find_loss<Real>("cross_entropy");
  twice.name = "twice";
  twice.evaluate = [](const ConstMatrixView<Real>& y, const ConstMatrixView<Real>& t, const MatrixView<Real>& dy) {
    const double sum = find_loss<Real>("cross_entropy").evaluate(y, t, dy);
    if (!dy.empty())
      for (std::size_t i = 0; i < dy.rows; ++i)
        for (Real& slope : dy.row(i)) slope *= 2;
    return 2 * sum;
  };
  const Network<Real> network({2, {{.units = 3}, {.units = 2}}});
  TrainingRows<Real> rows{zeros<Real>(40, 2), zeros<Real>(40, 1), {}};
  rows.inputs.fill(1);
  SummedLoss<Real> once(network, find_loss<Real>("cross_entropy"), rows), doubled(network, twice, rows);
  std::vector<Real> w(network.parameters()), g(w.size()), g_doubled(w.size());
  network.initialize(w, 1);
  const double sum = once.value_and_gradient(w, g);
  EXPECT_NEAR(doubled.value_and_gradient(w, g_doubled), 2 * sum, 1e-5 * sum);
  for (std::size_t j = 0; j < g.size(); ++j) EXPECT_NEAR(g_doubled[j], 2 * g[j], 1e-4 * std::abs(g[j])) << j;
}

TEST(FeatureMajorChoice, IsForNarrowNetworksOfDenseLayers) {
  const auto suits = [](NetworkSpec spec) {
    return FeatureMajorPass<float>::suits(Network<float>(spec), find_loss<float>("squared_error"));
  };
  if (kernels::simd<float>().feature_major.lanes == 16) {
    EXPECT_TRUE(suits({4, {{.units = 16}, {.units = 3}}}));
    EXPECT_TRUE(suits({2, {{.units = 8}, {.units = 1}}}));
    EXPECT_FALSE(suits({2, {{.units = 16}, {.units = 1}}})) << "no lane idle, and a single column";
  }
  EXPECT_FALSE(suits({784, {{.units = 3}}})) << "many weights";
  EXPECT_FALSE(suits({4, {{.units = 3}, {.kind = "activation", .activation = "tanh"}}}));
  EXPECT_FALSE(suits({4, {{.units = 64}}}));
}

}  // namespace
}  // namespace descent
