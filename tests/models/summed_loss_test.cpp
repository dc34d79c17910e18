#include "models/summed_loss.hpp"

#include "framework/error.hpp"
#include "framework/kernels/simd.hpp"
#include "framework/kernels/threads.hpp"
#include "tests/support/allocations.hpp"
#include "tests/support/random_network.hpp"
#include "tests/support/reference_network.hpp"
#include "tests/support/refusal.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

namespace descent {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Setting {
  NetworkSpec spec;
  TrainingRows<double> rows;
  std::vector<double> w;
};

Setting setting(std::size_t rows, std::string_view activation = "tanh") {
  Setting made;
  made.spec = {3, {{.units = 4, .activation = std::string(activation)}, {.units = 2}}};
  Rng rng(11, Purpose::check);
  made.rows = {zeros<double>(rows, 3), zeros<double>(rows, 2), {}};
  for (double& x : made.rows.inputs) x = rng.normal();
  for (double& t : made.rows.targets) t = rng.normal();
  made.w.resize(Network<double>(made.spec).parameters());
  for (double& w : made.w) w = rng.uniform(-1, 1);
  return made;
}

const Loss<double>& squares() { return find_loss<double>("squared_error"); }

TEST(SummedLossBlocks, ManyRowsSumToTheDefinition) {
  for (const std::size_t rows : {kRowsPerBlock - 1, kRowsPerBlock, kRowsPerBlock + 1, 3 * kRowsPerBlock + 7}) {
    const Setting s = setting(rows);
    const Network<double> network(s.spec);
    SummedLoss<double> objective(network, squares(), s.rows);
    const double expected = test::reference_loss(s.spec, "squared_error", s.w, s.rows.inputs, s.rows.targets);
    EXPECT_NEAR(objective.value(s.w), expected, 1e-12 * expected) << rows;
    std::vector<double> g(s.w.size());
    EXPECT_EQ(objective.value_and_gradient(s.w, g), objective.value(s.w)) << "to the bit";
    for (const std::size_t j : {0u, 13u, 20u}) {
      const double exact =
          test::complex_step_derivative(s.spec, "squared_error", s.w, j, s.rows.inputs, s.rows.targets);
      EXPECT_NEAR(g[j], exact, 1e-11 * std::abs(exact)) << rows;
    }
  }
}

TEST(SummedLossBlocks, ABatchOfAllRowsInOrderHasTheSameBits) {
  const Setting s = setting(2 * kRowsPerBlock + 5);
  const Network<double> network(s.spec);
  SummedLoss<double> objective(network, squares(), s.rows);
  std::vector<std::uint32_t> all(objective.terms());
  std::iota(all.begin(), all.end(), 0u);
  std::vector<double> g(s.w.size()), gathered(s.w.size());
  EXPECT_EQ(objective.value(s.w), objective.value(s.w, all));
  EXPECT_EQ(objective.value_and_gradient(s.w, g), objective.value_and_gradient(s.w, gathered, all));
  EXPECT_EQ(g, gathered);
}

TEST(SummedLossBlocks, AHintAboutTheBatchToComeChangesNothing) {
  const Setting s = setting(100'000);  // too many for the near caches
  const Network<double> network(s.spec);
  SummedLoss<double> objective(network, squares(), s.rows);
  const std::vector<std::uint32_t> batch = {70'000, 3, 99'999};
  std::vector<double> g(s.w.size()), hinted(s.w.size());
  const double value = objective.value_and_gradient(s.w, g, batch);
  for (int again = 0; again < 3; ++again) {
    const std::vector<std::uint32_t> to_come(100, again == 0 ? 0 : 99'999);  // gone when the next batch is asked for
    objective.expect(to_come);
    EXPECT_EQ(objective.value_and_gradient(s.w, hinted, batch), value);
    EXPECT_EQ(g, hinted);
  }
  EXPECT_EQ(objective.value_and_gradient(s.w, hinted, batch), value);
}

// Rows that two threads gather, and whose successors they ask for while they multiply.
TEST(SummedLossBlocks, HaveTheSameBitsByTwoThreads) {
  const std::size_t rows = 2000, inputs = 300, batch_size = 128;  // too many for the near caches
  const Network<float> network({inputs, {{.units = 64, .activation = "relu"}, {.units = 1}}});
  TrainingRows<float> data{zeros<float>(rows, inputs), zeros<float>(rows, 1), {}};
  Rng rng(5, Purpose::check);
  for (float& x : data.inputs) x = static_cast<float>(rng.normal());
  for (float& t : data.targets) t = static_cast<float>(rng.normal());
  std::vector<float> w(network.parameters());
  network.initialize(w, 1);
  const std::vector<std::uint32_t> order = [&] {
    std::vector<std::uint32_t> of(rows);
    for (std::uint32_t& row : of) row = static_cast<std::uint32_t>(rng.below(rows));
    return of;
  }();

  std::vector<std::vector<float>> results;
  for (const std::size_t threads : {1, 2}) {
    kernels::set_threads(threads);
    SummedLoss<float> objective(network, find_loss<float>("squared_error"), data);
    std::vector<float>& all = results.emplace_back();
    for (std::size_t first = 0; first + 2 * batch_size <= rows; first += batch_size) {
      const Terms batch = Terms(order).subspan(first, batch_size);
      objective.expect(Terms(order).subspan(first + batch_size, batch_size));
      std::vector<float> next(w.size());
      bool finite = false;
      all.push_back(static_cast<float>(objective.value_and_move(w, -1e-4f, next, batch, finite)));
      EXPECT_TRUE(finite);
      all.insert(all.end(), next.begin(), next.end());
    }
  }
  kernels::set_threads(1);
  EXPECT_EQ(results[0], results[1]);
}

TEST(SummedLossBlocks, ABatchTakesItsRowsInAnyOrderAndMoreThanOnce) {
  const Setting s = setting(20);
  const Network<double> network(s.spec);
  SummedLoss<double> objective(network, squares(), s.rows);
  const std::vector<std::uint32_t> batch = {19, 3, 3, 0};
  double sum = 0;
  for (const std::uint32_t row : batch) sum += objective.value(s.w, Terms(&row, 1));
  EXPECT_NEAR(objective.value(s.w, batch), sum, 1e-13 * sum);
  EXPECT_NE(objective.value(s.w, Terms(batch).first(1)), objective.value(s.w, Terms(batch).last(1)));
}

TEST(SummedLossBlocks, MoveInOnePassWithTheBitsOfTheLongWay) {
  for (const std::string_view activation : {"tanh", "relu", "gelu", "identity"}) {
    const Setting s = setting(70, activation);
    const Network<double> network(s.spec);
    SummedLoss<double> objective(network, squares(), s.rows);
    for (const std::size_t size : {1u, 16u, 33u}) {
      std::vector<std::uint32_t> batch(size);
      for (std::uint32_t i = 0; i < size; ++i) batch[i] = (7 * i + 3) % 70;
      ASSERT_TRUE(objective.moves_in_one_pass(size));
      std::vector<double> g(s.w.size()), expected(s.w.size()), next(s.w.size());
      const double value = objective.value_and_gradient(s.w, g, batch);
      kernels::FiniteCheck<double> check;
      kernels::simd<double>().move(s.w.data(), g.data(), -0.01, expected.data(), g.size(), check);
      bool finite = false;
      EXPECT_EQ(objective.value_and_move(s.w, -0.01, next, batch, finite), value);
      EXPECT_EQ(next, expected) << activation << ", batch of " << size;
      EXPECT_TRUE(finite);
      std::vector<double> w = s.w;
      EXPECT_EQ(objective.value_and_move(w, -0.01, w, batch, finite), value);
      EXPECT_EQ(w, expected) << "in place, " << activation << ", batch of " << size;
      EXPECT_TRUE(finite);
    }
  }
}

TEST(SummedLossBlocks, MoveInOnePassNoticesWhatIsNotFinite) {
  Setting s = setting(20);
  s.rows.targets(3, 1) = 1e308;
  const Network<double> network(s.spec);
  SummedLoss<double> objective(network, squares(), s.rows);
  const std::vector<double> before(s.w.size(), 7);
  std::vector<double> next = before;
  bool finite = true;
  const std::vector<std::uint32_t> with = {1, 3, 5}, without = {1, 2, 5};
  EXPECT_FALSE(std::isfinite(objective.value_and_move(s.w, -1e10, next, with, finite)));
  EXPECT_FALSE(finite);
  EXPECT_EQ(next, before) << "they may be the last weights at which all was finite";
  objective.value_and_move(s.w, -1e10, next, without, finite);
  EXPECT_TRUE(finite);
}

TEST(SummedLossBlocks, ALaterSmallerBatchSeesNothingOfAnEarlierOne) {
  const Setting s = setting(40);
  const Network<double> network(s.spec);
  SummedLoss<double> used(network, squares(), s.rows), fresh(network, squares(), s.rows);
  std::vector<double> g(s.w.size()), expected(s.w.size());
  used.value_and_gradient(s.w, g);
  const std::vector<std::uint32_t> batch = {7, 5};
  used.value_and_gradient(s.w, g, batch);
  fresh.value_and_gradient(s.w, expected, batch);
  EXPECT_EQ(g, expected);
}

TEST(SummedLossShapes, ThatDoNotFitAreRefused) {
  const Network<double> network({3, {{.units = 2}}});
  const auto make = [&](std::size_t n, std::size_t d, std::size_t m, std::size_t k,
                        const char* loss = "squared_error") {
    return test::refusal([&] {
      SummedLoss<double>(network, find_loss<double>(loss), {zeros<double>(n, d), zeros<double>(m, k), {}});
    });
  };
  EXPECT_EQ(make(0, 3, 0, 2), "a summed loss needs at least one row");
  EXPECT_EQ(make(5, 4, 5, 2), "the rows have 4 inputs, but the network takes 3");
  EXPECT_EQ(make(5, 3, 4, 2), "the targets are (4, 2), but squared_error with 2 outputs over 5 rows needs (5, 2)");
  EXPECT_EQ(make(5, 3, 5, 2, "cross_entropy"),
            "the targets are (5, 2), but cross_entropy with 2 outputs over 5 rows needs (5, 1)");
  EXPECT_EQ(make(5, 3, 5, 1, "cross_entropy"), "nothing was refused");
}

TEST(SummedLossShapes, AClassThatIsNoneIsRefused) {
  const Network<double> network({3, {{.units = 2}}});
  Matrix<double> labels = zeros<double>(2, 1);
  labels(1, 0) = 2;
  EXPECT_EQ(test::refusal(
                [&] {
                  SummedLoss<double>(network, find_loss<double>("cross_entropy"), {zeros<double>(2, 3), labels, {}});
                },
                Fault::data),
            "target 2 of row 2 is not the index of one of 2 classes");
  EXPECT_EQ(test::refusal([&] {
              SummedLoss<double>(network, squares(), {zeros<double>(2, 3), zeros<double>(2, 2), {1, 2, 3}});
            }),
            "3 names for 2 rows");
}

std::string explained(const Setting& s, Terms batch = {}) {
  const Network<double> network(s.spec);
  SummedLoss<double> objective(network, squares(), s.rows);
  return objective.explain_nonfinite(s.w, batch);
}

TEST(ExplainNonfinite, IsSilentWhereAllIsFinite) { EXPECT_EQ(explained(setting(600)), ""); }

TEST(ExplainNonfinite, NamesTheWeights) {
  Setting s = setting(5);
  s.w[12] = kNaN;
  EXPECT_EQ(explained(s), "bias of layer 0 (dense 3 -> 4, tanh)");
  s.w[12] = 0;
  s.w[16] = -kInfinity;
  EXPECT_EQ(explained(s), "weight of layer 1 (dense 4 -> 2, identity)");
}

TEST(ExplainNonfinite, NamesAnInputOrATargetByItsRowInTheFile) {
  Setting s = setting(600);
  s.rows.inputs(417, 1) = kNaN;
  EXPECT_EQ(explained(s), "an input of data row 418");
  const std::vector<std::uint32_t> batch = {5, 417}, healthy = {5, 416};
  EXPECT_EQ(explained(s, batch), "an input of data row 418");
  EXPECT_EQ(explained(s, healthy), "");
  s.rows.names.resize(600);
  std::iota(s.rows.names.begin(), s.rows.names.end(), 1000u);
  EXPECT_EQ(explained(s, batch), "an input of data row 1418");
  s.rows.inputs(417, 1) = 0;
  s.rows.targets(3, 1) = kInfinity;
  EXPECT_EQ(explained(s), "a target of data row 1004");
}

TEST(ExplainNonfinite, NamesTheFirstLayerThatOverflows) {
  Setting s = setting(5, "identity");
  s.rows.inputs(2, 0) = 1e300;
  s.w[0] = 1e300;
  EXPECT_EQ(explained(s), "the output of layer 0 (dense 3 -> 4, identity) for data row 3");
  s.w[0] = 1;
  s.w[16] = 1e300;
  EXPECT_EQ(explained(s), "the output of layer 1 (dense 4 -> 2, identity) for data row 3");
}

TEST(ExplainNonfinite, NamesTheLossOfARow) {
  Setting s = setting(5);
  s.rows.targets(4, 0) = 1e200;
  EXPECT_EQ(explained(s), "the squared_error loss of data row 5");
}

TEST(ExplainNonfinite, NamesAGradientThatOverflows) {
  Setting s = setting(2, "identity");
  s.w.assign(s.w.size(), 0);
  s.w[16] = 1e150;  // the outputs are 0; the way back is −2 · 10¹⁰⁰ · 10¹⁵⁰ · 10¹⁵⁰
  s.rows.inputs.fill(1e150);
  s.rows.targets.fill(1e100);
  EXPECT_EQ(explained(s), "the gradient of the weight of layer 0 (dense 3 -> 4, identity)");
}

TEST(SummedLossMemory, IsAllocatedOnceForABatchSize) {
  if (!support::counts_allocations()) GTEST_SKIP() << "a sanitizer owns operator new";
  for (const char* activation : {"tanh", "gelu"}) {
    const Setting s = setting(700, activation);
    const Network<double> network(s.spec);
    SummedLoss<double> objective(network, squares(), s.rows);
    std::vector<double> g(s.w.size());
    std::vector<std::uint32_t> batch(64);
    std::iota(batch.begin(), batch.end(), 100u);
    objective.value_and_gradient(s.w, g);
    objective.value_and_gradient(s.w, g, batch);
    objective.value_and_gradient(s.w, g, Terms(batch).first(7));
    const std::size_t before = support::allocations();
    for (int i = 0; i < 10; ++i) {
      objective.value_and_gradient(s.w, g);
      objective.value_and_gradient(s.w, g, batch);
      objective.value_and_gradient(s.w, g, Terms(batch).first(7));
      objective.value(s.w);
    }
    EXPECT_EQ(support::allocations() - before, 0u) << activation;
  }
}

}  // namespace
}  // namespace descent
