// descent minimize: known answers and what it says.

#include "tests/app/commands/minimize_program.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace descent {
namespace {

using nlohmann::json;
using test::holds;
using test::minimize;
using test::minimize_json;
using test::Ran;
using test::read_text;
using test::run_program;
using test::TemporaryFolder;

constexpr const char* kBowl = "x^2 + x*y + y^2";
constexpr const char* kRosenbrock = "100 (y - x^2)^2 + (1 - x)^2";

std::size_t widest_line(const std::string& text) {
  std::size_t widest = 0, columns = 0;
  for (const char c : text) {
    if (c == '\n')
      columns = 0;
    else if ((static_cast<unsigned char>(c) & 0xC0) != 0x80)
      widest = std::max(widest, ++columns);
  }
  return widest;
}

// The one line of a refusal.
void expect_refused(const std::vector<std::string>& arguments, const std::string& message, int code = 2) {
  const Ran ran = minimize(arguments);
  EXPECT_EQ(ran.code, code) << ran.out;
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.err, "error: " + message + "\n");
}

TEST(MinimizeCommand, GoesDownTheBowl) {
  const json run = minimize_json({kBowl, "--start", "x=3,y=-2", "--learning-rate", "0.1"});
  EXPECT_EQ(run["status"], "converged");
  EXPECT_EQ(run["reason"], "gradient_small");
  EXPECT_EQ(run["verdict"], "local minimum");
  EXPECT_NEAR(run["x"]["x"].get<double>(), 0, 1e-7);
  EXPECT_NEAR(run["x"]["y"].get<double>(), 0, 1e-7);
  EXPECT_NEAR(run["path"][1][0].get<double>(), 2.6, 1e-14);
  EXPECT_NEAR(run["path"][1][1].get<double>(), -1.9, 1e-14);
  EXPECT_NEAR(run["lambda_max"].get<double>(), 3, 1e-12);
  EXPECT_NEAR(run["limit"].get<double>(), 2.0 / 3, 1e-12);
  EXPECT_NEAR(run["eigenvalues"][0].get<double>(), 1, 1e-12);
  EXPECT_EQ(run["path"].size(), run["steps"].get<std::size_t>() + 1);
  EXPECT_EQ(run["gradient"], json({"2*x + y", "x + 2*y"}));
}

