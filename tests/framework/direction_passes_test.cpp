// The directions of every instruction set that this processor has, against their definitions: the same bits.
#include "framework/kernels/directions.hpp"
#include "framework/kernels/simd.hpp"
#include "framework/random.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace descent {
namespace {

template <class Real>
class DirectionPasses : public testing::Test {};
using Reals = testing::Types<float, double>;
TYPED_TEST_SUITE(DirectionPasses, Reals);

template <class Real>
struct Numbers {
  std::vector<Real> g, w, m, v, d;

  // Ordinary numbers and, every few of them, one at the edge of the format.
  Numbers(std::size_t n, Rng& rng) : g(n), w(n), m(n), v(n), d(n, Real(7)) {
    using L = std::numeric_limits<Real>;
    const Real edges[] = {0, -Real(0), L::denorm_min(), L::min(), L::max(), -L::max(), L::infinity(), L::quiet_NaN()};
    const auto any = [&] { return static_cast<Real>(rng.below(5) == 0 ? edges[rng.below(8)] : rng.normal()); };
    for (std::size_t i = 0; i < n; ++i) {
      g[i] = any();
      w[i] = any();
      m[i] = any();
      v[i] = std::abs(any());
    }
  }
};

// NaN of whatever kind where the other one is.
template <class Real>
bool same(const std::vector<Real>& a, const std::vector<Real>& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (std::isnan(a[i]) && std::isnan(b[i])) continue;
    if (a[i] != b[i] || std::signbit(a[i]) != std::signbit(b[i])) return false;
  }
  return true;
}

// fast(numbers) and slow(numbers) leave the same numbers, for all lengths to 40 and a long one.
template <class Real>
void expect_same(std::string_view instructions, auto fast, auto slow) {
  Rng rng(31, Purpose::check);
  for (std::size_t n = 1; n <= 1000; n = n == 40 ? 1000 : n + 1) {
    Numbers<Real> a(n, rng), b = a;
    for (int step = 0; step < 3; ++step) {
      fast(a);
      slow(b);
      ASSERT_TRUE(same(a.d, b.d)) << instructions << ", d of " << n << " weights in step " << step;
      ASSERT_TRUE(same(a.m, b.m) && same(a.v, b.v)) << instructions << ", state of " << n;
    }
  }
}

TYPED_TEST(DirectionPasses, OfMomentumHaveTheBitsOfTheDefinition) {
  using Real = TypeParam;
  const Real mu = Real(0.9);
  for (const auto* simd : kernels::simd_variants<Real>())
    for (const bool ahead : {false, true})
      expect_same<Real>(
          simd->instructions,
          [&](Numbers<Real>& x) { simd->momentum(x.g.data(), x.g.size(), mu, ahead, x.v.data(), {x.d.data()}); },
          [&](Numbers<Real>& x) {
            kernels::reference::momentum(x.g.data(), x.g.size(), mu, ahead, x.v.data(), x.d.data());
          });
}

TYPED_TEST(DirectionPasses, ScaledByRootHaveTheBitsOfTheDefinition) {
  using Real = TypeParam;
  const Real epsilon = Real(1e-8);
  for (const auto* simd : kernels::simd_variants<Real>())
    for (const Real keep : {Real(0.9), Real(1)}) {
      const Real add = keep == 1 ? Real(1) : Real(0.1);
      expect_same<Real>(
          simd->instructions,
          [&](Numbers<Real>& x) {
            simd->scaled_by_root(x.g.data(), x.g.size(), keep, add, epsilon, x.v.data(), {x.d.data()});
          },
          [&](Numbers<Real>& x) {
            kernels::reference::scaled_by_root(x.g.data(), x.g.size(), keep, add, epsilon, x.v.data(), x.d.data());
          });
    }
}

TYPED_TEST(DirectionPasses, OfAdamHaveTheBitsOfTheDefinition) {
  using Real = TypeParam;
  const kernels::AdamStep<Real> step{Real(0.9),        Real(0.1),        Real(0.999), Real(0.001),
                                     Real(5.26315789), Real(500.250125), Real(1e-8),  Real(0.01)};
  for (const auto* simd : kernels::simd_variants<Real>())
    for (const bool decays : {false, true})
      expect_same<Real>(
          simd->instructions,
          [&](Numbers<Real>& x) {
            simd->adam(x.g.data(), decays ? x.w.data() : nullptr, x.g.size(), step, x.m.data(), x.v.data(),
                       {x.d.data()});
          },
          [&](Numbers<Real>& x) {
            kernels::reference::adam(x.g.data(), decays ? x.w.data() : nullptr, x.g.size(), step, x.m.data(),
                                     x.v.data(), x.d.data());
          });
}

// pass(numbers, use) into the weights: next and what is found of it, as d and then `move` have them.
template <class Real>
void expect_to_move(const kernels::SimdKernels<Real>& simd, auto pass) {
  const Real gamma = Real(-0.3);
  Rng rng(32, Purpose::check);
  for (std::size_t n = 1; n <= 1000; n = n == 40 ? 1000 : n + 1) {
    for (const bool ordinary : {false, true}) {
      Numbers<Real> a(n, rng);
      if (ordinary)
        for (auto* numbers : {&a.g, &a.w, &a.m, &a.v})
          for (Real& x : *numbers) x = std::abs(x) < 100 ? x : Real(1);
      Numbers<Real> b = a;
      std::vector<Real> next(n), expected(n);
      kernels::FiniteCheck<Real> check, expected_check;
      pass(a, {nullptr, a.w.data(), gamma, next.data(), &check});
      pass(b, {b.d.data()});
      simd.move(b.w.data(), b.d.data(), gamma, expected.data(), n, expected_check);
      ASSERT_TRUE(same(next, expected)) << simd.instructions << ", " << n << " weights";
      ASSERT_TRUE(same(a.m, b.m) && same(a.v, b.v)) << simd.instructions << ", state of " << n;
      ASSERT_EQ(check.passed(), expected_check.passed()) << simd.instructions << ", " << n << " weights";
      if (ordinary) ASSERT_TRUE(check.passed()) << simd.instructions << ", " << n << " weights";
    }
  }
}

TYPED_TEST(DirectionPasses, MoveTheWeightsAsTheDirectionWould) {
  using Real = TypeParam;
  using Use = kernels::DirectionUse<Real>;
  const kernels::AdamStep<Real> step{Real(0.9),        Real(0.1),        Real(0.999), Real(0.001),
                                     Real(5.26315789), Real(500.250125), Real(1e-8),  Real(0.01)};
  for (const auto* simd : kernels::simd_variants<Real>())
    for (const bool flag : {false, true}) {
      expect_to_move<Real>(*simd, [&](Numbers<Real>& x, const Use& use) {
        simd->momentum(x.g.data(), x.g.size(), Real(0.9), flag, x.v.data(), use);
      });
      expect_to_move<Real>(*simd, [&](Numbers<Real>& x, const Use& use) {
        simd->adam(x.g.data(), flag ? x.w.data() : nullptr, x.g.size(), step, x.m.data(), x.v.data(), use);
      });
      expect_to_move<Real>(*simd, [&](Numbers<Real>& x, const Use& use) {
        simd->scaled_by_root(x.g.data(), x.g.size(), flag ? Real(1) : Real(0.9), Real(0.1), Real(1e-8), x.v.data(),
                             use);
      });
    }
}

}  // namespace
}  // namespace descent
