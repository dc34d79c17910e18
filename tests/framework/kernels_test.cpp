#include "framework/kernels/copy.hpp"
#include "framework/kernels/products.hpp"
#include "framework/random.hpp"
#include "tests/support/refusal.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace descent {
namespace {

// A matrix inside a larger buffer: `gap` numbers behind every row, some in front and behind, all marked.
template <class Real>
class Padded {
 public:
  Padded(std::size_t rows, std::size_t cols, std::size_t gap, Rng* rng)
      : rows_(rows), cols_(cols), stride_(cols + gap), buffer_(2 * kMargin + rows * stride_, kMark) {
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t j = 0; j < cols; ++j)
        view()(i, j) = rng ? static_cast<Real>(rng->uniform(-1, 1)) : std::numeric_limits<Real>::quiet_NaN();
  }
  MatrixView<Real> view() { return {buffer_.data() + kMargin, rows_, cols_, stride_}; }
  ConstMatrixView<Real> view() const { return {buffer_.data() + kMargin, rows_, cols_, stride_}; }

  bool margins_untouched() const {
    for (std::size_t at = 0; at < buffer_.size(); ++at) {
      const bool inside = at >= kMargin && at < kMargin + rows_ * stride_ && (at - kMargin) % stride_ < cols_;
      if (!inside && buffer_[at] != kMark) return false;
    }
    return true;
  }

 private:
  static constexpr std::size_t kMargin = 13;
  static constexpr Real kMark = 123456;
  std::size_t rows_, cols_, stride_;
  std::vector<Real> buffer_;
};

template <class Real>
struct Product {
  const char* name;
  void (*fast)(ConstMatrixView<Real>, ConstMatrixView<Real>, MatrixView<Real>);
  void (*slow)(ConstMatrixView<Real>, ConstMatrixView<Real>, MatrixView<Real>);
  bool first_transposed, second_transposed, adds;
};

template <class Real>
constexpr Product<Real> kProducts[] = {
    {"product", kernels::product<Real>, kernels::reference::product<Real>, false, false, false},
    {"add_transposed_product", kernels::add_transposed_product<Real>, kernels::reference::add_transposed_product<Real>,
     true, false, true},
    {"product_transposed", kernels::product_transposed<Real>, kernels::reference::product_transposed<Real>, false, true,
     false},
};

// c (m, n) from op(a) op(b) with inner length k: the fast kernel against the slow one, entry by entry
// within k ε Σ|a||b|, and nothing written outside c. Returns what is wrong.
template <class Real>
std::string differs(const Product<Real>& kernel, std::size_t m, std::size_t n, std::size_t k, std::size_t gap,
                    Rng& rng) {
  const auto made = [&](std::size_t rows, std::size_t cols, bool transposed, std::size_t g) {
    return Padded<Real>(transposed ? cols : rows, transposed ? rows : cols, g, &rng);
  };
  const Padded<Real> a = made(m, k, kernel.first_transposed, gap), b = made(k, n, kernel.second_transposed, 2 * gap);
  // What a kernel overwrites may hold anything before, even NaN; what it adds to holds numbers.
  Padded<Real> fast(m, n, 3 * gap, kernel.adds ? &rng : nullptr), slow = fast;
  const auto where = [&](const char* what, std::size_t i, std::size_t j) {
    return fmt::format("{} {} at ({}, {}) of {} x {} x {}, gap {}", kernel.name, what, i, j, m, n, k, gap);
  };
  const Padded<Real> before = fast;
  kernel.fast(a.view(), b.view(), fast.view());
  kernel.slow(a.view(), b.view(), slow.view());
  for (std::size_t i = 0; i < m; ++i)
    for (std::size_t j = 0; j < n; ++j) {
      double sizes = kernel.adds ? std::abs(before.view()(i, j)) : 0;
      for (std::size_t l = 0; l < k; ++l)
        sizes += std::abs(static_cast<double>(kernel.first_transposed ? a.view()(l, i) : a.view()(i, l)) *
                          (kernel.second_transposed ? b.view()(j, l) : b.view()(l, j)));
      const double inner = static_cast<double>(kernel.adds ? k + 1 : k);
      const double bound = inner * std::numeric_limits<Real>::epsilon() * sizes;
      if (!(std::abs(static_cast<double>(fast.view()(i, j)) - slow.view()(i, j)) <= bound)) return where("errs", i, j);
    }
  if (!fast.margins_untouched()) return where("wrote outside", 0, 0);
  if (!a.margins_untouched() || !b.margins_untouched()) return where("changed an operand", 0, 0);
  return {};
}

template <class Real>
class Products : public ::testing::Test {};
using Reals = ::testing::Types<float, double>;
TYPED_TEST_SUITE(Products, Reals);

