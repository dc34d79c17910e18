// inspect on the folder of a run on a formula.

#include "tests/support/program.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>

namespace descent {
namespace {

using test::Ran;
using test::run_program;
using test::TemporaryFolder;

constexpr const char* kConfig =
    "[objective]\nformula = \"4 - (x - 1)^2 - y^2\"\nstart = \"x=3,y=-2\"\nmaximize = true\n"
    "[train]\nepochs = 100\ngradient_tolerance = 1e-9\n[optimizer]\nlearning_rate = 0.5\n[run]\nout_dir = \".\"\nname "
    "= "
    "\"hill\"\n";

class InspectFormula : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_.write("hill.toml", kConfig);
    ASSERT_EQ(run_program({"train", "hill.toml", "-q"}, folder_.path()).code, 0);
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path()))
      if (entry.is_directory()) run_ = entry.path().string();
  }
  TemporaryFolder folder_;
  std::string run_;
};

TEST_F(InspectFormula, SaysWhatTheRunCameTo) {
  const Ran ran = run_program({"inspect", run_});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out,
            "formula  4 - (x - 1)^2 - y^2, maximised\n"
            "method   steepest, γ = 0.5\n"
            "start    x=3, y=-2\n"
            "end      x=1, y=0\n"
            "verdict  converged, local maximum\n"
            "\n"
            "stopped after 1 step: ‖∇f‖ = 0.\n"
            "(x, y) = (1, 0), f = 4, is a local maximum: the Hessian's eigenvalues are -2,\n-2, negative.\n");
}

TEST_F(InspectFormula, PrintsTheResultAsJson) {
  const Ran ran = run_program({"inspect", run_, "--json"});
  EXPECT_EQ(nlohmann::json::parse(ran.out)["verdict"], "local maximum");
  EXPECT_EQ(run_program({"inspect", run_, "--spectrum"}).code, 2);
}

TEST_F(InspectFormula, SaysHowFarARunWithoutAnEndHasCome) {
  std::filesystem::remove(run_ + "/result.json");
  const Ran ran = run_program({"inspect", run_});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_NE(ran.out.find("so far   epoch 1, "), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("The run has not ended, or was killed.\n"), std::string::npos) << ran.out;
}

}  // namespace
}  // namespace descent
