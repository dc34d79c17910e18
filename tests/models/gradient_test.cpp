#include "framework/derivative_check.hpp"
#include "framework/kernels/products.hpp"
#include "models/summed_loss.hpp"
#include "tests/support/random_network.hpp"
#include "tests/support/reference_network.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

namespace descent {
namespace {

using test::RandomProblem;

constexpr std::uint32_t kProblems = 1000;

double largest(std::span<const double> v) {
  double size = 0;
  for (const double x : v) size = std::max(size, std::abs(x));
  return size;
}

// By the kernels of that name: "auto" goes feature by feature where the network is narrow, "tiles" row by row.
std::vector<double> shipped_gradient(const RandomProblem& problem, const char* kernels) {
  kernels::set_backend(kernels);
  const Network<double> network(problem.spec);
  SummedLoss<double> objective(network, find_loss<double>(problem.loss), test::rows_of<double>(problem));
  std::vector<double> g(problem.w.size());
  objective.value_and_gradient(problem.w, g);
  kernels::set_backend("auto");
  return g;
}

// An entry is a sum of products that may cancel; what is lost there shows against the largest entry,
// so an error counts relative to the entry itself or a thousandth of the largest one.
double relative_error(double got, double expected, double scale) {
  if (got == expected) return 0;  // dead units: both exactly 0
  return std::abs(got - expected) / std::max(std::abs(expected), 1e-3 * scale);
}

TEST(SummedLoss, GradientEqualsComplexStepOnRandomNetworks) {
  for (std::uint32_t index = 0; index < kProblems; ++index) {
    const RandomProblem problem = test::random_problem(index);
    const std::vector<double> g = shipped_gradient(problem, "auto"), by_rows = shipped_gradient(problem, "tiles");
    const double scale = largest(g);
    for (std::size_t j = 0; j < g.size(); ++j) {
      const double exact =
          test::complex_step_derivative(problem.spec, problem.loss, problem.w, j, problem.x, problem.t);
      for (const double shipped : {g[j], by_rows[j]})
        ASSERT_LE(relative_error(shipped, exact, scale), 1e-12)
            << "problem " << index << ", " << problem.loss << ", weight " << j;
    }
  }
}

TEST(SummedLoss, ValueEqualsTheDefinitionOnRandomNetworks) {
  for (std::uint32_t index = 0; index < kProblems; ++index) {
    const RandomProblem problem = test::random_problem(index);
    const Network<double> network(problem.spec);
    SummedLoss<double> objective(network, find_loss<double>(problem.loss), test::rows_of<double>(problem));
    const std::vector<test::Complex> w(problem.w.begin(), problem.w.end());
    const double exact =
        static_cast<double>(test::reference_loss(problem.spec, problem.loss, w, problem.x, problem.t).real());
    ASSERT_NEAR(objective.value(problem.w), exact, 1e-12 * std::max(1.0, std::abs(exact))) << "problem " << index;
  }
}

TEST(SummedLoss, GradientEqualsRiddersExtrapolation) {
  std::size_t checked = 0, unsure = 0;
  for (std::uint32_t index = 0; index < kProblems; ++index) {
    const RandomProblem problem = test::random_problem(index);
    const Network<double> network(problem.spec);
    SummedLoss<double> objective(network, find_loss<double>(problem.loss), test::rows_of<double>(problem));
    std::vector<std::size_t> which(std::min<std::size_t>(problem.w.size(), 12));
    for (std::size_t k = 0; k < which.size(); ++k) which[k] = k * problem.w.size() / which.size();
    const GradientCheck check = check_gradient(objective, problem.w, which);
    ASSERT_LE(check.worst, 1e-9) << "problem " << index << ", " << problem.loss << ", weight " << check.worst_entry;
    checked += check.checked;
    unsure += check.unsure;
  }
  EXPECT_LE(unsure, checked / 10) << "near kinks of relu, huber and |r|";
}

TEST(SummedLoss, FloatGradientIsTheDoubleGradientToSinglePrecision) {
  for (std::uint32_t index = 0; index < kProblems; ++index) {
    const RandomProblem problem = test::random_problem(index);
    const std::vector<float> w(problem.w.begin(), problem.w.end());
    RandomProblem rounded = problem;
    rounded.w.assign(w.begin(), w.end());
    rounded.x = xt::cast<double>(Matrix<float>(xt::cast<float>(problem.x)));
    rounded.t = xt::cast<double>(Matrix<float>(xt::cast<float>(problem.t)));
    const std::vector<double> g = shipped_gradient(rounded, "auto");
    const Network<float> network(problem.spec);
    SummedLoss<float> objective(network, find_loss<float>(problem.loss), test::rows_of<float>(problem));
    std::vector<float> g32(w.size());
    objective.value_and_gradient(w, g32);
    double difference = 0, size = 0;
    for (std::size_t j = 0; j < g.size(); ++j) {
      difference += (g32[j] - g[j]) * (g32[j] - g[j]);
      size += g[j] * g[j];
    }
    ASSERT_LE(std::sqrt(difference), 1e-5 * std::sqrt(size)) << "problem " << index << ", " << problem.loss;
  }
}

TEST(SummedLoss, AGradientOfABatchIsTheSumOfItsRows) {
  const RandomProblem problem = test::random_problem(7);
  const Network<double> network(problem.spec);
  SummedLoss<double> objective(network, find_loss<double>(problem.loss), test::rows_of<double>(problem));
  std::vector<double> all(problem.w.size()), one(problem.w.size()), sum(problem.w.size());
  double value = 0;
  for (std::uint32_t row = 0; row < objective.terms(); ++row) {
    value += objective.value_and_gradient(problem.w, one, Terms(&row, 1));
    for (std::size_t j = 0; j < sum.size(); ++j) sum[j] += one[j];
  }
  EXPECT_NEAR(objective.value_and_gradient(problem.w, all), value, 1e-12 * std::abs(value));
  for (std::size_t j = 0; j < sum.size(); ++j) EXPECT_NEAR(all[j], sum[j], 1e-12 * largest(all));
}

// --- The checks above must be able to fail: each bug is planted and has to be seen by both. ---

// An objective whose gradient is spoilt on the way out.
class Spoilt final : public Objective<double> {
 public:
  using Spoil = std::function<void(const Network<double>&, std::span<double> g)>;
  Spoilt(const RandomProblem& problem, Spoil spoil)
      : network_(problem.spec),
        inner_(network_, find_loss<double>(problem.loss), test::rows_of<double>(problem)),
        spoil_(std::move(spoil)) {}
  std::size_t dimension() const override { return inner_.dimension(); }
  std::size_t terms() const override { return inner_.terms(); }

