#include "models/feature_major.hpp"

#include "framework/kernels/products.hpp"
#include "framework/kernels/simd.hpp"
#include "models/summed_loss.hpp"
#include "tests/support/allocations.hpp"
#include "tests/support/random_network.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace descent {
namespace {

template <class Real>
class FeatureMajorPasses : public testing::Test {};
using Reals = testing::Types<float, double>;
TYPED_TEST_SUITE(FeatureMajorPasses, Reals);

// A narrow network over `rows` rows, or more of them than the problem has: all of them again and again.
test::RandomProblem narrow_problem(std::uint32_t index, std::size_t rows) {
  for (;; index += 1000) {
    test::RandomProblem problem = test::random_problem(index);
    if (!FeatureMajorPass<double>::suits(Network<double>(problem.spec))) continue;
    Rng rng(5, Purpose::check, 0, index);
    problem.x = zeros<double>(rows, problem.spec.inputs);
    for (double& element : problem.x) element = rng.normal();
    const Network<double> network(problem.spec);
    problem.t = test::random_targets(find_loss<double>(problem.loss), rows, network.outputs(), rng);
    return problem;
  }
}

template <class Real>
struct Sum {
  double value = 0, value_alone = 0;
  std::vector<Real> g;
};

template <class Real>
Sum<Real> sum_by(const char* kernels, const test::RandomProblem& problem, Terms batch) {
  kernels::set_backend(kernels);
  const Network<Real> network(problem.spec);
  SummedLoss<Real> objective(network, find_loss<Real>(problem.loss), test::rows_of<Real>(problem));
  const std::vector<Real> w(problem.w.begin(), problem.w.end());
  Sum<Real> sum;
  sum.g.resize(w.size());
  sum.value = objective.value_and_gradient(w, sum.g, batch);
  sum.value_alone = objective.value(w, batch);
  kernels::set_backend("auto");
  return sum;
}

TYPED_TEST(FeatureMajorPasses, AgreeWithThoseRowByRow) {
  using Real = TypeParam;
  constexpr double kEpsilon = std::numeric_limits<Real>::epsilon();
  const std::size_t sizes[] = {1, 2, 15, 16, 17, 33, 150, 256, 257, 700};
  for (std::uint32_t index = 0; index < 300; ++index) {
    const std::size_t rows = sizes[index % std::size(sizes)];
    const test::RandomProblem problem = narrow_problem(index, rows);
    std::vector<std::uint32_t> batch;
    if (index % 3 == 0)
      for (std::size_t i = 0; i < rows; i += 2) batch.push_back(static_cast<std::uint32_t>(rows - 1 - i));
    const Sum<Real> by_features = sum_by<Real>("auto", problem, batch), by_rows = sum_by<Real>("tiles", problem, batch);
    EXPECT_EQ(by_features.value, by_features.value_alone) << "to the bit";
    EXPECT_NEAR(by_features.value, by_rows.value, 200 * kEpsilon * std::abs(by_rows.value)) << index;
    double difference = 0, size = 0;
    for (std::size_t j = 0; j < by_rows.g.size(); ++j) {
      difference += std::pow(by_features.g[j] - by_rows.g[j], 2);
      size += std::pow(by_rows.g[j], 2);
    }
    EXPECT_LE(std::sqrt(difference), 100 * kEpsilon * std::sqrt(size)) << index << ", " << problem.loss << ", " << rows;
  }
}

TYPED_TEST(FeatureMajorPasses, ARowIsTheSameWhereverItStands) {
  using Real = TypeParam;
  const test::RandomProblem problem = narrow_problem(3, 40);
  const Network<Real> network(problem.spec);
  SummedLoss<Real> objective(network, find_loss<Real>(problem.loss), test::rows_of<Real>(problem));
  const std::vector<Real> w(problem.w.begin(), problem.w.end());
  const auto with_row_9_at = [&](std::size_t place) {
    std::vector<std::uint32_t> batch(31, 7);
    batch[place] = 9;
    return objective.value(w, batch);
  };
  const double first = with_row_9_at(0);
  EXPECT_GT(std::abs(first - objective.value(w, std::vector<std::uint32_t>(31, 7))), 1e-3 * first);
  for (const std::size_t place : {1u, 15u, 16u, 30u}) EXPECT_NEAR(with_row_9_at(place), first, 1e-14 * std::abs(first));
}

TYPED_TEST(FeatureMajorPasses, AllocateNothingOnceABatchSizeIsKnown) {
  using Real = TypeParam;
  const test::RandomProblem problem = narrow_problem(3, 300);
  const Network<Real> network(problem.spec);
  SummedLoss<Real> objective(network, find_loss<Real>(problem.loss), test::rows_of<Real>(problem));
  const std::vector<Real> w(problem.w.begin(), problem.w.end());
  std::vector<Real> g(w.size());
  const std::vector<std::uint32_t> batch(40, 7);
  objective.value_and_gradient(w, g, batch);
  objective.value_and_gradient(w, g);
  const std::size_t before = support::allocations();
  objective.value_and_gradient(w, g, batch);
  objective.value_and_gradient(w, g);
  objective.value(w, batch);
  EXPECT_EQ(support::allocations(), before);
}

TYPED_TEST(FeatureMajorPasses, LargeWeightsOverflowAsTheyDoRowByRow) {
  using Real = TypeParam;
  test::RandomProblem problem = narrow_problem(0, 5);
  for (double& w : problem.w) w *= std::sqrt(static_cast<double>(std::numeric_limits<Real>::max()));
  const Sum<Real> by_features = sum_by<Real>("auto", problem, {}), by_rows = sum_by<Real>("tiles", problem, {});
  EXPECT_EQ(std::isfinite(by_features.value), std::isfinite(by_rows.value));
  for (std::size_t j = 0; j < by_rows.g.size(); ++j)
    EXPECT_EQ(std::isfinite(by_features.g[j]), std::isfinite(by_rows.g[j])) << j;
}

}  // namespace
}  // namespace descent
