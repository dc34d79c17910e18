// Second derivatives of networks: exact against an independent oracle, symmetric, without allocations.
#include "framework/derivative_check.hpp"
#include "models/l2_penalty.hpp"
#include "models/summed_loss.hpp"
#include "tests/support/allocations.hpp"
#include "tests/support/random_network.hpp"
#include "tests/support/reference_network.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace descent {
namespace {

using test::RandomProblem;

constexpr std::uint32_t kProblems = 500;

std::vector<double> random_vector(std::size_t n, std::uint32_t index) {
  Rng rng(17, Purpose::check, 3, index);
  std::vector<double> v(n);
  for (double& x : v) x = rng.normal();
  return v;
}

double largest(std::span<const double> v) {
  double size = 0;
  for (const double x : v) size = std::max(size, std::abs(x));
  return size;
}

double inner(std::span<const double> a, std::span<const double> b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

// A random problem with its network and its objective.
struct Made {
  explicit Made(std::uint32_t index)
      : problem(test::random_problem(index)),
        network(problem.spec),
        objective(network, find_loss<double>(problem.loss), test::rows_of<double>(problem)) {}
  std::vector<double> product(std::span<const double> v, Terms batch = {}) {
    std::vector<double> hv(v.size(), std::numeric_limits<double>::quiet_NaN());
    objective.hessian_vector(problem.w, v, hv, batch);
    return hv;
  }
  RandomProblem problem;
  Network<double> network;
  SummedLoss<double> objective;
};

TEST(HessianVector, EqualsComplexStepOnRandomNetworks) {
  double worst = 0;
  for (std::uint32_t index = 0; index < kProblems; ++index) {
    Made made(index);
    const RandomProblem& p = made.problem;
    const std::size_t n = p.w.size();
    const std::vector<double> v = random_vector(n, index), hv = made.product(v);
    const double scale = largest(hv);
    const std::size_t stride = std::max<std::size_t>(1, n / 24);
    for (std::size_t j = index % stride; j < n; j += stride) {
      const double exact = test::complex_step_hessian_vector(p.spec, p.loss, p.w, v, j, p.x, p.t);
      if (hv[j] == exact) continue;
      const double error = std::abs(hv[j] - exact) / std::max(std::abs(exact), 1e-3 * scale);
      ASSERT_LE(error, 1e-11) << "problem " << index << ", " << p.loss << ", weight " << j;
      worst = std::max(worst, error);
    }
  }
  RecordProperty("worst", fmt::format("{}", worst));
}

TEST(HessianVector, IsSymmetric) {
  for (std::uint32_t index = 0; index < kProblems; ++index) {
    Made made(index);
    const std::size_t n = made.problem.w.size();
    const std::vector<double> u = random_vector(n, index), v = random_vector(n, index + kProblems);
    const std::vector<double> hu = made.product(u), hv = made.product(v);
    double size = 0;
    for (std::size_t j = 0; j < n; ++j) size += std::abs(u[j] * hv[j]);
    ASSERT_LE(std::abs(inner(u, hv) - inner(v, hu)), 1e-13 * size) << "problem " << index;
  }
}

TEST(HessianVector, OfTheWholeMatrixIsSymmetricToRounding) {
  std::size_t tried = 0;
  for (std::uint32_t index = 0; tried < 40; ++index) {
    Made made(index);
    const std::size_t n = made.problem.w.size();
    if (n > 200) continue;
    ++tried;
    Matrix<double> h = zeros<double>(n, n);
    made.objective.hessian(made.problem.w, view(h));
    const double size = largest({h.data(), n * n});
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < i; ++j) ASSERT_NEAR(h(i, j), h(j, i), 1e-14 * size) << "problem " << index;
  }
}

TEST(HessianVector, OfABatchIsTheSumOfItsRowsAndOverwrites) {
  Made made(15);
  const std::vector<double> v = random_vector(made.problem.w.size(), 1), whole = made.product(v);
  std::vector<double> sum(v.size());
  ASSERT_GT(made.objective.terms(), 1u);
  for (std::uint32_t row = 0; row < made.objective.terms(); ++row) {
    const std::vector<double> part = made.product(v, Terms(&row, 1));
    for (std::size_t j = 0; j < v.size(); ++j) sum[j] += part[j];
  }
  for (std::size_t j = 0; j < v.size(); ++j) EXPECT_NEAR(sum[j], whole[j], 1e-12 * largest(whole));
}

TEST(HessianVector, OfManyRowsIsAddedUpOverTheBlocks) {
  Made made(3);  // one row, taken over and over
  const std::vector<std::uint32_t> repeated(2 * kRowsPerBlock + 9, 0);
  const std::uint32_t first = 0;
  const std::vector<double> v = random_vector(made.problem.w.size(), 2);
  const std::vector<double> many = made.product(v, repeated), one = made.product(v, Terms(&first, 1));
  for (std::size_t j = 0; j < v.size(); ++j)
    EXPECT_NEAR(many[j], static_cast<double>(repeated.size()) * one[j],
                1e-11 * static_cast<double>(repeated.size()) * largest(one));
}

TEST(HessianVector, OfFloatIsThatOfDoubleToSinglePrecision) {
  for (std::uint32_t index = 0; index < 100; ++index) {
    RandomProblem rounded = test::random_problem(index);
    const std::vector<float> w(rounded.w.begin(), rounded.w.end());
    rounded.w.assign(w.begin(), w.end());
    rounded.x = xt::cast<double>(Matrix<float>(xt::cast<float>(rounded.x)));
    rounded.t = xt::cast<double>(Matrix<float>(xt::cast<float>(rounded.t)));
    const Network<double> network(rounded.spec);
    const Network<float> single_network(rounded.spec);
    SummedLoss<double> objective(network, find_loss<double>(rounded.loss), test::rows_of<double>(rounded));
    SummedLoss<float> single(single_network, find_loss<float>(rounded.loss), test::rows_of<float>(rounded));
    const std::vector<double> v(w.size(), 0.5);
    const std::vector<float> v32(w.size(), 0.5f);
    std::vector<double> hv(w.size());
    std::vector<float> hv32(w.size());
    objective.hessian_vector(rounded.w, v, hv);
    single.hessian_vector(w, v32, hv32);
    double difference = 0;
    for (std::size_t j = 0; j < hv.size(); ++j) difference = std::hypot(difference, hv32[j] - hv[j]);
    ASSERT_LE(difference, 1e-4 * std::max(std::sqrt(inner(hv, hv)), 1e-2)) << "problem " << index;
  }
}

TEST(HessianVector, DoesNotDisturbTheGradient) {
  Made made(8);
  std::vector<double> g(made.problem.w.size()), again(g.size());
  const double value = made.objective.value_and_gradient(made.problem.w, g);
  made.product(g);
  EXPECT_EQ(made.objective.value_and_gradient(made.problem.w, again), value);
  EXPECT_EQ(again, g);
}

TEST(HessianVector, OfLinearLeastSquaresIsTwiceXTransposedX) {
  const Network<double> network({3, {{.units = 1, .activation = "identity", .bias = false}}});
  TrainingRows<double> rows{zeros<double>(20, 3), zeros<double>(20, 1), {}};
  Rng rng(5, Purpose::check);
  for (double& x : rows.inputs) x = rng.normal();
  for (double& t : rows.targets) t = rng.normal();
  SummedLoss<double> objective(network, find_loss<double>("squared_error"), rows);
  Matrix<double> h = zeros<double>(3, 3);
  objective.hessian(std::vector<double>(3, 0.7), view(h));
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 3; ++j) {
      double exact = 0;
      for (std::size_t r = 0; r < 20; ++r) exact += 2 * rows.inputs(r, i) * rows.inputs(r, j);
      EXPECT_NEAR(h(i, j), exact, 1e-13 * 20);
    }
}

