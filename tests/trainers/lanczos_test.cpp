#include "trainers/lanczos.hpp"

#include "framework/error.hpp"
#include "framework/random.hpp"
#include "tests/support/problems.hpp"
#include "trainers/curvature.hpp"
#include "trainers/dot.hpp"
#include "trainers/finite.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

namespace descent {
namespace {

using support::Formula;
using support::LeastSquares;
using support::Quadratic;

// f(w) = ½ wᵀHw for H given by its products.
class Products final : public Objective<double> {
 public:
  using Function = std::function<void(ConstParams<double> v, Params<double> hv)>;
  Products(std::size_t n, Function product, bool known = true) : n_(n), product_(std::move(product)), known_(known) {}
  std::size_t dimension() const override { return n_; }
  std::size_t terms() const override { return 1; }
  bool has_hessian() const override { return known_; }

 private:
  double do_value(ConstParams<double>, Terms) override { return 0; }
  double do_value_and_gradient(ConstParams<double>, Params<double>, Terms) override { return 0; }
  void do_hessian_vector(ConstParams<double>, ConstParams<double> v, Params<double> hv, Terms) override {
    product_(v, hv);
  }
  std::size_t n_;
  Function product_;
  bool known_;
};

Products diagonal(std::vector<double> d) {
  const std::size_t n = d.size();
  return {n, [d = std::move(d)](ConstParams<double> v, Params<double> hv) {
            for (std::size_t i = 0; i < v.size(); ++i) hv[i] = d[i] * v[i];
          }};
}

void expect_eigenpair(Objective<double>& f, ConstParams<double> w, const std::vector<double>& v, double lambda,
                      double error) {
  std::vector<double> hv(v.size());
  f.hessian_vector(w, v, hv);
  for (std::size_t i = 0; i < v.size(); ++i) hv[i] -= lambda * v[i];
  EXPECT_NEAR(norm<double>(v), 1, 1e-12);
  EXPECT_LE(norm<double>(hv), error);
}

TEST(Lanczos, FindsTheEndsOfAKnownSpectrum) {
  for (const std::size_t n : {1u, 2u, 3u, 63u, 64u, 65u, 66u, 200u, 300u})
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      Quadratic<double> f(n, n == 1 ? 1 : 1e4, seed);
      const std::vector<double> w(n, 0.5);
      const ExtremeEigenvalues found = extreme_eigenvalues(f, w, {.seed = seed});
      EXPECT_TRUE(found.converged) << n;
      EXPECT_NEAR(found.lambda_max, f.eigenvalues().back(), 1e-10 * f.eigenvalues().back()) << n;
      EXPECT_NEAR(found.lambda_min, f.eigenvalues().front(), found.error_min + 1e-10 * f.eigenvalues().back()) << n;
      EXPECT_LE(found.error_max, 1e-8 * f.eigenvalues().back());
      EXPECT_LE(found.error_min, 1e-8 * f.eigenvalues().back());
      expect_eigenpair(f, w, found.v_max, found.lambda_max, found.error_max);
      expect_eigenpair(f, w, found.v_min, found.lambda_min, found.error_min);
    }
}

TEST(Lanczos, AgreesWithTheWholeHessianOnFormulas) {
  for (const support::Problem& problem : support::problems()) {
    Formula<double> f(problem);
    const Spectrum spectrum = hessian_spectrum(f, problem.start);
    const ExtremeEigenvalues found = extreme_eigenvalues(f, problem.start);
    const double size = std::max(std::abs(spectrum.values.front()), spectrum.values.back());
    EXPECT_NEAR(found.lambda_min, spectrum.values.front(), 1e-12 * size) << problem.name;
    EXPECT_NEAR(found.lambda_max, spectrum.values.back(), 1e-12 * size) << problem.name;
  }
}

TEST(Lanczos, TakesTheWholeHessianWhereTheEndsAreTooCloseToTheirNeighbours) {
  std::vector<double> d(300);
  for (std::size_t i = 0; i < d.size(); ++i) d[i] = std::pow(10, static_cast<double>(i) / 60);
  Products f = diagonal(d);
  const ExtremeEigenvalues found = extreme_eigenvalues(f, d, {.tolerance = 1e-12});
  EXPECT_TRUE(found.exact && found.converged);
  EXPECT_NEAR(found.lambda_min, 1, 1e-9);
  EXPECT_GE(found.products, 300u);
  EXPECT_FALSE(extreme_eigenvalues(f, d, {.tolerance = 1e-12, .most_products = 400}).exact);
}

TEST(Lanczos, MeetsTheToleranceAtAnEigenvalueOfZero) {
  LeastSquares<double> f(30, 100, 0.1, 4);  // 70 directions without curvature
  const std::vector<double> w(100, 0.0);
  const ExtremeEigenvalues found = extreme_eigenvalues(f, w);
  EXPECT_TRUE(found.converged);
  EXPECT_LE(std::abs(found.lambda_min), found.error_min);
  EXPECT_LE(found.error_min, 1e-8 * found.lambda_max);
  const std::vector<double> values = hessian_spectrum(f, w).values;
  EXPECT_NEAR(found.lambda_max, values.back(), 1e-10 * values.back());
}

TEST(Lanczos, SeesBothSignsAndDegenerateSpectra) {
  std::vector<double> d(500, 1.0);
  d[17] = -3;
  d[400] = 2;
  d[401] = 2;
  Products f = diagonal(d);
  const ExtremeEigenvalues found = extreme_eigenvalues(f, d);
  EXPECT_NEAR(found.lambda_min, -3, 1e-9);
  EXPECT_NEAR(found.lambda_max, 2, 1e-9);
  EXPECT_NEAR(std::abs(found.v_min[17]), 1, 1e-6);

  Products same = diagonal(std::vector<double>(100, 7.0));
  const ExtremeEigenvalues all = extreme_eigenvalues(same, std::vector<double>(100));
  EXPECT_NEAR(all.lambda_min, 7, 1e-12);
  EXPECT_NEAR(all.lambda_max, 7, 1e-12);
}

TEST(Lanczos, TakesAHessianOfZeros) {
  for (const std::size_t n : {1u, 2u, 100u}) {
    Products f = diagonal(std::vector<double>(n));
    const ExtremeEigenvalues found = extreme_eigenvalues(f, std::vector<double>(n));
    EXPECT_TRUE(found.converged);
    EXPECT_EQ(found.lambda_min, 0);
    EXPECT_EQ(found.lambda_max, 0);
    EXPECT_EQ(found.error_max, 0);
  }
}

TEST(Lanczos, AHessianThatIsNotFiniteHasNoEigenvalues) {
  for (const double bad : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()})
    for (const std::size_t n : {1u, 3u, 100u}) {
      std::vector<double> d(n, 1.0);
      d[n / 2] = bad;
      Products f = diagonal(d);
      const ExtremeEigenvalues found = extreme_eigenvalues(f, std::vector<double>(n));
      EXPECT_TRUE(std::isnan(found.lambda_min) && std::isnan(found.lambda_max));
      EXPECT_FALSE(found.converged);
      EXPECT_GT(found.products, 0u);
    }
}

