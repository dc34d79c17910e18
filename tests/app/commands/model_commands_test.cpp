// What a person does with a trained model.

#include "datasets/csv.hpp"
#include "tests/support/program.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace descent {
namespace {

using nlohmann::json;
using test::Ran;
using test::run_program;
using test::TemporaryFolder;

const std::string kIris = DESCENT_SOURCE_DIR "/datasets/iris.csv";

struct Trained {
  TemporaryFolder folder;
  json result;
  std::string run;

  explicit Trained(const std::vector<std::string>& more = {}, const std::string& config = "examples/iris.toml") {
    std::vector<std::string> command = {"train", DESCENT_SOURCE_DIR "/" + config, "--json", "--quiet",
                                        "--set", "data.validation_split=0.2"};
    command.insert(command.end(), more.begin(), more.end());
    const Ran ran = run_program(command, folder.path());
    EXPECT_EQ(ran.code, 0) << ran.err;
    result = json::parse(ran.out);
    run = folder.file(result["run"]);
  }
};

// What evaluate prints, but for what it has of each class or target.
json figures_in(const std::string& text) {
  json figures = json::parse(text);
  figures.erase("per_class"), figures.erase("per_target");
  return figures;
}

TEST(Evaluate, ReproducesTheFiguresOfTrainingExactly) {
  for (const char* precision : {"float32", "float64"}) {
    const Trained trained({"--set", std::string("run.precision=") + precision});
    for (const char* part : {"train", "validation", "test"}) {
      const Ran ran = run_program({"evaluate", trained.run, kIris, "--rows", part, "--json"});
      ASSERT_EQ(ran.code, 0) << ran.err;
      EXPECT_EQ(figures_in(ran.out), trained.result[part]) << part;
    }
  }
}

TEST(Evaluate, TellsOfEachClass) {
  const Trained trained;
  const Ran ran = run_program({"evaluate", trained.run, kIris, "--rows", "test"});
  const json result = json::parse(run_program({"evaluate", trained.run, kIris, "--rows", "test", "--json"}).out);
  ASSERT_EQ(result["per_class"].size(), 3u) << result;
  double recall = 0, f1 = 0;
  for (std::size_t c = 0; c < 3; ++c) {
    const json& figures = result["per_class"][c];
    EXPECT_EQ(figures["rows"], 10);
    EXPECT_EQ(figures["recall"], result["confusion"][c][c].get<double>() / 10);
    EXPECT_GE(figures["auc"], 0.9);
    recall += figures["recall"].get<double>() / 3, f1 += figures["f1"].get<double>() / 3;
    EXPECT_NE(ran.out.find(fmt::format("\n{:>12}      10", figures["class"].get<std::string>())), std::string::npos)
        << ran.out;
  }
  EXPECT_DOUBLE_EQ(recall, result["balanced_accuracy"]);
  EXPECT_DOUBLE_EQ(f1, result["f1"]);
  EXPECT_NE(ran.out.find("       class    rows  precision     recall         f1        auc\n"), std::string::npos)
      << ran.out;
}

TEST(Evaluate, TellsOfEachTarget) {
  const TemporaryFolder data;
  std::string text = "x,länge,y\n";
  for (int i = 0; i < 40; ++i) text += fmt::format("{},{},{}\n", i, 1000 + 3 * i, i * i % 7);
  const Trained trained({"--set", "data.path=" + data.write("d.csv", text), "--set", "data.target=[\"länge\", \"y\"]",
                         "--set", "train.loss=squared_error"});
  const json result = json::parse(run_program({"evaluate", trained.run, data.file("d.csv"), "--json"}).out);
  ASSERT_EQ(result["per_target"].size(), 2u) << result;
  EXPECT_EQ(result["per_target"][0]["target"], "länge");
  EXPECT_DOUBLE_EQ((result["per_target"][0]["r2"].get<double>() + result["per_target"][1]["r2"].get<double>()) / 2,
                   result["r2"]);
  const Ran ran = run_program({"evaluate", trained.run, data.file("d.csv")});
  EXPECT_NE(ran.out.find("\n  target         r2       rmse        mae\n   länge "), std::string::npos) << ran.out;
}

TEST(Evaluate, SaysWhatIsMissing) {
  const Trained trained;
  const TemporaryFolder elsewhere;
  std::filesystem::copy_file(trained.run + "/model.safetensors", elsewhere.file("m.safetensors"));
  const Ran alone = run_program({"evaluate", "m.safetensors", kIris, "--rows", "test"}, elsewhere.path());
  EXPECT_EQ(alone.code, 2);
  EXPECT_EQ(alone.err,
            "error: --rows test needs the split.json of the run beside the model, but there is no 'split.json'\n");
  const Ran folder = run_program({"inspect", "."}, elsewhere.path());
  EXPECT_EQ(folder.code, 1);
  EXPECT_EQ(folder.err, "error: no model.safetensors in '.'; expected a model file or the folder of a finished run\n");
}

TEST(Evaluate, ReproducesTheFiguresOnATestFile) {
  const TemporaryFolder data;
  std::istringstream lines(test::read_text(kIris));
  std::ofstream train(data.file("train.csv")), test(data.file("test.csv"));
  std::string line;
  for (int row = 0; std::getline(lines, line); ++row) {
    if (row == 0 || row % 4 != 0) train << line << '\n';
    if (row == 0 || row % 4 == 0) test << line << '\n';
  }
  train.close(), test.close();
  const Trained trained({"--set", "data.path=" + data.file("train.csv"), "--set", "data.test_split=0", "--set",
                         "data.test_path=" + data.file("test.csv")});
  const Ran ran = run_program({"evaluate", trained.run + "/model.safetensors", data.file("test.csv"), "--json"});
  EXPECT_EQ(figures_in(ran.out), trained.result["test"]);
}

TEST(Predict, GivesTheAnswersThatEvaluateCounts) {
  const Trained trained;
  const Ran ran = run_program({"predict", trained.run, kIris});
  ASSERT_EQ(ran.code, 0) << ran.err;
  const Table answers = parse_csv(ran.out, "<predictions>");
  const Table truth = read_csv(kIris);
  ASSERT_EQ(answers.rows(), truth.rows());
  EXPECT_EQ(answers.columns.front().name, "prediction");
  EXPECT_EQ(answers.columns[1].name, "probability_setosa");
  std::size_t right = 0;
  for (std::size_t row = 0; row < truth.rows(); ++row) {
    const Column& predicted = answers.columns.front();
    const Column& species = truth.column("species");
    right += predicted.categories[predicted.codes[row]] == species.categories[species.codes[row]];
    double sum = 0;
    for (std::size_t c = 1; c < answers.columns.size(); ++c) sum += answers.columns[c].numbers[row];
    EXPECT_NEAR(sum, 1, 1e-6);
  }
  const json all = json::parse(run_program({"evaluate", trained.run, kIris, "--json"}).out);
  EXPECT_DOUBLE_EQ(static_cast<double>(right) / static_cast<double>(truth.rows()), all["accuracy"]);
}

TEST(Predict, NeedsNoTargetsAndTakesColumnsInAnyOrder) {
  const Trained trained;
  const std::string shuffled = "note,petal_width,petal_length,sepal_width,sepal_length\nhello,0.2,1.4,3.5,5.1\n";
  const std::string straight = "sepal_length,sepal_width,petal_length,petal_width\n5.1,3.5,1.4,0.2\n";
  const Ran a = run_program({"predict", trained.run, "-"}, ".", shuffled);
  const Ran b = run_program({"predict", trained.run, "-"}, ".", straight);
  EXPECT_EQ(a.code, 0) << a.err;
  EXPECT_EQ(a.out, b.out);
  EXPECT_NE(a.out.find("\nsetosa,0.9"), std::string::npos) << a.out;
}

TEST(Predict, WritesAFile) {
  const Trained trained;
  const Ran ran = run_program({"predict", trained.run, kIris, "-o", trained.folder.file("p.csv")});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(test::read_text(trained.folder.file("p.csv")), run_program({"predict", trained.run, kIris}).out);
}

TEST(Predict, UndoesTheStandardisationOfTargets) {
  const TemporaryFolder data;
  std::string text = "x,y\n";
  for (int i = 0; i < 40; ++i) text += std::to_string(i) + "," + std::to_string(1000 + 3 * i) + "\n";
  const Trained trained({"--set", "data.path=" + data.write("line.csv", text), "--set", "data.target=y", "--set",
                         "model.hidden=[]", "--set", "train.loss=squared_error", "--set", "data.test_split=0.2"});
  EXPECT_GE(trained.result["test"]["r2"], 0.999);
  const Ran ran = run_program({"predict", trained.run, "-"}, ".", "x\n10\n");
  EXPECT_NEAR(parse_csv(ran.out, "out").columns.front().numbers.front(), 1030, 3) << ran.out << ran.err;
}

TEST(Predict, LeavesALineEmptyForARowItCannotUse) {
  const Trained trained({"--set", "data.missing=drop_row"});
  const std::string rows =
      "sepal_length,sepal_width,petal_length,petal_width\n5.1,3.5,1.4,0.2\n,3.5,1.4,0.2\n5,3,1,0\n";
  const Ran ran = run_program({"predict", trained.run, "-"}, ".", rows);
  EXPECT_NE(ran.out.find("\n,,,\n"), std::string::npos) << ran.out << ran.err;
}

// A model reads later files as its own was written, unless it is told otherwise.
TEST(Data, IsReadAsInTraining) {
  const TemporaryFolder data;
  std::string commas, points = "column_1,column_2,column_3\n", words;
  for (int i = 0; i < 40; ++i) {
    commas += fmt::format("{},5:{}:{},25\n", i, i % 7, 2 * i);
    points += fmt::format("{}.5,{},{}.25\n", i, i % 7, 2 * i);
  }
  for (int i = 0; i < 10; ++i) words += "x,s,yes\ny,t,no\n";
  data.write("commas.txt", commas), data.write("points.csv", points), data.write("words.csv", words);
  const Trained trained({"--set", "data.path=" + data.file("commas.txt"), "--set", "data.delimiter=:", "--set",
                         "data.decimal=comma", "--set", "data.target=column_3", "--set", "train.loss=auto"});
  const auto evaluate = [&](const std::string& file, const std::vector<std::string>& more = {}) {
    std::vector<std::string> command = {"evaluate", trained.run, data.file(file), "--rows", "test", "--json"};
    command.insert(command.end(), more.begin(), more.end());
    const Ran ran = run_program(command);
    EXPECT_EQ(ran.code, 0) << ran.err;
    return figures_in(ran.out);
  };
  EXPECT_EQ(evaluate("commas.txt"), trained.result["test"]);
  EXPECT_EQ(evaluate("points.csv", {"--delimiter", "comma", "--decimal", "point"}), trained.result["test"]);
  EXPECT_EQ(evaluate("points.csv", {"--delimiter", "auto", "--decimal", "point", "--header", "true"}),
            trained.result["test"]);
  EXPECT_EQ(
      run_program({"predict", trained.run, data.file("points.csv"), "--delimiter", ",", "--decimal", "point"}).out,
      run_program({"predict", trained.run, data.file("commas.txt")}).out);
  const Ran mistaken = run_program({"predict", trained.run, data.file("points.csv"), "--delimiter", ","});
  EXPECT_EQ(mistaken.code, 3);
  EXPECT_TRUE(mistaken.err.ends_with(
      "points.csv:2:1: '0.5' in column 'column_1' has a decimal point, and the training data a comma; correct it, or "
      "say --decimal point\n"))
      << mistaken.err;
  EXPECT_EQ(run_program({"predict", trained.run, data.file("points.csv"), "--delimiter", "ab"}).err,
            "error: --delimiter 'ab': expected auto, or one character\n");

  const Trained bare(
      {"--set", "data.path=" + data.file("words.csv"), "--set", "data.header=false", "--set", "data.target=column_3"});
  const Ran ran = run_program({"evaluate", bare.run, data.file("words.csv"), "--rows", "train", "--json"});
  EXPECT_EQ(figures_in(ran.out), bare.result["train"]) << ran.err;
}

TEST(Data, WrongInputsAreNamed) {
  const Trained trained;
  const auto refused = [&](const std::string& csv, const std::string& message) {
    const Ran ran = run_program({"evaluate", trained.run, "-"}, ".", csv);
    EXPECT_EQ(ran.code, 3) << csv;
    EXPECT_NE(ran.err.find(message), std::string::npos) << ran.err;
  };
  const std::string header = "sepal_length,sepal_width,petal_length,petal_width,species\n";
  refused(header + "5.1,3.5,1.4,0.2,setosa\n5.1,abc,1.4,0.2,setosa\n", "<stdin>:3:5");
  refused(header + "5.1,3.5,1.4,0.2,setosa\n5.1,3.5,1.4,0.2,tulip\n", "tulip");
  refused(header + "5.1,,1.4,0.2,setosa\n", "<stdin>:2:5");
  refused(header + "5.1,3.5,1.4,setosa\n", "<stdin>:2");
  refused("sepal_lenght,sepal_width,petal_length,petal_width,species\n5,3,1,0,setosa\n", "did you mean");
  refused(header, "no rows");
}

TEST(Inspect, ShowsTheNetworkAndItsInputs) {
  const Trained trained;
  const Ran ran = run_program({"inspect", trained.run});
  EXPECT_NE(ran.out.find("dense 4 -> 16, tanh"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("petal_width"), std::string::npos);
  EXPECT_NE(ran.out.find(trained.result["weights_hash"].get<std::string>()), std::string::npos);
}

TEST(Gradcheck, PassesOnTheExamples) {
  for (const char* config : {"iris.toml", "digits.toml", "xor.toml", "sine.toml"}) {
    const Ran ran = run_program({"gradcheck", std::string(DESCENT_SOURCE_DIR "/examples/") + config, "--json"});
    EXPECT_EQ(ran.code, 0) << ran.out << ran.err;
    const json result = json::parse(ran.out);
    EXPECT_TRUE(result["passed"]);
    for (const json& block : result["blocks"]) EXPECT_GT(block["checked"], 0) << config << block;
  }
}

TEST(Generate, MakesWhatTheConfigsTrainOn) {
  const Ran ran = run_program({"generate", "moons", "--rows", "20", "--seed", "3"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  const Table table = parse_csv(ran.out, "moons");
  EXPECT_EQ(table.rows(), 20u);
  EXPECT_EQ(table.columns.size(), 3u);
}

}  // namespace
}  // namespace descent
