#include "models/network.hpp"

#include "framework/error.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

namespace descent {
namespace {

NetworkSpec mixed() {
  return {4,
          {{.units = 3, .activation = "relu"},
           {.kind = "activation", .activation = "tanh"},
           {.units = 2, .activation = "identity", .bias = false}}};
}

TEST(Network, DescribesItselfAsATable) {
  EXPECT_EQ(Network<double>(mixed()).describe(),
            "layer                                               weights\n"
            "    0  dense 4 -> 3, relu                                15\n"
            "    1  activation 3, tanh                                 0\n"
            "    2  dense 3 -> 2, identity, no bias                    6\n"
            "       4 inputs, 2 outputs                               21\n");
}

TEST(Network, LaysItsBlocksOneBehindTheOther) {
  const Network<float> network(mixed());
  EXPECT_EQ(network.inputs(), 4u);
  EXPECT_EQ(network.outputs(), 2u);
  EXPECT_EQ(network.parameters(), 21u);
  EXPECT_EQ(network.first_layer_parameters(), 15u);
  const auto blocks = network.blocks();
  ASSERT_EQ(blocks.size(), 3u);
  const auto expect = [&](std::size_t b, const char* name, std::size_t layer, std::size_t offset, std::size_t rows,
                          std::size_t cols) {
    EXPECT_EQ(blocks[b].name, name);
    EXPECT_EQ(blocks[b].layer, layer);
    EXPECT_EQ(blocks[b].block.offset, offset);
    EXPECT_EQ(blocks[b].block.rows, rows);
    EXPECT_EQ(blocks[b].block.cols, cols);
  };
  expect(0, "layers.0.weight", 0, 0, 4, 3);
  expect(1, "layers.0.bias", 0, 12, 1, 3);
  expect(2, "layers.2.weight", 2, 15, 3, 2);
  std::vector<float> w(21);
  EXPECT_EQ(network.slice(Params<float>(w), 1).size(), 0u);
  EXPECT_EQ(network.slice(Params<float>(w), 2).data(), w.data() + 15);
}

template <class Real>
std::string refusal(const NetworkSpec& spec, Fault fault) {
  try {
    const Network<Real> network(spec);
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), fault);
    return error.what();
  }
  return "nothing was refused";
}

TEST(Network, RefusesWhatIsNoNetwork) {
  EXPECT_EQ(refusal<float>({0, {{.units = 1}}}, Fault::config), "a network needs at least one input");
  EXPECT_EQ(refusal<float>({3, {}}, Fault::config), "a network needs at least one layer");
  EXPECT_EQ(refusal<float>({3, {{.units = 0}}}, Fault::config), "a dense layer needs units ≥ 1");
}

TEST(Network, NamesWhatItDoesNotKnow) {
  EXPECT_EQ(refusal<float>({3, {{.kind = "dens", .units = 1}}}, Fault::config),
            "unknown layer kind 'dens'; did you mean 'dense'? (known: dense, activation)");
  EXPECT_TRUE(refusal<float>({3, {{.units = 1, .activation = "rellu"}}}, Fault::usage)
                  .starts_with("unknown activation 'rellu'; did you mean 'relu'?"));
  EXPECT_TRUE(refusal<float>({3, {{.units = 1, .initializer = "he_norml"}}}, Fault::usage)
                  .starts_with("unknown initializer 'he_norml'; did you mean 'he_normal'?"));
}

TEST(Network, RefusesWhatCannotFitBeforeAllocatingIt) {
  constexpr std::size_t kGiga = 1'000'000'000, kMost = std::numeric_limits<std::size_t>::max();
  const auto starts = [](const std::string& message) {
    return message.starts_with("the network is too large for this machine: a layer of ");
  };
  EXPECT_TRUE(starts(refusal<float>({kGiga, {{.units = kGiga}}}, Fault::config)));
  EXPECT_TRUE(starts(refusal<double>({2, {{.units = kGiga}, {.units = kGiga}}}, Fault::config)));
  EXPECT_TRUE(starts(refusal<float>({kMost, {{.units = kMost}}}, Fault::config))) << "I · O overflows";
  EXPECT_TRUE(starts(refusal<float>({kMost, {{.units = 1}}}, Fault::config))) << "I · O + O overflows";
  EXPECT_TRUE(starts(refusal<float>({std::size_t{1} << 32, {{.units = std::size_t{1} << 32}}}, Fault::config)))
      << "I · O is 2⁶⁴, which wraps to 0";
  EXPECT_TRUE(starts(refusal<float>({std::size_t{1} << 61, {{.units = 1}}}, Fault::config))) << "the bytes overflow";
}

TEST(Workspace, RefusesActivationsThatCannotFit) {
  const Network<float> network({1'000'000'000'000, {{.kind = "activation", .activation = "tanh"}}});
  Workspace<float> work(network);
  EXPECT_THROW(work.reserve(256), Error);
  EXPECT_THROW(work.reserve(std::numeric_limits<std::size_t>::max()), Error);
  EXPECT_EQ(work.rows(), 0u);
}

TEST(Network, InitialisesEachLayerFromItsOwnStream) {
  NetworkSpec spec{5, {{.units = 5, .activation = "tanh"}, {.units = 5, .activation = "tanh"}, {.units = 5}}};
  std::vector<double> w(Network<double>(spec).parameters(), 9), again = w, other = w;
  const Network<double> network(spec);
  network.initialize(w, 1);
  network.initialize(again, 1);
  network.initialize(other, 2);
  EXPECT_EQ(w, again);
  EXPECT_NE(w, other);
  EXPECT_FALSE(std::equal(w.begin(), w.begin() + 25, w.begin() + 30)) << "two equal layers start differently";
  for (const NetworkBlock& named : network.blocks()) {
    if (named.block.is_matrix) continue;
    for (std::size_t j = 0; j < named.block.cols; ++j) EXPECT_EQ(w[named.block.offset + j], 0);
  }
}

TEST(Network, ALayerMoreLeavesTheStartOfTheOthersAlone) {
  NetworkSpec spec{5, {{.units = 4, .activation = "relu"}, {.units = 3, .activation = "relu"}}};
  std::vector<double> shorter(Network<double>(spec).parameters());
  Network<double>(spec).initialize(shorter, 7);
  spec.layers.push_back({.units = 6, .activation = "tanh"});
  std::vector<double> longer(Network<double>(spec).parameters());
  Network<double>(spec).initialize(longer, 7);
  EXPECT_TRUE(std::equal(shorter.begin(), shorter.end(), longer.begin()));
}

TEST(Network, TakesTheInitializerAskedForAndItsScale) {
  const NetworkSpec spec{2, {{.units = 2, .initializer = "constant", .initializer_scale = 0.5}}};
  std::vector<double> w(6, 9);
  Network<double>(spec).initialize(w, 1);
  EXPECT_EQ(w, (std::vector<double>{0.5, 0.5, 0.5, 0.5, 0, 0}));
}

}  // namespace
}  // namespace descent
