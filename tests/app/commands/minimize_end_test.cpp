// descent minimize: what the point is that a run ends at, and what is on its way.

#include "tests/app/commands/minimize_program.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <utility>

namespace descent {
namespace {

using nlohmann::json;
using test::holds;
using test::minimize;
using test::minimize_json;
using test::Ran;

TEST(MinimizeEnd, ShowsTheWayDownFromASaddle) {
  const Ran ran = minimize({"x^2 - y^2", "--start", "x=0,y=0"});
  EXPECT_EQ(ran.code, 5);
  EXPECT_TRUE(holds(ran.out, "the start is already a critical point")) << ran.out;
  EXPECT_TRUE(holds(ran.out, "is a saddle point: ")) << ran.out;
  EXPECT_TRUE(holds(ran.out, "down from there:\n--start x=0,y=0.1.\n")) << ran.out;
  EXPECT_EQ(minimize_json({"x^2 - y^2", "--start", "x=0,y=0"}, 5)["verdict"], "saddle");
}

// Walking into a saddle is no more a minimisation than starting there.
TEST(MinimizeEnd, WarnsOfAnEndThatIsNoMinimum) {
  const Ran ran = minimize({"x^2 - y^2", "--start", "x=1,y=0", "--learning-rate", "0.5"});
  EXPECT_EQ(ran.code, 5);
  EXPECT_TRUE(holds(ran.out, "stopped after 1 step: ‖∇f‖ = 0.\n")) << ran.out;
  EXPECT_EQ(ran.err,
            "warning: the end is a saddle and no minimum: f falls from there; go down with --start x=0,y=0.1\n");
  EXPECT_EQ(minimize({"x^2 - y^2", "--start", "x=0,y=1", "--learning-rate", "0.5", "--maximize"}).err,
            "warning: the end is a saddle and no maximum: f rises from there; go up with --start x=0.1,y=0\n");
  const json run = minimize_json({"cos(x)", "--start", "0"}, 5);
  EXPECT_EQ(run["status"], "stopped");
  EXPECT_EQ(run.value("warning", ""),
            "the end is a maximum and no minimum: f falls from there; go down with --start x=0.1");
  EXPECT_FALSE(minimize_json({"x^2", "--start", "1", "--learning-rate", "0.5"}).contains("warning"));
  EXPECT_FALSE(minimize_json({"x^4", "--start", "0"}).contains("warning")) << "that may be a minimum";
  EXPECT_EQ(minimize({"-abs(x) - x^2", "--start", "0"}).code, 5) << "a kink, and nothing was done";
}

// There ∇f is 0 because somebody chose so.
TEST(MinimizeEnd, AtAKinkIsOneOnlyWhereFIsNowhereLower) {
  EXPECT_EQ(minimize_json({"abs(x)", "--start", "0"})["status"], "converged");
  EXPECT_EQ(minimize_json({"-abs(x)", "--start", "0", "--maximize"})["status"], "converged");
  const json top = minimize_json({"-abs(x)", "--start", "0"}, 5);
  EXPECT_EQ(top["verdict"], "kink");
  EXPECT_EQ(top["sentence"],
            "stopped before the first step: the start is at a kink of f, where its slope of 0 is but a convention");
  minimize_json({"abs(x)", "--start", "0", "--maximize"}, 5);
  minimize_json({"abs(x) - abs(y)", "--start", "x=0,y=0"}, 5);
  minimize_json({"floor(x) + x^2", "--start", "1.5"}, 5);
}

// What rounding of f stops before ∇f is 0 has not converged.
TEST(MinimizeEnd, IsNotDoneWhereRoundingStopsItOnASlope) {
  const json run = minimize_json({"x + 1e17", "--start", "1"}, 5);
  EXPECT_EQ(run["reason"], "precision_limit");
  EXPECT_EQ(run["verdict"], "not critical");
  EXPECT_EQ(run["status"], "stopped");
  EXPECT_EQ(minimize_json({"1e12*(x - 1)^2 + 1e12", "--start", "3"})["status"], "converged");
}

TEST(MinimizeEnd, EndsAtAPoleAndNotAtAJump) {
  const json run = minimize_json({"1/x", "--start", "-1"}, 4);
  EXPECT_EQ(run["reason"], "unbounded");
  EXPECT_EQ(run["verdict"], "not critical");
}

TEST(MinimizeEnd, NotesKinksOnThePath) {
  const Ran at = minimize({"abs(x)", "--start", "x=1"});
  EXPECT_EQ(at.code, 0);
  EXPECT_EQ(at.err, "note: step 1 is at a kink of f: abs(x) at x = 0: no derivative at abs of 0\n");
  const Ran over = minimize({"abs(x)", "--start", "x=0.9375", "--learning-rate", "0.125", "--steps", "100"});
  EXPECT_EQ(over.code, 5);
  EXPECT_TRUE(over.err.starts_with("note: the last steps jump over a kink of f")) << over.err;
}

TEST(MinimizeEnd, NotesNoKinkWhereFSmoothesIt) {
  for (const char* formula : {"abs(x)^1.5", "x*abs(x) + x^2", "max(x, 0)^2"}) {
    const Ran at = minimize({formula, "--start", "x=0"});
    EXPECT_EQ(at.err.find("kink"), std::string::npos) << at.err;
    const Ran over = minimize({formula, "--start", "x=0.9375", "--learning-rate", "0.75", "--steps", "100"});
    EXPECT_EQ(over.err.find("kink"), std::string::npos) << over.err;
  }
  EXPECT_NE(minimize({"floor(x) + x^2", "--start", "x=0"}).err.find("step 0 is at a kink of f: floor(x)"),
            std::string::npos)
      << "a jump is one too";
}

TEST(MinimizeEnd, CallsAFlatPointUndecided) {
  EXPECT_EQ(minimize_json({"x^4", "--start", "x=1"})["verdict"], "undecided");
}

TEST(MinimizeEnd, SaysThatTheLowestValueIsAtInfinity) {
  const std::pair<const char*, const char*> tails[] = {
      {"exp(-x)", "x → ∞"}, {"log(1 + exp(x))", "x → −∞"}, {"1/(1 + (x - 1)^2)", "x → ∞"}};
  for (const auto& [formula, where] : tails) {
    const json run = minimize_json({formula, "--start", "x=2"}, 5);
    EXPECT_EQ(run["status"], "stopped") << formula;
    EXPECT_EQ(run["verdict"], "at infinity") << formula;
    EXPECT_TRUE(holds(run["what"], std::string("f goes on falling as ") + where + ", and there is no minimum"))
        << run["what"];
  }
  // Only slow: the minimum is at 3.
  const json slow = minimize_json({"1e-12 (x - 3)^2", "--start", "x=0"}, 5);
  EXPECT_EQ(slow["verdict"], "not critical");
  EXPECT_TRUE(holds(slow["what"], "go on with a smaller tolerance")) << slow["what"];
}

TEST(MinimizeEnd, CallsTheEndOfALooseToleranceByThePointNearby) {
  const json run = minimize_json({"x^2", "--start", "5", "--lr", "0.1", "--tolerance", "1e-3"});
  EXPECT_EQ(run["status"], "converged");
  EXPECT_EQ(run["verdict"], "local minimum");
}

}  // namespace
}  // namespace descent