 private:
  double do_value(ConstParams<double> w, Terms batch) override { return inner_.value(w, batch); }
  double do_value_and_gradient(ConstParams<double> w, Params<double> g, Terms batch) override {
    const double value = inner_.value_and_gradient(w, g, batch);
    spoil_(network_, g);
    return value;
  }
  Network<double> network_;
  SummedLoss<double> inner_;
  Spoil spoil_;
};

std::span<double> block_of(const Network<double>& network, std::span<double> g, std::size_t b) {
  const ParameterBlock block = network.blocks()[b].block;
  return g.subspan(block.offset, block.rows * block.cols);
}

void transpose(const Network<double>& network, std::span<double> g, std::size_t b) {
  const ParameterBlock block = network.blocks()[b].block;
  const std::vector<double> old(block_of(network, g, b).begin(), block_of(network, g, b).end());
  for (std::size_t i = 0; i < block.rows; ++i)
    for (std::size_t j = 0; j < block.cols; ++j) g[block.offset + j * block.rows + i] = old[i * block.cols + j];
}

void scale(std::span<double> part, double factor) {
  for (double& x : part) x *= factor;
}

struct Bug {
  const char* name;
  Spoilt::Spoil spoil;
};

// Blocks of the network below: 0 W1, 1 b1, 2 W2, 3 b2, 4 W3, 5 b3.
const Bug kBugs[] = {
    {"first bias sum missing", [](auto& n, auto g) { scale(block_of(n, g, 1), 0); }},
    {"middle bias sum missing", [](auto& n, auto g) { scale(block_of(n, g, 3), 0); }},
    {"last bias sum missing", [](auto& n, auto g) { scale(block_of(n, g, 5), 0); }},
    {"dW1 transposed", [](auto& n, auto g) { transpose(n, g, 0); }},
    {"dW2 transposed", [](auto& n, auto g) { transpose(n, g, 2); }},
    {"dW3 transposed", [](auto& n, auto g) { transpose(n, g, 4); }},
    {"hidden 1/N", [](auto&, auto g) { scale(g, 1.0 / 6); }},
    {"hidden 1/N in one layer", [](auto& n, auto g) { scale(block_of(n, g, 2), 1.0 / 6); }},
    {"hidden 1/2", [](auto&, auto g) { scale(g, 0.5); }},
    {"sign", [](auto&, auto g) { scale(g, -1); }},
    {"sign of one bias", [](auto& n, auto g) { scale(block_of(n, g, 3), -1); }},
    {"sign of one weight", [](auto& n, auto g) { block_of(n, g, 0)[3] *= -1; }},
    {"scale 1 + 1e-4", [](auto&, auto g) { scale(g, 1 + 1e-4); }},
    {"scale 1 - 1e-4 in the last layer", [](auto& n, auto g) { scale(block_of(n, g, 4), 1 - 1e-4); }},
    {"scale 1 + 1e-4 of one weight", [](auto& n, auto g) { block_of(n, g, 2)[5] *= 1 + 1e-4; }},
    {"layers off by one",
     [](auto& n, auto g) { std::rotate(g.begin(), g.begin() + block_of(n, g, 0).size(), g.end()); }},
    {"rows of dW1 off by one",
     [](auto& n, auto g) {
       auto w1 = block_of(n, g, 0);
       std::rotate(w1.begin(), w1.begin() + 1, w1.end());
     }},
};

RandomProblem bug_problem(const std::string& activation) {
  RandomProblem problem;
  problem.spec = {5, {{.units = 5, .activation = activation}, {.units = 5, .activation = activation}, {.units = 5}}};
  problem.loss = "squared_error";
  Rng rng(3, Purpose::check);
  problem.x = zeros<double>(6, 5);
  problem.t = zeros<double>(6, 5);
  for (double& x : problem.x) x = rng.normal();
  for (double& t : problem.t) t = rng.normal();
  problem.w.resize(Network<double>(problem.spec).parameters());
  for (double& w : problem.w) w = rng.uniform(-1, 1);
  return problem;
}

bool seen_by_complex_step(Objective<double>& objective, const RandomProblem& problem) {
  std::vector<double> g(problem.w.size());
  objective.value_and_gradient(problem.w, g);
  for (std::size_t j = 0; j < g.size(); ++j) {
    const double exact = test::complex_step_derivative(problem.spec, problem.loss, problem.w, j, problem.x, problem.t);
    if (!(relative_error(g[j], exact, largest(g)) <= 1e-12)) return true;
  }
  return false;
}

bool seen_by_ridders(Objective<double>& objective, const RandomProblem& problem) {
  std::vector<std::size_t> all(problem.w.size());
  std::iota(all.begin(), all.end(), 0);
  return !(check_gradient(objective, problem.w, all).worst <= 1e-9);
}

TEST(GradientChecks, SeeEveryPlantedBug) {
  const RandomProblem problem = bug_problem("tanh");
  Spoilt healthy(problem, [](auto&, auto) {});
  EXPECT_FALSE(seen_by_complex_step(healthy, problem));
  EXPECT_FALSE(seen_by_ridders(healthy, problem));
  for (const Bug& bug : kBugs) {
    Spoilt objective(problem, bug.spoil);
    EXPECT_TRUE(seen_by_complex_step(objective, problem)) << bug.name;
    EXPECT_TRUE(seen_by_ridders(objective, problem)) << bug.name;
  }
}

// The gradient of one activation against the values of another: a wrong derivative in the table.
class WrongDerivative final : public Objective<double> {
 public:
  WrongDerivative(const RandomProblem& right, const RandomProblem& wrong)
      : right_network_(right.spec),
        wrong_network_(wrong.spec),
        right_(right_network_, find_loss<double>(right.loss), test::rows_of<double>(right)),
        wrong_(wrong_network_, find_loss<double>(wrong.loss), test::rows_of<double>(wrong)) {}
  std::size_t dimension() const override { return right_.dimension(); }
  std::size_t terms() const override { return right_.terms(); }

 private:
  double do_value(ConstParams<double> w, Terms batch) override { return right_.value(w, batch); }
  double do_value_and_gradient(ConstParams<double> w, Params<double> g, Terms batch) override {
    wrong_.value_and_gradient(w, g, batch);
    return right_.value(w, batch);
  }
  Network<double> right_network_, wrong_network_;
  SummedLoss<double> right_, wrong_;
};

TEST(GradientChecks, SeeAWrongDerivativeOfAnActivation) {
  const std::pair<const char*, const char*> kSwaps[] = {{"tanh", "softplus"}, {"sigmoid", "tanh"}, {"gelu", "silu"}};
  for (const auto& [right, wrong] : kSwaps) {
    const RandomProblem problem = bug_problem(right);
    WrongDerivative objective(problem, bug_problem(wrong));
    EXPECT_TRUE(seen_by_complex_step(objective, problem)) << wrong << " for " << right;
    EXPECT_TRUE(seen_by_ridders(objective, problem)) << wrong << " for " << right;
  }
}

}  // namespace
}  // namespace descent
