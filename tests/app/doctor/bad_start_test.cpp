// Warnings before the first step: one for each flaw planted, none for what we ship.
#include "app/doctor/bad_start.hpp"

#include "app/config/reader.hpp"
#include "app/config/setting_change.hpp"
#include "app/training/training.hpp"
#include "datasets/generators.hpp"
#include "framework/activation.hpp"
#include "tests/support/program.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace descent {
namespace {

Experiment experiment_of(const std::string& text, std::uint64_t seed = 1) {
  return prepare(parse_config(text, "run.toml", std::vector{fmt::format("run.seed={}", seed)}).config);
}

std::string join_lines(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + '\n';
  return text;
}

TEST(BadStart, NamesDeadUnitsAndTheRemedy) {
  // Where x is negative on every row, a relu unit of one input and bias 0 is dead if its weight is positive.
  const test::TemporaryFolder folder;
  std::string csv = "x,y\n";
  for (int i = 1; i <= 40; ++i) csv += fmt::format("{},{}\n", -0.1 * i, i % 5);
  const std::string text = "[data]\nstandardize = false\npath = \"" + folder.write("negative.csv", csv) +
                           "\"\n[model]\nactivation = \"relu\"\n";
  const Experiment experiment = experiment_of(text);
  const std::vector<double> w = starting_weights(experiment);
  const auto positive = std::count_if(w.begin(), w.begin() + 16, [](double x) { return x > 0; });
  const std::vector<std::string> warnings = bad_start_warnings(experiment);
  ASSERT_EQ(warnings.size(), 1u) << join_lines(warnings);
  EXPECT_EQ(warnings[0], fmt::format("bad start: {} of 16 relu units of layer 0 are dead, 0 on each of the 40 training "
                                     "rows: no gradient reaches them; try --set data.standardize=true",
                                     positive));
}

TEST(BadStart, NamesSaturatedUnitsWithTheirShare) {
  for (const std::string activation : {"tanh", "sigmoid"}) {
    const std::vector<std::string> warnings = bad_start_warnings(experiment_of(
        "[data]\ngenerator = \"moons\"\n[model]\nactivation = \"" + activation + "\"\ninitializer_scale = 200\n"));
    ASSERT_GE(warnings.size(), 1u) << activation;
    EXPECT_NE(warnings[0].find("of 16 " + activation + " units of layer 0 are saturated"), std::string::npos)
        << warnings[0];
    EXPECT_TRUE(warnings[0].ends_with("; try --set model.initializer_scale=1")) << warnings[0];
  }
}

TEST(BadStart, NamesUnscaledInputsAsTheRemedyForSaturation) {
  const test::TemporaryFolder folder;
  std::string csv = "x1,x2,y\n";
  for (int i = 0; i < 40; ++i) csv += fmt::format("{},{},{}\n", 500 + 10 * i, 3 + i % 7, i % 5);
  const std::string path = folder.write("large.csv", csv);
  const std::vector<std::string> warnings =
      bad_start_warnings(experiment_of("[data]\npath = \"" + path + "\"\nstandardize = false\n"));
  ASSERT_EQ(warnings.size(), 1u) << join_lines(warnings);
  EXPECT_TRUE(warnings[0].ends_with("; try --set data.standardize=true")) << warnings[0];
}

TEST(BadStart, NamesEqualUnitsOfEveryLayer) {
  for (const std::string initializer : {"constant", "zeros"}) {
    const std::vector<std::string> warnings =
        bad_start_warnings(experiment_of("[data]\ngenerator = \"moons\"\n[model]\nhidden = [5, 3]\ninitializer = \"" +
                                         initializer + "\"\ninitializer_scale = 0.5\n"));
    ASSERT_EQ(warnings.size(), 2u) << join_lines(warnings);
    EXPECT_EQ(warnings[0],
              "bad start: all 5 units of layer 0 (0, 1, 2, 3, …) have equal weights and stay equal for ever, as one "
              "unit would; try --set model.initializer=auto");
    EXPECT_TRUE(warnings[1].starts_with("bad start: all 3 units of layer 1 (0, 1, 2) have equal weights"));
  }
}

TEST(BadStart, StandsAboveTheTableOfEpochs) {
  const test::Ran ran = test::run_program({"train", DESCENT_SOURCE_DIR "/examples/xor.toml", "--no-save", "--set",
                                           "train.epochs=3", "--set", "model.initializer=zeros"});
  const std::size_t at = ran.err.find("warning: bad start: all 8 units of layer 0");
  ASSERT_NE(at, std::string::npos) << ran.err;
  EXPECT_LT(at, ran.err.find("epoch  ")) << ran.err;
}

// Every made data set and both files with every activation: none starts badly, none diverges.
TEST(BadStart, IsNotSeenInTwoHundredHealthyRuns) {
  std::vector<std::string> data;
  for (const std::string& name : generator_names()) data.push_back("generator = \"" + name + "\"");
  data.push_back("path = \"" DESCENT_SOURCE_DIR "/datasets/iris.csv\"");
  data.push_back("path = \"" DESCENT_SOURCE_DIR "/datasets/digits.csv.gz\"\ntarget = \"digit\"\ntest_split = 0.8");
  const std::atomic<bool> never = false;
  std::size_t runs = 0;
  for (const std::string& source : data)
    for (const std::string& activation : activation_names())
      for (const std::uint64_t seed : {1, 2, 3, 4}) {
        const bool digits = source.find("digits") != std::string::npos;
        const Experiment experiment = experiment_of(
            fmt::format(
                "[data]\n{}\n[model]\nactivation = \"{}\"\nhidden = [16, 8]\n[train]\nepochs = 5\n{}[optimizer]\n"
                "learning_rate = 0.0005\n",
                source, activation, digits ? "loss = \"cross_entropy\"\n" : ""),
            seed);
        EXPECT_EQ(join_lines(bad_start_warnings(experiment)), "") << source << ' ' << activation << " seed " << seed;
        Log log(true, Color::never);
        Experiment silent = experiment;
        silent.warnings.clear();
        EXPECT_NE(train(silent, log, nullptr, never).report.status(), Status::diverged)
            << source << ' ' << activation << " seed " << seed;
        ++runs;
      }
  EXPECT_GE(runs, 200u);
}

}  // namespace
}  // namespace descent
