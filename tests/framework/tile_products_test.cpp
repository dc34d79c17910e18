// The tiles of every instruction set that this processor has, against the definitions.
#include "framework/kernels/products.hpp"
#include "framework/kernels/simd.hpp"
#include "framework/kernels/threads.hpp"
#include "framework/random.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <vector>

namespace descent {
namespace {

template <class Real>
class TileProducts : public testing::Test {};
using Reals = testing::Types<float, double>;
TYPED_TEST_SUITE(TileProducts, Reals);

template <class Real>
std::vector<Real> random_numbers(std::size_t count, Rng& rng) {
  std::vector<Real> numbers(count);
  for (Real& x : numbers) x = static_cast<Real>(rng.uniform(-1, 1));
  return numbers;
}

// A product of one variant with operands whose rows lie `gap` numbers apart.
template <class Real>
struct Trial {
  std::size_t m, n, k, gap;
  using Form = typename kernels::Product<Real>::Form;
  Form form;
  std::vector<Real> a, b, c, start, w, scratch;
  kernels::ProductCall<Real> call = {};

  Trial(std::size_t rows, std::size_t cols, std::size_t terms, Form f, std::size_t g, Rng& rng)
      : m(rows), n(cols), k(terms), gap(g), form(f) {
    const bool t = form == Form::transposed, right_t = form == Form::right_transposed;
    const std::size_t a_rows = t ? k : m, a_cols = t ? m : k, b_rows = right_t ? n : k, b_cols = right_t ? k : n;
    a = random_numbers<Real>(a_rows * (a_cols + gap), rng);
    b = random_numbers<Real>(b_rows * (b_cols + gap), rng);
    c = random_numbers<Real>(m * (n + gap), rng);
    w = random_numbers<Real>(m * (n + gap), rng);
    start = random_numbers<Real>(n, rng);
    call = {m, n, k, t, a.data(), a_cols + gap, b.data(), b_cols + gap, c.data(), n + gap};
    call.right_transposed = right_t;
    scratch.resize(kernels::product_scratch(call));
    call.scratch = scratch.data();
  }
  Real left(std::size_t i, std::size_t l) const {
    return form == Form::transposed ? a[l * (m + gap) + i] : a[i * (k + gap) + l];
  }
  Real right(std::size_t l, std::size_t j) const {
    return form == Form::right_transposed ? b[j * (k + gap) + l] : b[l * (n + gap) + j];
  }
  // Whether c(i, j) is begin + Σ to within (k + 1) ε Σ|·|, for all of c; and no gap was written.
  std::string differs(const std::vector<Real>& before, auto begin) const {
    for (std::size_t i = 0; i < m; ++i) {
      for (std::size_t j = 0; j < n; ++j) {
        double sum = begin(i, j), sizes = std::abs(sum);
        for (std::size_t l = 0; l < k; ++l) {
          const double term = static_cast<double>(left(i, l)) * right(l, j);
          sum += term;
          sizes += std::abs(term);
        }
        const double bound = static_cast<double>(k + 1) * std::numeric_limits<Real>::epsilon() * sizes;
        if (!(std::abs(c[i * (n + gap) + j] - sum) <= bound))
          return fmt::format("({}, {}) of {} x {} x {}, form {}, gap {}", i, j, m, n, k, static_cast<int>(form), gap);
      }
      for (std::size_t j = n; j < n + gap; ++j)
        if (c[i * (n + gap) + j] != before[i * (n + gap) + j]) return "wrote between the rows";
    }
    return {};
  }
};

template <class Real>
std::string all_ways(const kernels::SimdKernels<Real>& simd, Trial<Real> trial) {
  simd.plan_product(trial.call);
  const std::vector<Real> before = trial.c;
  const auto run = [&](auto begin) {
    simd.product(trial.call);
    std::string wrong = trial.differs(before, begin);
    trial.c = before;
    trial.call.c = trial.c.data();
    return wrong;
  };
  trial.call.c = trial.c.data();
  trial.call.a = trial.a.data();
  trial.call.b = trial.b.data();
  if (auto wrong = run([](auto, auto) { return 0.0; }); !wrong.empty()) return "plain " + wrong;
  trial.call.start = trial.start.data();
  if (auto wrong = run([&](auto, std::size_t j) { return double(trial.start[j]); }); !wrong.empty())
    return "begun " + wrong;
  trial.call.start = nullptr;
  trial.call.adds = true;
  if (auto wrong = run([&](std::size_t i, std::size_t j) { return double(before[i * trial.call.c_stride + j]); });
      !wrong.empty())
    return "added " + wrong;
  return {};
}

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
