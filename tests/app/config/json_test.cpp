// Configs as a run's record has them, and what tells two of them apart.
#include "app/config/json.hpp"

#include "tests/app/config/support.hpp"

#include <gtest/gtest.h>

namespace descent {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kLayers =
    "data.path = \"d\"\n[[model.layers]]\nunits = 8\nactivation = \"relu\"\nbias = false\n"
    "[[model.layers]]\nkind = \"activation\"\nactivation = \"tanh\"\n";

TEST(ConfigJson, HoldsLayersRatesAndWords) {
  const Json json = to_json(accepted(kLayers, {"train.batch_size=full", "tune.learning_rate={ log = [1e-3, 1.0] }"}));
  EXPECT_EQ(json["model"]["layers"], Json::parse(R"([{"kind":"dense","units":8,"activation":"relu","initializer":"auto",
                             "initializer_scale":1.0,"bias":false},{"kind":"activation","activation":"tanh"}])"));
  EXPECT_EQ(json["train"]["batch_size"], "full");
  EXPECT_EQ(json["train"]["loss_target"], nullptr) << "infinite";
  EXPECT_EQ(json["tune"]["learning_rate"]["log"], (Json{1e-3, 1.0}));
  EXPECT_EQ(to_json(accepted(kSmallest, {"tune.learning_rate=[0.1, 0.2]"}))["tune"]["learning_rate"], (Json{0.1, 0.2}));
}

// What is shown can be typed: it reads back as the setting.
TEST(ConfigJson, ADifferenceIsShownAsItIsTyped) {
  const Config before = accepted(kSmallest), after = accepted(kSmallest, {"model.layers=[{ units = 3 }]"});
  const std::vector<Difference> found = differences(before, after);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].key, "model.layers");
  EXPECT_EQ(found[0].before, "[]");
  EXPECT_EQ(found[0].after,
            "[{ kind = \"dense\", units = 3, activation = \"identity\", initializer = \"auto\", initializer_scale = 1, "
            "bias = true }]");
  EXPECT_EQ(accepted(kSmallest, {"model.layers=" + found[0].after}), after);
  EXPECT_TRUE(differences(after, after).empty());
}

}  // namespace
}  // namespace descent
