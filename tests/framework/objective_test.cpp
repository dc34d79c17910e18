#include "framework/objective.hpp"

#include "framework/error.hpp"
#include "tests/support/refusal.hpp"

#include <gtest/gtest.h>

#include <array>
#include <limits>

namespace descent {
namespace {

// Σᵢ (i + 1) (w₀ − w₁) over 5 terms.
class Ramp final : public Objective<double> {
 public:
  std::size_t dimension() const override { return 2; }
  std::size_t terms() const override { return 5; }

 private:
  static double weight(Terms batch) {
    double sum = 0;
    for (const auto i : batch) sum += i + 1;
    return batch.empty() ? 15 : sum;
  }
  double do_value(ConstParams<double> w, Terms batch) override { return weight(batch) * (w[0] - w[1]); }
  double do_value_and_gradient(ConstParams<double> w, Params<double> g, Terms batch) override {
    g[0] = weight(batch);
    g[1] = -weight(batch);
    return do_value(w, batch);
  }
};

constexpr std::array<double, 2> kW = {3, 1};
constexpr std::array<std::uint32_t, 3> kBatch = {4, 0, 4};

TEST(Objective, AnEmptyBatchMeansAllTerms) {
  Ramp ramp;
  EXPECT_EQ(ramp.value(kW), 30);
  EXPECT_EQ(ramp.value(kW, kBatch), 22) << "a term may come twice";
  std::array<double, 2> g{};
  EXPECT_EQ(ramp.value_and_gradient(kW, g, kBatch), 22);
  EXPECT_EQ(g, (std::array<double, 2>{11, -11}));
}

TEST(Objective, CountsCallsAndTerms) {
  Ramp ramp;
  std::array<double, 2> g{};
  ramp.value(kW);
  ramp.value(kW, kBatch);
  ramp.value_and_gradient(kW, g);
  ramp.value_and_gradient(kW, g, kBatch);
  ramp.value_and_gradient(kW, g, kBatch);
  ramp.explain_nonfinite(kW);
  EXPECT_EQ(ramp.evaluations().values, 2u);
  EXPECT_EQ(ramp.evaluations().value_terms, 5u + 3);
  EXPECT_EQ(ramp.evaluations().gradients, 3u);
  EXPECT_EQ(ramp.evaluations().gradient_terms, 5u + 3 + 3);
}

TEST(Objective, RefusesVectorsOfAnotherSize) {
  Ramp ramp;
  std::array<double, 3> three{};
  std::array<double, 2> two{};
  std::array<double, 1> one{};
  EXPECT_EQ(test::refusal([&] { ramp.value(three); }), "w has 3 numbers, but the objective has dimension 2");
  EXPECT_EQ(test::refusal([&] { ramp.value_and_gradient(one, two); }),
            "w has 1 numbers, but the objective has dimension 2");
  EXPECT_EQ(test::refusal([&] { ramp.value_and_gradient(two, three); }),
            "g has 3 numbers, but the objective has dimension 2");
  EXPECT_EQ(test::refusal([&] { ramp.explain_nonfinite(one); }), "w has 1 numbers, but the objective has dimension 2");
  EXPECT_EQ(ramp.evaluations().values + ramp.evaluations().gradients, 0u) << "what is refused does not count";
}

TEST(Objective, HasNothingToExplainUnlessItSaysSo) {
  Ramp ramp;
  const std::array<double, 2> w = {std::numeric_limits<double>::quiet_NaN(), 0};
  EXPECT_EQ(ramp.explain_nonfinite(w), "");
}

// w₀² w₁ has the Hessian [[2 w₁, 2 w₀], [2 w₀, 0]].
class Cubic final : public Objective<double> {
 public:
  std::size_t dimension() const override { return 2; }
  std::size_t terms() const override { return 1; }
  bool has_hessian() const override { return true; }

 private:
  double do_value(ConstParams<double> w, Terms) override { return w[0] * w[0] * w[1]; }
  double do_value_and_gradient(ConstParams<double> w, Params<double> g, Terms batch) override {
    g[0] = 2 * w[0] * w[1];
    g[1] = w[0] * w[0];
    return do_value(w, batch);
  }
  void do_hessian_vector(ConstParams<double> w, ConstParams<double> v, Params<double> hv, Terms) override {
    hv[0] = 2 * w[1] * v[0] + 2 * w[0] * v[1];
    hv[1] = 2 * w[0] * v[0];
  }
};

TEST(Objective, BuildsTheHessianFromItsProductsWithUnitVectors) {
  Cubic cubic;
  Matrix<double> h = zeros<double>(2, 2);
  cubic.hessian(kW, view(h));
  EXPECT_EQ(h, (Matrix<double>{{2, 6}, {6, 0}}));
  EXPECT_EQ(cubic.evaluations().hessian_vectors, 2u);
}

TEST(Objective, RefusesSecondDerivativesItDoesNotHave) {
  Ramp ramp;
  std::array<double, 2> v{}, hv{};
  Matrix<double> h = zeros<double>(2, 2);
  EXPECT_EQ(test::refusal([&] { ramp.hessian_vector(kW, v, hv); }), "this objective has no second derivatives");
  EXPECT_EQ(test::refusal([&] { ramp.hessian(kW, view(h)); }), "this objective has no second derivatives");
  EXPECT_EQ(ramp.evaluations().hessian_vectors, 0u) << "what is refused does not count";
}

TEST(Objective, RefusesSecondDerivativesOfAnotherSize) {
  Cubic cubic;
  std::array<double, 3> three{};
  std::array<double, 2> two{};
  Matrix<double> h = zeros<double>(2, 3);
  EXPECT_EQ(test::refusal([&] { cubic.hessian_vector(kW, three, two); }),
            "v has 3 numbers, but the objective has dimension 2");
  EXPECT_EQ(test::refusal([&] { cubic.hessian_vector(kW, two, three); }),
            "hv has 3 numbers, but the objective has dimension 2");
  EXPECT_EQ(test::refusal([&] { cubic.hessian(kW, view(h)); }),
            "a row of h has 3 numbers, but the objective has dimension 2");
}

}  // namespace
}  // namespace descent
