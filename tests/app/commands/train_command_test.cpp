// Training as a person does it: the shipped configs through the program.

#include "tests/support/program.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <sstream>

namespace descent {
namespace {

using nlohmann::json;
using test::Ran;
using test::run_program;
using test::TemporaryFolder;

std::string example(const std::string& name) { return DESCENT_SOURCE_DIR "/examples/" + name; }

std::vector<std::string> join(std::vector<std::string> a, const std::vector<std::string>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

json train_quietly(const std::string& config, const std::vector<std::string>& more = {}) {
  const Ran ran = run_program(join({"train", example(config), "--json", "--quiet", "--no-save"}, more));
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.err.find("epoch"), std::string::npos) << ran.err;
  return json::parse(ran.out);
}

TEST(Train, LearnsIrisFromItsConfig) {
  double sum = 0;
  for (int seed = 0; seed < 10; ++seed)
    sum += train_quietly("iris.toml", {"--seed", std::to_string(seed)})["test"]["accuracy"].get<double>();
  EXPECT_GE(sum / 10, 0.95);
}

TEST(Train, LearnsDigitsWithinFifteenEpochsFromEverySeed) {
  for (int seed = 0; seed < 10; ++seed) {
    const json result = train_quietly("digits.toml", {"--seed", std::to_string(seed)});
    EXPECT_LE(result["epochs"], 15);
    EXPECT_GE(result["test"]["accuracy"], 0.956) << "seed " << seed;
  }
}

TEST(Train, LearnsXor) {
  const json result = train_quietly("xor.toml");
  EXPECT_EQ(result["reason"], "target_reached");
  EXPECT_LE(result["train"]["loss"], 1e-3);
  EXPECT_EQ(result["train"]["accuracy"], 1);
}

TEST(Train, FitsASine) {
  const json result = train_quietly("sine.toml");
  EXPECT_GE(result["test"]["r2"], 0.99);
  EXPECT_LE(result["test"]["rmse"], 0.05);
}

TEST(Train, GivesTheSameWeightsEverywhere) {
  const TemporaryFolder folder;
  const std::vector<std::string> command = {"train", example("iris.toml"), "--json", "--quiet", "--no-save"};
  const json here = json::parse(run_program(command).out);
  const std::vector<std::vector<std::string>> kEnvironments = {{"OPENBLAS_NUM_THREADS=1"},
                                                               {"OPENBLAS_NUM_THREADS=2"},
                                                               {"OMP_NUM_THREADS=2"},
                                                               {"TZ=Asia/Tokyo"},
                                                               {"LC_ALL=de_DE.UTF-8"},
                                                               {"LC_NUMERIC=tr_TR"},
                                                               {"LANG=C"},
                                                               {"COLUMNS=20"}};
  for (const auto& environment : kEnvironments) {
    const json there = json::parse(run_program(command, folder.path(), "", environment).out);
    EXPECT_EQ(here["weights_hash"], there["weights_hash"]) << environment.front();
    EXPECT_EQ(here["test"], there["test"]) << environment.front();
  }
  EXPECT_NE(here["weights_hash"], train_quietly("iris.toml", {"--seed", "2"})["weights_hash"]);
}

TEST(Train, TakesTheInstructionsThatAreAskedFor) {
  const auto train = [](const std::string& instructions) {
    return run_program({"train", example("iris.toml"), "--json", "--quiet", "--no-save"}, ".", "",
                       {"DESCENT_SIMD=" + instructions});
  };
  const Ran plain = train("baseline");
  ASSERT_EQ(plain.code, 0) << plain.err;
  EXPECT_GE(json::parse(plain.out)["test"]["accuracy"], 0.9);
  const Ran unknown = train("mmx");
  EXPECT_EQ(unknown.code, 2);
  EXPECT_NE(unknown.err.find("DESCENT_SIMD=mmx: this processor has "), std::string::npos) << unknown.err;
  EXPECT_NE(unknown.err.find("baseline"), std::string::npos) << unknown.err;
}

TEST(Train, KeepsARecordThatTrainsAgain) {
  const TemporaryFolder folder;
  const Ran ran = run_program({"train", example("sine.toml"), "--json", "--set", "train.epochs=7"}, folder.path());
  ASSERT_EQ(ran.code, 0) << ran.err;
  const json result = json::parse(ran.out);
  const std::string run = folder.file(result["run"]);
  EXPECT_TRUE(result["run"].get<std::string>().starts_with("runs/"));
  EXPECT_EQ(json::parse(test::read_text(run + "/result.json"))["weights_hash"], result["weights_hash"]);

  const Ran again = run_program({"train", run + "/config.toml", "--json", "-q", "--no-save"});
  EXPECT_EQ(json::parse(again.out)["weights_hash"], result["weights_hash"]) << again.err;
}

TEST(Train, WritesARowAnEpochIntoTheMetricsFiles) {
  const TemporaryFolder folder;
  const Ran ran = run_program({"train", example("sine.toml"), "--json", "--set", "train.epochs=7"}, folder.path());
  const std::string run = folder.file(json::parse(ran.out)["run"]);

  std::istringstream csv(test::read_text(run + "/metrics.csv"));
  std::string line;
  std::getline(csv, line);
  EXPECT_EQ(line,
            "epoch,step,time_s,lr,lr_times_batch,train_loss,train_loss_per_row,grad_norm,val_loss,val_r2,val_rmse,"
            "val_mae");
  std::istringstream lines(test::read_text(run + "/metrics.jsonl"));
  std::string text;
  std::getline(lines, text);
  EXPECT_EQ(json::parse(text)["event"], "start");
  for (int epoch = 1; epoch <= 7; ++epoch) {
    ASSERT_TRUE(std::getline(csv, line) && std::getline(lines, text));
    const json row = json::parse(text);
    EXPECT_EQ(row["event"], "epoch");
    EXPECT_EQ(row["epoch"], epoch);
    EXPECT_TRUE(line.starts_with(std::to_string(epoch) + ","));
    EXPECT_NE(line.find("," + row["train_loss"].dump() + ","), std::string::npos) << line;
  }
  EXPECT_EQ(json::parse((std::getline(lines, text), text))["event"], "end");
  EXPECT_FALSE(std::getline(csv, line));
}

std::vector<std::string> columns_of(const std::string& run) {
  std::istringstream csv(test::read_text(run + "/metrics.csv"));
  std::string header, cell;
  std::getline(csv, header);
  std::istringstream cells(header);
  std::vector<std::string> columns;
  while (std::getline(cells, cell, ',')) columns.push_back(cell);
  return columns;
}

TEST(Train, HasNoColumnTwiceWhenATrainingMetricIsMonitored) {
  const TemporaryFolder folder;
  const Ran ran = run_program({"train", example("iris.toml"), "--json", "-q", "--set", "early_stopping.patience=3",
                               "--set", "early_stopping.monitor=accuracy"},
                              folder.path());
  const json result = json::parse(ran.out);
  std::vector<std::string> columns = columns_of(folder.file(result["run"]));
  EXPECT_EQ(columns.back(), "train_accuracy");
  std::sort(columns.begin(), columns.end());
  EXPECT_EQ(std::adjacent_find(columns.begin(), columns.end()), columns.end());
}

TEST(Train, NeverCallsTheRunningSumTheLoss) {
  const TemporaryFolder folder;
  const Ran ran = run_program({"train", example("iris.toml"), "--set", "log.loss=running"}, folder.path());
  EXPECT_NE(ran.err.find("running L"), std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find("not L(w) at its end"), std::string::npos) << ran.err;
  for (const auto& run : std::filesystem::directory_iterator(folder.file("runs"))) {
    const std::vector<std::string> columns = columns_of(run.path());
    EXPECT_EQ(std::count(columns.begin(), columns.end(), "running_loss"), 1);
    EXPECT_EQ(std::count(columns.begin(), columns.end(), "train_loss"), 0);
  }
}

TEST(Train, GivesThePenaltyThatItsLossHolds) {
  const TemporaryFolder folder;
  const Ran ran =
      run_program({"train", example("iris.toml"), "--json", "--set", "train.l2=0.5", "--set", "run.precision=float64"},
                  folder.path());
  EXPECT_NE(ran.err.find("½ · 0.5 · ‖W‖² is part of L(w)"), std::string::npos) << ran.err;
  const json result = json::parse(ran.out);
  std::istringstream lines(test::read_text(folder.file(result["run"]) + "/metrics.jsonl"));
  double logged = 0;
  for (std::string line; std::getline(lines, line);) logged = json::parse(line).value("train_loss", logged);
  const double penalty = result["l2_penalty"], loss = result["train"]["loss"];
  EXPECT_GT(penalty, 1);
  EXPECT_NEAR(logged, loss + penalty, 1e-12 * logged);
}

TEST(Train, KeepsItsOutcomeInTheLogWhateverIsPrinted) {
  const TemporaryFolder folder;
  const Ran ran = run_program({"train", example("xor.toml"), "--json"}, folder.path());
  const json result = json::parse(ran.out);
  EXPECT_NE(ran.err.find("converged: reached the loss target"), std::string::npos) << ran.err;
  const std::string log = test::read_text(folder.file(result["run"]) + "/train.log");
  EXPECT_NE(log.find(result["sentence"]), std::string::npos) << log;
  EXPECT_NE(log.find("train            4 rows"), std::string::npos) << log;
}

TEST(Train, CallsItselfTheSameWhenTrainedAgainFromItsFolder) {
  const TemporaryFolder folder;
  const Ran ran = run_program({"train", example("xor.toml"), "--json", "-q"}, folder.path());
  const std::string config = folder.file(json::parse(ran.out)["run"]) + "/config.toml";
  EXPECT_NE(test::read_text(config).find("name = \"xor\""), std::string::npos);
}

TEST(Train, EndsAndKeepsTheModelWhenNobodyReadsItsLog) {
  const TemporaryFolder folder;
  const std::string command = std::string(DESCENT_PROGRAM) + " train " + example("iris.toml") +
                              " --set train.epochs=100000000 2>&1 | head -1 >/dev/null";
  ASSERT_EQ(std::system(("cd '" + folder.path() + "' && " + command).c_str()), 0);
  for (const auto& run : std::filesystem::directory_iterator(folder.file("runs"))) {
    EXPECT_EQ(json::parse(test::read_text(run.path() / "result.json"))["status"], "interrupted");
    EXPECT_TRUE(std::filesystem::exists(run.path() / "model.safetensors"));
  }
}

TEST(Train, RefusesAFigureThatTheRunDoesNotHave) {
  const Ran ran = run_program({"train", example("xor.toml"), "--no-save", "--set", "early_stopping.patience=3", "--set",
                               "early_stopping.monitor=rmse"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_NE(ran.err.find("error: early_stopping.monitor = \"rmse\" is no figure of this run, which has loss, accuracy, "
                         "balanced_accuracy, f1\n"),
            std::string::npos)
      << ran.err;
  // A monitor that nothing looks at is no mistake.
  EXPECT_EQ(run_program({"train", example("xor.toml"), "--no-save", "--set", "schedule.monitor=rmse"}).code, 0);
  const TemporaryFolder folder;
  const Ran kept = run_program(
      {"train", example("iris.toml"), "--set", "early_stopping.monitor=rmse", "--set", "early_stopping.patience=0"},
      folder.path());
  EXPECT_EQ(kept.code, 0) << kept.err;
}

TEST(Train, SaysInTheWordsOfTheConfigWhatAToleranceNeeds) {
  const Ran ran = run_program({"train", example("iris.toml"), "--no-save", "--set", "train.gradient_tolerance=1",
                               "--set", "log.gradient_norm=false"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_NE(ran.err.find("set log.loss = \"exact\" and log.gradient_norm = true, or train.batch_size = \"full\""),
            std::string::npos)
      << ran.err;
}

TEST(Train, LogsOneLineAnEpochWithoutColourIntoAPipe) {
  const Ran ran = run_program({"train", example("iris.toml"), "--no-save", "--set", "train.epochs=5"});
  EXPECT_EQ(ran.err.find('\x1b'), std::string::npos);
  for (int epoch = 1; epoch <= 5; ++epoch)
    EXPECT_NE(ran.err.find("\n    " + std::to_string(epoch) + " "), std::string::npos) << epoch << '\n' << ran.err;
  EXPECT_NE(ran.out.find("accuracy"), std::string::npos);
}

TEST(Train, ColoursOnlyWhenAsked) {
  const std::vector<std::string> command = {"train", example("xor.toml"), "--no-save"};
  const auto coloured = [&](std::vector<std::string> more, const std::vector<std::string>& environment) {
    return run_program(join(command, more), ".", "", environment).err.find('\x1b') != std::string::npos;
  };
  EXPECT_TRUE(coloured({"--color", "always"}, {"NO_COLOR=1"}));
  EXPECT_TRUE(coloured({}, {"FORCE_COLOR=1"}));
  EXPECT_FALSE(coloured({}, {"FORCE_COLOR=1", "NO_COLOR=1"}));
  EXPECT_FALSE(coloured({"--color", "never"}, {"FORCE_COLOR=1"}));
}

TEST(Train, StopsInTheStepThatDiverges) {
  const TemporaryFolder folder;
  const Ran ran = run_program({"train", example("sine.toml"), "--json", "--set", "optimizer.name=steepest", "--set",
                               "optimizer.learning_rate=1e6"},
                              folder.path());
  EXPECT_EQ(ran.code, 4);
  const json result = json::parse(ran.out);
  EXPECT_EQ(result["status"], "diverged");
  EXPECT_NE(ran.err.find("\nwarning: diverged in epoch 1"), std::string::npos) << ran.err;
  EXPECT_NE(result["sentence"].get<std::string>().find("epoch 1"), std::string::npos);
  EXPECT_NE(result["sentence"].get<std::string>().find("of data row"), std::string::npos) << result["sentence"];
  // The weights kept are finite: the model loads and predicts.
  const Ran inspected = run_program({"inspect", folder.file(result["run"]), "--json"});
  EXPECT_EQ(json::parse(inspected.out)["weights_hash"], result["weights_hash"]) << inspected.err;
}

TEST(Train, SaysWhenTheLossTargetWasNotReached) {
  const Ran ran = run_program({"train", example("xor.toml"), "--no-save", "-q", "--set", "train.epochs=3"});
  EXPECT_EQ(ran.code, 5);
  EXPECT_NE(ran.err.find("the loss target 0.001 was not reached"), std::string::npos) << ran.err;
}

TEST(Train, KeepsTheModelWhenInterrupted) {
  const TemporaryFolder folder;
  const std::string config = folder.write("long.toml",
                                          "[data]\ngenerator = 'moons'\n[train]\nepochs = 100000000\n"
                                          "[log]\nevery = 100000\n");
  const Ran ran = test::interrupt_training({"train", config, "--json"}, folder.path(), SIGINT);
  EXPECT_EQ(ran.code, 130) << ran.err;
  const json result = json::parse(ran.out);
  EXPECT_EQ(result["status"], "interrupted");
  EXPECT_TRUE(std::filesystem::exists(folder.file(result["run"].get<std::string>() + "/model.safetensors")));
}

TEST(Train, ReadsItsConfigFromStandardInput) {
  const Ran ran = run_program({"train", "-", "--json", "-q", "--no-save"}, ".", "[data]\ngenerator = \"moons\"\n");
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_GE(json::parse(ran.out)["train"]["rows"], 200);
}

TEST(Train, ShowsTheFigureThatIsWatched) {
  const auto heading = [](const std::vector<std::string>& more) {
    const Ran ran = run_program(join(
        {"train", example("iris.toml"), "--no-save", "-s", "data.validation_split=0.2", "-s", "train.epochs=3"}, more));
    const std::size_t at = ran.err.find("epoch ");
    return ran.err.substr(at, ran.err.find('\n', at) - at);
  };
  const std::string f1 = "early_stopping.monitor=val_f1", balanced = "schedule.monitor=val_balanced_accuracy";
  EXPECT_NE(heading({}).find(" val acc "), std::string::npos);
  EXPECT_NE(heading({"-s", f1, "-s", "early_stopping.patience=2"}).find(" val f1 "), std::string::npos);
  EXPECT_NE(heading({"-s", balanced, "-s", "schedule.name=reduce_on_plateau"}).find(" val bal "), std::string::npos);
  EXPECT_NE(heading({"-s", "early_stopping.patience=2"}).find(" val acc "), std::string::npos);
}

TEST(Train, SaysWhatBecameOfMissingCells) {
  const TemporaryFolder folder;
  std::string text = "a,b,y\n";
  for (int i = 0; i < 40; ++i)
    text += (i % 8 == 0 ? "" : std::to_string(i)) + "," + (i % 10 == 0 ? "NA" : "2." + std::to_string(i)) + "," +
            std::to_string(i) + ".5\n";
  const std::string data = "[data]\npath = \"" + folder.write("d.csv", text) + "\"\ntest_split = 0.2\nmissing = ";
  const auto first_line = [&](const std::string& missing) {
    const Ran ran = run_program({"train", "-", "--no-save"}, folder.path(), data + missing);
    return ran.err.substr(0, ran.err.find('\n'));
  };
  EXPECT_TRUE(first_line("\"drop_row\"").ends_with(": 26 rows train, 6 test; 8 left out, as cells are missing"))
      << first_line("\"drop_row\"");
  EXPECT_TRUE(first_line("\"mean\"").ends_with(": 32 rows train, 8 test; 9 missing cells filled with the mean"))
      << first_line("\"mean\"");
  const Ran trained = run_program({"train", "-", "-q"}, folder.path(), "[run]\nname = \"r\"\n" + data + "\"drop_row\"");
  ASSERT_EQ(trained.code, 0) << trained.err;
  for (const auto& entry : std::filesystem::directory_iterator(folder.file("runs")))
    EXPECT_EQ(run_program({"evaluate", entry.path(), folder.file("d.csv")}).err,
              "note: 8 of 40 rows are left out, as cells are missing\n");
}

TEST(Train, ShowsFiguresOfAnySize) {
  const TemporaryFolder folder;
  for (const auto& [unit, shown] : {std::pair("e-9", "e-09"), {"e8", "e+08"}, {"e2", "."}}) {
    std::string text = "x,y\n";
    for (int i = 0; i < 40; ++i) text += std::to_string(i) + "," + std::to_string(i % 5) + unit + "\n";
    const Ran ran = run_program({"train", "-", "--no-save", "-q"}, folder.path(),
                                "[data]\npath = \"" + folder.write("d.csv", text) + "\"\n[train]\nepochs = 3\n");
    const std::size_t at = ran.out.find("rmse ");
    ASSERT_NE(at, std::string::npos) << ran.err;
    EXPECT_NE(ran.out.find(shown, at), std::string::npos) << ran.out;
    EXPECT_EQ(ran.out.find("rmse 0.0000"), std::string::npos);
    EXPECT_LT(ran.out.size() - at, 20u) << ran.out;
  }
}

TEST(Train, ChoosesTheLossByTheTarget) {
  const auto trained = [](const std::string& data) {
    return run_program({"train", "-", "--json", "-q", "--no-save", "--set", "train.epochs=1"}, ".", data);
  };
  const Ran binary = trained("[data]\ngenerator = 'spirals'\n");
  EXPECT_TRUE(json::parse(binary.out)["train"].contains("accuracy")) << binary.out;
  const Ran numbers = trained("[data]\ngenerator = 'sine'\n");
  EXPECT_TRUE(json::parse(numbers.out)["train"].contains("r2")) << numbers.out;
  const Ran digits = trained("[data]\npath = '" DESCENT_SOURCE_DIR "/datasets/digits.csv.gz'\n");
  EXPECT_TRUE(json::parse(digits.out)["train"].contains("r2"));
  EXPECT_NE(digits.err.find("target 'digit' holds 10 whole numbers and is learnt as a quantity; if they name classes, "
                            "set train.loss = \"cross_entropy\""),
            std::string::npos)
      << digits.err;
}

TEST(Train, SurvivesUnluckyNames) {
  const TemporaryFolder folder;
  const std::string name = "a b'\"$(x)\n;\xC3\xA9.toml";
  folder.write("-data \".csv", "x,y\n1,2\n2,4\n3,6\n");
  folder.write(name, "[data]\npath = '-data \".csv'\n[train]\nepochs = 2\n");
  const Ran ran = run_program({"train", name, "--json"}, folder.path());
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_TRUE(std::filesystem::exists(folder.file(json::parse(ran.out)["run"])));
}

TEST(Train, RefusesAFolderItCannotWrite) {
  const TemporaryFolder folder;
  folder.write("file", "");
  const Ran ran = run_program({"train", example("xor.toml"), "--set", "run.out_dir=file/runs"}, folder.path());
  EXPECT_EQ(ran.code, 1);
  EXPECT_NE(ran.err.find("cannot make the folder 'file/runs'"), std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find("run.out_dir"), std::string::npos) << ran.err;
}

}  // namespace
}  // namespace descent
