// The tiles of every instruction set that this processor has, against the definitions.
#include "tests/framework/product_trial.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace descent {
namespace {

using test::Trial;

template <class Real>
class TileProducts : public testing::Test {};
using Reals = testing::Types<float, double>;
TYPED_TEST_SUITE(TileProducts, Reals);

TYPED_TEST(TileProducts, EqualTheDefinitionForEveryInstructionSet) {
  using Real = TypeParam;
  for (const auto* simd : kernels::simd_variants<Real>()) {
    Rng rng(21, Purpose::check);
    using Form = typename kernels::Product<Real>::Form;
    for (const Form form : {Form::plain, Form::transposed, Form::right_transposed}) {
      for (std::size_t m = 1; m <= 18; ++m)
        for (std::size_t n = 1; n <= 18; ++n)
          for (const std::size_t k : {1, 2, 7})
            ASSERT_EQ(all_ways(*simd, Trial<Real>(m, n, k, form, m % 2, rng)), "") << simd->instructions;
      for (int trial = 0; trial < 60; ++trial) {
        const auto size = [&] { return 1 + static_cast<std::size_t>(std::exp(rng.uniform(0, std::log(150)))); };
        const std::size_t m = size(), n = size(), k = size();
        ASSERT_EQ(all_ways(*simd, Trial<Real>(m, n, k, form, rng.below(5), rng)), "") << simd->instructions;
      }
      // Rows far apart: b goes through copied panels, the terms in several blocks.
      ASSERT_EQ(all_ways(*simd, Trial<Real>(70, 530, 300, form, 1, rng)), "") << simd->instructions;
    }
  }
}

TYPED_TEST(TileProducts, MoveWithTheBitsOfProductAndMove) {
  using Real = TypeParam;
  for (const auto* simd : kernels::simd_variants<Real>()) {
    Rng rng(22, Purpose::check);
    for (const auto& [m, n, k] : {std::array<std::size_t, 3>{64, 32, 32}, {5, 3, 16}, {33, 10, 40}, {90, 530, 17}}) {
      Trial<Real> trial(m, n, k, kernels::Product<Real>::Form::transposed, 0, rng);
      simd->plan_product(trial.call);
      simd->product(trial.call);
      std::vector<Real> expected(m * n);
      kernels::FiniteCheck<Real> check;
      simd->move(trial.w.data(), trial.c.data(), Real(-0.1), expected.data(), m * n, check);
      trial.call.w = trial.w.data();
      trial.call.scale = Real(-0.1);
      trial.call.check = &check;
      simd->product(trial.call);
      EXPECT_EQ(trial.c, expected) << simd->instructions << m << 'x' << n << 'x' << k;
      trial.c = trial.w;
      trial.call.w = trial.c.data();
      simd->product(trial.call);
      EXPECT_EQ(trial.c, expected) << "in place, " << simd->instructions << m << 'x' << n << 'x' << k;
      EXPECT_TRUE(check.passed());
      trial.a[0] = std::numeric_limits<Real>::infinity();
      simd->product(trial.call);
      EXPECT_FALSE(check.passed()) << "an infinite weight was not noticed";
    }
  }
}

}  // namespace
}  // namespace descent
