// train for a config with a formula, and line searches and directions from a config for formulas and networks.

#include "app/config/optimizer_choice.hpp"
#include "tests/app/config/support.hpp"
#include "tests/support/program.hpp"
#include "trainers/line_search.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <sstream>

namespace descent {
namespace {

using nlohmann::json;
using test::Ran;
using test::read_text;
using test::run_program;
using test::TemporaryFolder;

constexpr const char* kSphere =
    "[objective]\nformula = \"(x - 3)^2 + 2 (y + 1)^2\"\nstart = \"x=0,y=0\"\n"
    "[train]\nepochs = 3000\ngradient_tolerance = 1e-8\n";

std::string example(const std::string& name) { return DESCENT_SOURCE_DIR "/examples/" + name; }

Ran train(const std::string& config, std::vector<std::string> more = {}, const std::string& folder = ".") {
  std::vector<std::string> arguments = {"train", config};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return run_program(arguments, folder);
}

json train_json(const std::string& config, std::vector<std::string> more = {}, int code = 0) {
  more.insert(more.end(), {"--json", "-q", "--no-save"});
  const Ran ran = train(config, more);
  EXPECT_EQ(ran.code, code) << ran.err;
  return json::parse(ran.out, nullptr, false);
}

// The first line of the error, without the label before it.
std::string first_error(const Ran& ran) {
  EXPECT_EQ(ran.code, 2) << ran.out;
  const std::size_t begin = ran.err.find("error: ");
  return begin == std::string::npos ? ran.err : ran.err.substr(begin + 7, ran.err.find('\n', begin) - begin - 7);
}

TEST(FormulaTraining, FindsTheMinimumOfRosenbrockFromItsConfig) {
  const json run = train_json(example("rosenbrock.toml"));
  EXPECT_EQ(run["status"], "converged");
  EXPECT_EQ(run["verdict"], "local minimum");
  EXPECT_NEAR(run["x"]["x"].get<double>(), 1, 1e-7);
  EXPECT_NEAR(run["x"]["y"].get<double>(), 1, 1e-7);
  EXPECT_LT(run["epochs"], 60);
}

// The solution by mpmath with 40 digits, from the rows of the file.
TEST(FormulaTraining, FitsALogisticCurveByScaledGradientDescent) {
  const json run = train_json(example("growth.toml"));
  EXPECT_EQ(run["verdict"], "local minimum");
  EXPECT_NEAR(run["x"]["limit"].get<double>() / 444.06443134654263, 1, 1e-6);
  EXPECT_NEAR(run["x"]["rate"].get<double>() / 0.02155012089541012, 1, 1e-6);
  EXPECT_NEAR(run["x"]["half"].get<double>() / 187.38157503864136, 1, 1e-6);
}

TEST(FormulaTraining, GoesWhereMinimizeGoes) {
  const TemporaryFolder folder;
  const std::string config = folder.write("a.toml", kSphere);
  for (const char* name : {"steepest", "momentum", "adam", "lbfgs", "newton"}) {
    const json trained =
        train_json(config, {"-s", std::string("optimizer.name=") + name, "-s", "optimizer.line_search=armijo"});
    const Ran ran = run_program({"minimize", "(x - 3)^2 + 2 (y + 1)^2", "--start", "x=0,y=0", "--method", name,
                                 "--line-search", "armijo", "--steps", "3000", "--json"});
    const json minimised = json::parse(ran.out, nullptr, false);
    for (const char* key : {"x", "f", "steps", "reason", "verdict", "path", "method"})
      EXPECT_EQ(trained[key], minimised[key]) << name << ' ' << key;
  }
}

TEST(FormulaTraining, KeepsARecordThatTrainsAgain) {
  const TemporaryFolder folder;
  folder.write("bowl.toml", kSphere);
  const Ran ran = train("bowl.toml", {"--json", "-s", "optimizer.learning_rate=0.1", "-s", "objective.maximize=false"},
                        folder.path());
  ASSERT_EQ(ran.code, 0) << ran.err;
  const json result = json::parse(ran.out);
  const std::string run = folder.file(result["run"]);
  EXPECT_TRUE(result["run"].get<std::string>().ends_with("_bowl"));
  EXPECT_EQ(json::parse(read_text(run + "/result.json")), result);

  std::istringstream csv(read_text(run + "/metrics.csv"));
  std::string line;
  std::getline(csv, line);
  EXPECT_EQ(line, "epoch,step,time_s,lr,lr_times_batch,train_loss,train_loss_per_row,grad_norm,x,y");
  std::istringstream lines(read_text(run + "/metrics.jsonl"));
  std::getline(lines, line);
  EXPECT_EQ(json::parse(line)["formula"], "(x - 3)^2 + 2*(y + 1)^2");
  std::getline(lines, line);
  EXPECT_NEAR(json::parse(line)["x"].get<double>(), 0.6, 1e-12);
  EXPECT_NEAR(json::parse(line)["train_loss"].get<double>(), 2.4 * 2.4 + 2 * 0.36, 1e-12);
  std::string last;
  while (std::getline(lines, line)) last = line;
  EXPECT_EQ(json::parse(last)["verdict"], "local minimum");
  EXPECT_NE(read_text(run + "/train.log").find("is a local minimum"), std::string::npos);

  const json again = train_json(run + "/config.toml");
  EXPECT_EQ(again["x"], result["x"]);
  EXPECT_EQ(again["steps"], result["steps"]);
}

TEST(FormulaTraining, ShowsALineAnEpochAndTheLastOne) {
  const TemporaryFolder folder;
  const std::string config = folder.write("a.toml", kSphere);
  const Ran ran = train(config, {"--no-save", "-s", "optimizer.learning_rate=0.2", "-s", "log.every=10"});
  EXPECT_NE(ran.err.find("epoch           f      ‖∇f‖         γ          x          y\n"
                         "    0          11    7.2111         -          0          0\n"
                         "   10 "),
            std::string::npos)
      << ran.err;
  EXPECT_EQ(ran.err.find("\n    1 "), std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find("stopped after "), std::string::npos) << ran.err;
  EXPECT_NE(ran.out.find("is a local minimum"), std::string::npos) << ran.out;
}

// The exit code is that of a training, whose target is train.loss_target.
TEST(FormulaTraining, WarnsOfASaddleAndNamesTheWayDown) {
  const TemporaryFolder folder;
  const std::string config =
      folder.write("a.toml",
                   "[objective]\nformula = \"2x^2 - y^2 + y^4\"\nstart = \"x=1,y=0\"\n"
                   "[train]\nepochs = 1000\ngradient_tolerance = 1e-8\n[optimizer]\nlearning_rate = 0.25\n");
  const Ran ran = train(config, {"--no-save", "-q"});
  EXPECT_EQ(ran.code, 0);
  const std::string start = "x=0,y=0.1", option = "--set objective.start=" + start;
  EXPECT_EQ(ran.err, "warning: the end is a saddle and no minimum: f falls from there; go down with " + option + "\n");
  EXPECT_NE(ran.out.find(option), std::string::npos) << ran.out;
  EXPECT_EQ(train_json(config)["status"], "stopped");
  const Ran down = train(config, {"--no-save", "-q", "--set", "objective.start=" + start});
  EXPECT_EQ(down.err, "");
  EXPECT_NE(down.out.find("is a local minimum"), std::string::npos) << down.out;
  EXPECT_EQ(train(config, {"--no-save", "-q", "-s", "train.loss_target=-0.2"}).code, 5);
}

// Down from a saddle, or up when maximising, in a run of its own whose record stands for itself.
TEST(FormulaTraining, EscapesFromASaddle) {
  for (const bool maximize : {false, true}) {
    const TemporaryFolder folder;
    const std::string config = folder.write(
        "a.toml", "[run]\nname = \"a\"\n[objective]\nstart = \"x=1,y=0\"\nformula = \"" +
                      std::string(maximize ? "y^2 - 2x^2 - y^4\"\nmaximize = true" : "2x^2 - y^2 + y^4\"") +
                      "\n[train]\nepochs = 1000\ngradient_tolerance = 1e-8\n[optimizer]\nlearning_rate = 0.2\n");
    const Ran ran = train(config, {"--escape", "--json"}, folder.path());
    EXPECT_EQ(ran.code, 0) << ran.err;
    EXPECT_NE(ran.err.find(maximize ? "from a step above" : "from a step below"), std::string::npos) << ran.err;
    const json end = json::parse(ran.out);
    EXPECT_TRUE(end["run"].get<std::string>().ends_with("a_escaped"));
    EXPECT_EQ(end["verdict"], maximize ? "local maximum" : "local minimum");
    EXPECT_NEAR(end["f"].get<double>(), maximize ? 0.25 : -0.25, 1e-12);
    EXPECT_LT(std::abs(end["start"]["x"].get<double>()), 1e-6) << "from the saddle, not from where that run began";
    const Ran again = run_program({"train", "--from", end["run"]}, folder.path());
    EXPECT_NE(again.err.find("repeated: the same weights"), std::string::npos) << again.err;
  }
}

TEST(FormulaTraining, EscapesFromTheBestOfRandomStarts) {
  const TemporaryFolder folder;
  const std::string config = folder.write("a.toml",
                                          "[objective]\nstart = \"random:3\"\nbox = \"x=-1:1,y=-1e-300:1e-300\"\n"
                                          "formula = \"2x^2 - y^2 + y^4\"\n[train]\nepochs = 1000\n"
                                          "gradient_tolerance = 1e-8\n[optimizer]\nlearning_rate = 0.2\n");
  const Ran ran = train(config, {"--escape", "--json", "-q"}, folder.path());
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(json::parse(ran.out)["verdict"], "local minimum");
}

TEST(FormulaTraining, DoesNotEscapeBeforeEveryRandomStartHadItsTurn) {
  const TemporaryFolder folder;
  // y grows by 1e-9 of itself in a step: the first run stays at the saddle until the time is over.
  const std::string config = folder.write("a.toml",
                                          "[objective]\nstart = \"random:3\"\nbox = \"x=-1:1,y=-1e-9:1e-9\"\n"
                                          "formula = \"x^2 - 1e-8*y^2 + y^4\"\n[train]\nepochs = 1000000000\n"
                                          "max_seconds = 0.2\n[optimizer]\nlearning_rate = 0.1\n");
  const Ran ran = train(config, {"--escape", "--json"}, folder.path());
  const json end = json::parse(ran.out);
  EXPECT_EQ(end["reason"], "time_budget");
  EXPECT_EQ(end["verdict"], "saddle");
  EXPECT_EQ(ran.err.find("escape "), std::string::npos) << ran.err;
  EXPECT_FALSE(end.contains("basins"));
}

TEST(FormulaTraining, EscapesFromNothingButASaddle) {
  const TemporaryFolder folder;
  const Ran ran =
      train(folder.write("a.toml", kSphere), {"--escape", "--no-save", "-s", "optimizer.learning_rate=0.2"});
  EXPECT_EQ(ran.err.find("escape"), std::string::npos) << ran.err;
  EXPECT_NE(ran.out.find("is a local minimum"), std::string::npos) << ran.out;
}

TEST(FormulaTraining, StopsAtItsTarget) {
  const TemporaryFolder folder;
  for (const bool maximize : {false, true}) {
    const std::string sign = maximize ? "-" : "";
    const std::string config = folder.write(
        "a.toml", "[objective]\nformula = \"" + sign +
                      "x^2\"\nstart = \"1\"\nmaximize = " + (maximize ? "true" : "false") +
                      "\n[train]\nepochs = 50\nloss_target = " + sign + "0.25\n[optimizer]\nlearning_rate = 0.1\n");
    const json run = train_json(config);
    EXPECT_EQ(run["sentence"], "reached the target after 4 steps: f = " + sign + "0.167772");
    EXPECT_EQ(train_json(config, {"-s", "objective.start=0.5"})["sentence"],
              "the start is already at the target: f = " + sign + "0.25");
    train_json(config, {"-s", "train.epochs=3"}, 5);
  }
}

TEST(FormulaTraining, TellsOfTheBestFWhenMaximising) {
  const TemporaryFolder folder;
  const std::string config = folder.write("a.toml",
                                          "[objective]\nformula = \"5 - x^2\"\nstart = \"1\"\nmaximize = true\n"
                                          "[optimizer]\nlearning_rate = 1\n[early_stopping]\npatience = 3\n");
  const json run = train_json(config);
  EXPECT_NE(run["sentence"].get<std::string>().find("the best f 4"), std::string::npos) << run["sentence"];
}

TEST(FormulaTraining, SaysWhyItDiverged) {
  const TemporaryFolder folder;
  const json run = train_json(folder.write("a.toml", kSphere), {"-s", "optimizer.learning_rate=0.6"}, 4);
  EXPECT_EQ(run["status"], "diverged");
  EXPECT_NE(run["sentence"].get<std::string>().find("γ must stay below 2/λmax = 0.5"), std::string::npos)
      << run["sentence"];
}

TEST(FormulaTraining, ShowsFItselfWhenMaximising) {
  const TemporaryFolder folder;
  const std::string config =
      folder.write("a.toml",
                   "[objective]\nformula = \"3 - x^2\"\nstart = \"1\"\nmaximize = true\n"
                   "[train]\nepochs = 100\ngradient_tolerance = 1e-8\n[optimizer]\nlearning_rate = 0.25\n");
  const Ran ran = train(config, {}, folder.path());
  EXPECT_NE(ran.err.find("    1        2.75 "), std::string::npos) << ran.err;
  EXPECT_NE(ran.out.find("is a local maximum"), std::string::npos) << ran.out;
}

TEST(FormulaTraining, StartsAtRandom) {
  const TemporaryFolder folder;
  const std::string config = folder.write(
      "a.toml",
      "[objective]\nformula = \"(x^2 + y - 11)^2 + (x + y^2 - 7)^2\"\nstart = \"random:20\"\nbox = \"-5:5\"\n"
      "[train]\nepochs = 1000\ngradient_tolerance = 1e-8\n[optimizer]\nname = \"lbfgs\"\n");
  const json run = train_json(config);
  EXPECT_EQ(run["basins"].size(), 4u);
  EXPECT_NEAR(run["f"].get<double>(), 0, 1e-12);
}

TEST(FormulaTraining, TakesRowsInBatches) {
  const TemporaryFolder folder;
  std::string rows = "x,y\n";
  for (int i = 0; i < 100; ++i) rows += std::to_string(i % 10) + "," + std::to_string(3 * (i % 10) + 2) + "\n";
  folder.write("line.csv", rows);
  const std::string config =
      folder.write("a.toml",
                   "[objective]\nformula = \"sum((y - a*x - b)^2)\"\nstart = \"a=0,b=0\"\ndata = \"line.csv\"\n"
                   "[train]\nepochs = 200\nbatch_size = 10\n[optimizer]\nlearning_rate = 0.001\n");
  const json run = train_json(config);
  EXPECT_EQ(run["steps"], 2000);
  EXPECT_NEAR(run["x"]["a"].get<double>(), 3, 1e-3);
  EXPECT_NEAR(run["x"]["b"].get<double>(), 2, 1e-3);
}

TEST(FormulaTraining, RefusesWhatIsForNetworks) {
  const TemporaryFolder folder;
  const std::string config = folder.write("a.toml", kSphere);
  EXPECT_EQ(first_error(train(config, {"-s", "data.path=d.csv"})),
            "data.path is for networks, and objective.formula is minimised instead of one; remove [data] (rows for "
            "sum(...): objective.data)");
  EXPECT_EQ(first_error(train(config, {"-s", "model.hidden=[3]"})),
            "model.hidden is for networks, and objective.formula is minimised instead of one; remove [model]");
  EXPECT_EQ(first_error(train(config, {"-s", "train.l2=1"})),
            "train.l2 is for networks, and objective.formula is minimised instead of one; remove it");
  EXPECT_EQ(first_error(train(config, {"-s", "early_stopping.monitor=accuracy"})),
            "early_stopping.monitor = \"accuracy\" is a figure of networks; a formula has \"loss\", its value");
  EXPECT_EQ(first_error(run_program({"gradcheck", config})),
            "this config minimises a formula, objective.formula, and has no network; train takes it, as descent "
            "minimize does the formula itself");
}

TEST(FormulaTraining, RefusesBadStarts) {
  const TemporaryFolder folder;
  const std::string config = folder.write("a.toml", kSphere);
  EXPECT_EQ(first_error(train(config, {"--no-save", "-s", "objective.start=x=1"})),
            "objective.start: a variable is missing: y; write x=NUMBER,y=NUMBER");
  EXPECT_EQ(first_error(train(config, {"-s", "objective.start="})),
            "objective.start is missing: where to start from, such as \"x=3,y=-2\"");
  EXPECT_EQ(first_error(train(config, {"-s", "objective.start=random:3"})),
            "random starts need objective.box, such as \"-5:5\" or \"x=-3:3,y=0:1\"");
  EXPECT_EQ(first_error(train(config, {"--no-save", "-s", "objective.scale=x=1,y=0"})),
            "objective.scale: the scale 0 of y must be above 0; its usual size will do");
  EXPECT_EQ(
      parse_config(kSmallest, "run.toml", std::vector<std::string>{"objective.start=x=1"}).notices,
      std::vector<std::string>{"--set objective.start=x=1: objective.start does nothing without objective.formula"});
}

// Every row of both tables, on a network and on a formula: none is refused, and the loss falls.
TEST(LineSearchesInConfigs, WorkWithEveryMethodOnANetwork) {
  for (const auto& row : directions<double>()) {
    for (const auto& search : line_searches<double>()) {
      const std::vector<std::string> more = {"-s",       "optimizer.name=" + std::string(row.name),
                                             "-s",       "optimizer.line_search=" + std::string(search.name),
                                             "-s",       "train.batch_size=full",
                                             "-s",       "train.epochs=5",
                                             "-s",       "line_search.minimum=0",
                                             "--json",   "-q",
                                             "--no-save"};
      const Ran ran = train(example("iris.toml"), more);
      if (ran.code == 2) {
        EXPECT_NE(ran.err.find("needs second derivatives"), std::string::npos) << ran.err;
        continue;
      }
      EXPECT_EQ(ran.code, 0) << row.name << ' ' << search.name << ran.err;
      const double loss = json::parse(ran.out, nullptr, false)["train"]["loss"].get<double>();
      if (search.name != "polyak") {
        EXPECT_LT(loss, 110) << row.name << ' ' << search.name;
      }
    }
  }
}

TEST(LineSearchesInConfigs, WorkWithEveryMethodOnAFormula) {
  const TemporaryFolder folder;
  const std::string config = folder.write("a.toml", kSphere);
  for (const auto& row : directions<double>())
    for (const auto& search : line_searches<double>()) {
      const json run = train_json(config, {"-s", "optimizer.name=" + std::string(row.name), "-s",
                                           "optimizer.line_search=" + std::string(search.name), "-s",
                                           "line_search.minimum=0", "-s", "optimizer.weight_decay=0"});
      EXPECT_LT(run["f"], 1e-3) << row.name << ' ' << search.name << run["sentence"];
    }
}

TEST(LineSearchesInConfigs, AreWolfeForDirectionsThatWantOne) {
  const std::string smallest(kSmallest);
  EXPECT_EQ(chosen_line_search(accepted(smallest).optimizer), "");
  EXPECT_EQ(chosen_line_search(accepted(smallest, {"optimizer.name=cg"}).optimizer), "wolfe");
  EXPECT_EQ(chosen_line_search(accepted(smallest, {"optimizer.name=lbfgs"}).optimizer), "wolfe");
  EXPECT_EQ(chosen_line_search(accepted(smallest, {"optimizer.name=lbfgs", "optimizer.step_size=none"}).optimizer), "");
  EXPECT_EQ(chosen_line_search(accepted(smallest, {"optimizer.line_search=backtracking"}).optimizer), "armijo");
}

TEST(LineSearchesInConfigs, TakeTheirConstants) {
  const Config config = accepted(kSmallest, {"optimizer.history=3", "optimizer.restart=0.5", "line_search.c1=0.01",
                                             "line_search.c2=0.5", "line_search.trials=7", "line_search.growth=4"});
  EXPECT_EQ(direction_options(config.optimizer).history, 3);
  EXPECT_EQ(direction_options(config.optimizer).restart, 0.5);
  const LineSearchOptions options = line_search_options(config.line_search);
  EXPECT_EQ(options.c1, 0.01);
  EXPECT_EQ(options.c2, 0.5);
  EXPECT_EQ(options.trials, 7);
  EXPECT_EQ(options.growth, 4);
}

// A default of the config that strayed from the library's would change every run silently.
TEST(LineSearchesInConfigs, HaveTheDefaultsOfTheLibrary) {
  const Config config;
  const LineSearchOptions mine = line_search_options(config.line_search), theirs;
  EXPECT_TRUE(std::isnan(mine.minimum));
  for (const auto member : {&LineSearchOptions::initial_step, &LineSearchOptions::max_step, &LineSearchOptions::c1,
                            &LineSearchOptions::c2, &LineSearchOptions::contraction, &LineSearchOptions::growth,
                            &LineSearchOptions::trials, &LineSearchOptions::memory, &LineSearchOptions::relaxation})
    EXPECT_EQ(mine.*member, theirs.*member);
  EXPECT_EQ(mine.short_step, theirs.short_step);
  EXPECT_EQ(direction_options(config.optimizer).history, DirectionOptions().history);
  EXPECT_EQ(direction_options(config.optimizer).restart, DirectionOptions().restart);
}

TEST(LineSearchesInConfigs, SayWhatTheyNeed) {
  EXPECT_TRUE(
      contains(refusal(kSmallest, {"optimizer.line_search=polyak"}),
               "optimizer.line_search = \"polyak\" needs the lowest value of the sum: set line_search.minimum"));
  EXPECT_TRUE(contains(refusal(kSmallest, {"optimizer.line_search=wolfe", "line_search.c1=0.2", "line_search.c2=0.1"}),
                       "line_search.c2 must be > line_search.c1 (0.2), or 0, got 0.1"));
  const auto notices = parse_config(kSmallest, "run.toml",
                                    std::vector<std::string>{"optimizer.name=lbfgs", "optimizer.lr=0.5",
                                                             "schedule.name=cosine", "line_search.memory=5"})
                           .notices;
  const auto noted = [&](std::string_view part) {
    return std::ranges::any_of(notices, [&](const std::string& notice) { return contains(notice, part); });
  };
  EXPECT_TRUE(noted("optimizer.learning_rate does nothing, as the line search wolfe finds γ"));
  EXPECT_TRUE(noted("schedule.name does nothing"));
  EXPECT_TRUE(
      noted("line_search.memory does nothing with optimizer.line_search = \"wolfe\"; it is for "
            "barzilai_borwein"));
  EXPECT_TRUE(noted("wolfe in batches of 32 rows sees another function in every step"));
}

}  // namespace
}  // namespace descent
