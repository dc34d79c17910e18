// Products that pass over the zeros of their left factor, for every instruction set that this processor has: the
// numbers of those that multiply by them.
#include "tests/framework/fenced.hpp"
#include "tests/framework/product_trial.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <span>

namespace descent {
namespace {

using test::Fenced;
using test::random_numbers;
using test::Trial;

template <class Real>
class SparseProducts : public testing::Test {};
using Reals = testing::Types<float, double>;
TYPED_TEST_SUITE(SparseProducts, Reals);

template <class Real>
void make_rare(std::vector<Real>& numbers, double filled, Rng& rng) {
  for (Real& x : numbers)
    if (rng.uniform() > filled) x = rng.below(2) == 0 ? Real(0) : -Real(0);
}

// c of the product with and without looking for zeros, begun in every way.
template <class Real>
void expect_same_numbers(const kernels::SimdKernels<Real>& simd, Trial<Real> trial) {
  const std::vector<Real> before = trial.c;
  std::vector<std::vector<Real>> results[2];
  for (const bool zeros : {false, true}) {
    auto& call = trial.call;
    call.scratch = trial.scratch.data();
    call.a = trial.a.data();
    call.b = trial.b.data();
    simd.plan_product(call);
    ASSERT_EQ(call.zeros, kernels::Zeros::looked_for);
    if (!zeros) call.zeros = kernels::Zeros::multiplied;
    const auto run = [&] {
      trial.c = before;
      call.c = trial.c.data();
      simd.product(call);
      results[zeros].push_back(trial.c);
    };
    run();
    call.start = trial.start.data();
    run();
    call.start = nullptr;
    call.adds = true;
    run();
    call.adds = false;
    if (trial.form == kernels::Product<Real>::Form::right_transposed) continue;
    kernels::FiniteCheck<Real> check;
    call.w = trial.w.data();
    call.scale = Real(-0.1);
    call.check = &check;
    run();
    if (trial.form == kernels::Product<Real>::Form::transposed) {  // in place
      const std::size_t row = trial.n + trial.gap;
      for (std::size_t i = 0; i < trial.c.size(); ++i)
        if (i % row < trial.n) trial.c[i] = trial.w[i];
      call.w = call.c;
      simd.product(call);
      EXPECT_EQ(trial.c, results[zeros].back())
          << simd.instructions << ' ' << trial.m << " x " << trial.n << " x " << trial.k;
    }
    EXPECT_TRUE(check.passed());
    call.w = nullptr;
  }
  for (std::size_t way = 0; way < results[0].size(); ++way)
    EXPECT_EQ(results[0][way], results[1][way])
        << simd.instructions << ' ' << trial.m << " x " << trial.n << " x " << trial.k << ", form "
        << static_cast<int>(trial.form) << ", way " << way;
}

TYPED_TEST(SparseProducts, HaveTheNumbersOfThoseThatMultiplyByZero) {
  using Real = TypeParam;
  using Form = typename kernels::Product<Real>::Form;
  for (const auto* simd : kernels::simd_variants<Real>()) {
    Rng rng(31, Purpose::check);
    for (const Form form : {Form::plain, Form::transposed, Form::right_transposed})
      for (const double filled : {0.0, 0.1, 0.5, 0.9})
        for (const auto& [m, n, k] :
             {std::array<std::size_t, 3>{16, 128, 32}, {40, 256, 64}, {33, 301, 65}, {17, 390, 200}, {128, 139, 37}}) {
          Trial<Real> trial(m, n, k, form, k % 3, rng);
          make_rare(trial.a, filled, rng);
          expect_same_numbers(*simd, std::move(trial));
        }
  }
}

// Where b is infinite and a is 0, a product that multiplies has NaN.
TYPED_TEST(SparseProducts, AreTakenWhereMostIsZeroAndOnlyThere) {
  using Real = TypeParam;
  using Form = typename kernels::Product<Real>::Form;
  for (const auto* simd : kernels::simd_variants<Real>())
    for (const double filled : {0.3, 0.9}) {
      Rng rng(32, Purpose::check);
      Trial<Real> trial(64, 256, 64, Form::plain, 0, rng);
      make_rare(trial.a, filled, rng);
      for (std::size_t i = 0; i < trial.m; ++i) trial.a[i * trial.k + 5] = 0;
      for (std::size_t j = 0; j < trial.n; ++j) trial.b[5 * trial.n + j] = std::numeric_limits<Real>::infinity();
      simd->plan_product(trial.call);
      simd->product(trial.call);
      for (const Real x : trial.c) ASSERT_EQ(std::isfinite(x), filled < 0.5) << simd->instructions;
    }
}

// c of a product in every way, out of arrays that are no larger than they must be.
template <class Real>
void expect_to_stay_inside(const kernels::SimdKernels<Real>& simd, const Trial<Real>& trial,
                           typename Fenced<Real>::Side side) {
  const auto without_last_gap = [&](const std::vector<Real>& numbers) {
    return std::span(numbers).first(numbers.size() - trial.gap);
  };
  const Fenced<Real> a(without_last_gap(trial.a), side), b(without_last_gap(trial.b), side);
  const Fenced<Real> w(without_last_gap(trial.w), side), start(trial.start, side), scratch(trial.scratch, side);
  kernels::ProductCall<Real> call = trial.call;
  call.a = a.data();
  call.b = b.data();
  call.scratch = scratch.data();
  simd.plan_product(call);
  ASSERT_EQ(call.zeros, kernels::Zeros::looked_for);
  const auto run = [&] {
    const Fenced<Real> c(without_last_gap(trial.c), side);
    call.c = c.data();
    simd.product(call);
    for (std::size_t i = 0; i < trial.m; ++i)
      for (std::size_t j = 0; j < trial.n; ++j)
        ASSERT_TRUE(std::isfinite(c.data()[i * call.c_stride + j])) << "zeros were not passed over";
  };
  run();
  call.start = start.data();
  run();
  call.start = nullptr;
  call.adds = true;
  run();
  call.adds = false;
  if (call.right_transposed) return;
  kernels::FiniteCheck<Real> check;
  call.w = w.data();
  call.scale = Real(-0.1);
  call.check = &check;
  run();
  if (!call.transposed) return;
  const Fenced<Real> in_place(without_last_gap(trial.w), side);
  call.w = call.c = in_place.data();
  simd.product(call);
}

TYPED_TEST(SparseProducts, StayInsideTheirArrays) {
  using Real = TypeParam;
  using Form = typename kernels::Product<Real>::Form;
  using Side = typename Fenced<Real>::Side;
  for (const auto* simd : kernels::simd_variants<Real>()) {
    Rng rng(35, Purpose::check);
    const std::size_t lanes = simd->feature_major.lanes;
    for (const Form form : {Form::plain, Form::transposed, Form::right_transposed})
      for (const std::size_t m : {16, 17, 31, 67})
        for (const std::size_t n : {8 * lanes, 8 * lanes + 1, 12 * lanes - 1, 17 * lanes + 1})
          for (const std::size_t k : {32, 33, 64, 65, 191})
            for (const Side side : {Side::before, Side::behind}) {
              Trial<Real> trial(m, n, k, form, (m + k) % 3, rng);
              make_rare(trial.a, 0.2, rng);
              // Times infinity, these zeros would show if they were multiplied.
              const auto& call = trial.call;
              for (std::size_t i = 0; i < m; ++i)
                trial.a[form == Form::transposed ? 5 * call.a_stride + i : i * call.a_stride + 5] = 0;
              for (std::size_t j = 0; j < n; ++j)
                trial.b[form == Form::right_transposed ? j * call.b_stride + 5 : 5 * call.b_stride + j] =
                    std::numeric_limits<Real>::infinity();
              SCOPED_TRACE(
                  fmt::format("{} {} x {} x {}, form {}", simd->instructions, m, n, k, static_cast<int>(form)));
              expect_to_stay_inside(*simd, trial, side);
            }
  }
}

TYPED_TEST(SparseProducts, ShowWhatIsNotFinite) {
  using Real = TypeParam;
  using Form = typename kernels::Product<Real>::Form;
  for (const auto* simd : kernels::simd_variants<Real>())
    for (const Real bad : {std::numeric_limits<Real>::infinity(), std::numeric_limits<Real>::quiet_NaN()}) {
      Rng rng(33, Purpose::check);
      Trial<Real> trial(64, 256, 64, Form::transposed, 0, rng);
      make_rare(trial.a, 0.5, rng);
      trial.a[7 * trial.m + 9] = bad;
      kernels::FiniteCheck<Real> check;
      trial.call.w = trial.w.data();
      trial.call.scale = Real(-0.1);
      trial.call.check = &check;
      simd->plan_product(trial.call);
      simd->product(trial.call);
      EXPECT_FALSE(check.passed()) << simd->instructions;
      for (std::size_t i = 0; i < trial.m; ++i)
        for (std::size_t j = 0; j < trial.n; ++j) ASSERT_EQ(std::isfinite(trial.c[i * trial.n + j]), i != 9);
    }
}

}  // namespace
}  // namespace descent
