#include "app/config/fields.hpp"
#include "tests/app/config/support.hpp"

#include <gtest/gtest.h>

#include <string>

namespace descent {
namespace {

// The first line of the refusal, without "error: " and what stands before it.
std::string rule(std::string_view text, const std::vector<std::string>& overrides = {}) {
  const std::string message = refusal(text, overrides);
  const std::size_t begin = message.find("error: ") + 7;
  return message.substr(begin, message.find('\n') - begin);
}

TEST(ConfigRules, DataComesFromOnePlace) {
  EXPECT_EQ(
      refusal(""),
      "run.toml: error: no data; give data.path (a CSV file) or data.generator (one of xor, moons, spirals, sine, "
      "linear)\n1 error; nothing was run.");
  EXPECT_EQ(refusal("[data]\ngenerator = \"moons\"\npath = \"d.csv\"\n"),
            "run.toml:3:8: error: data.path and data.generator are both given; keep one\n"
            "    3 | path = \"d.csv\"\n"
            "      |        ^~~~~~~\n"
            "1 error; nothing was run.");
  EXPECT_EQ(rule("[data]\ngenerator = \"moons\"\n", {"data.path=d.csv"}),
            "data.path and data.generator are both given; keep one (--set data.generator= empties the other)");
  EXPECT_EQ(accepted("[data]\ngenerator = \"moons\"\n", {"data.path=d.csv", "data.generator="}).data.path, "d.csv");
  EXPECT_EQ(rule(kSmallest, {"data.rows=5"}), "data.rows is for data.generator only; a file has the rows it has");
  EXPECT_EQ(accepted("[data]\ngenerator = \"moons\"\nrows = 50\nnoise = 0").data.rows, 50);
}

TEST(ConfigRules, ABoxIsForRandomStarts) {
  const std::string formula = "objective.formula = \"x\"\nobjective.start = ";
  EXPECT_EQ(rule(formula + "\"x=1\"\nobjective.box = \"-5:5\"\n"),
            "objective.box is for random starts: objective.start = \"random:20\"");
  EXPECT_EQ(rule(formula + "\"random:5\"\n"), "random starts need objective.box, such as \"-5:5\" or \"x=-3:3,y=0:1\"");
}

TEST(ConfigRules, StandardInputIsReadOnce) {
  EXPECT_EQ(rule("[data]\npath = \"-\"\ntest_path = \"-\"\n"),
            "standard input can be read once, but is data.path and data.test_path");
  EXPECT_THROW(parse_config("[data]\npath = \"-\"\n", "-"), Error);
}

TEST(ConfigRules, SplitsLeaveRowsToTrainOn) {
  EXPECT_EQ(rule(kSmallest, {"data.validation_split=0.5", "data.test_split=0.5"}),
            "data.validation_split + data.test_split must be < 1 so that rows are left to train on, got 0.5 + 0.5");
  EXPECT_EQ(rule(kSmallest, {"data.validation_split=0.5", "data.validation_path=v.csv"}),
            "data.validation_split and data.validation_path both name the validation rows; keep one");
  EXPECT_EQ(rule(kSmallest, {"data.test_split=0.5", "data.test_path=v.csv"}),
            "data.test_split and data.test_path both name the test rows; keep one");
}

TEST(ConfigRules, AColumnHasOneUse) {
  EXPECT_EQ(rule(kSmallest, {"data.target=y", "data.inputs=[\"x\", \"y\"]"}),
            "the column 'y' is in both data.target and data.inputs");
  EXPECT_EQ(rule(kSmallest, {"data.ignore=[\"x\", \"x\"]"}), "data.ignore names the column 'x' twice");
}

TEST(ConfigRules, LayersAreDescribedOnce) {
  EXPECT_EQ(rule("[data]\npath = \"d\"\n[model]\nhidden = [3]\n[[model.layers]]\nunits = 3\n"),
            "model.hidden and model.layers both describe the layers; keep one");
  EXPECT_EQ(accepted("[data]\npath = \"d\"\n[model]\nhidden = [3]\nlayers = []\n").model.hidden.size(), 1u);
}

TEST(ConfigRules, WeightsAreCountedWithoutOverflow) {
  EXPECT_EQ(rule(kSmallest, {"model.hidden=[1000000000, 1000000000]"}),
            "the layers have about 1.0e+18 weights; at most 1e+10 are possible");
  EXPECT_EQ(rule(kSmallest, {"model.hidden=[9223372036854775807, 9223372036854775807]"}),
            "the layers have about 8.5e+37 weights; at most 1e+10 are possible");
  EXPECT_EQ(rule(kSmallest, {"model.layers=[{units=1000000}, {units=1000000}]"}),
            "the layers have about 1.0e+12 weights; at most 1e+10 are possible");
}

TEST(ConfigRules, TheLearningRateHasRoom) {
  EXPECT_EQ(rule(kSmallest, {"schedule.warmup_epochs=100"}),
            "schedule.warmup_epochs must be < train.epochs (100), got 100");
  EXPECT_EQ(rule(kSmallest, {"schedule.min_learning_rate=0.5"}),
            "schedule.min_learning_rate must be ≤ optimizer.learning_rate (0.01), got 0.5");
}

TEST(ConfigRules, ValidationFiguresNeedValidationRows) {
  EXPECT_EQ(rule(kSmallest, {"early_stopping.monitor=val_loss", "early_stopping.patience=3"}),
            "early_stopping.monitor = \"val_loss\" needs validation rows; set data.validation_split (such as 0.2) or "
            "data.validation_path");
  EXPECT_EQ(
      accepted(kSmallest, {"early_stopping.monitor=val_accuracy", "data.validation_split=0.2"}).early_stopping.monitor,
      "val_accuracy");
}

TEST(ConfigRules, ARefusedValueIsNotReportedTwice) {
  EXPECT_TRUE(contains(refusal("[data]\npath = 5\n"), "1 error;"));
  EXPECT_TRUE(contains(refusal("[data]\npaht = \"x\"\n"), "1 error;"));
  EXPECT_TRUE(contains(refusal(kSmallest, {"train.epochs=0", "schedule.warmup_epochs=100"}), "1 error;"));
}

TEST(ConfigRules, SettingsWithoutEffectAreNoted) {
  const ConfigResult result =
      parse_config("[data]\npath = \"d\"\n[optimizer]\nmomentum = 0.5\n[early_stopping]\nmode = \"min\"\n", "run.toml");
  EXPECT_EQ(result.notices,
            (std::vector<std::string>{
                "run.toml:4:12: optimizer.momentum does nothing with optimizer.name = \"steepest\"; it is for "
                "momentum, nesterov",
                "run.toml:6:8: early_stopping.mode does nothing without early_stopping.patience"}));
  EXPECT_TRUE(parse_config("[data]\npath = \"d\"\n[optimizer]\nname = \"nesterov\"\nmomentum = 0.5\n", "run.toml")
                  .notices.empty());
}

}  // namespace
}  // namespace descent
