// Products in parts: the bits of a single thread for any number of them, and those of a row whatever stands beside it.
#include "framework/kernels/product_parts.hpp"

#include "tests/framework/product_trial.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <utility>

namespace descent {
namespace {

using test::Trial;

template <class Real>
class ProductParts : public testing::Test {};
using Reals = testing::Types<float, double>;
TYPED_TEST_SUITE(ProductParts, Reals);

using Sizes = std::array<std::size_t, 3>;  // m, n, k
constexpr Sizes kSizes[] = {{64, 128, 784}, {203, 300, 256}, {203, 128, 257}, {3, 40, 300}, {1, 300, 19},
                            {300, 70, 64},  {129, 520, 40},  {5, 1, 700},     {17, 16, 16}};

template <class Real>
bool same_bits(const std::vector<Real>& a, const std::vector<Real>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(Real)) == 0;
}

// Of every three numbers, one stays; in row 1 of a left factor none, so that a sum is −0 or +0.
template <class Real>
void make_rare(Trial<Real>& trial) {
  for (std::size_t i = 0; i < trial.a.size(); ++i)
    if (i % 3 != 0) trial.a[i] = 0;
  if (trial.m < 2) return;
  const bool transposed = trial.form == Trial<Real>::Form::transposed;
  for (std::size_t l = 0; l < trial.k; ++l)
    trial.a[transposed ? l * (trial.m + trial.gap) + 1 : (trial.k + trial.gap) + l] = 0;
  std::ranges::fill(trial.start, -Real(0));
}

enum class Along { rows, columns, terms };

template <class Real>
std::vector<Real> by_threads(Trial<Real> trial, std::size_t threads, Along along, auto change) {
  auto call = trial.call;
  call.a = trial.a.data();
  call.b = trial.b.data();
  call.c = trial.c.data();
  call.scratch = nullptr;
  change(call, trial);
  kernels::Sharing sharing{threads, 1, along == Along::columns ? 1 : threads, along == Along::columns ? threads : 1};
  if (along == Along::terms) sharing = {threads, 2, std::max<std::size_t>(1, threads / 2), 1};
  kernels::ProductParts<Real> parts(call, sharing);
  for (int again = 0; again < 2; ++again) parts.multiply(call);
  return trial.c;
}

TYPED_TEST(ProductParts, GiveTheSameBitsForAnyNumberOfThreads) {
  using Real = TypeParam;
  using Form = typename Trial<Real>::Form;
  for (const auto& [m, n, k] : kSizes)
    for (const Form form : {Form::plain, Form::transposed, Form::right_transposed})
      for (const bool rare : {false, true})
        for (const Along along : {Along::rows, Along::columns, Along::terms}) {
          if (along == Along::terms && (form != Form::plain || k < kernels::kHalvesFrom)) continue;
          Rng rng(41, Purpose::check);
          Trial<Real> trial(m, n, k, form, 3, rng);
          if (rare) make_rare(trial);
          const auto begun = [](auto& call, auto& of) { call.start = of.start.data(); };
          const auto alone = by_threads(trial, 1, along, begun);
          for (const std::size_t threads : {2, 3, 5})
            EXPECT_TRUE(same_bits(by_threads(trial, threads, along, begun), alone))
                << m << 'x' << n << 'x' << k << ", form " << int(form) << ", along " << int(along) << ", threads "
                << threads << ", rare " << rare;
          const std::vector<Real> before = std::exchange(trial.c, alone);
          EXPECT_EQ(trial.differs(before, [&](auto, std::size_t j) { return double(trial.start[j]); }), "");
        }
}

TYPED_TEST(ProductParts, AddAndMoveWithTheSameBits) {
  using Real = TypeParam;
  for (const auto& [m, n, k] : kSizes) {
    Rng rng(42, Purpose::check);
    const Trial<Real> trial(m, n, k, Trial<Real>::Form::transposed, 0, rng);
    kernels::FiniteCheck<Real> check;
    const auto moves = [&](auto& call, auto& of) {
      call.w = of.w.data();
      call.scale = Real(-0.5);
      call.check = &check;
    };
    const auto moves_in_place = [&](auto& call, auto& of) {
      moves(call, of);
      of.c = of.w;
      call.w = call.c = of.c.data();
    };
    const auto adds = [](auto& call, auto&) { call.adds = true; };
    const auto expect_same = [&](auto change) {
      for (const Along along : {Along::rows, Along::columns})
        for (const std::size_t threads : {2, 3, 5})
          EXPECT_TRUE(same_bits(by_threads(trial, threads, along, change), by_threads(trial, 1, along, change)));
    };
    expect_same(moves);
    expect_same(moves_in_place);
    expect_same(adds);
    EXPECT_TRUE(check.passed());
  }
}

TYPED_TEST(ProductParts, EveryThreadNoticesWhatIsNotFinite) {
  using Real = TypeParam;
  for (const std::size_t row : {0, 299}) {
    Rng rng(43, Purpose::check);
    Trial<Real> trial(300, 70, 64, Trial<Real>::Form::transposed, 0, rng);
    trial.w[row * trial.n] = std::numeric_limits<Real>::infinity();
    kernels::FiniteCheck<Real> check;
    by_threads(trial, 2, Along::rows, [&](auto& call, auto& of) {
      call.w = of.w.data();
      call.scale = Real(-0.5);
      call.check = &check;
    });
    EXPECT_FALSE(check.passed());
  }
}

// Through the door that layers use; there too, sums in halves depend on their length alone.
TYPED_TEST(ProductParts, ARowHasTheSameBitsAlone) {
  using Real = TypeParam;
  using Product = kernels::Product<Real>;
  for (const std::size_t k : {255, 256, 784}) {
    const std::size_t m = 65, n = 24;
    Rng rng(44, Purpose::check);
    const Trial<Real> trial(m, n, k, Product::Form::plain, 0, rng);
    std::vector<Real> together(m * n), alone(n);
    Product all(Product::Form::plain, {m, n, k, k, n, n}), one(Product::Form::plain, {1, n, k, k, n, n});
    all(trial.a.data(), trial.b.data(), together.data());
    for (const std::size_t row : {0, 1, 64}) {
      one(trial.a.data() + row * k, trial.b.data(), alone.data());
      const auto begin = together.begin() + static_cast<std::ptrdiff_t>(row * n);
      EXPECT_TRUE(same_bits(alone, std::vector<Real>(begin, begin + static_cast<std::ptrdiff_t>(n))));
    }
  }
}

TEST(Cut, CoversTheWholeOnce) {
  for (const std::size_t unit : {1, 16})
    for (std::size_t whole = 1; whole < 100; ++whole)
      for (std::size_t parts = 1; parts < 9; ++parts) {
        const kernels::Cut cut(whole, parts, unit);
        ASSERT_LE(cut.parts(), parts);
        std::size_t end = 0;
        for (std::size_t part = 0; part < cut.parts(); ++part) {
          ASSERT_EQ(cut[part].begin, end);
          ASSERT_EQ(end % unit, 0u);
          ASSERT_GT(cut[part].length, 0u);
          end += cut[part].length;
        }
        ASSERT_EQ(end, whole);
      }
}

}  // namespace
}  // namespace descent
