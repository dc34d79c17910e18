#include "models/evaluator.hpp"

#include "framework/error.hpp"
#include "models/model.hpp"
#include "tests/models/sample_model.hpp"
#include "tests/support/refusal.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace descent {
namespace {

Dataset labelled(std::size_t rows) {
  Dataset data = test::sample_inputs(rows, 5);
  data.targets = zeros<double>(rows, 1);
  Rng rng(51, Purpose::check);
  for (double& t : data.targets) t = rng.below(3);
  return data;
}

template <class Real>
class Evaluators : public ::testing::Test {
 protected:
  static constexpr Precision kPrecision = std::is_same_v<Real, float> ? Precision::float32 : Precision::float64;
  Model model_ = test::sample_model(kPrecision);
  Network<Real> network_{model_.network};
  const Loss<Real>& loss_ = find_loss<Real>(model_.loss);
  std::vector<Real> w_{model_.weights.begin(), model_.weights.end()};
};
using Reals = ::testing::Types<float, double>;
TYPED_TEST_SUITE(Evaluators, Reals);

TYPED_TEST(Evaluators, GiveTheLossOfTrainingToTheBit) {
  for (const std::size_t rows : {std::size_t{1}, std::size_t{30}, 2 * kRowsPerBlock + 9}) {
    const Dataset data = labelled(rows);
    SummedLoss<TypeParam> objective(this->network_, this->loss_, training_rows<TypeParam>(data));
    Evaluator<TypeParam> evaluator(this->network_, this->loss_, this->model_.encoding, data);
    const Evaluation evaluation = evaluator.evaluate(this->w_);
    EXPECT_EQ(evaluation.loss, objective.value(this->w_)) << rows;
    EXPECT_EQ(evaluation.rows, rows);
    EXPECT_EQ(evaluation.loss, evaluate(this->model_, data).loss);
  }
}

TYPED_TEST(Evaluators, GiveARowTheSamePredictionInAnySubset) {
  const Dataset data = labelled(600);
  Evaluator<TypeParam> all(this->network_, this->loss_, this->model_.encoding, data);
  const Matrix<double> predicted = all.predict(this->w_);
  const std::vector<std::uint32_t> rows = {599, 0, 300, 256, 255};
  Evaluator<TypeParam> some(this->network_, this->loss_, this->model_.encoding, select(data, rows));
  const Matrix<double> subset = some.predict(this->w_);
  constexpr double eps = std::numeric_limits<TypeParam>::epsilon();
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (std::size_t k = 0; k < 3; ++k) EXPECT_NEAR(subset(i, k), predicted(rows[i], k), 64 * eps);
  EXPECT_EQ(predict(this->model_, data), predicted);
}

TYPED_TEST(Evaluators, PredictProbabilitiesThatSumToOneAndCountThem) {
  const Dataset data = labelled(50);
  Evaluator<TypeParam> evaluator(this->network_, this->loss_, this->model_.encoding, data);
  const Matrix<double> p = evaluator.predict(this->w_);
  ASSERT_EQ(p.shape(0), 50u);
  ASSERT_EQ(p.shape(1), 3u);
  double loss = 0, hits = 0;
  for (std::size_t i = 0; i < 50; ++i) {
    EXPECT_NEAR(p(i, 0) + p(i, 1) + p(i, 2), 1, 1e-6);
    const auto t = static_cast<std::size_t>(data.targets(i, 0));
    loss -= std::log(p(i, t));
    hits += p(i, t) == std::max({p(i, 0), p(i, 1), p(i, 2)});
  }
  const Evaluation evaluation = evaluator.evaluate(this->w_);
  EXPECT_NEAR(evaluation.loss, loss, 1e-4);
  EXPECT_DOUBLE_EQ(evaluation.metric("accuracy"), hits / 50);
}

TYPED_TEST(Evaluators, PredictNumbersInTheUnitsOfTheData) {
  const Model model = test::sample_regression(this->kPrecision);
  const Network<TypeParam> network(model.network);
  const std::vector<TypeParam> w(model.weights.begin(), model.weights.end());
  Dataset data = test::sample_inputs(4, 2);
  const Matrix<double> without_targets = predict(model, data);
  const Matrix<TypeParam> x = xt::cast<TypeParam>(data.inputs);
  Workspace<TypeParam> work(network);
  work.reserve(4);
  const MatrixView<TypeParam> y = network.forward(w, view(x), work, false);
  data.targets = zeros<double>(4, 2);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(without_targets(i, 0), static_cast<double>(y(i, 0)) * 30 + 100);
    EXPECT_EQ(without_targets(i, 1), static_cast<double>(y(i, 1)) * 7 + 0.1);
    data.targets(i, 0) = y(i, 0) + 1;  // one standard deviation away: 30
    data.targets(i, 1) = y(i, 1);
  }
  const Evaluation evaluation = evaluate(model, data);
  EXPECT_NEAR(evaluation.metric("mae"), 15, 1e-4);
  EXPECT_NEAR(evaluation.metric("rmse"), 30 / std::sqrt(2.0), 1e-4);
  EXPECT_NEAR(evaluation.loss, 4, 1e-5) << "in the units of training";
}

TEST(Evaluators, RefuseDataThatDoesNotFitTheModel) {
  const Model model = test::sample_model(Precision::float32);
  EXPECT_EQ(test::refusal([&] { predict(model, test::sample_inputs(3, 4)); }, Fault::data),
            "the data has 4 inputs, but the network takes 5");
  EXPECT_EQ(test::refusal([&] { evaluate(model, test::sample_inputs(3, 5)); }, Fault::data),
            "the data has 0 targets, but cross_entropy over 3 outputs needs 1");
  Dataset data = labelled(3);
  data.targets(2, 0) = 3;
  EXPECT_EQ(test::refusal([&] { evaluate(model, data); }, Fault::data),
            "target 3 of row 3 is not the index of one of 3 classes");
}

TEST(Evaluators, SayNaNForWeightsThatAre) {
  Model model = test::sample_model(Precision::float64);
  model.weights[0] = std::numeric_limits<double>::quiet_NaN();
  const Evaluation evaluation = evaluate(model, labelled(20));
  EXPECT_TRUE(std::isnan(evaluation.loss));
  EXPECT_TRUE(std::isnan(evaluation.metric("accuracy")));
}

}  // namespace
}  // namespace descent
