// What is read back from a run folder, whole or damaged.

#include "app/runs/recorded_run.hpp"

#include "framework/error.hpp"
#include "tests/support/program.hpp"
#include "tests/support/refusal.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

namespace descent {
namespace {

using test::TemporaryFolder;

constexpr const char* kStart = R"({"event":"start","n_train":10,"n_validation":4})";

std::string epoch(int k, const std::string& more) {
  return "{\"event\":\"epoch\",\"epoch\":" + std::to_string(k) + "," + more + "}\n";
}

TEST(RecordedRun, ReadsColumnsInOrderWithGapsWhereNothingWasLogged) {
  const TemporaryFolder folder;
  folder.write("metrics.jsonl", std::string(kStart) + "\n" + epoch(1, R"("train_loss":5,"lr":0.1)") +
                                    epoch(2, R"("train_loss":null,"lr":0.1,"nonfinite":["train_loss"],"note":"x")") +
                                    epoch(3, R"("train_loss":3,"val_loss":1)") + R"({"event":"end","reason":"x"})" +
                                    "\n");
  const RecordedRun run = read_run(folder.path());
  EXPECT_EQ(run.columns, (std::vector<std::string>{"train_loss", "lr", "val_loss"}));
  EXPECT_EQ(run.epochs, (std::vector<double>{1, 2, 3}));
  const std::vector<double>& loss = *run.find("train_loss");
  EXPECT_EQ(loss[0], 5);
  EXPECT_TRUE(std::isnan(loss[1]));
  EXPECT_EQ(loss[2], 3);
  EXPECT_TRUE(std::isnan((*run.find("val_loss"))[1]));
  EXPECT_TRUE(std::isnan((*run.find("lr"))[2]));
  EXPECT_EQ(run.find("nonsense"), nullptr);
  EXPECT_EQ(run.count("n_train"), 10u);
  EXPECT_EQ(run.count("n_test"), 0u);
  EXPECT_EQ(run.end["reason"], "x");
  EXPECT_TRUE(run.result.is_null());
}

TEST(RecordedRun, ToleratesAMissingEndAndHalfALastLine) {
  const TemporaryFolder folder;
  folder.write("metrics.jsonl", epoch(1, R"("train_loss":5)") + R"({"event":"surprise","deep":{"a":[1]}})" + "\n\n" +
                                    R"({"event":"epoch","epoch":2,"train_lo)");
  const RecordedRun run = read_run(folder.path());
  EXPECT_EQ(run.epochs, std::vector<double>{1});
  EXPECT_TRUE(run.end.is_null());
}

TEST(RecordedRun, NamesTheLineThatIsDamaged) {
  const TemporaryFolder folder;
  const std::string path = folder.write("metrics.jsonl", epoch(1, R"("train_loss":5)") + "{\"event\":\x01\n");
  EXPECT_EQ(test::refusal([&] { read_run(folder.path()); }, Fault::data),
            path + ":2: no event but '{\"event\":\\x01'; expected a JSON object a line; is the file damaged?");
  for (const char* number : {"\"1\"", "-1", "1.5", "9007199254740993", "null"}) {
    folder.write("metrics.jsonl", std::string(kStart) + "\n{\"event\":\"epoch\",\"epoch\":" + number + "}\n");
    EXPECT_EQ(test::refusal([&] { read_run(folder.path()); }, Fault::data),
              path + ":2: an epoch without its number; expected \"epoch\": 1, 2, …")
        << number;
  }
}

TEST(RecordedRun, SaysWhereAConfigIsNone) {
  const auto refusal = [](const std::string& config) {
    RecordReader reader("file");
    return test::refusal([&] { reader.add(R"({"event":"start","config":)" + config + "}\n"); }, Fault::data);
  };
  const auto message = [](const std::string& found) {
    return "file:1: the config of the start is '" + found +
           "'; expected an object of sections, such as {\"train\": {\"epochs\": 5}}; without this line the settings "
           "are those of config.toml";
  };
  EXPECT_EQ(refusal("7"), message("7"));
  EXPECT_EQ(refusal("null"), message("null"));
  EXPECT_EQ(refusal("\"x\""), message("x"));
  EXPECT_EQ(refusal("[{}]"), message("[{}]"));
  EXPECT_EQ(refusal(R"({"train":3})"), message(R"({"train":3})"));
}

TEST(RecordedRun, IsNotBroughtDownByDeepNesting) {
  const std::string deep = std::string(1'000'000, '[') + std::string(1'000'000, ']');
  const TemporaryFolder folder;
  const std::string path = folder.write("metrics.jsonl", R"({"event":"start","config":{"a":{"b":)" + deep + "}}}\n");
  EXPECT_TRUE(test::refusal([&] { read_run(folder.path()); }, Fault::data).starts_with(path + ":1: no event but '{"));
  folder.write("metrics.jsonl", epoch(1, R"("train_loss":5,"note":"\")" + std::string(200, '[') + '"'));
  EXPECT_EQ(read_run(folder.path()).epochs, std::vector<double>{1});
  folder.write("result.json", R"({"verdict":)" + deep + "}");
  EXPECT_TRUE(test::refusal([&] { read_run(folder.path()); }, Fault::data)
                  .ends_with(": not a JSON object; delete it to do without"));
}

TEST(RecordedRun, SaysWhatIsNoRun) {
  const TemporaryFolder folder;
  EXPECT_EQ(test::refusal([&] { read_run(folder.file("nowhere")); }),
            "there is no run '" + folder.file("nowhere") +
                "'; expected the folder of a run, such as runs/2026-11-24_10-00-00_iris");
  EXPECT_EQ(test::refusal([&] { read_run(folder.path()); }),
            "'" + folder.path() +
                "' is not the folder of a run: it holds no metrics.jsonl; expected what descent train made, such as "
                "runs/2026-11-24_10-00-00_iris");
  const std::string path = folder.write("metrics.jsonl", std::string(kStart) + "\n");
  EXPECT_EQ(test::refusal([&] { read_run(folder.path()); }, Fault::data),
            path + ": no epoch was logged; the run has only begun, or ended before its first");
  EXPECT_EQ(test::refusal([&] { read_run(folder.write("metrics.jsonl", "")); }, Fault::data),
            path + ": no epoch was logged; the run has only begun, or ended before its first");
}

TEST(RecordedRun, LetsAnEpochThatComesAgainReplaceWhatFollowedIt) {
  RecordReader reader("file");
  reader.add(epoch(1, R"("train_loss":5)") + epoch(2, R"("train_loss":4)") + epoch(3, R"("train_loss":9)") +
             "{\"event\":\"end\"}\n" + epoch(2, R"("train_loss":4.5)"));
  EXPECT_EQ(reader.record().epochs, (std::vector<double>{1, 2}));
  EXPECT_EQ((*reader.record().find("train_loss"))[1], 4.5);
  EXPECT_TRUE(reader.record().end.is_null());
}

TEST(RecordedRun, KnowsTheEpochsThatAResumedRunWasGiven) {
  RecordReader reader("file");
  reader.add(R"({"event":"start","config":{"train":{"epochs":5}}})"
             "\n" +
             epoch(1, R"("train_loss":5)") + "{\"event\":\"resume\",\"epochs\":9}\n");
  EXPECT_EQ(run_settings(reader.record(), "."), (std::vector<Setting>{{"train.epochs", "9"}}));
}

TEST(RecordedRun, TakesLinesInPieces) {
  RecordReader reader("file");
  const std::string text = epoch(1, R"("train_loss":5)") + epoch(2, R"("train_loss":4)");
  for (const char c : text) reader.add(std::string_view(&c, 1));
  EXPECT_EQ(reader.record().epochs, (std::vector<double>{1, 2}));
  EXPECT_EQ(reader.lines(), 2u);
}

TEST(RecordedRun, FlattensSettingsOfTheStartEventAndOfTheConfigFileAlike) {
  const TemporaryFolder folder;
  folder.write("config.toml", "[train]\nepochs = 5\n[optimizer]\nlearning_rate = 0.1\n[model]\nhidden = [8, 4]\n");
  folder.write("metrics.jsonl", epoch(1, R"("train_loss":5)"));
  const std::vector<Setting> wanted{
      {"model.hidden", "[8, 4]"}, {"train.epochs", "5"}, {"optimizer.learning_rate", "0.1"}};
  EXPECT_EQ(read_run(folder.path()).config, wanted);
  folder.write(
      "metrics.jsonl",
      R"({"event":"start","config":{"optimizer":{"learning_rate":0.1},"model":{"hidden":[8,4]},"train":{"epochs":5}}})"
      "\n" +
          epoch(1, R"("train_loss":5)"));
  EXPECT_EQ(read_run(folder.path()).config, wanted);
}

TEST(RecordedRun, TakesSettingsOutsideSectionsAsTheyStand) {
  EXPECT_EQ(flat_settings("note = 3\n[train]\nepochs = 5\n", "config.toml"),
            (std::vector<Setting>{{"train.epochs", "5"}, {"note", "3"}}));
}

TEST(RecordedRun, FindsTheBestEpoch) {
  RecordReader falling("file"), validated("file"), stopped("file");
  falling.add(epoch(1, R"("train_loss":5)") + epoch(2, R"("train_loss":4)"));
  EXPECT_TRUE(std::isnan(falling.record().best_epoch()));  // the last one: nothing to say
  validated.add(epoch(1, R"("train_loss":5,"val_loss":2)") + epoch(2, R"("train_loss":4,"val_loss":1)") +
                epoch(3, R"("train_loss":3,"val_loss":null)"));
  EXPECT_EQ(validated.record().best_epoch(), 2);
  stopped.add(epoch(1, R"("val_loss":2)") + epoch(2, R"("val_loss":1)") + epoch(3, R"("val_loss":3)") +
              "{\"event\":\"end\",\"kept_epoch\":1}\n");  // by another figure
  EXPECT_EQ(stopped.record().best_epoch(), 1);
}

TEST(RecordedRun, FindsTheBestEpochOfARunThatMaximises) {
  RecordReader rising("file"), past("file");
  const std::string start = R"({"event":"start","formula":"-x^2","maximize":true})"
                            "\n";
  rising.add(start + epoch(1, R"("train_loss":-5)") + epoch(2, R"("train_loss":-4)"));
  EXPECT_TRUE(std::isnan(rising.record().best_epoch()));  // the last one
  past.add(start + epoch(1, R"("train_loss":-5)") + epoch(2, R"("train_loss":-1)") + epoch(3, R"("train_loss":-2)"));
  EXPECT_EQ(past.record().best_epoch(), 2);
}

TEST(RecordedRun, ShowsTheVerdictAsTextOrAsAnObjectWithASentence) {
  const TemporaryFolder folder;
  folder.write("metrics.jsonl", epoch(1, R"("train_loss":5)"));
  EXPECT_EQ(read_run(folder.path()).verdict(), "");
  folder.write("result.json", R"({"verdict":"a minimum"})");
  EXPECT_EQ(read_run(folder.path()).verdict(), "a minimum");
  folder.write("result.json", R"({"verdict":{"kind":"saddle","sentence":"a saddle: one way down"}})");
  EXPECT_EQ(read_run(folder.path()).verdict(), "a saddle: one way down");
  folder.write("result.json", R"({"verdict":{"kind":"skipped","sentence":"the run diverged"}})");
  EXPECT_EQ(read_run(folder.path()).verdict(), "");
  const std::string path = folder.write("result.json", "[1]");
  EXPECT_EQ(test::refusal([&] { read_run(folder.path()); }, Fault::data),
            path + ": not a JSON object; delete it to do without");
}

}  // namespace
}  // namespace descent