TYPED_TEST(Products, EqualTheDefinitionForAllSizesTo17) {
  Rng rng(1, Purpose::check);
  for (const auto& kernel : kProducts<TypeParam>)
    for (std::size_t m = 1; m <= 17; ++m)
      for (std::size_t n = 1; n <= 17; ++n)
        for (std::size_t k = 1; k <= 17; ++k)
          for (const std::size_t gap : {0, 1}) ASSERT_EQ(differs(kernel, m, n, k, gap, rng), "");
}

TYPED_TEST(Products, EqualTheDefinitionForRandomSizesTo600) {
  // Most sizes small, as log-uniform numbers are, so that a thousand of them take seconds.
  Rng rng(2, Purpose::check);
  const auto size = [&] { return static_cast<std::size_t>(std::exp(rng.uniform(0, std::log(600.999)))); };
  for (int trial = 0; trial < 1000; ++trial) {
    const std::size_t m = size(), n = size(), k = size(), gap = rng.below(8);
    ASSERT_EQ(differs(kProducts<TypeParam>[trial % 3], m, n, k, gap, rng), "");
  }
  for (const auto& kernel : kProducts<TypeParam>) ASSERT_EQ(differs(kernel, 600, 600, 600, 1, rng), "");
}

TYPED_TEST(Products, GiveTheSameBitsForARowWhateverTheTimeOfDay) {
  Rng rng(3, Purpose::check);
  const Padded<TypeParam> a(64, 100, 0, &rng), b(100, 32, 0, &rng);
  Padded<TypeParam> first(64, 32, 0, nullptr), second(64, 32, 0, nullptr);
  kernels::product<TypeParam>(a.view(), b.view(), first.view());
  for (int again = 0; again < 10; ++again) {
    kernels::product<TypeParam>(a.view(), b.view(), second.view());
    for (std::size_t i = 0; i < 64; ++i)
      for (std::size_t j = 0; j < 32; ++j) ASSERT_EQ(first.view()(i, j), second.view()(i, j));
  }
}

TYPED_TEST(Products, LetNaNThrough) {
  Rng rng(4, Purpose::check);
  for (const auto& kernel : kProducts<TypeParam>) {
    Padded<TypeParam> a(5, 5, 0, &rng), b(5, 5, 0, &rng), c(5, 5, 0, &rng);
    a.view()(2, 2) = std::numeric_limits<TypeParam>::quiet_NaN();
    for (std::size_t j = 0; j < 5; ++j) b.view()(2, j) = b.view()(j, 2) = 0;
    kernel.fast(a.view(), b.view(), c.view());
    EXPECT_TRUE(std::isnan(c.view()(2, 0))) << kernel.name << ": 0 · NaN is NaN";
    EXPECT_FALSE(std::isnan(c.view()(0, 0))) << kernel.name;
  }
}

TYPED_TEST(Products, HaveAReferenceThatIsRightByHand) {
  std::vector<TypeParam> x = {1, 2, 3, 4, 5, 6}, w = {1, 0, 2, 1, 0, 3}, y(4), dw(6, 10), dx(6);
  using C = ConstMatrixView<TypeParam>;
  using M = MatrixView<TypeParam>;
  kernels::reference::product(C(x.data(), 2, 3), C(w.data(), 3, 2), M(y.data(), 2, 2));
  EXPECT_EQ(y, (std::vector<TypeParam>{5, 11, 14, 23}));
  kernels::reference::add_transposed_product(C(x.data(), 2, 3), C(y.data(), 2, 2), M(dw.data(), 3, 2));
  EXPECT_EQ(dw, (std::vector<TypeParam>{71, 113, 90, 147, 109, 181}));
  kernels::reference::product_transposed(C(y.data(), 2, 2), C(w.data(), 3, 2), M(dx.data(), 2, 3));
  EXPECT_EQ(dx, (std::vector<TypeParam>{5, 21, 33, 14, 51, 69}));
}

// Only a build without LIBXSMM refuses it.
TEST(Backends, WhatTheProgramWasBuiltWithoutIsRefusedWithARemedy) {
  const std::string refused = test::refusal([] { kernels::set_backend("libxsmm"); }, Fault::runtime);
  kernels::set_backend("auto");
  if (refused == "nothing was refused") GTEST_SKIP() << "built with LIBXSMM";
  EXPECT_EQ(refused,
            "this program was built without LIBXSMM; install libxsmm-dev and build it again, or take another kernel "
            "library: auto, tiles, openblas, reference");
}

TYPED_TEST(Products, CopyKeepsToItsView) {
  Rng rng(5, Purpose::check);
  const Padded<TypeParam> y(4, 3, 2, &rng);
  Padded<TypeParam> copied(4, 3, 1, nullptr);
  kernels::copy<TypeParam>(y.view(), copied.view());
  for (std::size_t i = 0; i < 4; ++i)
    for (std::size_t j = 0; j < 3; ++j) EXPECT_EQ(copied.view()(i, j), y.view()(i, j));
  EXPECT_TRUE(copied.margins_untouched());
}

}  // namespace
}  // namespace descent
