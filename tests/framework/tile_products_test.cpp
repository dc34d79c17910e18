// The tiles of every instruction set that this processor has, against the definitions.
#include "framework/kernels/threads.hpp"
#include "tests/framework/product_trial.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace descent {
namespace {

using test::random_numbers;
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
      EXPECT_TRUE(check.passed());
      trial.a[0] = std::numeric_limits<Real>::infinity();
      simd->product(trial.call);
      EXPECT_FALSE(check.passed()) << "an infinite weight was not noticed";
    }
  }
}

TYPED_TEST(TileProducts, GiveTheSameBitsForAnyNumberOfThreads) {
  using Real = TypeParam;
  using Product = kernels::Product<Real>;
  Rng rng(23, Purpose::check);
  for (const std::size_t n : {128, 300})  // rows are shared, and columns
    for (const auto form : {Product::Form::plain, Product::Form::transposed, Product::Form::right_transposed}) {
      const std::size_t m = 203, k = 256;
      const std::vector<Real> a = random_numbers<Real>(m * k, rng), b = random_numbers<Real>(k * n, rng);
      const std::vector<Real> w = random_numbers<Real>(m * n, rng);
      std::vector<std::vector<Real>> results;
      for (const std::size_t threads : {1, 2, 3}) {
        kernels::set_threads(threads);
        const bool right_transposed = form == Product::Form::right_transposed;
        Product product(form, {m, n, k, form == Product::Form::transposed ? m : k, right_transposed ? k : n, n});
        std::vector<Real> c(m * n), next(m * n);
        product(a.data(), b.data(), c.data(), w.data());
        kernels::FiniteCheck<Real> check;
        if (!right_transposed) product.move(a.data(), b.data(), w.data(), Real(-0.5), next.data(), check);
        EXPECT_TRUE(check.passed());
        c.insert(c.end(), next.begin(), next.end());
        results.push_back(std::move(c));
      }
      kernels::set_threads(1);
      EXPECT_EQ(results[0], results[1]);
      EXPECT_EQ(results[0], results[2]);
    }
}

}  // namespace
}  // namespace descent
