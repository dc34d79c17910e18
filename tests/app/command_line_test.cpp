// The edges of the command line: help, mistakes, exit codes.

#include "tests/support/allocations.hpp"
#include "tests/support/program.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>

namespace descent {
namespace {

using test::Ran;
using test::run_program;
using test::TemporaryFolder;

TEST(CommandLine, PrintsItsVersion) { EXPECT_EQ(run_program({"--version"}).out, "descent " DESCENT_VERSION "\n"); }

TEST(CommandLine, HelpsOnEveryCommand) {
  const Ran all = run_program({"--help"});
  EXPECT_EQ(all.code, 0);
  for (const char* command : {"train", "evaluate", "predict", "inspect", "gradcheck", "minimize", "config", "generate",
                              "derive", "critical", "plot", "report", "watch"}) {
    EXPECT_NE(all.out.find(std::string("  ") + command), std::string::npos) << command;
    const Ran help = run_program({command, "--help"});
    EXPECT_EQ(help.code, 0) << command;
    EXPECT_GT(help.out.size(), 100u) << command;
  }
}

TEST(CommandLine, SuggestsTheCommandThatWasMeant) {
  const Ran ran = run_program({"trian", "x.toml"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_TRUE(ran.err.starts_with(
      "error: unknown command 'trian'; did you mean 'train'? (known: train, tune, watch, plot, report, "))
      << ran.err;
  for (const char* command : {"minimize", "plot", "report", "watch"})
    EXPECT_NE(ran.err.find(command), std::string::npos) << command;
}

TEST(CommandLine, SuggestsTheOptionThatWasMeant) {
  const Ran ran = run_program({"train", "x.toml", "--jsno"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_NE(ran.err.find("unknown option '--jsno'; did you mean '--json'?"), std::string::npos) << ran.err;
}

TEST(CommandLine, SuggestsOnEveryLevel) {
  EXPECT_EQ(run_program({"--verison"}).err,
            "error: unknown option '--verison'; did you mean '--version'? (known: --help, --version)\n");
  EXPECT_EQ(
      run_program({"config", "inti"}).err,
      "error: unknown command 'inti'; did you mean 'init'? (known: init, show, check, help, schema, reference)\n");
  EXPECT_EQ(run_program({"config"}).err,
            "error: descent config takes a command: init, show, check, help, schema, reference\n");
  EXPECT_EQ(run_program({"train"}).err,
            "error: train takes one of CONFIG, --resume RUN and --from RUN; see descent train --help\n");
}

TEST(CommandLine, RefusesNumbersThatMakeNoData) {
  const Ran none = run_program({"generate", "moons", "--rows", "0"});
  EXPECT_EQ(none.code, 2);
  EXPECT_EQ(none.err, "error: --rows: Value 0 not in range 1 to 1000000000; see descent generate --help\n");
  EXPECT_EQ(run_program({"generate", "moons", "--noise", "nan"}).code, 2);
}

TEST(CommandLine, NoticesWhenItsOutputCannotBeWritten) {
  for (const char* command : {"config init", "config reference", "config help", "--help", "generate xor"}) {
    const std::string line = std::string(DESCENT_PROGRAM) + " " + command + " >/dev/full 2>/dev/null";
    EXPECT_EQ(WEXITSTATUS(std::system(line.c_str())), 1) << command;
  }
}

TEST(CommandLine, SaysWhenMemoryRunsOut) {
  if (!support::counts_allocations()) GTEST_SKIP() << "sanitizers reserve more memory than this";
  const TemporaryFolder folder;
  const std::string line = "ulimit -v 600000; " DESCENT_PROGRAM " generate moons --rows 10000000 >" +
                           folder.file("out") + " 2>" + folder.file("err");
  EXPECT_EQ(WEXITSTATUS(std::system(line.c_str())), 1);
  EXPECT_EQ(test::read_text(folder.file("out")), "");
  EXPECT_EQ(test::read_text(folder.file("err")), "error: out of memory\n");
}

TEST(CommandLine, ConfigHelpNamesEverySetting) {
  const Ran ran = run_program({"config", "help"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_NE(ran.out.find("  learning_rate = 0.01"), std::string::npos);
}

TEST(CommandLine, AsksForACommandAndForArguments) {
  EXPECT_EQ(run_program({}).code, 2);
  EXPECT_EQ(run_program({"train"}).code, 2);
  EXPECT_EQ(run_program({"predict", "model"}).code, 2);
  EXPECT_EQ(run_program({"config"}).code, 2);
  EXPECT_EQ(run_program({"evaluate", "m", "d", "--rows", "tset"}).code, 2);
}

TEST(CommandLine, ListsAllErrorsOfAConfigAtOnce) {
  const TemporaryFolder folder;
  folder.write("run.toml", "[data]\ngenerator = 'moons'\n[train]\nepochs = 2.5\n[optimizer]\nlearnign_rate = 0.1\n");
  const Ran ran = run_program({"train", "run.toml"}, folder.path());
  EXPECT_EQ(ran.code, 2);
  EXPECT_NE(ran.err.find("run.toml:4:10: error: train.epochs must be a whole number"), std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find("run.toml:6:1: error: unknown key 'learnign_rate' in [optimizer]; did you mean "
                         "'learning_rate'?"),
            std::string::npos)
      << ran.err;
  EXPECT_NE(ran.err.find("2 errors; nothing was run."), std::string::npos) << ran.err;
}

TEST(CommandLine, TellsDataFromConfigFromRuntimeErrors) {
  const TemporaryFolder folder;
  folder.write("c.toml", "[data]\npath = 'd.csv'\n");
  EXPECT_EQ(run_program({"train", "none.toml"}, folder.path()).code, 2);
  const Ran missing = run_program({"train", "c.toml"}, folder.path());
  EXPECT_EQ(missing.code, 3) << missing.err;
  EXPECT_NE(missing.err.find("d.csv"), std::string::npos);
  folder.write("d.csv", "a,b\n1,2\n3\n");
  EXPECT_EQ(run_program({"train", "c.toml"}, folder.path()).code, 3);
  EXPECT_EQ(run_program({"inspect", "d.csv"}, folder.path()).code, 3);
  EXPECT_EQ(run_program({"inspect", "nothing"}, folder.path()).code, 1);
  EXPECT_EQ(run_program({"generate", "mons"}, folder.path()).code, 2);
}

TEST(CommandLine, ConfigInitWritesAFileThatLoadsAndNeverOverwrites) {
  const TemporaryFolder folder;
  EXPECT_EQ(run_program({"config", "init", "new.toml"}, folder.path()).code, 0);
  const Ran check = run_program({"config", "check", "new.toml"}, folder.path());
  EXPECT_EQ(check.code, 0) << check.err;
  EXPECT_EQ(check.out, "ok\n");
  EXPECT_EQ(run_program({"config", "init", "new.toml"}, folder.path()).code, 2);
}

TEST(CommandLine, ConfigShowGivesAFileWithTheSameMeaning) {
  const std::string iris = DESCENT_SOURCE_DIR "/examples/iris.toml";
  const Ran shown = run_program({"config", "show", iris, "-s", "train.epochs=9"});
  ASSERT_EQ(shown.code, 0) << shown.err;
  EXPECT_NE(shown.out.find("epochs = 9"), std::string::npos);
  const Ran again = run_program({"config", "show", "-"}, ".", shown.out);
  EXPECT_EQ(again.out, shown.out) << again.err;
}

TEST(CommandLine, NamesOfRunsCannotLeaveTheirFolder) {
  const TemporaryFolder folder;
  for (const char* name : {"../out", "/tmp/out", "a/b", "..", "x\\u0000y"}) {
    const Ran ran =
        run_program({"train", "-", "--quiet"}, folder.path(),
                    std::string("[run]\nname = \"") + name + "\"\n[data]\ngenerator = 'xor'\n[train]\nepochs = 1\n");
    EXPECT_EQ(ran.code, 2) << name << ran.err;
  }
  const Ran ran =
      run_program({"train", "-", "--quiet"}, folder.path(),
                  "[run]\nname = \"" + std::string(5000, 'x') + "\"\n[data]\ngenerator = 'xor'\n[train]\nepochs = 1\n");
  EXPECT_NE(ran.code, 0);
}

}  // namespace
}  // namespace descent
