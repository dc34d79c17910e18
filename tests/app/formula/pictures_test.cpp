// The pictures of minimize, read from the gnuplot scripts that draw them.
#include "app/pictures/geometry.hpp"
#include "tests/support/program.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace descent {
namespace {

using pictures::Range;
using test::Ran;
using test::TemporaryFolder;

// The script that draws `minimize` with these arguments.
std::string script_of(std::vector<std::string> arguments) {
  const TemporaryFolder folder;
  arguments.insert(arguments.begin(), "minimize");
  arguments.insert(arguments.end(), {"--plot", folder.file("a.gp")});
  const Ran ran = test::run_program(arguments);
  EXPECT_TRUE(ran.code == 0 || ran.code == 4 || ran.code == 5) << ran.err;
  return test::read_text(folder.file("a.gp"));
}

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// The first range of an axis in a script.
Range range_of(const std::string& script, char axis) {
  const std::string start = std::string("set ") + axis + "range [";
  const std::size_t at = script.find(start);
  if (at == std::string::npos) return {0, 0};
  const std::size_t low = at + start.size(), high = script.find(':', low) + 1;
  return {std::stod(script.substr(low)), std::stod(script.substr(high))};
}

void expect_refused(std::vector<std::string> arguments, const std::string& message) {
  arguments.insert(arguments.begin(), "minimize");
  const Ran ran = test::run_program(arguments);
  EXPECT_EQ(ran.code, 2);
  EXPECT_EQ(ran.err, "error: " + message + "\n");
  EXPECT_EQ(ran.out, "") << "nothing is computed first";
}

const std::string kHimmelblau = "(x^2 + y - 11)^2 + (x + y^2 - 7)^2";

TEST(FormulaPictures, ShowTheMinimumThatARunMissed) {
  const std::string script = script_of({"x^4 - 3x^2 + x", "--start", "2", "--learning-rate", "0.05"});
  EXPECT_TRUE(range_of(script, 'x').contains(-1.3008)) << "the deeper one";
  EXPECT_TRUE(holds(script, "'maximum'"));
}

TEST(FormulaPictures, DoNotReachForCriticalPointsFarAway) {
  // The maxima of cos are 2π apart; the path is 0.1 long.
  const std::string script =
      script_of({"cos(x)", "--start", "x=3.04159", "--learning-rate", "0.5", "--tolerance", "1e-4"});
  EXPECT_LT(range_of(script, 'x').span(), 1);
}

TEST(FormulaPictures, OfTwoVariablesAreNoStrips) {
  const std::string script = script_of({kHimmelblau, "--start", "x=0,y=-1", "--learning-rate", "0.01"});
  const Range x = range_of(script, 'x'), y = range_of(script, 'y');
  EXPECT_GT(y.span(), 0.6 * x.span());
  EXPECT_TRUE(x.contains(-0.2708) && y.contains(-0.923)) << "the maximum beside the start";
}

TEST(FormulaPictures, ShowTheBoxThatWasAskedFor) {
  for (const std::vector<std::string>& more : {std::vector<std::string>{}, {"--plot-as", "surface"}}) {
    std::vector<std::string> arguments = {"y*y + x^2", "--start",    "x=3,y=1",        "--learning-rate",
                                          "0.1",       "--plot-box", "x=-4:4.5,y=-3:2"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const std::string script = script_of(arguments);
    EXPECT_EQ(range_of(script, 'x').low, -4);
    EXPECT_EQ(range_of(script, 'x').high, 4.5);
    EXPECT_EQ(range_of(script, 'y').low, -3);
    EXPECT_EQ(range_of(script, 'y').high, 2);
    EXPECT_EQ(holds(script, "splot"), !more.empty());
  }
}

TEST(FormulaPictures, SayWhereTheAxesHaveScalesOfTheirOwn) {
  const std::vector<std::string> run = {"x^2 + y^2", "--start", "x=1,y=1", "--learning-rate", "0.1", "--plot-box"};
  std::vector<std::string> equal = run, stretched = run;
  equal.push_back("x=-4:4,y=-2:2");
  stretched.push_back("x=-9:9,y=-2:2");
  EXPECT_FALSE(holds(script_of(equal), "not to the scale of x"));
  EXPECT_TRUE(holds(script_of(stretched), "not to the scale of x"));
}

TEST(FormulaPictures, DrawStepsForAnyNumberOfVariables) {
  for (const auto& [formula, start] : std::vector<std::pair<std::string, std::string>>{
           {"x^2", "x=1"}, {"x^2 + y^2", "x=1,y=1"}, {"x^2 + y^2 + z^2", "x=1,y=1,z=0"}})
    EXPECT_TRUE(holds(script_of({formula, "--start", start, "--learning-rate", "0.1", "--plot-as", "steps"}), "γ·λmax"))
        << formula;
}

TEST(FormulaPictures, NameTheGradientOfScaledVariables) {
  const std::string script = script_of({"x^2 + 100 y^2", "--start", "x=1,y=1", "--learning-rate", "0.3", "--steps", "5",
                                        "--scale", "auto", "--plot-as", "steps"});
  EXPECT_TRUE(holds(script, "‖D∇f‖"));
  EXPECT_FALSE(holds(script, "‖∇f‖"));
}

TEST(FormulaPictures, CompareLearningRates) {
  const std::string plane = script_of({"x^2 + x*y + y^2", "--start", "x=3,y=-2", "--learning-rate", "0.1",
                                       "--plot-rates", "0.3,0.7", "--steps", "200"});
  EXPECT_TRUE(holds(plane, "γ = 0.3: 56 steps"));
  EXPECT_TRUE(holds(plane, "γ = 0.7: diverges"));
  EXPECT_LT(range_of(plane.substr(plane.rfind("set yrange")), 'y').high, 1e6) << "f comes to 1e13, out of sight";
  const std::string line =
      script_of({"abs(x)", "--start", "2", "--learning-rate", "0.1", "--plot-rates", "0.3,0.5", "--steps", "9"});
  EXPECT_TRUE(holds(line, "γ = 0.3: f = 0.1")) << line.substr(0, 3000);
}

TEST(FormulaPictures, OfAscentPraiseStepsThatRise) {
  const std::string script = script_of({"4x - x^2", "--start", "0", "--learning-rate", "0.1", "--maximize"});
  EXPECT_TRUE(holds(script, "f rose"));
  EXPECT_FALSE(holds(script, "f fell"));
  const std::size_t arrow = script.find("head filled size");
  ASSERT_NE(arrow, std::string::npos);
  EXPECT_TRUE(holds(script.substr(arrow, 100), "#009e73"));
  EXPECT_TRUE(
      holds(script_of({"4x - x^2 - y^2", "--start", "x=0,y=1", "--learning-rate", "0.1", "--maximize"}), "'∇f, its"));
}

TEST(FormulaPictures, MarkAMinimumAtAKink) {
  EXPECT_TRUE(holds(script_of({"abs(x)", "--start", "2", "--learning-rate", "0.3", "--steps", "20"}), "at a kink"));
  EXPECT_TRUE(holds(script_of({"abs(x) + abs(y)", "--start", "x=2,y=1", "--learning-rate", "0.3", "--steps", "20"}),
                    "at a kink"));
}

TEST(FormulaPictures, RefuseWhatCannotBeDrawnBeforeTheyCompute) {
  const std::vector<std::string> line = {"x^2", "--start", "x=1", "--learning-rate", "0.1"};
  const auto with = [&](std::vector<std::string> more) {
    std::vector<std::string> all = line;
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  expect_refused(with({"--plot", "a.svg", "--plot-as", "volume"}),
                 "--plot-as: unknown picture 'volume'; known: path, surface, steps");
  expect_refused(with({"--plot", "a.svg", "--plot-as", "surface"}),
                 "--plot-as surface shows two variables, and this formula has 1 (x)");
  expect_refused(with({"--plot-as", "steps"}),
                 "--plot-as and --plot-rates say what --plot FILE draws; add --plot FILE");
  expect_refused(with({"--plot-box", "-1:1"}),
                 "--plot-box says what --plot FILE and --animate FILE show; add one of them");
  expect_refused(with({"--plot", "a.svg", "--plot-rates", "0.1,-1"}),
                 "--plot-rates: -1 is no learning rate; expected numbers above 0");
  expect_refused(with({"--plot", "a.svg", "--plot-rates", "1,2,3,4,5,6,7"}),
                 "--plot-rates compares 7 learning rates; expected at most 6");
  expect_refused(with({"--plot", "a.svg", "--plot-rates", "1", "--plot-as", "steps"}),
                 "--plot-rates is a picture of its own; leave out --plot-as");
  expect_refused(
      {"x + y + z^2", "--start", "x=1,y=1,z=1", "--learning-rate", "0.1", "--plot", "a.svg", "--plot-box", "-1:1"},
      "--plot-box belongs to pictures of one or two variables, and this formula has 3 (x, y, z)");
}

}  // namespace
}  // namespace descent