// y = tanh(w x + b) by hand: E = (y − t)², one row.
TEST(HessianVector, OfOneTanhUnitEqualsPaperAndPencil) {
  const Network<double> network({1, {{.units = 1, .activation = "tanh"}}});
  TrainingRows<double> rows{zeros<double>(1, 1), zeros<double>(1, 1), {}};
  rows.inputs(0, 0) = 2;
  rows.targets(0, 0) = 0.25;
  SummedLoss<double> objective(network, find_loss<double>("squared_error"), rows);
  const double y = std::tanh(0.5 * 2 - 0.3), slope = 1 - y * y;
  const double ezz = 2 * slope * slope + 2 * (y - 0.25) * (-2 * y * slope);
  Matrix<double> h = zeros<double>(2, 2);
  objective.hessian(std::vector<double>{0.5, -0.3}, view(h));
  EXPECT_NEAR(h(0, 0), 4 * ezz, 1e-14);
  EXPECT_NEAR(h(0, 1), 2 * ezz, 1e-14);
  EXPECT_NEAR(h(1, 1), ezz, 1e-14);
}

TEST(HessianVector, WithAPenaltyHasLambdaOnItsDiagonal) {
  Made made(12);
  const std::size_t n = made.problem.w.size();
  L2Penalty<double> penalised(made.objective, 0.75, {{1, 2}});
  ASSERT_TRUE(penalised.has_hessian());
  const std::vector<double> v = random_vector(n, 4), plain = made.product(v);
  std::vector<double> hv(n);
  penalised.hessian_vector(made.problem.w, v, hv);
  for (std::size_t j = 0; j < n; ++j) EXPECT_DOUBLE_EQ(hv[j], plain[j] + (j == 1 || j == 2 ? 0.75 * v[j] : 0));
  const std::uint32_t row = 0;  // a batch carries its share
  penalised.hessian_vector(made.problem.w, v, hv, Terms(&row, 1));
  const double share = 0.75 / static_cast<double>(made.objective.terms());
  EXPECT_NEAR(hv[1], made.product(v, Terms(&row, 1))[1] + share * v[1], 1e-14 * std::abs(hv[1]) + 1e-15);
}

TEST(HessianVector, AllocatesNothingAfterTheFirst) {
  if (!support::counts_allocations()) GTEST_SKIP() << "a sanitizer owns operator new";
  for (const std::uint32_t index : {0u, 9u, 33u, 40u}) {
    Made made(index);
    const std::vector<double> v(made.problem.w.size(), 1.0);
    std::vector<double> hv(v.size());
    const std::uint32_t row = 0;
    const auto all = [&] {
      made.objective.hessian_vector(made.problem.w, v, hv);
      made.objective.hessian_vector(made.problem.w, v, hv, Terms(&row, 1));
      made.objective.gauss_newton_vector(made.problem.w, v, hv);
    };
    all();
    const std::size_t before = support::allocations();
    all();
    all();
    EXPECT_EQ(support::allocations() - before, 0u) << index;
  }
}

TEST(HessianVector, GrowsWithTheBatch) {
  Made made(15), fresh(15);
  const std::vector<double> v = random_vector(made.problem.w.size(), 6);
  const std::uint32_t row = 0;
  made.product(v, Terms(&row, 1));
  EXPECT_EQ(made.product(v), fresh.product(v));
}

}  // namespace
}  // namespace descent
