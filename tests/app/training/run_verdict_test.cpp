// The verdict of trainings, as a person meets it.
#include "tests/support/program.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <sstream>

namespace descent {
namespace {

using nlohmann::json;
using test::Ran;
using test::run_program;
using test::TemporaryFolder;

// From weights of 0 nothing but the output's biases ever moves: training ends at a saddle.
const std::string kStuck = R"([data]
path = ")" DESCENT_SOURCE_DIR R"(/datasets/iris.csv"
target = "species"
[model]
hidden = [8]
initializer = "zeros"
[train]
epochs = 20
batch_size = "full"
loss = "cross_entropy"
[optimizer]
learning_rate = 0.005
)";

std::vector<std::string> runs_in(const std::string& folder) {
  std::vector<std::string> runs;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.is_directory()) runs.push_back(entry.path().string());
  std::ranges::sort(runs);
  return runs;
}

json result_of(const std::string& run) { return json::parse(test::read_text(run + "/result.json")); }

TEST(RunVerdict, OfATrainingThatNeverMovedIsASaddleAndItCanBeEscaped) {
  const TemporaryFolder folder;
  const std::string config = folder.write("stuck.toml", kStuck);
  const std::string out = folder.file("runs");
  const Ran ran = run_program({"train", config, "--escape", "--json", "-s", "run.out_dir=" + out});
  EXPECT_EQ(ran.code, 0) << ran.err;
  const std::vector<std::string> runs = runs_in(out);
  ASSERT_EQ(runs.size(), 2u);
  const json stuck = result_of(runs[0])["verdict"], result = json::parse(ran.out), escaped = result_of(runs[1]);
  EXPECT_EQ(stuck["kind"], "saddle");
  EXPECT_LT(stuck["lambda_min"], -1);
  EXPECT_GT(stuck["lambda_max"], 1);
  EXPECT_LT(stuck["lambda_min_error"], 1e-6);
  EXPECT_EQ(stuck["all_eigenvalues"], true);
  EXPECT_GT(stuck["drop"], 1);
  EXPECT_EQ(result["run"], runs[1]);
  EXPECT_TRUE(runs[1].ends_with("stuck_escaped"));
  EXPECT_LT(escaped["train"]["loss"].get<double>(), stuck["loss"].get<double>() - stuck["drop"].get<double>());
  EXPECT_NE(ran.err.find("verdict  a saddle: the curvature is negative along a direction"), std::string::npos);
  EXPECT_NE(ran.err.find("escape   training goes on"), std::string::npos);
  std::istringstream lines(ran.err);
  for (std::string line; std::getline(lines, line);)
    if (line.find("verdict") != std::string::npos) {
      EXPECT_LE(line.size(), 90u) << line;
    }
}

TEST(RunVerdict, OfAConvexProblemIsAMinimum) {
  const Ran ran =
      run_program({"train", DESCENT_SOURCE_DIR "/examples/xor.toml", "--json", "--no-save", "-s", "model.hidden=[]",
                   "-s", "train.loss_target=0", "-s", "train.epochs=200", "-s", "optimizer.learning_rate=0.5"});
  const json verdict = json::parse(ran.out)["verdict"];
  EXPECT_EQ(verdict["kind"], "minimum") << ran.err;
  EXPECT_GT(verdict["lambda_min"].get<double>(), verdict["lambda_min_error"].get<double>());
  EXPECT_NE(ran.err.find("a local minimum: all eigenvalues"), std::string::npos);
}

TEST(RunVerdict, ThatWouldCostTooMuchIsGivenOnRequestOnly) {
  const std::vector<std::string> digits = {
      "train", DESCENT_SOURCE_DIR "/examples/digits.toml", "--json", "--no-save", "-s", "train.epochs=2"};
  const Ran plain = run_program(digits);
  EXPECT_EQ(json::parse(plain.out)["verdict"]["kind"], "skipped");
  EXPECT_NE(plain.err.find("--verdict asks for it"), std::string::npos) << plain.err;
  std::vector<std::string> asking = digits;
  asking.push_back("--verdict");
  EXPECT_EQ(json::parse(run_program(asking).out)["verdict"]["kind"], "not_critical");
}

// 337 weights: all their eigenvalues would take seven times what is granted, the two extremes less.
TEST(RunVerdict, IsGivenByTheExtremesWhereAllEigenvaluesWouldCostTooMuch) {
  std::vector<std::string> moons = {
      "train", DESCENT_SOURCE_DIR "/examples/moons.toml", "--json", "--no-save", "-s", "train.epochs=2"};
  EXPECT_EQ(json::parse(run_program(moons).out)["verdict"]["all_eigenvalues"], false);
  moons.push_back("--verdict");
  EXPECT_EQ(json::parse(run_program(moons).out)["verdict"]["all_eigenvalues"], true);
}

