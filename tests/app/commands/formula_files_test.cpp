// The files that the formula commands write: what they are told of, and names that are none.

#include "tests/support/program.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace descent {
namespace {

using test::Ran;
using test::read_text;
using test::run_program;
using test::TemporaryFolder;

Ran minimize(std::vector<std::string> more) {
  std::vector<std::string> arguments{"minimize", "x^2", "--start", "1", "--learning-rate", "0.25"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return run_program(arguments);
}

TEST(FormulaFiles, AreNamedWhenTheyAreWritten) {
  const TemporaryFolder folder;
  const std::string csv = folder.file("a b.csv"), plot = folder.file("ü'\"$(x).gp"), film = folder.file("-film.gp"),
                    page = folder.file("page.html");
  const Ran ran = minimize({"--csv", csv, "--plot", plot, "--animate", film, "--report", page});
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.err, "written: " + csv + "\ndrawn: " + plot + "\ndrawn: " + film + "\nwritten: " + page + "\n");
  for (const std::string& file : {csv, plot, film, page}) EXPECT_GT(read_text(file).size(), 100u) << file;
}

TEST(FormulaFiles, NameTheFileThatCannotBeWritten) {
  const TemporaryFolder folder;
  for (const char* option : {"--csv", "--report"}) {
    const Ran ran = minimize({option, folder.file("none/steps.html")});
    EXPECT_EQ(ran.code, 1) << option;
    EXPECT_EQ(ran.err, "error: cannot create '" + folder.file("none/steps.html") + "': No such file or directory\n");
  }
}

TEST(FormulaFiles, AnEmptyNameIsRefused) {
  for (const char* option : {"--csv", "--plot", "--animate", "--report"}) {
    const Ran ran = minimize({option, ""});
    EXPECT_EQ(ran.code, 2) << option;
    EXPECT_EQ(ran.out, "") << option;
    EXPECT_EQ(ran.err.find(std::string("error: ") + option + ": the file name is empty"), 0u) << ran.err;
  }
}

TEST(FormulaFiles, StepsGoToStdoutInPlaceOfTheTable) {
  const Ran ran = minimize({"--csv", "-"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.out.find("step,x,f,gradient_norm,"), 0u) << ran.out;
  EXPECT_EQ(ran.out.find("stopped after"), std::string::npos) << ran.out;
  EXPECT_NE(ran.err.find("stopped after"), std::string::npos) << ran.err;
  EXPECT_EQ(minimize({"--csv", "-", "--json"}).err,
            "error: --json and --csv - both write to stdout; name a file for one of them: --csv steps.csv\n");
}

TEST(FormulaFiles, AFullDiskIsAnError) {
  for (const char* command : {"derive 'x^2'", "critical 'x^2' --box -1:1", "minimize 'x^2' --start 1 --lr 0.5"}) {
    const std::string line = fmt::format("'{}' {} > /dev/full 2> /dev/null", DESCENT_PROGRAM, command);
    EXPECT_EQ(WEXITSTATUS(std::system(line.c_str())), 1) << command;
  }
}

TEST(FormulaFiles, AnInterruptedRunSaysHowFarItCame) {
  const TemporaryFolder folder;
  const std::string line = fmt::format(
      "timeout --preserve-status -s INT 0.5 '{}' minimize 'x^2 + y^2' --start x=1,y=1 --lr 1e-9 --steps 1000000000 > "
      "'{}'",
      DESCENT_PROGRAM, folder.file("said"));
  EXPECT_EQ(WEXITSTATUS(std::system(line.c_str())), 130);
  EXPECT_NE(read_text(folder.file("said")).find("\ninterrupted after "), std::string::npos)
      << read_text(folder.file("said"));
}

TEST(FormulaFiles, ANumberThatIsNoneIsNamed) {
  EXPECT_EQ(run_program({"minimize", "x^2", "--start", "1", "--lr", "0,1"}).err,
            "error: --learning-rate: '0,1' is not a number; the decimal point is '.'\n");
  EXPECT_EQ(run_program({"minimize", "x^2", "--start", "1", "--tolerance", "tiny"}).err,
            "error: --tolerance: 'tiny' is not a number\n");
}

}  // namespace
}  // namespace descent
