// Wide networks of relu: products pass over the zeros that it leaves.
#include "framework/kernels/products.hpp"
#include "framework/kernels/threads.hpp"
#include "models/summed_loss.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace descent {
namespace {

template <class Real>
class RectifiedNetworks : public testing::Test {};
using Reals = testing::Types<float, double>;
TYPED_TEST_SUITE(RectifiedNetworks, Reals);

template <class Real>
struct Training {
  Network<Real> network{
      {30, {{.units = 300, .activation = "relu"}, {.units = 270, .activation = "relu"}, {.units = 3}}}};
  std::vector<Real> w;
  SummedLoss<Real> objective;

  explicit Training(std::string_view backend, std::size_t threads = 1)
      : w(network.parameters()), objective(make(network)) {
    network.initialize(w, 5);
    kernels::set_backend(backend);
    kernels::set_threads(threads);
  }
  ~Training() {
    kernels::set_backend("auto");
    kernels::set_threads(1);
  }
  static SummedLoss<Real> make(const Network<Real>& network) {
    constexpr std::size_t kRows = 300;
    Rng rng(41, Purpose::check);
    TrainingRows<Real> rows{zeros<Real>(kRows, 30), zeros<Real>(kRows, 1), {}};
    for (Real& x : rows.inputs) x = static_cast<Real>(rng.normal());
    for (Real& t : rows.targets) t = static_cast<Real>(rng.below(3));
    return SummedLoss<Real>(network, find_loss<Real>("cross_entropy"), std::move(rows));
  }
};

TYPED_TEST(RectifiedNetworks, HaveTheGradientOfTheDefinition) {
  using Real = TypeParam;
  std::vector<std::uint32_t> batch(100);
  for (std::size_t i = 0; i < batch.size(); ++i) batch[i] = static_cast<std::uint32_t>(299 - 2 * i);
  for (const Terms terms : {Terms(), Terms(batch)}) {
    std::vector<Real> expected, g;
    {
      Training<Real> by_definition("reference");
      expected.resize(by_definition.w.size());
      by_definition.objective.value_and_gradient(by_definition.w, expected, terms);
    }
    Training<Real> training("auto");
    g.resize(training.w.size());
    training.objective.value_and_gradient(training.w, g, terms);
    double difference = 0, size = 0;
    for (std::size_t j = 0; j < g.size(); ++j) {
      difference += std::pow(static_cast<double>(g[j]) - expected[j], 2);
      size += std::pow(static_cast<double>(expected[j]), 2);
    }
    EXPECT_LE(std::sqrt(difference), 20 * std::numeric_limits<Real>::epsilon() * std::sqrt(size)) << terms.size();
  }
}

TYPED_TEST(RectifiedNetworks, MoveToTheSameBitsWithAnyNumberOfThreads) {
  using Real = TypeParam;
  std::vector<std::uint32_t> batch(200);
  for (std::size_t i = 0; i < batch.size(); ++i) batch[i] = static_cast<std::uint32_t>(i);
  std::vector<std::vector<Real>> ends;
  for (const std::size_t threads : {1, 2, 3}) {
    Training<Real> training("auto", threads);
    std::vector<Real> next(training.w.size());
    for (int step = 0; step < 5; ++step) {
      bool finite = false;
      training.objective.value_and_move(training.w, Real(-0.001), next, batch, finite);
      ASSERT_TRUE(finite);
      training.w.swap(next);
    }
    ends.push_back(training.w);
  }
  EXPECT_EQ(ends[0], ends[1]);
  EXPECT_EQ(ends[0], ends[2]);
}

}  // namespace
}  // namespace descent
