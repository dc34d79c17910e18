// Every pass compiled for an instruction set that this processor has, against its definition.

#include "framework/kernels/simd.hpp"

#include "framework/activation.hpp"
#include "framework/loss.hpp"
#include "framework/random.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <numbers>
#include <set>

namespace descent {
namespace {

template <class Real>
class Simd : public testing::Test {};
using Reals = testing::Types<float, double>;
TYPED_TEST_SUITE(Simd, Reals);

template <class Real>
Matrix<Real> random_matrix(std::size_t rows, std::size_t cols, double size, std::uint32_t index) {
  Rng rng(11, Purpose::check, 0, index);
  Matrix<Real> m = zeros<Real>(rows, cols);
  for (Real& x : m) x = static_cast<Real>(size * rng.normal());
  return m;
}

// Distance in units in the last place of `exact`, which is known to more digits.
template <class Real>
double ulps(Real got, auto exact) {
  const Real rounded = static_cast<Real>(exact);
  if (std::isnan(rounded) || std::isinf(rounded)) return std::isnan(rounded) == std::isnan(got) ? 0 : 1e9;
  int exponent = 0;
  std::frexp(exact, &exponent);
  exponent = std::max(exponent, std::numeric_limits<Real>::min_exponent);
  return static_cast<double>(std::abs(got - exact) /
                             std::ldexp(decltype(exact)(1), exponent - std::numeric_limits<Real>::digits));
}

// With the digits of T: double for float32, long double for float64.
template <class T>
T exact_value(std::string_view name, T z) {
  if (name == "tanh") return std::tanh(z);
  if (name == "sigmoid") return z < 0 ? std::exp(z) / (1 + std::exp(z)) : 1 / (1 + std::exp(-z));
  if (name == "elu") return z > 0 ? z : std::expm1(z);
  if (name == "gelu") return std::isinf(z) ? (z > 0 ? z : T(0)) : z * std::erfc(-z / std::numbers::sqrt2_v<T>) / 2;
  if (name == "softplus") return std::max(z, T(0)) + std::log1p(std::exp(-std::abs(z)));
  ADD_FAILURE() << name;
  return 0;
}

// The bounds that vector_math.hpp states. With DESCENT_EXHAUSTIVE set, every float32 there is;
// --gtest_output=xml:FILE keeps the figures.
double worst_float_error(const kernels::FastActivation<float>& activation) {
  const std::uint64_t stride = std::getenv("DESCENT_EXHAUSTIVE") != nullptr ? 1 : 4099;
  constexpr std::size_t kBlock = 4096;
  std::vector<float> z(kBlock), a(kBlock);
  double worst = 0;
  for (std::uint64_t first = 0; first < std::uint64_t{1} << 32; first += stride * kBlock) {
    for (std::size_t i = 0; i < kBlock; ++i)
      z[i] = std::bit_cast<float>(static_cast<std::uint32_t>(first + i * stride));
    a = z;
    activation.forward(MatrixView<float>(a.data(), 1, kBlock), {});
    for (std::size_t i = 0; i < kBlock; ++i)
      worst = std::max(worst, std::isnan(z[i]) ? (std::isnan(a[i]) ? 0 : 1e9)
                                               : ulps(a[i], exact_value<double>(activation.name, z[i])));
  }
  return worst;
}

double worst_double_error(const kernels::FastActivation<double>& activation) {
  Rng rng(12, Purpose::check);
  double worst = 0;
  for (int i = 0; i < 200000; ++i) {
    const double z =
        i % 2 == 0 ? rng.uniform(-45, 45) : std::ldexp(rng.uniform(-1, 1), -static_cast<int>(rng.below(60)));
    double a = z;
    activation.forward(MatrixView<double>(&a, 1, 1), {});
    worst = std::max(worst, ulps(a, exact_value<long double>(activation.name, z)));
  }
  return worst;
}

// Those computed here; the others are exact or call the mathematical library.
bool is_approximated(std::string_view name) {
  return name == "tanh" || name == "sigmoid" || name == "elu" || name == "gelu" || name == "softplus";
}

TEST(SimdActivations, KeepTheirErrorBounds) {
  for (const auto* variant : kernels::simd_variants<float>())
    for (const auto& activation : variant->activations) {
      if (!is_approximated(activation.name)) continue;
      const double worst = worst_float_error(activation);
      RecordProperty(fmt::format("{}_{}", variant->instructions, activation.name), fmt::format("{:.4f} ulp", worst));
      EXPECT_LE(worst, variant->instructions == "baseline" ? 2 : 1.5)
          << variant->instructions << ' ' << activation.name;
    }
  for (const auto* variant : kernels::simd_variants<double>())
    for (const auto& activation : variant->activations) {
      if (!is_approximated(activation.name)) continue;
      const bool squares = activation.name == "gelu" && variant->instructions == "baseline";
      EXPECT_LE(worst_double_error(activation), squares ? 4 : 2) << variant->instructions << ' ' << activation.name;
    }
}

TYPED_TEST(Simd, ActivationsEqualTheirDefinitions) {
  using Real = TypeParam;
  for (const auto* variant : kernels::simd_variants<Real>())
    for (const auto& fast : variant->activations)
      for (const auto& slow : reference_activations<Real>()) {
        if (slow.name != fast.name) continue;
        for (const std::size_t cols : {1, 3, 10, 16, 37, 64}) {
          const Matrix<Real> z = random_matrix<Real>(9, cols, 3, 1), dy = random_matrix<Real>(9, cols, 1, 2);
          const Matrix<Real> b = random_matrix<Real>(1, cols, 1, 3);
          Matrix<Real> a = z, expected = z, kept = zeros<Real>(9, cols), expected_kept = kept;
          fast.forward(view(a), view(kept));
          slow.forward(view(expected), view(expected_kept));
          Matrix<Real> dz = dy, expected_dz = dy, db = b, expected_db = b;
          const Matrix<Real>& from = slow.derivative_needs_input ? expected_kept : expected;
          fast.backward(view(from), view(dz), db.data());
          slow.backward(view(from), view(expected_dz), expected_db.data());
          const Real tolerance = 64 * std::numeric_limits<Real>::epsilon();
          for (std::size_t i = 0; i < a.size(); ++i) {
            EXPECT_NEAR(a.flat(i), expected.flat(i), tolerance * std::max(Real(1), std::abs(expected.flat(i))));
            EXPECT_EQ(kept.flat(i), expected_kept.flat(i));
            EXPECT_NEAR(dz.flat(i), expected_dz.flat(i), tolerance * std::max(Real(1), std::abs(dy.flat(i))))
                << variant->instructions << ' ' << fast.name;
          }
          for (std::size_t j = 0; j < cols; ++j) EXPECT_NEAR(db.flat(j), expected_db.flat(j), 9 * tolerance * 3);
        }
      }
}

TYPED_TEST(Simd, LossesEqualTheirDefinitions) {
  using Real = TypeParam;
  for (const auto* variant : kernels::simd_variants<Real>())
    for (const auto& fast : variant->losses)
      for (const auto& slow : reference_losses<Real>()) {
        if (slow.name != fast.name) continue;
        for (const std::size_t rows : {1, 2, 15, 16, 17, 33})
          for (const std::size_t cols : {2, 3, 10, 40, 128, 129, 300}) {
            const Matrix<Real> y = random_matrix<Real>(rows, cols, 5, 4);
            Matrix<Real> t = random_matrix<Real>(rows, cols, 5, 5);
            if (slow.targets == TargetKind::classes) {
              t = zeros<Real>(rows, 1);
              for (std::size_t i = 0; i < rows; ++i) t(i, 0) = static_cast<Real>(i * 7 % cols);
            } else if (slow.targets != TargetKind::numbers) {
              for (Real& number : t) number = number > 0 ? 1 : 0;  // a binary target, and a count
            }
            Matrix<Real> dy = zeros<Real>(rows, cols), expected = dy;
            const double sum = slow.evaluate(view(y), view(t), view(expected));
            const double tolerance = 64 * std::numeric_limits<Real>::epsilon();
            EXPECT_NEAR(fast.evaluate(view(y), view(t), view(dy)), sum, tolerance * sum) << fast.name << cols;
            EXPECT_NEAR(fast.evaluate(view(y), view(t), {}), sum, tolerance * sum);
            for (std::size_t i = 0; i < dy.size(); ++i)
              ASSERT_NEAR(dy.flat(i), expected.flat(i), tolerance * std::max(Real(1), std::abs(expected.flat(i))));
          }
      }
}

TYPED_TEST(Simd, LossesMeetTheirDefinitionsAtTheEndsOfTheRange) {
  using Real = TypeParam;
  using Limits = std::numeric_limits<Real>;
  std::set<std::string_view> seen;
  for (const auto* variant : kernels::simd_variants<Real>())
    for (const auto& fast : variant->losses)
      for (const auto& slow : reference_losses<Real>()) {
        if (slow.name != fast.name || slow.targets == TargetKind::classes) continue;
        seen.insert(fast.name);
        for (const Real t : {Real(0), Real(1)})
          for (const Real y : {Real(0), -Real(0), Real(1), Real(-1), Limits::denorm_min(), Real(1e-30), Real(-1e-30),
                               Real(60), Real(-60), Real(95), Real(-95), Real(800), Real(-800), Limits::max(),
                               Limits::lowest(), Limits::infinity(), -Limits::infinity(), Limits::quiet_NaN()}) {
            Real slope = 0, expected_slope = 0;
            const auto value = [&](const auto& loss, Real* dy) {
              return loss.evaluate(ConstMatrixView<Real>(&y, 1, 1), ConstMatrixView<Real>(&t, 1, 1),
                                   MatrixView<Real>(dy, 1, 1));
            };
            const double got = value(fast, &slope), expected = value(slow, &expected_slope);
            const auto agree = [](double a, double b) {
              constexpr double few = 8 * Limits::epsilon();
              return a == b || (std::isnan(a) && std::isnan(b)) || std::abs(a - b) <= few * std::abs(b) + Limits::min();
            };
            EXPECT_TRUE(agree(got, expected)) << variant->instructions << ' ' << fast.name << '(' << y << ", " << t
                                              << "): " << got << ", not " << expected;
            EXPECT_TRUE(agree(slope, expected_slope)) << variant->instructions << ' ' << fast.name << "'(" << y << ", "
                                                      << t << "): " << slope << ", not " << expected_slope;
          }
      }
  EXPECT_EQ(seen.size(), 5u);
}

TYPED_TEST(Simd, ARowsBitsDoNotDependOnItsPlace) {
  using Real = TypeParam;
  const Matrix<Real> y = random_matrix<Real>(33, 10, 5, 6);
  Matrix<Real> t = zeros<Real>(33, 1);
  for (const auto* variant : kernels::simd_variants<Real>()) {
    for (const auto& fast : variant->activations) {
      Matrix<Real> together = y;
      fast.forward(view(together), {});
      for (std::size_t i = 0; i < 33; ++i)
        for (std::size_t j = 0; j < 10; ++j) {
          Real alone = y(i, j);
          fast.forward(MatrixView<Real>(&alone, 1, 1), {});
          ASSERT_EQ(alone, together(i, j)) << variant->instructions << ' ' << fast.name;
        }
    }
    const auto& cross_entropy = variant->losses[0];
    Matrix<Real> together = y, alone = y;
    cross_entropy.evaluate(view(y), view(t), view(together));
    for (std::size_t i = 0; i < 33; ++i)
      cross_entropy.evaluate(view(y).rows_at(i, 1), view(std::as_const(t)).rows_at(i, 1), view(alone).rows_at(i, 1));
    EXPECT_EQ(alone, together) << variant->instructions;
  }
}

template <class Real>
bool moves(const kernels::SimdKernels<Real>& simd, const Matrix<Real>& w, const Matrix<Real>& v, Real scale,
           Matrix<Real>& next) {
  kernels::FiniteCheck<Real> check;
  simd.move(w.data(), v.data(), scale, next.data(), w.size(), check);
  return check.passed();
}

TYPED_TEST(Simd, MovesAndGathers) {
  using Real = TypeParam;
  for (const auto* variant : kernels::simd_variants<Real>()) {
    for (const std::size_t n : {1, 7, 16, 100}) {
      const Matrix<Real> w = random_matrix<Real>(1, n, 1, 7);
      Matrix<Real> v = random_matrix<Real>(1, n, 1, 8), next = zeros<Real>(1, n);
      EXPECT_TRUE(moves(*variant, w, v, Real(-0.5), next));
      for (std::size_t i = 0; i < n; ++i) EXPECT_EQ(next.flat(i), w.flat(i) + Real(-0.5) * v.flat(i));
      for (const Real bad : {std::numeric_limits<Real>::infinity(), -std::numeric_limits<Real>::infinity(),
                             std::numeric_limits<Real>::quiet_NaN()}) {
        v.flat(n - 1) = bad;
        EXPECT_FALSE(moves(*variant, w, v, Real(-0.5), next));
      }
      v.flat(n - 1) = std::numeric_limits<Real>::max();
      EXPECT_TRUE(moves(*variant, w, v, Real(0.5), next));
    }
    for (const std::size_t rows : {1, 5, 16, 40})
      for (const std::size_t cols : {1, 8, 17, 48}) {
        const Matrix<Real> m = random_matrix<Real>(rows, cols, 1, 9);
        const std::vector<std::uint32_t> indices = {static_cast<std::uint32_t>(rows - 1), 0};
        Matrix<Real> picked = zeros<Real>(2, cols);
        variant->gather(view(m), indices.data(), view(picked));
        for (std::size_t j = 0; j < cols; ++j) EXPECT_TRUE(picked(0, j) == m(rows - 1, j) && picked(1, j) == m(0, j));
      }
  }
}

}  // namespace
}  // namespace descent