TEST(Lanczos, ScaleDoesNotMatter) {
  for (const double scale : {1e-200, 1e-9, 1.0, 1e12, 1e150}) {
    std::vector<double> d(120);
    for (std::size_t i = 0; i < d.size(); ++i) d[i] = scale * (static_cast<double>(i) - 20);
    Products f = diagonal(d);
    const ExtremeEigenvalues found = extreme_eigenvalues(f, d);
    EXPECT_TRUE(found.converged) << scale;
    EXPECT_NEAR(found.lambda_min / scale, -20, 1e-6) << scale;
    EXPECT_NEAR(found.lambda_max / scale, 99, 1e-6) << scale;
  }
}

TEST(Lanczos, TheSameSeedGivesTheSameBits) {
  std::vector<double> w(120);
  for (std::size_t i = 0; i < w.size(); ++i) w[i] = std::sin(static_cast<double>(i));
  w.front() = -3;
  w.back() = 3;
  Products f = diagonal(w);
  EXPECT_FALSE(extreme_eigenvalues(f, w).exact) << "Lanczos itself gets there";
  const ExtremeEigenvalues a = extreme_eigenvalues(f, w, {.seed = 3}), b = extreme_eigenvalues(f, w, {.seed = 3});
  EXPECT_EQ(a.lambda_max, b.lambda_max);
  EXPECT_EQ(a.lambda_min, b.lambda_min);
  EXPECT_EQ(a.v_max, b.v_max);
  EXPECT_NE(a.v_max, extreme_eigenvalues(f, w, {.seed = 4}).v_max);
}

TEST(Lanczos, WithTooFewProductsItSaysSoAndItsErrorsHold) {
  std::vector<double> d(3000);
  for (std::size_t i = 0; i < d.size(); ++i) d[i] = std::sqrt(static_cast<double>(i));
  Products f = diagonal(d);
  const ExtremeEigenvalues found = extreme_eigenvalues(f, d, {.tolerance = 1e-13, .most_products = 70});
  EXPECT_FALSE(found.converged);
  EXPECT_LE(found.products, 70u + 64 + 10);
  EXPECT_LE(found.lambda_max, d.back() * (1 + 1e-14));
  EXPECT_GE(found.lambda_max, 0.9 * d.back());
  double nearest = d.back();
  for (const double value : d) nearest = std::min(nearest, std::abs(value - found.lambda_max));
  EXPECT_LE(nearest, found.error_max);
}

TEST(Lanczos, AGuessSavesProductsAndTheLargestAloneCostsLess) {
  std::vector<double> d(2000);
  for (std::size_t i = 0; i < d.size(); ++i) d[i] = std::pow(static_cast<double>(i) / 2000, 4);
  d.back() = 1.02;
  Products f = diagonal(d);
  const ExtremeEigenvalues both = extreme_eigenvalues(f, d), cold = extreme_eigenvalues(f, d, {.largest_only = true});
  const ExtremeEigenvalues warm = extreme_eigenvalues(f, d, {.largest_only = true, .start = cold.v_max});
  EXPECT_NEAR(cold.lambda_max, 1.02, 1e-9);
  EXPECT_NEAR(warm.lambda_max, 1.02, 1e-9);
  EXPECT_TRUE(std::isnan(cold.lambda_min));
  EXPECT_LE(cold.products, both.products);
  EXPECT_LE(warm.products, cold.products);
}

TEST(Lanczos, NeedsSecondDerivatives) {
  Products f(3, nullptr, false);
  EXPECT_THROW(extreme_eigenvalues(f, std::vector<double>(3)), Error);
}

}  // namespace
}  // namespace descent
