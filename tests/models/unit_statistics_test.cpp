#include "models/unit_statistics.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace descent {
namespace {

using Units = std::vector<std::size_t>;

Matrix<double> column(std::vector<double> x) {
  Matrix<double> m = zeros<double>(x.size(), 1);
  for (std::size_t i = 0; i < x.size(); ++i) m(i, 0) = x[i];
  return m;
}

// One input, three relu units with weights 1, −1, 2 and biases 0, 0, −5: on x = 1, 2 their outputs are x, 0, 0.
TEST(UnitStatistics, CountsUnitsThatAreZeroOnEveryRow) {
  const NetworkSpec spec{1, {{.units = 3, .activation = "relu"}, {.units = 1}}};
  std::vector<double> w = {1, -1, 2, 0, 0, -5, 1, 1, 1, 0};
  const Matrix<double> x = column({1, 2});
  std::vector<LayerStatistics> layers = unit_statistics(spec, w, view(x));
  ASSERT_EQ(layers.size(), 2u);
  EXPECT_EQ(layers[0].dead, (Units{1, 2}));
  EXPECT_EQ(layers[0].saturated, Units{});
  EXPECT_EQ(layers[0].units, 3u);
  EXPECT_DOUBLE_EQ(layers[0].size, std::sqrt(5.0 / 6));  // 1² + 2² over 2 rows of 3 units
  EXPECT_EQ(layers[1].dead, Units{});
  w[5] = -3;  // now unit 2 is 1 on x = 2: sparse, not dead
  EXPECT_EQ(unit_statistics(spec, w, view(x))[0].dead, Units{1});
}

TEST(UnitStatistics, CallsUnitsSaturatedThatAreFlatOnNineRowsOfTen) {
  for (const std::string activation : {"tanh", "sigmoid"}) {
    const NetworkSpec spec{1, {{.units = 2, .activation = activation}}};
    const std::vector<double> w = {10, 1, 0, 0};
    const Matrix<double> nine = column({-1, 1, -1, 1, -1, 1, -1, 1, 1, 0}),
                         eight = column({-1, 1, -1, 1, 1, 1, 1, 1, 0, 0});
    EXPECT_EQ(unit_statistics(spec, w, view(nine))[0].saturated, Units{0}) << activation;
    EXPECT_EQ(unit_statistics(spec, w, view(eight))[0].saturated, Units{}) << activation;
  }
}

TEST(UnitStatistics, KnowsWhichActivationsSaturate) {
  for (const std::string activation : {"relu", "leaky_relu", "elu", "gelu", "silu", "softplus", "identity"}) {
    const NetworkSpec spec{1, {{.units = 1, .activation = activation}}};
    const std::vector<double> w = {30, 0};
    const Matrix<double> x = column({-1, -2, -3, -1, -2, -1, -2, -1, -2, 1});
    const LayerStatistics layer = unit_statistics(spec, w, view(x))[0];
    EXPECT_EQ(layer.saturated, Units{}) << activation;
    EXPECT_EQ(layer.dead, Units{}) << activation;
  }
}

TEST(UnitStatistics, SeesActivationsThatStandAlone) {
  const NetworkSpec spec{
      1, {{.units = 1}, {.kind = "activation", .activation = "silu"}, {.kind = "activation", .activation = "relu"}}};
  const std::vector<double> w = {1, 0};
  const Matrix<double> x = column({-1, -2});
  const std::vector<LayerStatistics> layers = unit_statistics(spec, w, view(x));
  EXPECT_EQ(layers[1].activation, "silu");
  EXPECT_EQ(layers[1].dead, Units{});
  EXPECT_EQ(layers[2].dead, Units{0});
}

TEST(UnitStatistics, CountsRowsBeyondOneBlock) {
  const NetworkSpec spec{1, {{.units = 1, .activation = "relu"}}};
  const std::vector<double> w = {1, 0};
  std::vector<double> rows(1000, -1.0);
  const Matrix<double> negative = column(rows);
  EXPECT_EQ(unit_statistics(spec, w, view(negative))[0].dead, Units{0});
  rows.back() = 1;
  const Matrix<double> last_positive = column(rows);
  EXPECT_EQ(unit_statistics(spec, w, view(last_positive))[0].dead, Units{});
}

TEST(EqualUnits, NeedEqualWeightsOnBothSides) {
  const NetworkSpec spec{1, {{.units = 3, .activation = "tanh"}, {.units = 1}}};
  std::vector<double> w = {1, 2, 1, 0, 0, 0, 5, 7, 5, 0};  // units 0 and 2 are alike
  std::vector<EqualUnits> found = equal_units(spec, w);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].layer, 0u);
  EXPECT_EQ(found[0].units, (Units{0, 2}));
  w[8] = 6;  // another weight out of unit 2
  EXPECT_TRUE(equal_units(spec, w).empty());
  w[8] = 5, w[5] = 0.1;  // another bias
  EXPECT_TRUE(equal_units(spec, w).empty());
}

TEST(EqualUnits, StayEqualAndLookThroughActivationsThatStandAlone) {
  const NetworkSpec spec{2,
                         {{.units = 4, .initializer = "constant", .initializer_scale = 0.5},
                          {.kind = "activation", .activation = "tanh"},
                          {.units = 2, .initializer = "constant", .initializer_scale = 0.5}}};
  const Network<double> network(spec);
  std::vector<double> w(network.parameters());
  network.initialize(w, 1);
  const std::vector<EqualUnits> found = equal_units(spec, w);
  ASSERT_EQ(found.size(), 1u);  // the two outputs are not looked at
  EXPECT_EQ(found[0].units, (Units{0, 1, 2, 3}));
}

}  // namespace
}  // namespace descent
