// Runs with one thing planted that makes them diverge, or end no better than they began: the doctor names it, and what
// it proposes mends the run.
#include "app/doctor/doctor.hpp"

#include "app/config/reader.hpp"
#include "app/config/setting_change.hpp"
#include "app/doctor/run_failure.hpp"
#include "framework/random.hpp"
#include "tests/support/program.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

namespace descent {
namespace {

using nlohmann::json;
using test::Ran;
using test::run_program;
using test::TemporaryFolder;

const std::atomic<bool> kNeverInterrupted = false;

TrainingResult quietly(const Experiment& experiment) {
  Log log(true, Color::never);
  Experiment silent = experiment;
  silent.warnings.clear();
  return train(silent, log, nullptr, kNeverInterrupted);
}

// y = 2 x1 − x2 + noise with x1, x2 of size 1; `change` may spoil a row.
template <class Change>
std::string regression_csv(std::uint32_t seed, Change change) {
  Rng rng(seed, Purpose::check);
  std::string csv = "x1,x2,y\n";
  for (int i = 0; i < 60; ++i) {
    double x1 = rng.normal(), x2 = rng.normal(), y = 2 * x1 - x2 + 0.1 * rng.normal();
    change(i, x1, x2, y, rng);
    csv += fmt::format("{},{},{}\n", x1, x2, y);
  }
  return csv;
}

struct Plant {
  std::string cause;
  std::string settings;                                                          // TOML, without [data] and the seed
  std::string data = "generator = \"sine\"";                                     // of [data]
  void (*change)(int i, double& x1, double& x2, double& y, Rng& rng) = nullptr;  // makes a CSV of its own
};

const Plant kPlants[] = {
    {"learning_rate", "[train]\nepochs = 100\nbatch_size = \"full\"\n[optimizer]\nlearning_rate = 0.1"},
    {"learning_rate",
     "[train]\nepochs = 60\n[model]\nactivation = \"relu\"\n[optimizer]\nname = \"momentum\"\n"
     "learning_rate = 0.5"},
    {"learning_rate", "[train]\nepochs = 50\n[optimizer]\nname = \"nesterov\"\nlearning_rate = 10"},
    {"learning_rate", "[train]\nepochs = 50\n[optimizer]\nname = \"adam\"\nlearning_rate = 1e25"},
    {"unscaled_inputs", "[train]\nepochs = 50\n[optimizer]\nlearning_rate = 0.003\n[model]\nhidden = []",
     "standardize = false", [](int, double& x1, double&, double&, Rng&) { x1 = 3000 + 800 * x1; }},
    {"unscaled_inputs", "[train]\nepochs = 50\n[optimizer]\nlearning_rate = 0.1\n[model]\nactivation = \"gelu\"",
     "standardize = false", [](int, double& x1, double&, double&, Rng&) { x1 = 3000 + 800 * x1; }},
    {"learning_rate", "[train]\nepochs = 50\n[optimizer]\nlearning_rate = 1e6\n[model]\nhidden = []",
     "standardize = false", [](int, double& x1, double&, double&, Rng&) { x1 = 10 + 4 * x1; }},
    {"unscaled_targets", "[train]\nepochs = 50\n[optimizer]\nlearning_rate = 0.003\n[model]\nactivation = \"relu\"",
     "standardize_targets = false", [](int, double&, double&, double& y, Rng&) { y = 1e4 * (5 + y); }},
    {"saturated_layer",
     "[train]\nepochs = 2000\nbatch_size = \"full\"\n[optimizer]\nlearning_rate = 0.0007\n[model]\n"
     "layers = [{units = 16, activation = \"tanh\", initializer_scale = 500}]"},
    {"initializer_scale",
     "[train]\nepochs = 50\n[optimizer]\nlearning_rate = 0.001\n[model]\nactivation = \"relu\"\n"
     "initializer_scale = 20"},
    {"overflow_in_loss", "[run]\nprecision = \"float64\"\n[train]\nepochs = 50\n[optimizer]\nlearning_rate = 0.001",
     "standardize_targets = false",
     [](int i, double&, double&, double& y, Rng& rng) {
       if (i == static_cast<int>(20 + rng.below(20))) y = 1e200;
       if (i == 40) y = 1e200;
     }},
    {"overflow_in_loss", "[train]\nloss = \"poisson\"\nepochs = 50\n[optimizer]\nlearning_rate = 0.001", "",
     [](int, double& x1, double&, double& y, Rng& rng) { y = std::floor(2000 * std::exp(0.3 * x1) + rng.below(10)); }},
    {"non_finite_data", "[train]\nepochs = 50\n[optimizer]\nlearning_rate = 0.001", "standardize = false",
     [](int i, double&, double& x2, double&, Rng&) {
       if (i == 17) x2 = 1e300;
     }},
    {"weight_decay", "[train]\nepochs = 200\n[optimizer]\nname = \"adamw\"\nlearning_rate = 0.1\nweight_decay = 40"},
    {"penalty", "[train]\nepochs = 400\nl2 = 1e5\n[optimizer]\nlearning_rate = 0.003"},
};

// These end with finite numbers.
const Plant kFinitePlants[] = {
    {"learning_rate",
     "[model]\nactivation = \"softplus\"\n[train]\nepochs = 10\n[optimizer]\nname = \"adam\"\nlearning_rate = 1000",
     "generator = \"moons\""},
    {"learning_rate", "[train]\nepochs = 20\n[optimizer]\nlearning_rate = 100", "generator = \"moons\""},
    {"learning_rate", "[train]\nepochs = 20\nbatch_size = 16\n[optimizer]\nlearning_rate = 1e6",
     "path = \"" DESCENT_SOURCE_DIR "/datasets/iris.csv\""},
    {"learning_rate", "[train]\nepochs = 30\nloss = \"huber\"\n[optimizer]\nlearning_rate = 3"},
    {"learning_rate",
     "[train]\nepochs = 30\nbatch_size = \"full\"\nloss = \"huber\"\n[model]\nactivation = \"relu\"\n[optimizer]\n"
     "learning_rate = 1"},
    {"dead_layer",
     "[model]\nactivation = \"relu\"\ninitializer = \"zeros\"\n[train]\nepochs = 20\n[optimizer]\n"
     "learning_rate = 0.001"},
    {"saturated_layer",
     "[train]\nepochs = 5\n[optimizer]\nlearning_rate = 1e-9\n[model]\n"
     "layers = [{units = 16, activation = \"tanh\", initializer_scale = 500}]"},
    {"equal_units", "[model]\ninitializer = \"zeros\"\n[train]\nepochs = 20\nbatch_size = \"full\"",
     "generator = \"xor\""},
    {"unscaled_inputs",
     "[train]\nloss = \"huber\"\nepochs = 30\n[optimizer]\nlearning_rate = 0.001\n[model]\nhidden = []",
     "standardize = false", [](int, double& x1, double&, double&, Rng&) { x1 = 3000 + 800 * x1; }},
    {"weight_decay", "[train]\nepochs = 4\n[optimizer]\nname = \"adamw\"\nlearning_rate = 0.1\nweight_decay = 25"},
    {"penalty", "[train]\nepochs = 5\nl2 = 5e3\n[optimizer]\nlearning_rate = 0.003"},
};

// The plant's experiment for one seed; files go to `folder`.
Experiment plant(const Plant& planted, std::uint32_t seed, const TemporaryFolder& folder) {
  std::string data = planted.data;
  if (planted.change)
    data += fmt::format("\npath = \"{}\"", folder.write("data.csv", regression_csv(seed, planted.change)));
  std::string text = fmt::format("[data]\n{}\n{}\n", data, planted.settings);
  return prepare(parse_config(text, "plant.toml", std::vector{fmt::format("run.seed={}", seed)}).config);
}

// Twenty seeds that fail, and diverge or not, as `diverges` says.
void expect_right(const Plant& planted, bool diverges) {
  constexpr std::uint32_t kSeeds = 20;
  std::size_t right = 0, failed = 0;
  for (std::uint32_t seed = 1; failed < kSeeds; ++seed) {
    ASSERT_LE(seed, 3 * kSeeds) << planted.cause << " seldom fails\n" << planted.settings;
    const TemporaryFolder folder;
    const Experiment experiment = plant(planted, seed, folder);
    const TrainingResult result = quietly(experiment);
    if ((result.report.status() == Status::diverged) != diverges) continue;
    const std::optional<Diagnosis> found = diagnose(experiment, result, kNeverInterrupted);
    if (!found) continue;
    ++failed;
    if (found->cause == planted.cause)
      ++right;
    else
      ADD_FAILURE() << planted.cause << " seed " << seed << " is called " << found->cause << ": " << found->sentence
                    << "\n(" << found->failure << ")\n"
                    << planted.settings;
    ASSERT_NE(found->set, "") << planted.cause << " seed " << seed << '\n' << planted.settings;
    const Experiment mended = prepare(changed(experiment.config, found->set));
    EXPECT_EQ(failure_of(mended, quietly(mended)).value_or(""), "")
        << planted.cause << " seed " << seed << ' ' << found->set;
  }
  EXPECT_EQ(right, kSeeds) << planted.cause;
}

TEST(Doctor, NamesThePlantedCauseAndItsProposalMendsTheRun) {
  for (const Plant& planted : kPlants) expect_right(planted, true);
}

TEST(Doctor, NamesTheCauseOfRunsThatFailWithFiniteNumbers) {
  for (const Plant& planted : kFinitePlants) expect_right(planted, false);
}

TEST(Doctor, KnowsARemedyAfterWhichLMovesByRoundingsOnly) {
  const Plant tiny = {"saturated_layer",
                      "[train]\nepochs = 1\n[optimizer]\nlearning_rate = 1e-9\n[model]\n"
                      "layers = [{units = 16, activation = \"tanh\", initializer_scale = 500}]"};
  for (const std::uint32_t seed : {5, 26, 59, 122}) {
    const TemporaryFolder folder;
    const Experiment experiment = plant(tiny, seed, folder);
    const auto found = diagnose(experiment, quietly(experiment), kNeverInterrupted);
    ASSERT_TRUE(found) << seed;
    EXPECT_EQ(found->cause, tiny.cause) << seed;
  }
}

const Plant kHealthy[] = {
    {"", "[train]\nepochs = 30", "generator = \"moons\"\nvalidation_split = 0.2"},
    {"", "[model]\nhidden = [16, 16, 16]\nactivation = \"relu\"\n[train]\nepochs = 30", "generator = \"moons\""},
    {"", "[model]\nhidden = [8]\n[train]\nbatch_size = \"full\"\nepochs = 300\n[optimizer]\nlearning_rate = 0.5",
     "generator = \"xor\"\nstandardize = false"},
    {"", "[model]\nhidden = [32, 32]\nactivation = \"gelu\"\n[optimizer]\nname = \"adam\"\n[train]\nepochs = 40",
     "generator = \"spirals\""},
    {"",
     "[model]\nactivation = \"sigmoid\"\n[train]\nepochs = 40\n[optimizer]\nname = \"nesterov\"\n"
     "learning_rate = 0.001"},
    {"", "[model]\nhidden = []\n[train]\nepochs = 20\n[optimizer]\nlearning_rate = 0.002", "generator = \"linear\""},
    {"",
     "[model]\nhidden = [2]\nactivation = \"leaky_relu\"\n[train]\nepochs = 20\n[optimizer]\n"
     "learning_rate = 0.001\n[early_stopping]\npatience = 3",
     "generator = \"linear\""},
    {"", "[train]\nbatch_size = 16\nepochs = 40",
     "path = \"" DESCENT_SOURCE_DIR "/datasets/iris.csv\"\ntest_split = 0.2"},
    {"", "[model]\nhidden = [8, 8]\nactivation = \"elu\"\n[train]\nepochs = 40\n[optimizer]\nlearning_rate = 0.002",
     "path = \"" DESCENT_SOURCE_DIR "/datasets/iris.csv\"\nstandardize = false"},
    {"", "[train]\nepochs = 1\n[optimizer]\nlearning_rate = 1e-5", "generator = \"moons\""},
    {"",
     "[model]\nhidden = [32]\nactivation = \"relu\"\n[train]\nepochs = 2\nloss = \"cross_entropy\"\n[optimizer]\n"
     "learning_rate = 0.002",
     "path = \"" DESCENT_SOURCE_DIR "/datasets/digits.csv.gz\"\ntarget = \"digit\""},
};

TEST(Doctor, FindsNothingInHealthyRuns) {
  std::size_t runs = 0;
  for (const Plant& healthy : kHealthy)
    for (std::uint32_t seed = 1; seed <= 20; ++seed) {
      const TemporaryFolder folder;
      const Experiment experiment = plant(healthy, seed, folder);
      const auto found = diagnose(experiment, quietly(experiment), kNeverInterrupted);
      EXPECT_FALSE(found) << healthy.data << healthy.settings << seed << found->failure << found->cause;
      ++runs;
    }
  EXPECT_GE(runs, 200u);
}

TEST(Doctor, SpeaksInTheLogInTheJsonAndInTheRunFolder) {
  const TemporaryFolder folder;
  const std::vector<std::string> command = {"train",
                                            DESCENT_SOURCE_DIR "/examples/sine.toml",
                                            "--json",
                                            "--set",
                                            "optimizer.name=steepest",
                                            "--set",
                                            "optimizer.learning_rate=0.5"};
  const Ran ran = run_program(command, folder.path());
  EXPECT_EQ(ran.code, 4);
  const json result = json::parse(ran.out), doctor = result["doctor"];
  EXPECT_EQ(doctor["cause"], "learning_rate");
  EXPECT_NE(doctor["sentence"].get<std::string>().find("γ·λmax·B/N = 66.3 at the start"), std::string::npos) << doctor;
  EXPECT_EQ(doctor["set"], "optimizer.learning_rate=0.0075");
  EXPECT_EQ(json::parse(test::read_text(folder.file(result["run"]) + "/result.json"))["doctor"], doctor);
  const std::string cause = "warning: cause: learning rate: " + doctor["sentence"].get<std::string>() + '\n';
  const std::string remedy = "warning: remedy: --set optimizer.learning_rate=0.0075 (tried: 500 epochs";
  EXPECT_NE(ran.err.find(cause + remedy), std::string::npos) << ran.err;
  EXPECT_LT(ran.err.find("diverged in epoch"), ran.err.find(cause)) << ran.err;

  std::vector<std::string> again = command;
  again.insert(again.end(), {"--no-save", "--set", doctor["set"]});
  const Ran mended = run_program(again);
  EXPECT_EQ(mended.code, 0) << mended.err;
  EXPECT_FALSE(json::parse(mended.out).contains("doctor"));
}

TEST(Doctor, ProposesWhatAShellTakesAsOneWord) {
  EXPECT_EQ(pasteable("train.l2=0.1"), "--set train.l2=0.1");
  EXPECT_EQ(pasteable("model.layers=[{units = 2, activation = \"tanh\"}]"),
            "--set 'model.layers=[{units = 2, activation = \"tanh\"}]'");
  EXPECT_EQ(pasteable("data.path=it's"), "--set 'data.path=it'\\''s'");
}

TEST(Doctor, RoundsDownSoThatALimitIsKept) {
  EXPECT_EQ(round_down(0.01239), "0.012");
  EXPECT_EQ(round_down(999), "990");
  EXPECT_EQ(round_down(3e-7), "3e-07");
  for (const double x : {0.1, 0.7, 1.0, 12.0, 1e-300, 2.0 / 3}) EXPECT_LE(std::stod(round_down(x)), x) << x;
}

TEST(Doctor, SaysWhereTheDataCannotBeHeld) {
  const TemporaryFolder folder;
  const std::string path = folder.write("big.csv", "a,b,y\n1,2,3\n2,1e39,4\n0,1,1\n4,4,4\n");
  const Experiment experiment =
      prepare(parse_config("[data]\npath = \"" + path + "\"\nstandardize = false\n", "run.toml").config);
  const Diagnosis found = diagnose(experiment, quietly(experiment), kNeverInterrupted).value();
  EXPECT_EQ(found.cause, "non_finite_data");
  EXPECT_TRUE(found.sentence.starts_with(path + ":3: 1e+39 in column 'b' is beyond what float32 can hold"))
      << found.sentence;
  EXPECT_EQ(found.set, "data.standardize=true");
}

TEST(Doctor, ChangesLayersThatAreListedOneByOne) {
  const Config config = parse_config(
                            "[data]\ngenerator = \"xor\"\n[model]\nlayers = [{units = 3, activation = \"relu\", "
                            "initializer_scale = 9, bias = false}, {kind = \"activation\", activation = "
                            "\"tanh\"}, {units = 2, activation = \"tanh\", initializer = \"zeros\"}]\n",
                            "run.toml")
                            .config;
  const std::string set =
      change_layers(config.model, "initializer_scale", "1", [](LayerConfig& layer) { layer.initializer_scale = 1; });
  Config expected = config;
  expected.model.layers[0].initializer_scale = 1;
  EXPECT_EQ(changed(config, set).model, expected.model) << set;
}

}  // namespace
}  // namespace descent
