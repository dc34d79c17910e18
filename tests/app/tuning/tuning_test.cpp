// The tuning of a config: its promises, on small data, and the command as a person meets it.
#include "app/tuning/tuning.hpp"

#include "app/config/errors.hpp"
#include "app/config/reader.hpp"
#include "app/config/tune.hpp"
#include "app/tuning/tune_picture.hpp"
#include "benchmarks/rate_tasks.hpp"
#include "framework/error.hpp"
#include "tests/support/no_more_threads.hpp"
#include "tests/support/program.hpp"
#include "tests/support/refusal.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

namespace descent {
namespace {

using nlohmann::json;
using test::run_program;
using test::TemporaryFolder;

const std::atomic<bool> kNever{false};

Config iris(std::vector<std::string> more = {}) {
  std::vector<std::string> overrides = {"train.epochs=18", "data.validation_split=0.2", "tune.learning_rate={points=9}",
                                        "tune.range_test=false"};
  overrides.insert(overrides.end(), more.begin(), more.end());
  return read_config({DESCENT_SOURCE_DIR "/examples/iris.toml", overrides}).config;
}

void expect_same(const Tuning& a, const Tuning& b) {
  EXPECT_EQ(a.recommended, b.recommended);
  EXPECT_EQ(a.reason, b.reason);
  EXPECT_EQ(a.lambda_max, b.lambda_max);
  ASSERT_EQ(a.arms.size(), b.arms.size());
  for (std::size_t i = 0; i < a.arms.size(); ++i) {
    EXPECT_EQ(a.arms[i].gamma, b.arms[i].gamma);
    EXPECT_EQ(a.arms[i].verdict, b.arms[i].verdict);
    if (!std::isnan(a.arms[i].figure) || !std::isnan(b.arms[i].figure)) {
      EXPECT_EQ(a.arms[i].figure, b.arms[i].figure);
    }
  }
}

TEST(Tuning, AnyNumberOfJobsGivesTheSameResult) {
  const Tuning one = tune(iris({"tune.jobs=1", "tune.seeds=2"}), {}, kNever);
  const Tuning three = tune(iris({"tune.jobs=3", "tune.seeds=2"}), {}, kNever);
  expect_same(one, three);
  EXPECT_FALSE(std::isnan(one.recommended));
  EXPECT_LE(one.epochs * 10, one.exhaustive_epochs * 4);
}

TEST(Tuning, NeverReadsTheTestRows) {
  const auto spoiled = [](const Config& config) {
    Experiment experiment = prepare(config);
    EXPECT_TRUE(experiment.test.has_value());
    for (double& x : experiment.test->inputs) x = std::nan("");
    for (double& x : experiment.test->targets) x = std::nan("");
    return experiment;
  };
  expect_same(tune(iris(), {}, kNever), tune(iris(), {}, kNever, spoiled));
}

TEST(Tuning, AnArmThatDivergesNeverWins) {
  const Tuning tuning =
      tune(iris({"tune.learning_rate={log=[0.01, 1e30], points=9}", "model.activation=relu"}), {}, kNever);
  std::size_t diverged = 0;
  for (const Arm& arm : tuning.arms) diverged += arm.verdict == "diverged" ? 1 : 0;
  EXPECT_GT(diverged, 0u);
  EXPECT_LT(tuning.recommended, 1);
  const Tuning hopeless = tune(iris({"tune.learning_rate=[1e29, 1e30]", "model.activation=relu"}), {}, kNever);
  EXPECT_TRUE(std::isnan(hopeless.recommended));
  EXPECT_NE(hopeless.reason.find("every trial diverged"), std::string::npos);
}

TEST(Tuning, TenfoldRowsAskForATenthOfTheRate) {
  const TemporaryFolder folder;
  const auto tuned = [&](int copies) {
    std::string csv = "x1,x2,y\n";
    for (int copy = 0; copy < copies; ++copy)
      for (int i = 0; i < 20; ++i) csv += fmt::format("{},{},{}\n", 0.1 * i, (i * 7) % 5, 0.3 * i - (i * 7) % 5);
    const std::string path = fmt::format("{}/x{}.csv", folder.path(), copies);
    std::ofstream(path) << csv;
    const std::string config = "[data]\npath = \"" + path +
                               "\"\n[train]\nbatch_size = \"full\"\nepochs = 40\n[run]\nprecision = \"float64\"\n";
    return config;
  };
  for (const std::string sweep : {"tune.sweep=false", "tune.sweep=true"}) {
    const std::string set[] = {sweep};
    const Tuning one = tune(parse_config(tuned(1), "a.toml", set).config, {}, kNever);
    const Tuning ten = tune(parse_config(tuned(10), "b.toml", set).config, {}, kNever);
    EXPECT_NEAR(ten.limit * 10, one.limit, 1e-9 * one.limit);
    EXPECT_DOUBLE_EQ(ten.recommended * 10, one.recommended) << sweep;
  }
}

TEST(Tuning, LimitsOfMethodsThatRescaleDoNotApply) {
  const Tuning adam = tune(iris({"optimizer.name=adam", "tune.sweep=false"}), {}, kNever);
  EXPECT_TRUE(std::isnan(adam.limit));
  EXPECT_NE(adam.limit_remark.find("does not apply to adam"), std::string::npos);
  const Tuning plain = tune(iris({"tune.sweep=false"}), {}, kNever);
  const Tuning momentum = tune(iris({"optimizer.name=momentum", "tune.sweep=false"}), {}, kNever);
  EXPECT_DOUBLE_EQ(momentum.limit, 1.9 * plain.limit);
  EXPECT_NEAR(plain.limit, 2 / plain.lambda_max * 90 / 16, 1e-12);  // 90 of 150 rows train
}

// In the first round and in a later one, whose trials start over, as nothing but figures is kept.
TEST(Tuning, GoesOnWhereItWasInterrupted) {
  for (const std::size_t before : {5u, 11u}) {
    std::map<std::string, std::string> kept;
    std::atomic<bool> stop{false};
    TrialStore store;
    store.find = [&](const std::string& name) {
      return kept.contains(name) ? std::optional(kept.at(name)) : std::nullopt;
    };
    store.add = [&](const std::string& name, const std::string& result) {
      kept[name] = result;
      if (kept.size() == 1 + before) stop = true;  // the data's checksum came first
    };
    EXPECT_TRUE(tune(iris({"tune.jobs=1"}), store, stop).interrupted);
    EXPECT_EQ(kept.size(), 1 + before);
    stop = false;
    std::size_t added = 0, trials = 0;
    store.add = [&](const std::string&, const std::string&) { ++added; };
    const Tuning resumed = tune(iris({"tune.jobs=1"}), store, kNever);
    store = {};
    store.add = [&](const std::string&, const std::string&) { ++trials; };
    const Tuning whole = tune(iris({"tune.jobs=1"}), store, kNever);
    expect_same(whole, resumed);
    EXPECT_EQ(whole.epochs, resumed.epochs);
    EXPECT_EQ(added, trials - before);
  }
}

TEST(Tuning, GoesOnWithTheSameDataOnly) {
  std::map<std::string, std::string> kept;
  TrialStore store;
  store.find = [&](const std::string& name) {
    return kept.contains(name) ? std::optional(kept.at(name)) : std::nullopt;
  };
  store.add = [&](const std::string& name, const std::string& result) { kept[name] = result; };
  const auto with_one_number = [](double x) {
    return [x](const Config& config) {
      Experiment experiment = prepare(config);
      experiment.train.inputs(7, 2) = x;
      return experiment;
    };
  };
  const Config config = iris({"tune.sweep=false"});
  tune(config, store, kNever, with_one_number(0.5));
  EXPECT_NO_THROW(tune(config, store, kNever, with_one_number(0.5)));
  const std::string refused = test::refusal([&] { tune(config, store, kNever, with_one_number(0.25)); }, Fault::data);
  EXPECT_TRUE(refused.starts_with("the data is not what it was when this tuning began")) << refused;
}

TEST(Tuning, DoesATrialAgainWhoseResultHasNoFigures) {
  TrialStore store;
  store.find = [](const std::string& name) -> std::optional<std::string> {
    if (name == "data") return std::nullopt;
    return R"({"epochs":18,"diverged":false,"reached":false,"figures":[]})";
  };
  store.add = [](const std::string&, const std::string&) {};
  expect_same(tune(iris(), store, kNever), tune(iris(), {}, kNever));
}

TEST(Tuning, BehindTheLargestSeedComesZero) {
  std::vector<std::string> names;
  TrialStore store;
  store.add = [&](const std::string& name, const std::string&) { names.push_back(name); };
  tune(iris({"run.seed=9223372036854775807", "tune.seeds=2", "tune.learning_rate=[0.01,0.02]"}), store, kNever);
  const auto has = [&](std::string_view seed) {
    return std::ranges::any_of(names, [&](const std::string& name) { return name.find(seed) != std::string::npos; });
  };
  EXPECT_TRUE(has("|9223372036854775807|"));
  EXPECT_TRUE(has("|0|"));
  EXPECT_FALSE(has("|-"));
}

TEST(Tuning, WorksAloneWhereTheMachineGrantsNoThreads) {
  const Tuning usual = tune(iris({"tune.jobs=3"}), {}, kNever);
  const test::NoMoreThreads none;
  expect_same(tune(iris({"tune.jobs=3"}), {}, kNever), usual);
}

TEST(Tuning, OtherSettingsAreTriedInEveryCombination) {
  const auto all = variations({{"model.hidden", {"[8]", "[16, 4]"}}, {"train.l2", {"0", "0.1", "1"}}});
  ASSERT_EQ(all.size(), 6u);
  EXPECT_EQ(all[5][1], "train.l2=1");
  const Tuning tuning = tune(iris({"tune.learning_rate={points=3}", "tune.\"model.hidden\"=[[1], [12]]"}), {}, kNever);
  ASSERT_EQ(tuning.arms.size(), 6u);
  EXPECT_EQ(tuning.arms[4].config.model.hidden, std::vector<std::int64_t>{12});
  EXPECT_NE(tuning.reason.find("with model.hidden=[12]"), std::string::npos) << tuning.reason;
}

TEST(Tuning, RefusesALineSearchWhichFindsTheRateItself) {
  const auto why = [](const Config& config) { return test::refusal([&] { tune(config, {}, kNever); }, Fault::config); };
  const std::string direct = why(iris({"optimizer.line_search=armijo"}));
  EXPECT_NE(direct.find("the line search armijo finds γ in every step, so there is no learning rate"),
            std::string::npos)
      << direct;
  EXPECT_NE(why(iris({"optimizer.name=lbfgs"})).find("finds γ in every step of lbfgs"), std::string::npos);
  EXPECT_NE(why(iris({"tune.\"optimizer.name\"=[\"steepest\", \"lbfgs\"]"})).find("of lbfgs"), std::string::npos);
  EXPECT_FALSE(std::isnan(tune(iris({"optimizer.name=adam", "tune.sweep=true"}), {}, kNever).recommended));
}

TEST(Tuning, TriesWhatTheRangeTestAndTheRulesInUseReadOffItsCurve) {
  const Tuning tuning = tune(iris({"tune.range_test=true"}), {}, kNever);
  std::vector<double> tried;
  for (const Arm& arm : tuning.arms) tried.push_back(arm.gamma);
  EXPECT_TRUE(std::ranges::is_sorted(tried));
  EXPECT_EQ(std::ranges::adjacent_find(tried), tried.end());
  const std::vector<rates::Rival> rivals = rates::rival_rates(*tuning.range);
  for (const std::size_t steepest : {1, 3, 4})
    EXPECT_TRUE(std::ranges::any_of(tried, [&](double gamma) {
      return std::abs(gamma / rivals[steepest].gamma - 1) < 0.03;
    })) << rivals[steepest].name;
  const Tuning listed = tune(iris({"tune.range_test=true", "tune.learning_rate=[0.01, 0.1]"}), {}, kNever);
  EXPECT_EQ(listed.arms.size(), 2u);
}

TEST(Tuning, RandomRatesStayInTheirRange) {
  const RateGrid config{.low = 1e-3, .high = 1, .random = true};
  const std::vector<double> a = sweep_rates(config, 0.1, 1, 1), b = sweep_rates(config, 0.1, 1, 2);
  EXPECT_GT(a.size(), 20u);  // two may have the same three digits
  EXPECT_LE(a.size(), 25u);
  EXPECT_NE(a, b);
  EXPECT_GE(a.front(), 1e-3);
  EXPECT_LE(a.back(), 1);
}

// The program benchmarks/learning_rates.cpp does all of them.
TEST(Tuning, ReachesTheTargetNearlyAsFastAsTheBestOfADenseSweep) {
  for (const std::size_t task : {0, 5, 6}) {
    const rates::Comparison c = rates::compare(rates::kTasks[task], DESCENT_SOURCE_DIR "/datasets");
    EXPECT_LE(c.steps, 1.5 * c.best_steps) << rates::kTasks[task].name;
    for (const rates::Rival& rival : c.rivals) EXPECT_LE(c.steps, rival.steps) << rival.name;
    EXPECT_LE(c.share, 0.4);
  }
}

TEST(Tuning, FindsTheWinnerOfAllTrialsInFullForTwoFifthsOfTheEpochs) {
  for (const std::size_t task : {0, 3, 5, 7, 8})
    for (const double validation : {0.0, 0.25}) {
      Config config = rates::config_of(rates::kTasks[task], DESCENT_SOURCE_DIR "/datasets");
      config.data.validation_split = validation;
      const rates::Halving h = rates::compare_halving(config);
      EXPECT_EQ(h.picked.gamma, h.winner.gamma) << rates::kTasks[task].name << ' ' << validation;
      EXPECT_EQ(h.place, 1u);
      EXPECT_LE(h.share, 0.4) << rates::kTasks[task].name << ' ' << validation;
    }
}

TEST(TuneCommand, RefusesAFormulaAndStaysWithinEightyColumns) {
  const auto formula = run_program({"tune", DESCENT_SOURCE_DIR "/examples/rosenbrock.toml"});
  EXPECT_EQ(formula.code, 2);
  EXPECT_NE(formula.err.find("this config minimises a formula"), std::string::npos) << formula.err;
  const auto adam = run_program({"tune", DESCENT_SOURCE_DIR "/examples/iris.toml", "--no-save", "-s", "train.epochs=14",
                                 "-s", "optimizer.name=adam", "-s", "tune.learning_rate={points=5}"});
  ASSERT_EQ(adam.code, 0) << adam.err;
  EXPECT_NE(adam.out.find("2/λmax does not apply to adam"), std::string::npos) << adam.out;
  std::istringstream lines(adam.out);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(count_characters(line), 80u) << line;
}

TEST(TuneCommand, SaysThatTheLimitDoesNotApplyInJsonAndInTheTable) {
  const TemporaryFolder folder;
  const auto ran = run_program({"tune", DESCENT_SOURCE_DIR "/examples/iris.toml", "--json", "-s", "train.epochs=14",
                                "-s", "optimizer.name=adam", "-s", "tune.learning_rate=[0.01]", "-s",
                                "tune.range_test=false", "-s", "run.out_dir=" + folder.path()});
  ASSERT_EQ(ran.code, 0) << ran.err;
  const json result = json::parse(ran.out);
  EXPECT_TRUE(result["limit"].is_null());
  EXPECT_EQ(result["limit_remark"], "2/λmax does not apply to adam, which rescales the gradient");
  const std::string table = test::read_text(result["folder"].get<std::string>() + "/tune.csv");
  EXPECT_TRUE(table.starts_with("gamma,gamma_over_limit,change,")) << table;
  EXPECT_NE(table.find("\n0.01,,,"), std::string::npos) << table;
}

// What an arm's own best figure is has no place in the sentence: another arm, later, may have a better one.
TEST(Tuning, NamesTheLossThatDecided) {
  const Tuning tuning = tune(iris({"tune.\"model.hidden\"=[[8], [16]]"}), {}, kNever);
  ASSERT_FALSE(std::isnan(tuning.target));
  EXPECT_NE(
      tuning.reason.find(fmt::format("to within 1 % of the fall to the best val_loss, {:.4g} per row", tuning.target)),
      std::string::npos)
      << tuning.reason;
}

std::size_t count_of(const std::string& text, const std::string& what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

TEST(TunePicture, GivesEachChangeAColourAndTheRestOne) {
  const TemporaryFolder folder;
  Tuning tuning;
  tuning.figure = "loss";
  tuning.recommended = 0.1;
  for (int change = 0; change < 9; ++change)
    for (int k = 0; k < 4; ++k) {
      Arm arm;
      arm.gamma = 0.01 * (1 << k);
      arm.change = fmt::format("model.hidden=[{}]", 10 + change);
      arm.rounds = k < 2 ? 1 : 3;
      arm.figure = 1.0 / (1 + change) + 0.1 * k;
      tuning.arms.push_back(arm);
    }
  draw_tuning(tuning, folder.file("t.svg"));
  const std::string svg = test::read_text(folder.file("t.svg"));
  for (int change = 0; change < 9; ++change)
    EXPECT_EQ(count_of(svg, fmt::format(">model.hidden=[{}]<", 10 + change)), change < 3 ? 0u : 1u) << change;
  EXPECT_EQ(count_of(svg, ">others<"), 1u);
  EXPECT_EQ(count_of(svg, ">dashed: cut before the end<"), 1u);
}

TEST(TuneCommand, LeavesAConfigThatTrains) {
  const TemporaryFolder folder;
  const auto ran = run_program({"tune", DESCENT_SOURCE_DIR "/examples/iris.toml", "--json", "-s", "train.epochs=18",
                                "-s", "tune.learning_rate={points=9}", "-s", "tune.range_test=false", "-s",
                                "run.out_dir=" + folder.path()});
  ASSERT_EQ(ran.code, 0) << ran.err;
  const json result = json::parse(ran.out);
  for (const char* key : {"lambda_max", "limit", "recommended", "reason", "trials"})
    EXPECT_TRUE(result.contains(key)) << key;
  EXPECT_EQ(result["trials"].size(), 9u);
  const std::string made = result["folder"];
  for (const char* name : {"config.toml", "tune.csv", "trials.jsonl", "best.toml", "tune.svg", "result.json"})
    EXPECT_TRUE(std::filesystem::exists(made + "/" + name)) << name;
  EXPECT_EQ(run_program({"train", made + "/best.toml", "--no-save", "-q"}).code, 0);
  const auto again = run_program({"tune", made + "/config.toml", "--json", "--resume", made});
  ASSERT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(json::parse(again.out)["recommended"], result["recommended"]);
  const auto other = run_program({"tune", made + "/config.toml", "-s", "run.seed=5", "--resume", made});
  EXPECT_EQ(other.code, 2);
  EXPECT_NE(other.err.find("is not what this tuning was started with"), std::string::npos) << other.err;
}

}  // namespace
}  // namespace descent
