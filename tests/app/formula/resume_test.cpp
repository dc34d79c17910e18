// Runs of formulas have the same record as those of networks: killed, resumed, repeated.
#include "app/record/checkpoint.hpp"
#include "tests/support/trained_run.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <sstream>
#include <utility>
#include <variant>

namespace descent {
namespace {

using nlohmann::json;
using test::Ran;
using test::read_text;
using test::run_program;
using test::TemporaryFolder;

constexpr const char* kRosenbrock =
    "[run]\nname = 'banana'\n[objective]\nformula = '(1 - x)^2 + 100 (y - x^2)^2'\nstart = 'x=-1,y=1'\n"
    "[train]\nepochs = 40\ncheckpoint = { every_epochs = 2 }\n";
constexpr const char* kRows =
    "[run]\nname = 'line'\n[objective]\nformula = 'sum((a x + b - y)^2)'\nstart = 'a=0,b=0'\ndata = 'd.csv'\n"
    "[train]\nepochs = 20\nbatch_size = 2\ncheckpoint = { every_epochs = 7 }\n[optimizer]\nname = 'adam'\n"
    "learning_rate = 0.1\n[schedule]\nname = 'cosine'\n";

// Everything of a run that must be the same whatever happened, but for times.
json outcome_of(const std::string& run) {
  json rows = json::array(), result = json::parse(read_text(run + "/result.json"));
  std::istringstream lines(read_text(run + "/metrics.jsonl"));
  for (std::string line; std::getline(lines, line);) {
    json event = json::parse(line);
    event.erase("time_s");
    if (event["event"] != "resume") rows.push_back(event);
  }
  for (const char* key : {"seconds", "run"}) result.erase(key);
  return {rows, result};
}

class FormulaRecord : public test::TrainedRun {
 public:
  explicit FormulaRecord(const std::string& config, const std::vector<std::string>& more = {})
      : TrainedRun(config, more, "x,y\n1,2\n2,4\n3,6\n4,8.5\n5,10\n") {}
  // As after a kill: what stands behind the checkpoint before the last is not there yet.
  void forget_the_end() const {
    forget_result();
    std::filesystem::rename(file("last.previous.safetensors"), file("last.safetensors"));
  }
  json outcome() const { return outcome_of(file("")); }
};

TEST(FormulaResume, GoesOnAsIfItHadNeverStopped) {
  const std::vector<std::vector<std::string>> methods = {
      {"-s", "optimizer.name=lbfgs"},
      {"-s", "optimizer.name=adam", "-s", "optimizer.learning_rate=0.2", "-s", "early_stopping.patience=25"},
      {"-s", "optimizer.line_search=armijo", "-s", "objective.scale=x=1,y=3"},
      {"-s", "objective.start=random:4", "-s", "objective.box=x=-2:2,y=-2:2", "-s", "optimizer.line_search=wolfe"}};
  for (const std::vector<std::string>& method : methods) {
    const FormulaRecord record(kRosenbrock, method);
    ASSERT_EQ(record.first.code, 0) << record.first.err;
    const json whole = record.outcome();
    record.forget_the_end();
    const Ran ran = record.resume();
    EXPECT_EQ(ran.code, 0) << ran.err;
    EXPECT_EQ(record.outcome(), whole) << method[1];
    EXPECT_EQ(whole[1]["path"].size(), whole[1]["steps"].get<std::size_t>() + 1) << "steps before the resume too";
  }
}

// Interrupted among its starts it goes on in the one it stood in, and takes none of them for the best before all are
// done.
TEST(FormulaResume, GoesOnAmongRandomStarts) {
  const TemporaryFolder folder;
  folder.write("c.toml",
               "[run]\nname = 'many'\n[objective]\nformula = '(x^2 + y - 11)^2 + (x + y^2 - 7)^2'\n"
               "start = 'random:8'\nbox = '-5:5'\n[train]\nepochs = 200000\n[optimizer]\nlearning_rate = 1e-5\n"
               "[log]\nevery = 100000000\n");
  const Ran ran = test::interrupt_training({"train", "c.toml", "--json"}, folder.path(), SIGINT, 0);
  ASSERT_EQ(ran.code, 130) << ran.err;
  const json stopped = json::parse(ran.out);
  EXPECT_FALSE(stopped.contains("basins"));
  EXPECT_NE(ran.err.find("this is where random start "), std::string::npos) << ran.err;
  const std::string run = stopped["run"], file = folder.file(run + "/last.safetensors");
  const Checkpoint kept = decode_checkpoint(read_text(file), "last");
  const auto& numbers = std::get<Snapshot<double>>(kept.snapshot).numbers;
  const auto number = [&](const std::string& name) {
    return std::ranges::find(numbers, name, &std::pair<std::string, double>::first)->second;
  };
  EXPECT_LT(number("starts.done"), 8);
  EXPECT_EQ(number("steps"), stopped["steps"].get<double>());
  EXPECT_EQ(kept.stamp.epochs, 0u) << "no row is behind it";
  const Ran resumed = run_program({"train", "--resume", run, "-q"}, folder.path());
  ASSERT_EQ(resumed.code, 0) << resumed.err;

  const Ran whole = run_program({"train", "c.toml", "--json", "-q"}, folder.path());
  const std::string uninterrupted = json::parse(whole.out)["run"];
  EXPECT_EQ(outcome_of(folder.file(run)), outcome_of(folder.file(uninterrupted)));
}

// The budget is that of all runs together; with more of it they go on where they stood.
TEST(FormulaResume, GoesOnAmongRandomStartsThatRanOutOfTime) {
  const TemporaryFolder folder;
  folder.write("c.toml",
               "[run]\nname = 'many'\n[objective]\nformula = '(x^2 + y - 11)^2 + (x + y^2 - 7)^2'\n"
               "start = 'random:50'\nbox = '-5:5'\n[train]\nepochs = 20000\n[optimizer]\nlearning_rate = 1e-6\n"
               "[log]\nevery = 100000000\n");
  const Ran ran = run_program({"train", "c.toml", "--json", "-s", "train.max_seconds=0.05"}, folder.path());
  ASSERT_EQ(ran.code, 0) << ran.err;
  const json stopped = json::parse(ran.out);
  EXPECT_EQ(stopped["reason"], "time_budget");
  EXPECT_NE(stopped["sentence"].get<std::string>().find("the time budget (0.05 s)"), std::string::npos)
      << stopped["sentence"];
  EXPECT_GT(stopped["seconds"], 0.05);
  EXPECT_FALSE(stopped.contains("basins")) << "not all starts had their turn";
  const std::string run = stopped["run"];
  const Ran still = run_program({"train", "--resume", run, "--json"}, folder.path());
  EXPECT_EQ(json::parse(still.out)["reason"], "time_budget") << "the time before the resume counts";
  EXPECT_EQ(json::parse(still.out)["x"], stopped["x"]);
  const Ran resumed = run_program({"train", "--resume", run, "-q", "-s", "train.max_seconds=inf"}, folder.path());
  ASSERT_EQ(resumed.code, 0) << resumed.err;
  const Ran whole = run_program({"train", "c.toml", "--json", "-q"}, folder.path());
  const std::string uninterrupted = json::parse(whole.out)["run"];
  EXPECT_EQ(outcome_of(folder.file(run))[1], outcome_of(folder.file(uninterrupted))[1]);
}

// With every start out of steps before its end: what is in the checkpoint counts, whatever more steps would come to.
TEST(FormulaResume, KeepsTheStartsThatAreDoneWhenGivenMoreSteps) {
  const FormulaRecord record(kRosenbrock, {"-s", "objective.start=random:4", "-s", "objective.box=-2:2", "-s",
                                           "optimizer.name=lbfgs", "-s", "train.epochs=4"});
  const json before = record.result();
  EXPECT_TRUE(before["basins"].empty());
  const Ran ran = record.resume({"--set", "train.epochs=200"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  const json after = record.result();
  EXPECT_EQ(after["start"], before["start"]);
  EXPECT_EQ(after["status"], "converged") << after["sentence"];
  EXPECT_TRUE(after["basins"].empty());
}

TEST(FormulaResume, ServesSumsOverBatchesOfRows) {
  const FormulaRecord record(kRows, {"-s", "log.tensorboard=true"});
  ASSERT_EQ(record.first.code, 0) << record.first.err;
  const json whole = record.outcome();
  record.forget_the_end();
  EXPECT_EQ(record.resume().code, 0);
  EXPECT_EQ(record.outcome(), whole);
  EXPECT_TRUE(std::filesystem::exists(record.file("tb/train")));
  const FormulaRecord longer(kRows, {"-s", "train.epochs=30", "-s", "schedule.name=constant"});
  const FormulaRecord grown(kRows, {"-s", "schedule.name=constant"});
  EXPECT_EQ(grown.resume({"--set", "train.epochs=30"}).code, 0);
  EXPECT_EQ(grown.outcome()[1]["weights_hash"], longer.outcome()[1]["weights_hash"]);
}

TEST(FormulaResume, IsRefusedWhenTheRowsOrTheSettingsChanged) {
  const FormulaRecord record(kRows);
  record.forget_the_end();
  EXPECT_NE(record.resume({"-s", "objective.start=a=1,b=0"}).err.find("objective.start = \"a=1,b=0\" is not what"),
            std::string::npos);
  record.write_outside("d.csv", "x,y\n1,2\n2,4\n3,6\n4,8.25\n5,10\n");
  const Ran ran = record.resume();
  EXPECT_EQ(ran.code, 3);
  EXPECT_NE(ran.err.find("the data is not what it was when this run began"), std::string::npos) << ran.err;
}

TEST(FormulaResume, RepeatsARunFromItsRecord) {
  const FormulaRecord record(kRosenbrock, {"-s", "optimizer.name=lbfgs"});
  const Ran same = record.descent({"train", "--from", record.run});
  EXPECT_EQ(same.code, 0) << same.err;
  EXPECT_NE(same.err.find("repeated: the same weights as in " + record.run), std::string::npos) << same.err;
  EXPECT_EQ(record.descent({"train", "--from", record.run, "-s", "train.epochs=5"}).code, 0);
}

TEST(FormulaResume, ACheckpointOfAFormulaIsNoModelAndSaysSo) {
  const FormulaRecord record(kRosenbrock, {"-s", "optimizer.name=lbfgs"});
  const Checkpoint last = decode_checkpoint(read_text(record.file("last.safetensors")), "last");
  EXPECT_FALSE(last.model);
  EXPECT_EQ(to_string(last.stamp.ended->reason), json::parse(record.first.out)["reason"]);
  const Ran ran = record.descent({"evaluate", record.run + "/last.safetensors", "d.csv"});
  EXPECT_EQ(ran.code, 3) << ran.err;
  EXPECT_NE(ran.err.find("last.safetensors"), std::string::npos) << ran.err;
}

TEST(FormulaResume, NoFolderIsMadeForAFormulaThatIsNone) {
  const TemporaryFolder folder;
  folder.write("c.toml", "[objective]\nformula = 'x^2 +'\nstart = 'x=1'\n");
  EXPECT_NE(run_program({"train", "c.toml"}, folder.path()).code, 0);
  EXPECT_FALSE(std::filesystem::exists(folder.file("runs")));
}

}  // namespace
}  // namespace descent
