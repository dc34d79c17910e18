// Eigenvalues of networks' Hessians from products alone, against those of the whole matrix and of closed forms.
#include "tests/support/random_network.hpp"
#include "trainers/curvature.hpp"
#include "trainers/lanczos.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace descent {
namespace {

TEST(NetworkCurvature, LanczosFindsTheDenseLambdaMaxOfRandomNetworks) {
  std::size_t tried = 0, by_lanczos = 0;
  for (std::uint32_t index = 0; tried < 50; ++index) {
    const test::RandomProblem p = test::random_problem(index);
    const Network<double> network(p.spec);
    if (network.parameters() <= 64 || network.parameters() > 500) continue;
    SummedLoss<double> objective(network, find_loss<double>(p.loss), test::rows_of<double>(p));
    const std::vector<double> values = hessian_spectrum(objective, p.w).values;
    const double size = std::max(-values.front(), values.back());
    if (size == 0) continue;  // |r| of a linear output: no curvature
    ++tried;
    const ExtremeEigenvalues found = extreme_eigenvalues(objective, p.w, {.seed = index});
    by_lanczos += !found.exact;
    EXPECT_NEAR(found.lambda_max, values.back(), 1e-6 * std::abs(values.back())) << index << ' ' << p.loss;
    EXPECT_NEAR(found.lambda_min, values.front(), 1e-6 * size) << index;
    EXPECT_NEAR(found.lambda_max, values.back(), found.error_max + 1e-14 * size) << index;
    EXPECT_NEAR(found.lambda_min, values.front(), found.error_min + 1e-14 * size) << index;
    // As the log of a training asks for it.
    const ExtremeEigenvalues rough = extreme_eigenvalues(objective, p.w, {.tolerance = 1e-5, .largest_only = true});
    EXPECT_NEAR(rough.lambda_max, values.back(), 1e-6 * std::abs(values.back())) << index;
  }
  EXPECT_GE(by_lanczos, 40u);
}

// Σ (xᵀw + b − t)²: the Hessian is 2 Σ x̃x̃ᵀ whatever w. Columns of known, orthogonal lengths make it diagonal.
TEST(NetworkCurvature, OfLinearRegressionEqualsTheClosedForm) {
  constexpr std::size_t kInputs = 100, kRows = 400;
  const Network<double> network({kInputs, {{.units = 1, .bias = false}}});
  TrainingRows<double> rows{zeros<double>(kRows, kInputs), zeros<double>(kRows, 1), {}};
  for (std::size_t j = 0; j < kInputs; ++j)
    for (std::size_t c = 0; c < 4; ++c) rows.inputs(4 * j + c, j) = std::sqrt(1.0 + static_cast<double>(j));
  SummedLoss<double> objective(network, find_loss<double>("squared_error"), rows);
  const ExtremeEigenvalues found = extreme_eigenvalues(objective, std::vector<double>(kInputs, 0.1));
  EXPECT_NEAR(found.lambda_max, 2 * 4 * 100.0, 1e-9 * 800);
  EXPECT_NEAR(found.lambda_min, 2 * 4 * 1.0, 1e-9 * 800);

  // Every row ten times: ten times the curvature, a tenth of the step that is stable.
  TrainingRows<double> tenfold{zeros<double>(10 * kRows, kInputs), zeros<double>(10 * kRows, 1), {}};
  for (std::size_t i = 0; i < 10 * kRows; ++i)
    for (std::size_t j = 0; j < kInputs; ++j) tenfold.inputs(i, j) = rows.inputs(i / 10, j);
  SummedLoss<double> repeated(network, find_loss<double>("squared_error"), tenfold);
  const ExtremeEigenvalues ten = extreme_eigenvalues(repeated, std::vector<double>(kInputs, 0.1));
  EXPECT_NEAR(stability_limit(ten.lambda_max), stability_limit(found.lambda_max) / 10, 1e-12);
}

}  // namespace
}  // namespace descent
