#include "framework/dense.hpp"

#include "framework/activation_layer.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace descent {
namespace {

template <class Real>
class DenseLayer : public ::testing::Test {
 protected:
  using Numbers = std::vector<Real>;
  static Dense<Real> dense(std::size_t in, std::size_t out, std::string_view activation, bool bias = true) {
    return Dense<Real>(in, out, find_activation<Real>(activation), find_initializer("zeros"), 1, bias);
  }
};
using Reals = ::testing::Types<float, double>;
TYPED_TEST_SUITE(DenseLayer, Reals);

// x (2, 2), W (2, 3), b (3): y = x W + b, all small whole numbers.
TYPED_TEST(DenseLayer, ByHand) {
  using Numbers = std::vector<TypeParam>;
  const auto layer = this->dense(2, 3, "identity");
  EXPECT_EQ(layer.parameters(), 9u);
  const Numbers w = {1, 2, 3, 4, 5, 6, 10, 20, 30}, x = {1, 2, -1, 1};
  Numbers y(6);
  layer.forward(w, {x.data(), 2, 2}, {y.data(), 2, 3}, {});
  EXPECT_EQ(y, (Numbers{19, 32, 45, 13, 23, 33}));

  Numbers dy = {1, 0, 2, -1, 1, 0}, dx(4, 77), dw(9);
  layer.backward(w, {x.data(), 2, 2}, {y.data(), 2, 3}, {}, {dy.data(), 2, 3}, {dx.data(), 2, 2}, dw);
  EXPECT_EQ(dx, (Numbers{7, 16, 1, 1})) << "dy Wᵀ";
  EXPECT_EQ(dw, (Numbers{2, -1, 2, 1, 1, 4, 0, 1, 2})) << "xᵀ dy, then the column sums of dy";
}

TYPED_TEST(DenseLayer, ReluStopsWhatIsNotPositive) {
  using Numbers = std::vector<TypeParam>;
  const auto layer = this->dense(1, 3, "relu");
  const Numbers w = {1, -1, 0, 0, 0, 0}, x = {2};
  Numbers y(3), dy = {5, 5, 5}, dx(1), dw(6);
  layer.forward(w, {x.data(), 1, 1}, {y.data(), 1, 3}, {});
  EXPECT_EQ(y, (Numbers{2, 0, 0}));
  layer.backward(w, {x.data(), 1, 1}, {y.data(), 1, 3}, {}, {dy.data(), 1, 3}, {dx.data(), 1, 1}, dw);
  EXPECT_EQ(dw, (Numbers{10, 0, 0, 5, 0, 0}));
  EXPECT_EQ(dx, (Numbers{5}));
}

TYPED_TEST(DenseLayer, WithoutBiasHasNone) {
  using Numbers = std::vector<TypeParam>;
  const auto layer = this->dense(2, 2, "identity", false);
  EXPECT_EQ(layer.parameters(), 4u);
  EXPECT_EQ(layer.blocks().size(), 1u);
  const Numbers w = {1, 2, 3, 4}, x = {1, 1};
  Numbers y(2), dy = {1, 2}, dw(4);
  layer.forward(w, {x.data(), 1, 2}, {y.data(), 1, 2}, {});
  EXPECT_EQ(y, (Numbers{4, 6}));
  layer.backward(w, {x.data(), 1, 2}, {y.data(), 1, 2}, {}, {dy.data(), 1, 2}, {}, dw);
  EXPECT_EQ(dw, (Numbers{1, 2, 1, 2}));
}

TYPED_TEST(DenseLayer, SkipsDxForTheFirstLayerAndAddsToDw) {
  using Numbers = std::vector<TypeParam>;
  const auto layer = this->dense(2, 1, "identity");
  const Numbers w = {1, 2, 3}, x = {4, 5};
  Numbers y(1), dw = {100, 200, 300};
  layer.forward(w, {x.data(), 1, 2}, {y.data(), 1, 1}, {});
  for (int pass = 1; pass <= 2; ++pass) {
    Numbers dy = {2};
    layer.backward(w, {x.data(), 1, 2}, {y.data(), 1, 1}, {}, {dy.data(), 1, 1}, {}, dw);
    const auto p = static_cast<TypeParam>(pass);
    EXPECT_EQ(dw, (Numbers{100 + 8 * p, 200 + 10 * p, 300 + 2 * p}));
  }
}

TYPED_TEST(DenseLayer, KeepsItsInputSumsOnlyWhereTheDerivativeNeedsThem) {
  using Numbers = std::vector<TypeParam>;
  EXPECT_EQ(this->dense(2, 3, "tanh").kept_width(), 0u);
  const auto layer = this->dense(1, 1, "silu");
  EXPECT_EQ(layer.kept_width(), 1u);
  const Numbers w = {2, 1}, x = {TypeParam(0.5)};
  Numbers y(1), again(1), kept = {99};
  layer.forward(w, {x.data(), 1, 1}, {y.data(), 1, 1}, {kept.data(), 1, 1});
  EXPECT_EQ(kept[0], 2) << "z = x W + b";
  EXPECT_NEAR(y[0], 2 / (1 + std::exp(-2.0)), 1e-6);
  layer.forward(w, {x.data(), 1, 1}, {again.data(), 1, 1}, {});
  EXPECT_EQ(again, y) << "with and without keeping";
  Numbers dy = {1}, dw(2);
  layer.backward(w, {x.data(), 1, 1}, {y.data(), 1, 1}, {kept.data(), 1, 1}, {dy.data(), 1, 1}, {}, dw);
  const double s = 1 / (1 + std::exp(-2.0));
  EXPECT_NEAR(dw[1], s * (1 + 2 * (1 - s)), 1e-6);
}

TYPED_TEST(DenseLayer, NamesItsBlocks) {
  const auto blocks = this->dense(4, 3, "tanh").blocks();
  ASSERT_EQ(blocks.size(), 2u);
  EXPECT_EQ(blocks[0].name, "weight");
  EXPECT_EQ(std::tuple(blocks[0].offset, blocks[0].rows, blocks[0].cols, blocks[0].is_matrix),
            std::tuple(0u, 4u, 3u, true));
  EXPECT_EQ(blocks[1].name, "bias");
  EXPECT_EQ(std::tuple(blocks[1].offset, blocks[1].rows, blocks[1].cols, blocks[1].is_matrix),
            std::tuple(12u, 1u, 3u, false));
  EXPECT_EQ(this->dense(4, 3, "tanh").describe(), "dense 4 -> 3, tanh");
  EXPECT_EQ(this->dense(4, 3, "relu", false).describe(), "dense 4 -> 3, relu, no bias");
}

TYPED_TEST(DenseLayer, AnActivationAloneHasNoWeights) {
  using Numbers = std::vector<TypeParam>;
  for (const char* name : {"relu", "silu"}) {  // from the output, and from the input
    const ActivationLayer<TypeParam> layer(2, find_activation<TypeParam>(name));
    EXPECT_EQ(layer.parameters(), 0u);
    EXPECT_EQ(layer.kept_width(), 0u);
    EXPECT_EQ(layer.describe(), std::string("activation 2, ") + name);
    const Numbers x = {3, -2}, from_input = x;
    Numbers y(2), dy = {1, 10}, dx(2);
    layer.forward({}, {x.data(), 1, 2}, {y.data(), 1, 2}, {});
    layer.backward({}, {x.data(), 1, 2}, {y.data(), 1, 2}, {}, {dy.data(), 1, 2}, {dx.data(), 1, 2}, {});
    const double s0 = 1 / (1 + std::exp(-3.0)), s1 = 1 / (1 + std::exp(2.0));
    const bool relu = std::string_view(name) == "relu";
    EXPECT_NEAR(y[0], relu ? 3 : 3 * s0, 1e-6);
    EXPECT_NEAR(y[1], relu ? 0 : -2 * s1, 1e-6);
    EXPECT_NEAR(dx[0], relu ? 1 : s0 * (1 + 3 * (1 - s0)), 1e-6);
    EXPECT_NEAR(dx[1], relu ? 0 : 10 * s1 * (1 - 2 * (1 - s1)), 1e-6);
  }
}

}  // namespace
}  // namespace descent
