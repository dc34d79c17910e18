// Whether a run is still going on, was killed, or has ended, and what people are told of it.
#include "app/runs/run_state.hpp"

#include "app/record/run_folder.hpp"
#include "tests/support/program.hpp"

#include <gtest/gtest.h>

#include <optional>

namespace descent {
namespace {

using test::Ran;
using test::run_program;
using test::TemporaryFolder;

constexpr const char* kStart = "{\"event\":\"start\",\"config\":{\"train\":{\"epochs\":9}}}\n";
constexpr const char* kEpochs =
    "{\"event\":\"epoch\",\"epoch\":1,\"train_loss\":5}\n{\"event\":\"epoch\",\"epoch\":2,\"train_loss\":4}\n";

// The folder of a run as a program leaves it that is killed in its third epoch.
class KilledRun {
 public:
  KilledRun() {
    folder_.write("config.toml", "");
    metrics("");
  }
  void metrics(const std::string& more) { folder_.write("metrics.jsonl", std::string(kStart) + kEpochs + more); }
  void write(const std::string& name, const std::string& text) { folder_.write(name, text); }
  const std::string& path() const { return folder_.path(); }
  std::string text() const {
    const RecordedRun run = read_run(path());
    return state_text(state_of(run, path()), run, path());
  }

 private:
  TemporaryFolder folder_;
};

TEST(RunState, IsKilledWhereNobodyHoldsTheLockAndNoEndWasWritten) {
  const KilledRun run;
  EXPECT_EQ(run.text(), "was killed in epoch 3; go on with descent train --resume " + run.path());
  const RunLock lock(run.path());
  EXPECT_EQ(run.text(), "is running, epoch 2 so far");
}

TEST(RunState, IsThatOfTheEndWhereThereIsOne) {
  KilledRun run;
  run.metrics("{\"event\":\"end\",\"reason\":\"epoch_budget\"}\n");
  EXPECT_EQ(run.text(), "");
  run.metrics("{\"event\":\"end\",\"reason\":\"interrupted\"}\n");
  EXPECT_EQ(run.text(), "was interrupted; go on with descent train --resume " + run.path());
  run.metrics("{\"event\":\"end\",\"reason\":\"interrupted\"}\n{\"event\":\"resume\",\"epoch\":2,\"epochs\":9}\n");
  EXPECT_EQ(run.text(), "was killed in epoch 3; go on with descent train --resume " + run.path());
  // The disk took no more rows, but the training came to its end.
  run.metrics("");
  run.write("result.json", R"({"reason":"early_stopping"})");
  EXPECT_EQ(run.text(), "");
}

TEST(RunState, IsNotGuessedOfMetricsThatWereCopiedSomewhere) {
  const TemporaryFolder folder;
  folder.write("metrics.jsonl", std::string(kStart) + kEpochs);
  const RecordedRun run = read_run(folder.path());
  EXPECT_EQ(state_of(run, folder.path()), RunState::unfinished);
  EXPECT_EQ(state_text(RunState::unfinished, run, folder.path()), "has not ended, or was killed in epoch 3");
}

TEST(RunState, NamesTheFolderAsAShellTakesIt) {
  EXPECT_EQ(resume_command("runs/x"), "descent train --resume runs/x");
  EXPECT_EQ(resume_command("my runs/it's"), "descent train --resume 'my runs/it'\\''s'");
  EXPECT_EQ(resume_command("-q"), "descent train --resume ./-q");
}

TEST(RunState, IsToldByEveryCommandThatLooksAtRuns) {
  const KilledRun run;
  const std::string state = "was killed in epoch 3; go on with descent train --resume " + run.path();
  const Ran watched = run_program({"watch", run.path()});
  EXPECT_EQ(watched.code, 1);
  EXPECT_TRUE(watched.out.ends_with("the run " + state + "\n")) << watched.out;
  const Ran plotted = run_program({"plot", run.path()});
  EXPECT_EQ(plotted.code, 0);
  EXPECT_EQ(plotted.err, "note: " + run.path() + ' ' + state + '\n');
  const Ran reported = run_program({"report", run.path(), "-o", "-"});
  EXPECT_NE(reported.out.find("The run was killed in epoch 3; go on with descent train --resume"), std::string::npos);
  const Ran inspected = run_program({"inspect", run.path()});
  EXPECT_EQ(inspected.code, 1);
  EXPECT_NE(inspected.err.find("this one was killed; go on with descent train --resume " + run.path()),
            std::string::npos)
      << inspected.err;
  const RunLock lock(run.path());
  EXPECT_NE(run_program({"inspect", run.path()}).err.find("this one is still training"), std::string::npos);
}

}  // namespace
}  // namespace descent
