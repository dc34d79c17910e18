// The passes over feature-major batches of every instruction set that this processor has, against their definitions.

#include "framework/kernels/simd.hpp"
#include "framework/loss.hpp"
#include "framework/random.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace descent {
namespace {

template <class Real>
class FeatureMajor : public testing::Test {};
using Reals = testing::Types<float, double>;
TYPED_TEST_SUITE(FeatureMajor, Reals);

template <class Real>
Matrix<Real> random_matrix(std::size_t rows, std::size_t cols, std::uint32_t index) {
  Rng rng(12, Purpose::check, 0, index);
  Matrix<Real> m = zeros<Real>(rows, cols);
  for (Real& x : m) x = static_cast<Real>(rng.normal());
  return m;
}

TYPED_TEST(FeatureMajor, RowsAreGatheredAsColumns) {
  using Real = TypeParam;
  for (const auto* variant : kernels::simd_variants<Real>()) {
    const std::size_t lanes = variant->feature_major.lanes;
    for (const std::size_t cols : {1, 2, 3, 4, 5, 8, 16, 17, 40})
      for (const std::size_t count : {std::size_t{1}, lanes - 1, lanes, 2 * lanes + 1}) {
        const Matrix<Real> table = random_matrix<Real>(50, cols, 1);
        const std::size_t columns = (count + lanes - 1) / lanes * lanes;
        Matrix<Real> in_order = zeros<Real>(cols, columns), scattered = zeros<Real>(cols, columns);
        std::vector<std::uint32_t> indices(count);
        for (std::size_t i = 0; i < count; ++i) indices[i] = static_cast<std::uint32_t>(i * 37 % 50);
        variant->feature_major.gather_transposed(view(table), nullptr, count, view(in_order));
        variant->feature_major.gather_transposed(view(table), indices.data(), count, view(scattered));
        for (std::size_t k = 0; k < cols; ++k)
          for (std::size_t i = 0; i < columns; ++i) {
            const std::size_t row = std::min(i, count - 1);  // the last one fills the vector
            ASSERT_EQ(in_order(k, i), table(row, k)) << variant->instructions << ' ' << cols << ' ' << count;
            ASSERT_EQ(scattered(k, i), table(indices[row], k)) << variant->instructions << ' ' << cols << ' ' << count;
          }
      }
  }
}

TYPED_TEST(FeatureMajor, DotsAreSumsOverColumns) {
  using Real = TypeParam;
  for (const auto* variant : kernels::simd_variants<Real>()) {
    const auto& passes = variant->feature_major;
    for (const std::size_t m : {1, 3, 4, 5, 9, 17})
      for (const std::size_t n : {1, 2, 3, 4, 5, 16})
        for (const std::size_t vectors : {1, 2, 5}) {
          const std::size_t columns = vectors * passes.lanes;
          const Matrix<Real> a = random_matrix<Real>(m, columns, 2), b = random_matrix<Real>(n, columns, 3);
          std::vector<Real> at_once(m * n, Real(7)), twice(m * n);
          AlignedVector<Real> sums(m * n * passes.lanes, Real(7));
          passes.dots(view(a), view(b), at_once.data());
          passes.spread_dots(view(a), view(b), false, sums.data());
          passes.spread_dots(view(a), view(b), true, sums.data());
          passes.collect_dots(sums.data(), m * n, twice.data());
          for (std::size_t i = 0; i < m; ++i)
            for (std::size_t j = 0; j < n; ++j) {
              long double exact = 0, size = 0;
              for (std::size_t c = 0; c < columns; ++c) {
                exact += static_cast<long double>(a(i, c)) * b(j, c);
                size += std::abs(static_cast<long double>(a(i, c)) * b(j, c));
              }
              const auto bound = static_cast<long double>(columns) * std::numeric_limits<Real>::epsilon() * size;
              ASSERT_LE(std::abs(at_once[i * n + j] - exact), bound) << variant->instructions << m << n << columns;
              ASSERT_LE(std::abs(twice[i * n + j] - 2 * exact), 2 * bound) << variant->instructions << m << n;
            }
        }
  }
}

TYPED_TEST(FeatureMajor, CrossEntropyHasTheSlopesOfThatByRows) {
  using Real = TypeParam;
  for (const auto* variant : kernels::simd_variants<Real>()) {
    const auto& by_rows = variant->losses.front();
    ASSERT_EQ(by_rows.name, "cross_entropy");
    const auto& passes = variant->feature_major;
    for (const std::size_t classes : {1, 2, 3, 4, 10, 16, 17, 128})
      for (const std::size_t rows : {std::size_t{1}, passes.lanes, 3 * passes.lanes - 1, 50 * passes.lanes + 3}) {
        const std::size_t columns = (rows + passes.lanes - 1) / passes.lanes * passes.lanes;
        Matrix<Real> y = random_matrix<Real>(rows, classes, 4), t = zeros<Real>(rows, 1);
        y *= Real(5);
        Matrix<Real> turned = zeros<Real>(classes, columns), slopes = zeros<Real>(classes, columns);
        turned.fill(std::numeric_limits<Real>::quiet_NaN());  // what is behind the rows counts for nothing
        for (std::size_t i = 0; i < rows; ++i) {
          t(i, 0) = static_cast<Real>(i * 7 % classes);
          for (std::size_t k = 0; k < classes; ++k) turned(k, i) = y(i, k);
        }
        Matrix<Real> dy = zeros<Real>(rows, classes);
        const double loss = by_rows.evaluate(view(y), view(t), view(dy));
        const ConstMatrixView<Real> columns_of_rows(turned.data(), classes, rows, columns);
        EXPECT_EQ(passes.cross_entropy(columns_of_rows, t.data(), {slopes.data(), classes, rows, columns}), loss)
            << variant->instructions << ' ' << classes << ' ' << rows;
        EXPECT_EQ(passes.cross_entropy(columns_of_rows, t.data(), {}), loss);
        for (std::size_t i = 0; i < columns; ++i)
          for (std::size_t k = 0; k < classes; ++k) ASSERT_EQ(slopes(k, i), i < rows ? dy(i, k) : Real(0));
      }
  }
}

}  // namespace
}  // namespace descent
