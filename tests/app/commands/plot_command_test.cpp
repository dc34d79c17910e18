// descent plot, watch and report as a person calls them.

#include "tests/support/program.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

namespace descent {
namespace {

using test::Ran;
using test::read_text;
using test::run_program;
using test::TemporaryFolder;
namespace fs = std::filesystem;

std::string example(const std::string& name) { return DESCENT_SOURCE_DIR "/examples/" + name; }

// The folder of a run of an example, with a few settings changed.
std::string trained(const TemporaryFolder& folder, const std::string& config, std::vector<std::string> settings = {}) {
  const std::string out =
      folder.file("runs" + std::to_string(std::distance(fs::directory_iterator(folder.path()), {})));
  std::vector<std::string> arguments{"train", example(config), "-q", "--set", "run.out_dir=" + out};
  for (const std::string& setting : settings) arguments.insert(arguments.end(), {"--set", setting});
  const Ran ran = run_program(arguments, folder.path());
  EXPECT_TRUE(ran.code == 0 || ran.code == 5) << ran.err;  // 5: short of the loss target
  return fs::directory_iterator(out)->path().string();
}

TEST(PlotCommand, DrawsOneRunAndSeveral) {
  const TemporaryFolder folder;
  const std::string a = trained(folder, "sine.toml", {"train.epochs=30"});
  const std::string b = trained(folder, "sine.toml", {"train.epochs=30", "optimizer.learning_rate=0.02"});
  const Ran ran = run_program({"plot", a, b, "-o", "several.svg"}, folder.path());
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out, "");
  const std::string svg = read_text(folder.file("several.svg"));
  for (const char* text : {"learning_rate 0.01", "learning_rate 0.02", "validation", "best epoch", "(log)"})
    EXPECT_NE(svg.find(text), std::string::npos) << text;
  EXPECT_EQ(svg.find("out_dir"), std::string::npos);
  for (const char* file : {"one.png", "one.pdf", "one.gp"}) {
    EXPECT_EQ(run_program({"plot", a, "-q", "-o", file, "--y", "loss,lr"}, folder.path()).code, 0);
    EXPECT_GT(fs::file_size(folder.file(file)), 1000u) << file;
  }
}

TEST(PlotCommand, DrawsInTheTerminalWithoutAFile) {
  const TemporaryFolder folder;
  const std::string run = trained(folder, "iris.toml");
  const Ran ran = run_program({"plot", run}, folder.path(), "", {"COLUMNS=60"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_NE(ran.out.find("loss per row, L/N"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("⠤"), std::string::npos);
  EXPECT_EQ(ran.out.find('\x1b'), std::string::npos);
  std::istringstream lines(ran.out);
  for (std::string line; std::getline(lines, line);) {
    std::size_t shown = 0;
    for (const char c : line) shown += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    EXPECT_LE(shown, 60u) << line;
  }
}

TEST(PlotCommand, DrawsInAThousandColumnsAtMost) {
  const TemporaryFolder folder;
  const Ran ran = run_program({"plot", trained(folder, "iris.toml")}, folder.path(), "", {"COLUMNS=100000000000000"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_GT(ran.out.size(), 1000u);
  EXPECT_LT(ran.out.size(), 1000000u);
}

TEST(PlotCommand, ShowsWhatAModelDoes) {
  const TemporaryFolder folder;
  const std::string iris = trained(folder, "iris.toml"), sine = trained(folder, "sine.toml", {"train.epochs=30"});
  const std::string moons = trained(folder, "xor.toml", {"data.generator=moons", "data.rows=80", "train.epochs=20"});
  const auto drawn = [&](const std::string& run, const std::string& view, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"plot", run, "--" + view, "-q", "-o", view + ".svg"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Ran ran = run_program(arguments, folder.path());
    EXPECT_EQ(ran.err, "") << view;
    return read_text(folder.file(view + ".svg"));
  };
  EXPECT_NE(drawn(iris, "confusion").find("of the 30 test rows are right"), std::string::npos);
  EXPECT_NE(drawn(iris, "confusion", {"--rows", "train"}).find("of the 120 training rows"), std::string::npos);
  EXPECT_NE(drawn(moons, "decision").find("x2"), std::string::npos);
  EXPECT_NE(drawn(sine, "predicted").find("predicted y"), std::string::npos);
  EXPECT_NE(drawn(sine, "fitted").find("the network"), std::string::npos);
}

TEST(PlotCommand, RefusesWhatDoesNotFitWithTheRemedy) {
  const TemporaryFolder folder;
  const std::string run = trained(folder, "iris.toml", {"train.epochs=3"});
  const auto refusal = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "plot");
    const Ran ran = run_program(arguments, folder.path());
    EXPECT_EQ(ran.code, 2) << ran.out;
    return ran.err;
  };
  EXPECT_EQ(refusal({run, "--fitted", "-o", "a.svg"}),
            "error: --fitted needs one target of numbers and one input, a number, which the model in '" + run +
                "' has not; what suits it: --confusion\n");
  EXPECT_EQ(refusal({run, "--confusion"}),
            "error: --confusion draws a picture into a file; say which: -o confusion.svg\n");
  EXPECT_EQ(refusal({run, run, "--confusion", "-o", "a.svg"}),
            "error: --confusion shows one run at a time, and there are 2\n");
  EXPECT_EQ(refusal({run, "-o", "a.jpg"}),
            "error: 'a.jpg': the ending of a picture says its kind; expected one of .svg, .png, .pdf, .gp\n");
  EXPECT_EQ(refusal({run, "--rows", "test"}),
            "error: --rows goes with --confusion, --decision, --predicted or --fitted\n");
  EXPECT_EQ(refusal({run, "--confusion", "--rows", "validation", "-o", "a.svg"}),
            "error: the run in '" + run + "' had no validation rows\n");
}

TEST(PlotCommand, SaysWhenTheDataHaveChanged) {
  const TemporaryFolder folder;
  const std::string run = trained(folder, "iris.toml", {"train.epochs=3"});
  std::string split = read_text(run + "/split.json");
  split.replace(split.find("\"train\":[") + 9, 0, "149,");
  std::ofstream(run + "/split.json") << split;
  const Ran ran = run_program({"plot", run, "--confusion", "-o", "a.svg"}, folder.path());
  EXPECT_EQ(ran.code, 3);
  EXPECT_NE(ran.err.find("these are not the data the run in"), std::string::npos) << ran.err;
  const Ran report = run_program({"report", run, "-o", "a.html"}, folder.path());
  EXPECT_EQ(report.code, 0);
  EXPECT_NE(report.err.find("note: what the model does is not shown"), std::string::npos) << report.err;
}

TEST(WatchCommand, FollowsARunToItsEnd) {
  const TemporaryFolder folder;
  const std::string path = folder.write("metrics.jsonl", "{\"event\":\"start\",\"n_train\":10}\n");
  folder.write("config.toml", "[train]\nepochs = 3\n");
  std::thread writer([&] {
    const auto add = [&](const std::string& text) {
      std::this_thread::sleep_for(std::chrono::milliseconds(150));
      std::ofstream(path, std::ios::app) << text;
    };
    add("{\"event\":\"epoch\",\"epoch\":1,\"train_loss\":50,\"sharpness\":null}\n{\"event\":\"epoch\",\"ep");
    add("och\":2,\"train_loss\":null,\"sharpness\":4}\n");
    add("{\"event\":\"epoch\",\"epoch\":3,\"train_loss\":20}\n{\"event\":\"end\",\"sentence\":\"it is over\"}\n");
  });
  const Ran ran = run_program({"watch", folder.path()});
  writer.join();
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out, "epoch 1/3  L/N 5\nepoch 2/3  L/N nan  sharpness 4\nepoch 3/3  L/N 2\nit is over\n");
}

TEST(WatchCommand, CallsTheFiguresOfAFormulaByTheirNames) {
  const TemporaryFolder folder;
  folder.write("metrics.jsonl",
               "{\"event\":\"start\",\"formula\":\"x^2\"}\n"
               "{\"event\":\"epoch\",\"epoch\":1,\"train_loss\":4,\"grad_norm\":2}\n"
               "{\"event\":\"end\",\"sentence\":\"it is over\"}\n");
  EXPECT_EQ(run_program({"watch", folder.path()}).out, "epoch 1  f 4  ‖∇f‖ 2\nit is over\n");
}

TEST(ReportCommand, WritesBesideTheRunOrWhereItIsTold) {
  const TemporaryFolder folder;
  const std::string run = trained(folder, "iris.toml", {"train.epochs=3"});
  EXPECT_EQ(run_program({"report", run}, folder.path()).err, "wrote " + run + "/report.html\n");
  const std::string page = read_text(run + "/report.html");
  EXPECT_EQ(run_program({"report", run, "-o", "-"}, folder.path()).out, page);
  EXPECT_TRUE(page.starts_with("<!DOCTYPE html>"));
  const Ran none = run_program({"report", folder.path()}, folder.path());
  EXPECT_EQ(none.code, 2);
  EXPECT_NE(none.err.find("is not the folder of a run"), std::string::npos);
}

}  // namespace
}  // namespace descent
