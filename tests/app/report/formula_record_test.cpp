// The report of a formula's run folder.

#include "app/report/formula_record.hpp"

#include "app/report/run_report.hpp"
#include "framework/error.hpp"
#include "tests/support/program.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace descent {
namespace {

constexpr const char* kStart =
    R"({"event":"start","formula":"x^2 + 2*y^2","variables":["x","y"],"n_train":1,)"
    R"("config":{"optimizer":{"name":"steepest","learning_rate":0.1,"line_search":"none"}}})";

std::string epoch(int k, double x, double y) {
  return fmt::format(R"({{"event":"epoch","epoch":{},"lr":0.1,"train_loss":{},"grad_norm":1,"x":{},"y":{}}})"
                     "\n",
                     k, x * x + 2 * y * y, x, y);
}

TEST(FormulaRecord, ShowsThePathOfTheEpochsFromTheStart) {
  const test::TemporaryFolder folder;
  folder.write("metrics.jsonl", std::string(kStart) + "\n" + epoch(1, 0.8, 0.6) + epoch(2, 0.64, 0.36) +
                                    R"({"event":"end","status":"stopped","sentence":"no time left"})" + "\n");
  folder.write("result.json", R"({"start":{"x":1,"y":1},"what":"on the way to a minimum"})");
  const nlohmann::ordered_json data = report_of_runs({folder.path()});
  EXPECT_EQ(data["title"], "Minimum of x^2 + 2*y^2");
  EXPECT_EQ(data["summary"][0]["sentences"][0], "No time left.");
  EXPECT_EQ(data["summary"][0]["sentences"][1], "On the way to a minimum.");
  const nlohmann::ordered_json& path = data["scene"]["path"];
  ASSERT_EQ(path.size(), 3u);
  EXPECT_EQ(path[0][0], 1);
  EXPECT_EQ(path[0][2], 3);
  EXPECT_EQ(path[2][1], 0.36);
  EXPECT_EQ(data["charts"][0]["label"], "f, the value");
  EXPECT_EQ(data["config"]["rows"].size(), 3u);
  EXPECT_EQ(data["steps"]["columns"], (std::vector<std::string>{"step", "x", "y", "f", "‖∇f‖", "γ"}));
}

// Of f, in the variables in which steps were taken.
TEST(FormulaRecord, NamesTheGradientOfScaledVariables) {
  const test::TemporaryFolder folder;
  std::string start = kStart;
  start.insert(start.find("\"optimizer\""), R"("objective":{"start":"x=1,y=1","scale":"x=2,y=3"},)");
  folder.write("metrics.jsonl", start + "\n" + epoch(1, 0.8, 0.6));
  for (const bool ended : {false, true}) {
    if (ended) folder.write("result.json", R"({"start":{"x":1,"y":1},"scales":{"x":2,"y":3}})");
    const nlohmann::ordered_json data = report_of_runs({folder.path()});
    EXPECT_EQ(data["charts"][1]["label"], "‖D∇f‖, the gradient norm");
    EXPECT_EQ(data["steps"]["columns"][4], "‖D∇f‖");
    EXPECT_EQ(data["foot"].get<std::string>().find("L/N"), std::string::npos);
    if (ended) {
      EXPECT_NEAR(data["steps"]["rows"][0][4].get<double>(), std::hypot(2 * 2, 3 * 4), 1e-5);
    }
  }
}

// A random start is not known before the end, and with it the scales that depend on it.
TEST(FormulaRecord, NamesTheGradientOfScaledVariablesFromRandomStarts) {
  for (const std::string scale : {"auto", "magnitude", "x=2,y=3"}) {
    const test::TemporaryFolder folder;
    std::string start = kStart;
    start.insert(start.find("\"optimizer\""),
                 R"("objective":{"start":"random:4","box":"-1:1","scale":")" + scale + R"("},)");
    folder.write("metrics.jsonl", start + "\n" + epoch(1, 0.8, 0.6));
    const nlohmann::ordered_json data = report_of_runs({folder.path()});
    EXPECT_EQ(data["charts"][1]["label"], "‖D∇f‖, the gradient norm") << scale;
    EXPECT_EQ(data["steps"]["columns"][4], "‖D∇f‖");
    const std::string facts = data["summary"][0]["facts"].dump();
    EXPECT_EQ(facts.find("λmax of the Hessian"), std::string::npos) << facts;
    // D H D of the known scales: diag(4 · 2, 9 · 4).
    EXPECT_EQ(facts.find(R"(["λmax in scaled variables",36.0])") != std::string::npos, scale == "x=2,y=3") << facts;
  }
}

TEST(FormulaRecord, OfAscentHasTheCurvatureOfWhatDescends) {
  const test::TemporaryFolder folder;
  std::string start = kStart;
  start.replace(start.find("x^2 + 2*y^2"), 11, "-x^2 - 2*y^2\",\"maximize\":true,\"was\":\"");
  folder.write("metrics.jsonl", start + "\n" + epoch(1, 0.8, 0.6));
  const std::string facts = report_of_runs({folder.path()})["summary"][0]["facts"].dump();
  EXPECT_NE(facts.find(R"(["λmax of the Hessian",4.0])"), std::string::npos) << facts;
}

TEST(FormulaRecord, ComparesFormulasWithoutALoss) {
  const test::TemporaryFolder one, other;
  for (const test::TemporaryFolder* folder : {&one, &other})
    folder->write("metrics.jsonl", std::string(kStart) + "\n" + epoch(1, 0.8, 0.6));
  const std::string page = report_of_runs({one.path(), other.path()}).dump();
  EXPECT_EQ(page.find("∇L"), std::string::npos);
  EXPECT_EQ(page.find("L/N"), std::string::npos);
  EXPECT_NE(page.find("‖∇f‖ at the end"), std::string::npos);
}

TEST(FormulaRecord, ManagesWithoutAnEndOrAResult) {
  const test::TemporaryFolder folder;
  folder.write("metrics.jsonl", std::string(kStart) + "\n" + epoch(1, 0.8, 0.6));
  const nlohmann::ordered_json data = report_of_runs({folder.path()});
  EXPECT_EQ(data["summary"][0]["sentences"][0], "The run has not ended, or was killed in epoch 2.");
  EXPECT_EQ(data["scene"]["path"].size(), 1u);
}

TEST(FormulaRecord, SaysWhichVariableIsMissing) {
  const test::TemporaryFolder folder;
  folder.write("metrics.jsonl", std::string(kStart) + "\n" + R"({"event":"epoch","epoch":1,"x":1})" + "\n");
  try {
    report_of_runs({folder.path()});
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.what(), "the record in '" + folder.path() + "' has no variable 'y'");
  }
}

}  // namespace
}  // namespace descent
