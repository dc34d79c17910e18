#include "app/config/reader.hpp"

#include "framework/error.hpp"
#include "tests/app/config/support.hpp"
#include "tests/support/program.hpp"
#include "tests/support/refusal.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <limits>
#include <string>

namespace descent {
namespace {

TEST(ConfigReader, TakesDefaultsFromTheStruct) {
  Config expected;
  expected.data.path = "data.csv";
  EXPECT_EQ(accepted(kSmallest), expected);
}

TEST(ConfigReader, ReadsTheSampleOfTheDocumentation) {
  const Config config = accepted(
      "[run]\nseed = 7\n[data]\npath = \"moons.csv\"\ntarget = \"label\"\nvalidation_split = 0.2\nstratify = true\n"
      "[model]\nhidden = [32, 16]\nactivation = \"tanh\"\n[train]\nepochs = 200\nbatch_size = 32\n"
      "loss = \"cross_entropy\"\n[optimizer]\nname = \"momentum\"\nlearning_rate = 0.1\nmomentum = 0.8\n"
      "[schedule]\nname = \"cosine\"\n[early_stopping]\nmonitor = \"val_loss\"\npatience = 20\nrestore_best = true\n");
  EXPECT_EQ(config.run.seed, 7);
  EXPECT_EQ(config.data.target, std::vector<std::string>{"label"});
  EXPECT_EQ(config.model.hidden, (std::vector<std::int64_t>{32, 16}));
  EXPECT_EQ(config.optimizer.momentum, 0.8);
  EXPECT_EQ(config.early_stopping.monitor, "val_loss");
}

TEST(ConfigReader, ListsEveryErrorWithItsPlace) {
  EXPECT_EQ(refusal("[data]\npath = \"a.csv\"\n[train]\nepochs = 2.5\n\n[optimizer]\nlearnign_rate = 0.1\n",
                    {"optimizer.lr=fast"}),
            "run.toml:4:10: error: train.epochs must be a whole number ≥ 1, got 2.5\n"
            "    4 | epochs = 2.5\n"
            "      |          ^~~\n"
            "run.toml:7:1: error: unknown key 'learnign_rate' in [optimizer]; did you mean 'learning_rate'?\n"
            "    7 | learnign_rate = 0.1\n"
            "      | ^~~~~~~~~~~~~\n"
            "--set optimizer.lr=fast: error: optimizer.learning_rate must be a number > 0, got the text \"fast\"\n"
            "3 errors; nothing was run.");
}

TEST(ConfigReader, SaysOneErrorInTheSingular) {
  EXPECT_EQ(refusal("[data]\npath = \"a.csv\"\n[optimiser]\nlr = 1\n"),
            "run.toml:3:2: error: unknown section [optimiser]; did you mean [optimizer]?\n"
            "    3 | [optimiser]\n"
            "      |  ^~~~~~~~~\n"
            "1 error; nothing was run.");
}

TEST(ConfigReader, StopsListingAfterFortyErrors) {
  std::string text = "[train]\n";
  for (int i = 0; i < 5000; ++i) text += "zzzzzzzzzzzzzz" + std::to_string(i) + " = 1\n";
  const std::string message = refusal(text);
  EXPECT_TRUE(contains(message, "\n… and 960 more\nAt least 1000 errors; nothing was run.")) << message;
}

TEST(ConfigReader, SaysWhereAKeyBelongs) {
  EXPECT_TRUE(
      contains(refusal("[model]\nepochs = 5\n"), "unknown key 'epochs' in [model]; 'epochs' belongs in [train]\n"));
  EXPECT_TRUE(
      contains(refusal("lr = 5\n"), "unknown key 'lr' outside any section; 'learning_rate' belongs in [optimizer]\n"));
  EXPECT_TRUE(contains(refusal(kSmallest, {"seed=5"}),
                       "--set seed=5: error: unknown key 'seed' outside any section; 'seed' belongs in [run]\n"));
}

TEST(ConfigReader, ListsTheKeysWhenNoneIsNear) {
  EXPECT_TRUE(contains(refusal("[log]\nxyzzy = 5\n"),
                       "unknown key 'xyzzy' in [log]; keys of [log]: loss, gradient_norm, every, "
                       "sharpness_every, tensorboard\n"));
}

TEST(ConfigReader, TellsTypesApart) {
  const auto error = [](std::string_view line) {
    const std::string message = refusal(line);
    const std::size_t begin = message.find("error: ") + 7;
    return message.substr(begin, message.find('\n') - begin);
  };
  EXPECT_EQ(error("train.epochs = 0"), "train.epochs must be a whole number ≥ 1, got 0");
  EXPECT_EQ(error("train.epochs = 1e3"), "train.epochs must be a whole number ≥ 1, got 1000.0; write 1000");
  EXPECT_EQ(error("train.epochs = \"5\""),
            "train.epochs must be a whole number ≥ 1, got the text \"5\"; write it without quotes");
  EXPECT_EQ(error("train.batch_size = \"ful\""),
            "train.batch_size must be a whole number ≥ 1 or \"full\", got the text \"ful\"");
  EXPECT_EQ(error("train.shuffle = 1"), "train.shuffle must be true or false, got 1");
  EXPECT_EQ(error("train.l2 = nan"), "train.l2 must be a number ≥ 0, got nan");
  EXPECT_EQ(error("train.l2 = inf"), "train.l2 must be a number ≥ 0, got inf");
  EXPECT_EQ(error("train.loss_target = inf"), "train.loss_target must be a number, got inf");
  EXPECT_EQ(error("optimizer.momentum = 1"), "optimizer.momentum must be a number ≥ 0 and < 1, got 1");
  EXPECT_EQ(error("run.name = 2020-01-01"), "run.name must be a plain folder name, a text in quotes, got a date");
  EXPECT_EQ(error("data.header = \"yes\""), "unknown data.header 'yes' (known: auto, true, false)");
  EXPECT_EQ(error("data.header = 1"), "data.header must be one of \"auto\", true, false, got 1");
  EXPECT_EQ(error("model.hidden = 16"), "model.hidden must be a list of whole numbers ≥ 1, got 16; write [16]");
  EXPECT_EQ(error("model.hidden = [16, 0]"), "model.hidden must be a list of whole numbers ≥ 1, got 0");
  EXPECT_EQ(error("data.target = [1]"), "data.target must be a column name or a list of column names, got 1");
  EXPECT_EQ(error("data.target = 5"), "data.target must be a column name or a list of column names, got 5");
  EXPECT_EQ(error("data.inputs = [\"a\\u0001\"]"), "data.inputs: \"a\\x01\" cannot be a column's name");
  EXPECT_EQ(error("train.epochs = true"), "train.epochs must be a whole number ≥ 1, got true");
  EXPECT_EQ(error("train.l2 = [1]"), "train.l2 must be a number ≥ 0, got a list");
  EXPECT_EQ(error("train.l2 = { a = 1 }"), "train.l2 must be a number ≥ 0, got a table");
  EXPECT_EQ(error("run.name = 12:30:00"), "run.name must be a plain folder name, a text in quotes, got a time of day");
  EXPECT_EQ(error("run.out_dir = 3"), "run.out_dir must be the path of a folder, a text in quotes, got 3");
  EXPECT_EQ(error("objective.formula = 3"), "objective.formula must be a text in quotes, got 3");
  EXPECT_EQ(error("model.layers = 3"),
            "model.layers must be a list of layers, such as [{ units = 16, activation = \"relu\" }], got 3");
  EXPECT_EQ(error("train = 3"), "train is a section; write [train] on a line of its own");
  EXPECT_EQ(error("data.delimiter = \"ab\""),
            "data.delimiter must be \"auto\" or one character in quotes, such as \";\", got \"ab\"");
  EXPECT_EQ(error("optimizer.name = \"adm\""),
            "unknown optimizer.name 'adm'; did you mean 'adam'? (known: steepest, momentum, nesterov, adam, adamw, "
            "rmsprop, adagrad, conjugate_gradient, lbfgs, newton)");
}

TEST(ConfigReader, NamesWhatASetArgumentMisspells) {
  EXPECT_TRUE(contains(refusal(kSmallest, {"trian.epochs=5", "train.epoks=5"}),
                       "--set trian.epochs=5: error: unknown section [trian]; did you mean [train]?\n"
                       "--set train.epoks=5: error: unknown key 'epoks' in [train]; did you mean 'epochs'?\n"));
}

TEST(ConfigReader, ReadsATableOfCheckpoints) {
  const Config config = accepted("data.path = \"d\"\ntrain.checkpoint = { every_epochs = 5, every_seconds = 60 }\n");
  EXPECT_EQ(config.train.checkpoint_every_epochs, 5);
  EXPECT_EQ(config.train.checkpoint_every_seconds, 60);
  EXPECT_TRUE(contains(refusal("train.checkpoint = { evry = 5 }\n"),
                       "unknown key 'evry' in train.checkpoint; known: every_epochs, every_seconds\n"));
}

TEST(ConfigReader, TakesTheWordsThatStandForSomething) {
  EXPECT_EQ(accepted(kSmallest, {"train.batch_size=full"}).train.batch_size, 0);
  EXPECT_EQ(accepted(kSmallest, {"data.header=false"}).data.header, "false");
  EXPECT_EQ(accepted(kSmallest, {"data.delimiter=tab"}).data.delimiter, "\t");
  EXPECT_EQ(accepted(kSmallest, {"train.max_seconds=5", "train.max_seconds=inf"}).train.max_seconds,
            std::numeric_limits<double>::infinity());
  EXPECT_EQ(accepted(kSmallest, {"train.loss_target=-inf"}), accepted(kSmallest));
}

TEST(ConfigReader, ReadsAliasesAndSaysTheNameOnce) {
  const ConfigResult result = parse_config(
      "[data]\npath = \"d.csv\"\n[optimizer]\nname = \"sgd\"\nlr = 0.5\n[train]\nn_epochs = 3\nbs = 4\nloss = \"mse\"\n"
      "[model]\nhidden_layer_sizes = [2]\n[run]\nrandom_state = 9\n",
      "run.toml");
  EXPECT_EQ(result.config.optimizer.name, "steepest");
  EXPECT_EQ(result.config.optimizer.learning_rate, 0.5);
  EXPECT_EQ(result.config.train.epochs, 3);
  EXPECT_EQ(result.config.train.batch_size, 4);
  EXPECT_EQ(result.config.train.loss, "squared_error");
  EXPECT_EQ(result.config.model.hidden, std::vector<std::int64_t>{2});
  EXPECT_EQ(result.config.run.seed, 9);
  EXPECT_EQ(
      result.notices,
      (std::vector<std::string>{
          "run.toml:4:8: optimizer.name = \"sgd\" is called \"steepest\" here",
          "run.toml:5:1: 'lr' is called optimizer.learning_rate here",
          "run.toml:7:1: 'n_epochs' is called train.epochs here",
          "run.toml:8:1: 'bs' is called train.batch_size here",
          "run.toml:9:8: train.loss = \"mse\" is called \"squared_error\" here; losses here are sums over "
          "rows: divide a learning rate of a mean loss by the batch size (but not for adam, adamw, rmsprop, adagrad)",
          "run.toml:11:1: 'hidden_layer_sizes' is called model.hidden here",
          "run.toml:13:1: 'random_state' is called run.seed here",
      }));
}

TEST(ConfigReader, RefusesAnAliasBesideItsName) {
  EXPECT_EQ(refusal("[data]\npath = \"d.csv\"\n[optimizer]\nlr = 1\nlearning_rate = 1\n"),
            "run.toml:5:1: error: 'lr' and 'learning_rate' are the same setting; keep 'learning_rate'\n"
            "    5 | learning_rate = 1\n"
            "      | ^~~~~~~~~~~~~\n"
            "1 error; nothing was run.");
}

TEST(ConfigReader, LetsALaterSetWin) {
  EXPECT_EQ(accepted("[data]\npath = \"d.csv\"\n[optimizer]\nlr = 1\n", {"optimizer.learning_rate=2", "optimizer.lr=3"})
                .optimizer.learning_rate,
            3);
}

TEST(ConfigReader, TakesBareTextAndListsOnTheCommandLine) {
  const Config config = accepted(kSmallest, {"model.activation=relu", "model.hidden=[64, 64]", "run.name=007",
                                             "data.target=a=b", "data.ignore=[\"x\", \"y\"]", "run.out_dir=5"});
  EXPECT_EQ(config.model.activation, "relu");
  EXPECT_EQ(config.model.hidden, (std::vector<std::int64_t>{64, 64}));
  EXPECT_EQ(config.run.name, "007");
  EXPECT_EQ(config.data.target, std::vector<std::string>{"a=b"});
  EXPECT_EQ(config.data.ignore, (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(config.run.out_dir, "5");
}

TEST(ConfigReader, KeepsASetArgumentToItsOwnSetting) {
  EXPECT_EQ(accepted(kSmallest, {"run.name=a\"b"}).run.name, "a\"b");
  EXPECT_TRUE(contains(refusal(kSmallest, {"train.epochs=1\nx = 2"}), "train.epochs must be a whole number ≥ 1"));
  EXPECT_TRUE(
      contains(refusal(kSmallest, {"train.epochs"}), "a setting is section.key=value, such as train.epochs=50"));
  EXPECT_TRUE(contains(refusal(kSmallest, {"run.name=\xff"}), "run.name is not valid UTF-8"));
}

TEST(ConfigReader, ResolvesDataPathsFromTheFolderOfTheFile) {
  const std::string text = "[data]\npath = \"../d.csv\"\nvalidation_path = \"v.csv\"\ntest_path = \"/abs/./t.csv\"\n";
  const auto config = parse_config(text, "some/where/run.toml").config;
  EXPECT_EQ(config.data.path, "some/d.csv");
  EXPECT_EQ(config.data.validation_path, "some/where/v.csv");
  EXPECT_EQ(config.data.test_path, "/abs/t.csv");
  EXPECT_EQ(config.run.out_dir, "runs");
  const std::vector<std::string> set = {"data.path=here.csv"};
  EXPECT_EQ(parse_config(text, "some/where/run.toml", set).config.data.path, "here.csv");
  EXPECT_EQ(parse_config(text, "-").config.data.path, "../d.csv");
  EXPECT_EQ(parse_config("[data]\npath = \"-\"", "some/run.toml").config.data.path, "-");
}

TEST(ConfigReader, ReadsLayersRowByRow) {
  const Config config = accepted(
      "[data]\npath = \"d\"\n[[model.layers]]\nunits = 8\nactivation = \"relu\"\nbias = false\n[[model.layers]]\n"
      "kind = \"activation\"\nactivation = \"tanh\"\n");
  ASSERT_EQ(config.model.layers.size(), 2u);
  EXPECT_EQ(config.model.layers[0], (LayerConfig{.units = 8, .activation = "relu", .bias = false}));
  EXPECT_EQ(config.model.layers[1], (LayerConfig{.kind = "activation", .activation = "tanh"}));
  EXPECT_EQ(accepted(kSmallest, {"model.layers=[{units=3}]"}).model.layers, (std::vector{LayerConfig{.units = 3}}));
}

TEST(ConfigReader, ChecksLayersRowByRow) {
  const std::string message = refusal(
      "data.path = \"d\"\n"
      "model.layers = [ {}, { kind = \"activation\", units = 3, activation = \"relu\" }, { unit = 3, units = 0 },\n"
      "  { units = 1, activation = \"rellu\" }, { kind = \"activation\" }, { kind = \"conv\" }, 5,\n"
      "  { units = 2, init = \"zeros\", initializer = \"zeros\", xyzzy = 1 } ]\n");
  for (const std::string_view part :
       {"layer 1 is dense and needs 'units'", "'init' and 'initializer' are the same setting; keep 'initializer'",
        "unknown key 'xyzzy' in a layer; keys of a layer: kind, units, activation, initializer, initializer_scale, "
        "bias",
        "layer 2 is an activation, which has no 'units'; remove it",
        "unknown key 'unit' in a layer; did you mean 'units'?", "units of layer 3 must be a whole number ≥ 1, got 0",
        "unknown activation of layer 4 'rellu'; did you mean 'relu'?",
        "layer 5 is an activation and needs 'activation'", "unknown kind of layer 6 'conv' (known: dense, activation)",
        "layer 7 of model.layers must be a table, such as { units = 16 }, got 5", "\n10 errors; nothing was run."})
    EXPECT_TRUE(contains(message, part)) << part << "\n" << message;
}

TEST(ConfigReader, ReadsAFileAndSaysWhyItCannot) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "descent_config_reader";
  std::filesystem::create_directories(folder);
  const std::string path = (folder / "run.toml").string();
  std::ofstream(path) << kSmallest;
  EXPECT_EQ(read_config({path, {"train.epochs=5"}}).config.train.epochs, 5);
  EXPECT_EQ(read_config({path, {}}).config.data.path, (folder / "data.csv").lexically_normal().string());
  try {
    read_config({"no/such.toml", {}});
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::config);
    EXPECT_STREQ(error.what(), "cannot read the config no/such.toml: No such file or directory");
  }
  EXPECT_THROW(read_config({folder.string(), {}}), Error);
  std::filesystem::remove_all(folder);
}

TEST(ConfigReader, SaysWhereTheConfigOfDataOrARunIs) {
  const test::TemporaryFolder folder;
  const auto refusal = [](const std::string& path) {
    return test::refusal([&] { read_config({path, {}}); }, Fault::config);
  };
  EXPECT_EQ(
      refusal("my data.csv.gz"),
      "my data.csv.gz is data, not a config; write one that names it: descent config init run.toml, then in [data] "
      "path = \"my data.csv.gz\"");
  EXPECT_TRUE(refusal(folder.path()).ends_with("Is a directory"));
  folder.write("config.toml", "");
  EXPECT_EQ(refusal(folder.path()),
            folder.path() + " is the folder of a run; its config is " + folder.file("config.toml"));
}

}  // namespace
}  // namespace descent