TEST(MinimizeCommand, PrintsFormulasStepsAndReasons) {
  const Ran ran = minimize({kBowl, "--start", "x=3,y=-2", "--learning-rate", "0.1"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.err, "");
  EXPECT_TRUE(
      ran.out.starts_with("minimise  x^2 + x*y + y^2\n"
                          "gradient  [2*x + y, x + 2*y]\n"
                          "Hessian   [[2, 1], [1, 2]]\n"
                          "method    steepest, γ = 0.1\n\n"
                          "step        x        y        f    ‖∇f‖      γ predict   actual γλmax\n"
                          "   0        3       -2        7 4.12311\n"
                          "   1      2.6     -1.9     5.43 3.51141    0.1     1.7     1.57   0.3 good\n"))
      << ran.out;
  EXPECT_TRUE(holds(ran.out, "\n   …\n")) << ran.out;
  EXPECT_TRUE(holds(ran.out, "is at most the tolerance 1e-08.\n")) << ran.out;
  EXPECT_TRUE(holds(ran.out, "is a local minimum: the")) << ran.out;
  EXPECT_LE(widest_line(ran.out), 80u);
}

TEST(MinimizeCommand, SaysWhyItDiverged) {
  const json run = minimize_json({kBowl, "--start", "x=3,y=-2", "--learning-rate", "0.7"}, 4);
  EXPECT_EQ(run["status"], "diverged");
  EXPECT_NEAR(run["lambda_max"].get<double>(), 3, 1e-12);
  EXPECT_NEAR(run["limit"].get<double>(), 2.0 / 3, 1e-12);
  EXPECT_TRUE(holds(run["sentence"], "λmax = 3 at the start: γ must stay below 2/λmax = 0.667, and γ = 0.7 is beyond"))
      << run["sentence"];
  const Ran ran = minimize({kBowl, "--start", "x=3,y=-2", "--learning-rate", "0.7"});
  EXPECT_TRUE(holds(ran.out, "step 3 overshoots: f rose because γ·curvature = 2.08 > 2\n")) << ran.out;
  EXPECT_LE(widest_line(ran.out), 80u);
}

TEST(MinimizeCommand, FindsTheMinimumOfRosenbrockByEveryMethod) {
  for (const char* method : {"steepest", "cg", "lbfgs", "newton"}) {
    const json run = minimize_json({kRosenbrock, "--start", "x=-1.2,y=1", "--method", method});
    EXPECT_NEAR(run["x"]["x"].get<double>(), 1, 1e-6) << method;
    EXPECT_NEAR(run["x"]["y"].get<double>(), 1, 1e-6) << method;
    EXPECT_EQ(run["verdict"], "local minimum") << method;
  }
  const json run = minimize_json({kRosenbrock, "--start", "x=-1.2,y=1", "--method", "lbfgs"});
  EXPECT_LT(run["evaluations"]["gradients"].get<int>() + run["evaluations"]["values"].get<int>(), 60);
}

TEST(MinimizeCommand, MaximisesAndSaysSo) {
  const Ran ran = minimize({"-x^2 + x", "--start", "x=3", "--learning-rate", "0.1", "--maximize"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_TRUE(ran.out.starts_with("maximise  -x^2 + x\ngradient  [1 - 2*x]\n")) << ran.out;
  EXPECT_TRUE(holds(ran.out, "   1      2.5    -3.75")) << ran.out;
  EXPECT_TRUE(holds(ran.out, "actual: the rise of f")) << ran.out;
  EXPECT_TRUE(holds(ran.out, "x = 0.5, f = 0.25, is a local maximum: the second derivative is -2, negative.\n"))
      << ran.out;
}

TEST(MinimizeCommand, ReportsTheBasinsOfRandomStarts) {
  const std::vector<std::string> arguments = {"(x^2 + y - 11)^2 + (x + y^2 - 7)^2", "--start", "random:20", "--box",
                                              "-5:5"};
  const json run = minimize_json(arguments);
  ASSERT_EQ(run["basins"].size(), 4u);
  std::size_t starts = 0;
  for (const json& basin : run["basins"]) {
    EXPECT_NEAR(basin["f"].get<double>(), 0, 1e-12);
    EXPECT_EQ(basin["verdict"], "local minimum");
    starts += basin["starts"].get<std::size_t>();
  }
  EXPECT_EQ(starts, 20u);
  EXPECT_EQ(run["verdict"], "local minimum");
  const Ran ran = minimize(arguments);
  EXPECT_TRUE(holds(ran.out, "20 random starts: 4 basins\n")) << ran.out;
  EXPECT_LE(widest_line(ran.out), 80u);
}

// Rows near y = 1/(1 + exp(2 − x)); the solution by mpmath, from the same rows with 40 digits.
TEST(MinimizeCommand, FitsALogisticCurveToData) {
  const TemporaryFolder folder;
  const std::string data = folder.write("curve.csv",
                                        "x,y\n0,0.109\n0.5,0.182\n1,0.279\n1.5,0.368\n2,0.5\n2.5,0.632\n3,0.721\n"
                                        "3.5,0.818\n4,0.891\n4.5,0.914\n5,0.953\n5.5,0.981\n");
  const std::pair<const char*, double> solution[] = {
      {"b1", 1.002839866082996}, {"b2", 2.009288640766856}, {"b3", 0.9999068586053554}};
  const std::pair<const char*, double> methods[] = {{"newton", 1e-8}, {"lbfgs", 1e-8}, {"steepest", 1e-6}};
  for (const auto& [method, within] : methods) {
    const json run = minimize_json({"sum((y - b1/(1 + exp(b2 - b3*x)))^2)", "--data", data, "--start",
                                    "b1=1.2,b2=1.5,b3=0.8", "--method", method});
    for (const auto& [name, value] : solution)
      EXPECT_NEAR(run["x"][name].get<double>() / value, 1, within) << method << ' ' << name;
    EXPECT_NEAR(run["f"].get<double>(), 7.795512225336298e-4, 1e-15) << method;
    EXPECT_EQ(run["verdict"], "local minimum") << method;
  }
}

// Census figures of the United States since 1790, in millions; the solution by mpmath with 40 digits.
TEST(MinimizeCommand, FitsABadlyScaledCurveByScaling) {
  const std::vector<std::string> fit = {"sum((millions - limit/(1 + exp(rate*(half - t))))^2)", "--data",
                                        DESCENT_SOURCE_DIR "/examples/growth.csv", "--start",
                                        "limit=300,rate=0.02,half=120"};
  const auto digits_of = [&](const std::vector<std::string>& more) {
    std::vector<std::string> arguments = fit;
    arguments.insert(arguments.end(), more.begin(), more.end());
    const json run = minimize_json(arguments);
    EXPECT_EQ(run["verdict"], "local minimum");
    double worst = 0;
    for (const auto& [name, value] : {std::pair{"limit", 444.06443134654263}, std::pair{"rate", 0.02155012089541012},
                                      std::pair{"half", 187.38157503864136}})
      worst = std::max(worst, std::abs(run["x"][name].get<double>() / value - 1));
    return -std::log10(worst);
  };
  EXPECT_GE(digits_of({"--method", "lbfgs"}), 8);
  EXPECT_GE(digits_of({"--method", "newton"}), 8);
  EXPECT_GE(digits_of({"--method", "newton", "--scale", "auto"}), 8);
  EXPECT_GE(digits_of({"--scale", "auto"}), 6);
  EXPECT_GE(digits_of({"--scale", "limit=0.3,rate=5e-5,half=0.1"}), 6);
}

TEST(MinimizeCommand, SaysInWhichVariablesItsFiguresAre) {
  const std::vector<std::string> arguments = {"x^2 + 10000 y^2", "--start", "x=1,y=1", "--scale", "auto",
                                              "--learning-rate", "0.5"};
  const Ran ran = minimize(arguments);
  EXPECT_TRUE(holds(ran.out, "steps are taken in variables divided by D: x = 0.707107, y = 0.00707107;")) << ran.out;
  EXPECT_TRUE(holds(ran.out, "‖D∇f‖")) << ran.out;
  EXPECT_FALSE(holds(ran.out, "‖∇f‖")) << ran.out;
  EXPECT_LE(widest_line(ran.out), 80u);
  const json run = minimize_json(arguments);
  EXPECT_NEAR(run["lambda_max"].get<double>(), 1, 1e-12);
  EXPECT_NEAR(run["eigenvalues"][1].get<double>(), 20000, 1e-6);
  EXPECT_NEAR(run["path"][1][1].get<double>(), 0.5, 1e-12);
  expect_refused({"x^2 + y^2", "--start", "x=1,y=1", "--scale", "x=1,y=-1"},
                 "--scale: the scale -1 of y must be above 0; its usual size will do");
  expect_refused({"x^2 + y^2", "--start", "x=1,y=1", "--scale", "atuo"},
                 "--scale: found 'atuo', but it takes auto, magnitude, none or a number for every variable");
}

TEST(MinimizeCommand, TakesTheConstantsOfMethods) {
  const json slow = minimize_json({"x^2", "--start", "1", "--learning-rate", "0.1", "--method", "momentum"});
  const json fast =
      minimize_json({"x^2", "--start", "1", "--learning-rate", "0.1", "--method", "momentum", "--set", "momentum=0.3"});
  EXPECT_LT(fast["steps"], slow["steps"]);
  const json known = minimize_json({"x^2 + 1", "--start", "1", "--line-search", "polyak", "--set", "minimum=1"});
  EXPECT_NEAR(known["x"]["x"].get<double>(), 0, 1e-6);
  expect_refused({"x^2", "--start", "1", "--line-search", "polyak"},
                 "the polyak step needs the minimum's value: --set minimum=0; where it is not known, try armijo");
  expect_refused({"x^2", "--start", "1", "--set", "momentum"},
                 "--set momentum: a constant is NAME=VALUE, such as momentum=0.5");
  EXPECT_TRUE(holds(minimize({"x^2", "--start", "1", "--set", "momentun=0.5"}).err, "did you mean 'momentum'?"));
  EXPECT_TRUE(holds(minimize({"x^2", "--start", "1", "--set", "c1=2"}).err,
                    "--set line_search.c1=2: error: line_search.c1 must be a number > 0 and < 0.5, got 2"));
}

TEST(MinimizeCommand, KnowsNamesFromElsewhere) {
  EXPECT_EQ(minimize_json({"x^2", "--start", "1", "--method", "sgd", "--lr", "0.1"})["method"], "steepest, γ = 0.1");
  EXPECT_EQ(minimize_json({"x^2", "--start", "1", "--method", "cg", "--line-search", "strong_wolfe"})["method"],
            "conjugate_gradient, line search wolfe");
}

TEST(MinimizeCommand, TakesFormulasThatBeginWithAMinus) {
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"-x^2", "--start", "1", "--maximize"},
                                                    {"--start", "1", "--maximize", "-x^2"},
                                                    {"--start=1", "--maximize", "-x*x"}}) {
    EXPECT_EQ(minimize_json(arguments)["verdict"], "local maximum") << arguments[0];
  }
  EXPECT_EQ(minimize({"--maximize", "--start", "1", "--", "-x^2"}).code, 0);
  EXPECT_EQ(minimize({"-x", "--start", "1"}).code, 4);
  EXPECT_EQ(minimize({"-x^2 + )", "--start", "1"}).err,
            "error: formula, column 8: found ')', but '+' before it needs a number, a variable, a function or '('\n"
            "  -x^2 + )\n"
            "         ^\n");
  expect_refused({"x^2", "--start", "1", "--learning-rate", "-0.5"},
                 "--learning-rate -0.5: γ must be a number above 0; to go uphill, use --maximize");
}