// 1603 weights and 120 rows: 9 times the work of these 100 epochs, and less than a tenth of that of 10 000.
TEST(RunVerdict, IsGivenUnaskedWhereItCostsATenthOfTheTraining) {
  const auto kind = [](const std::string& epochs) {
    const Ran ran = run_program({"train", DESCENT_SOURCE_DIR "/examples/iris.toml", "--json", "--no-save", "-s",
                                 "model.hidden=[200]", "-s", "train.epochs=" + epochs});
    return json::parse(ran.out)["verdict"]["kind"].get<std::string>();
  };
  EXPECT_EQ(kind("100"), "skipped");
  EXPECT_EQ(kind("10000"), "not_critical");
}

TEST(RunVerdict, OfADivergedRunIsNoneAndOfAHugeLossNotStationary) {
  const std::vector<std::string> iris = {
      "train", DESCENT_SOURCE_DIR "/examples/iris.toml", "--json", "--no-save", "-s", "optimizer.learning_rate=1e30"};
  EXPECT_EQ(json::parse(run_program(iris).out)["verdict"]["kind"], "not_critical");
  std::vector<std::string> diverging = iris;
  diverging.insert(diverging.end(), {"-s", "model.activation=relu"});
  const Ran ran = run_program(diverging);
  EXPECT_EQ(ran.code, 4) << ran.err;
  EXPECT_EQ(json::parse(ran.out)["verdict"]["kind"], "skipped");
  EXPECT_EQ(ran.err.find("verdict"), std::string::npos);
}

TEST(RunVerdict, IsGivenLaterByInspect) {
  const TemporaryFolder folder;
  const std::string config = folder.write("stuck.toml", kStuck), out = folder.file("runs");
  ASSERT_EQ(run_program({"train", config, "--quiet", "-s", "run.out_dir=" + out}).code, 0);
  const std::string run = runs_in(out).front();
  for (const std::string& what : {run, run + "/model.safetensors"}) {
    const Ran ran = run_program({"inspect", what, "--verdict", "--json"});
    ASSERT_EQ(ran.code, 0) << ran.err;
    EXPECT_EQ(json::parse(ran.out)["verdict"], result_of(run)["verdict"]) << "to the bit";
  }
  EXPECT_NE(run_program({"inspect", run, "--verdict"}).out.find("verdict  a saddle"), std::string::npos);
  EXPECT_FALSE(json::parse(run_program({"inspect", run, "--json"}).out).contains("verdict"));

  const json spectrum = json::parse(run_program({"inspect", run, "--spectrum", "--json"}).out)["spectrum"];
  EXPECT_EQ(spectrum["exact"], true);
  EXPECT_EQ(spectrum["values"].size(), 67u);
  EXPECT_EQ(spectrum["values"].back(), result_of(run)["verdict"]["lambda_max"]);
  const std::string table = run_program({"inspect", run, "--spectrum"}).out;
  EXPECT_NE(table.find("spectrum 67 eigenvalues, λmin -1"), std::string::npos) << table;
  EXPECT_NE(table.find("eigenvalues\n"), std::string::npos);

  std::filesystem::copy_file(run + "/model.safetensors", folder.file("lost.safetensors"));
  const Ran lost = run_program({"inspect", folder.file("lost.safetensors"), "--verdict"});
  EXPECT_EQ(lost.code, 2);
  EXPECT_NE(lost.err.find("--verdict and --spectrum need the training rows"), std::string::npos) << lost.err;
}

// A linear model with a penalty is strictly convex: 26 · 21 weights, more than are looked at one by one unasked.
TEST(RunVerdict, OfMoreThan500WeightsProvesAMinimumWhereItIsAskedFor) {
  const TemporaryFolder folder;
  std::string csv, targets;
  for (int j = 0; j < 46; ++j) csv += fmt::format("{}{}", j > 0 ? "," : "", j < 25 ? "x" : "y") + std::to_string(j);
  for (int j = 25; j < 46; ++j) targets += fmt::format("{}\"y{}\"", j > 25 ? ", " : "", j);
  for (int i = 0; i < 40; ++i)
    for (int j = 0; j < 46; ++j)
      csv += fmt::format("{}{:.4f}", j > 0 ? "," : "\n", std::sin(1.0 + i * (j + 1.7) * 0.37));
  const std::string path = folder.write("many.csv", csv + "\n");
  const std::string config = folder.write(
      "many.toml", fmt::format("[data]\npath = \"{}\"\ntarget = [{}]\n[model]\nhidden = []\n[run]\nprecision = "
                               "\"float64\"\n[train]\nbatch_size = \"full\"\nepochs = 300\nl2 = 1.0\n"
                               "gradient_tolerance = 1e-9\n[optimizer]\nname = \"lbfgs\"\n",
                               path, targets));
  const Ran unasked = run_program({"train", config, "--no-save", "--json"});
  ASSERT_EQ(unasked.code, 0) << unasked.err;
  EXPECT_EQ(json::parse(unasked.out)["verdict"]["kind"], "undecided") << unasked.out;
  const Ran asked = run_program({"train", config, "--no-save", "--json", "--verdict"});
  const json verdict = json::parse(asked.out)["verdict"];
  EXPECT_EQ(verdict["kind"], "minimum") << verdict;
  EXPECT_EQ(verdict["all_eigenvalues"], true);
  EXPECT_GT(verdict["lambda_min"].get<double>(), verdict["lambda_min_error"].get<double>());
}

}  // namespace
}  // namespace descent