TEST(MinimizeCommand, WritesAllStepsAsCsv) {
  const TemporaryFolder folder;
  const std::string file = folder.file("steps.csv");
  minimize({"x^2", "--start", "x=1", "--learning-rate", "0.25", "--csv", file});
  EXPECT_TRUE(
      read_text(file).starts_with("step,x,f,gradient_norm,gamma,predicted,actual,gamma_lambda,verdict\n"
                                  "0,1,1,2,,,,,\n"
                                  "1,0.5,0.25,1,0.25,1,0.75,0.5,good\n"))
      << read_text(file);
  minimize({"x^2", "--start", "x=1", "--learning-rate", "0.002", "--steps", "1500", "--csv", file});
  EXPECT_TRUE(holds(read_text(file), "\n1500,"));
}

TEST(MinimizeCommand, DrawsByTheNumberOfVariables) {
  const TemporaryFolder folder;
  const std::vector<std::pair<const char*, const char*>> cases = {
      {"x^4 - x", "x=2"}, {"x^2 + y^2", "x=2,y=0"}, {"x^2 + y^2 + z^2", "x=2,y=0,z=1"}};
  for (const auto& [formula, start] : cases) {
    const std::string file = folder.file("run.gp");
    const Ran ran = minimize({formula, "--start", start, "--learning-rate", "0.05", "--plot", file});
    EXPECT_EQ(ran.code, 0) << ran.err;
    EXPECT_GT(read_text(file).size(), 1000u) << formula;
  }
  const std::string film = folder.file("run.gp");
  EXPECT_EQ(minimize({"x^2", "--start", "x=2", "--learning-rate", "0.2", "--animate", film}).code, 0);
  EXPECT_EQ(minimize({"x^2+y^2+z^2", "--start", "x=2,y=1,z=0", "--animate", film}).code, 2);
  EXPECT_EQ(minimize({"x^2", "--start", "x=1", "--plot", "run.bmp"}).code, 2);
}

TEST(MinimizeCommand, TakesNumbersWrittenAsFormulas) {
  const json run =
      minimize_json({"cos(x) + y^2", "--start", "x=-pi/2, y=1/4", "--steps", "1", "--learning-rate", "1e-9"}, 5);
  EXPECT_EQ(run["start"]["x"], -std::acos(-1.0) / 2);
  EXPECT_EQ(run["start"]["y"], 0.25);
  EXPECT_EQ(run_program({"critical", "sin(x)", "--box", "-pi:2pi"}).code, 0);
}

TEST(MinimizeCommand, IsKnownByBothSpellings) {
  const Ran ran = run_program({"minimise", "x^2", "--start", "x=1", "--learning-rate", "0.5"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_TRUE(holds(ran.out, "stopped after 1 step: ‖∇f‖ = 0.\n")) << ran.out;
}

}  // namespace
}  // namespace descent
