// gnuplot as a separate program: hostile text, missing programs, folders that refuse.

#include "app/pictures/gnuplot.hpp"

#include "app/pictures/markup.hpp"
#include "framework/error.hpp"
#include "tests/app/pictures/support.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <limits>

namespace descent::pictures {
namespace {

using test::read_text;
using test::TemporaryFolder;

// The environment as it was, at the end.
class Variable {
 public:
  Variable(const char* name, const std::string& value)
      : name_(name), before_(std::getenv(name) ? std::getenv(name) : "") {
    ::setenv(name, value.c_str(), 1);
  }
  ~Variable() { before_.empty() ? ::unsetenv(name_) : ::setenv(name_, before_.c_str(), 1); }

 private:
  const char* name_;
  std::string before_;
};

// Root may write everywhere: until the end somebody else, who owns the folder.
class Unprivileged {
 public:
  explicit Unprivileged(const std::string& folder) : root_(::geteuid() == 0) {
    constexpr uid_t kNobody = 65534;
    if (root_ && (::chown(folder.c_str(), kNobody, kNobody) != 0 || ::seteuid(kNobody) != 0))
      ADD_FAILURE() << "still root";
  }
  ~Unprivileged() {
    if (root_ && ::seteuid(0) != 0) ADD_FAILURE() << "no longer root";
  }

 private:
  bool root_;
};

std::string message_of(const std::function<void()>& deed) {
  try {
    deed();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::runtime);
    return error.what();
  }
  return "nothing was thrown";
}

void draw_something(const std::string& path) {
  draw_curves({.title = "A curve.", .y_label = "L", .series = {{"a", {0, 1}, {2, 1}}}, .best = {}}, {path});
}

// A program called gnuplot that complains.
void write_false_gnuplot(const TemporaryFolder& folder, const std::string& script) {
  folder.write("gnuplot", "#!/bin/sh\n" + script);
  ::chmod(folder.file("gnuplot").c_str(), 0755);
}

TEST(PicturesGnuplot, ShowsHostileNamesAsTheyStand) {
  const TemporaryFolder folder;
  const std::string canary = folder.file("canary");
  const std::vector<std::string> names = {"</text>",
                                          "\"; system(\"touch " + canary + "\")",
                                          "`touch " + canary + "`",
                                          "a\nb\tc",
                                          "_{^",
                                          "x_1^2",
                                          "\\\\x{}@&~%d%s$1#",
                                          "'; system 'touch " + canary + "'; '",
                                          "∇λ 東京",
                                          "@ARGV",
                                          std::string("nul\0byte", 8),
                                          "\xff\xfe",
                                          ""};
  for (const std::string& name : names) {
    SCOPED_TRACE(name);
    Landscape landscape = landscape_of(quadratic, {-1, 1}, {-1, 1}, {{0.5, 0.5}, {0, 0}});
    landscape.title = landscape.x_name = landscape.y_name = name;
    draw_landscape(landscape, {folder.file("a.svg")});
    draw_surface(landscape, {folder.file("b.svg")});
    SlopePicture slope = slope_of(quartic, {-2, 2}, 1, 0.01, 3);
    slope.variable = slope.title = name;
    draw_slope(slope, {folder.file("c.svg")});
    draw_curves({.title = name, .x_label = name, .y_label = name, .series = {{name, {0, 1}, {2, 1}}}, .best = 1},
                {folder.file("d.svg")});
    draw_progress(
        {.title = name, .f_name = name, .f = {2, 1}, .gradient_norm = {1, 1}, .gamma_lambda = {}, .lowest = {}},
        {folder.file("e.svg")});
    for (const char* file : {"a.svg", "b.svg", "c.svg", "d.svg", "e.svg"}) {
      const std::string svg = read_text(folder.file(file));
      EXPECT_EQ(count(svg, "<text>") + count(svg, "<text "), count(svg, "</text>")) << file;
      EXPECT_NE(svg.find("</svg>"), std::string::npos) << file;
    }
    EXPECT_FALSE(std::filesystem::exists(canary));
  }
}

TEST(PicturesGnuplot, ShowsMarkupCharactersThemselves) {
  const TemporaryFolder folder;
  draw_curves(
      {.title = "a_{1}^2 \\ @ & ~ 'q' \"d\" `b` <t>", .y_label = "L", .series = {{"w_0", {0, 1}, {2, 1}}}, .best = {}},
      {folder.file("a.svg")});
  const std::string svg = read_text(folder.file("a.svg"));
  EXPECT_NE(svg.find("a_{1}^2 \\ @ &amp; ~ 'q' \"d\" `b` &lt;t>"), std::string::npos);
  EXPECT_NE(svg.find(">w_0<"), std::string::npos);
}

TEST(PicturesGnuplot, ShowsAPointWithoutNeighboursAsADot) {
  const TemporaryFolder folder;
  const auto dots = [&](double isolated) {
    Series series{"a", {}, {}};
    for (int k = 0; k < 40; ++k) {
      series.x.push_back(k);
      series.y.push_back(k < 30 ? k * k : k == 35 ? isolated : std::numeric_limits<double>::quiet_NaN());
    }
    draw_curves({.title = "A curve.", .y_label = "L", .series = {series}, .best = {}}, {folder.file("a.svg")});
    const std::string svg = read_text(folder.file("a.svg"));
    std::size_t count = 0;
    for (std::size_t at = svg.find("<use "); at != std::string::npos; at = svg.find("<use ", at + 1)) ++count;
    return count;
  };
  EXPECT_EQ(dots(500), dots(std::numeric_limits<double>::quiet_NaN()) + 1);
}

TEST(PicturesGnuplot, WritesFilesWithAnyName) {
  const TemporaryFolder folder;
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  for (const std::string name : {"a b.svg", "-rf.svg", "it's \"q\".svg", "`id`$(id).svg", "new\nline.svg", "γ≠λ.svg",
                                 "100%d.png", ";.png", "'.gp", "'''.svg", "#.gp", "new\nline.gp", "..svg"}) {
    SCOPED_TRACE(name);
    draw_something(name);
    EXPECT_GT(std::filesystem::file_size(name), 500u);
  }
  std::filesystem::current_path(before);
}

TEST(PicturesGnuplot, NamesTheEndingsItKnows) {
  for (const std::string name : {"picture", "picture.jpg", "picture.", ".svg", "svg", "picture.gif"}) try {
      draw_something(name);
      FAIL() << name;
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::usage);
      EXPECT_EQ(std::string(error.what()),
                "'" + name + "': the ending of a picture says its kind; expected one of .svg, .png, .pdf, .gp");
    }
  EXPECT_THROW(check_picture_file({"a.svg", 100}), Error);
  EXPECT_THROW(check_picture_file({"a.svg", 800, 5000}), Error);
  EXPECT_NO_THROW(check_picture_file({"a.gif"}, true));
}

TEST(PicturesGnuplot, SaysHowToInstallIt) {
  const TemporaryFolder folder;
  const std::string target = folder.write("a.svg", "the old picture");
  const Variable path("PATH", folder.path());
  EXPECT_EQ(
      message_of([&] { draw_something(target); }),
      "cannot draw '" + target +
          "': pictures need gnuplot, which is not on the PATH; install it (Debian: apt-get install gnuplot-nox), or "
          "ask for a file ending in .gp to get the script that draws the picture elsewhere");
  EXPECT_EQ(read_text(target), "the old picture");
  EXPECT_NO_THROW(draw_something(folder.file("a.gp"))) << "a script needs no gnuplot";
}

TEST(PicturesGnuplot, RepeatsItsFirstComplaintAndKeepsTheOldPicture) {
  const TemporaryFolder folder;
  const std::string target = folder.write("a.svg", "the old picture");
  write_false_gnuplot(folder,
                      "printf '\\nplot foo\\n     ^\\n\"picture.gp\" line 7: undefined variable: foo\\n' >&2; exit 1");
  {
    const Variable path("PATH", folder.path());
    EXPECT_EQ(message_of([&] { draw_something(target); }),
              "cannot draw '" + target +
                  "': gnuplot failed with exit code 1: \"picture.gp\" line 7: undefined variable: foo");
  }
  write_false_gnuplot(folder, "kill -9 $$");
  {
    const Variable path("PATH", folder.path());
    EXPECT_EQ(message_of([&] { draw_something(target); }),
              "cannot draw '" + target + "': gnuplot was ended by signal 9: it said nothing");
  }
  write_false_gnuplot(folder, "exit 0");
  const Variable path("PATH", folder.path());
  EXPECT_EQ(message_of([&] { draw_something(target); }),
            "cannot draw '" + target + "': gnuplot drew nothing: it said nothing");
  EXPECT_EQ(read_text(target), "the old picture");
}

TEST(PicturesGnuplot, ReportsARealComplaint) {
  const std::vector<std::string> outputs{"a.svg"};
  const std::string message =
      message_of([&] { run_gnuplot("set terminal svg\nplot nothing_known(x)\n", outputs, "cannot"); });
  EXPECT_NE(message.find("line 2: undefined function: nothing_known"), std::string::npos) << message;
}

TEST(PicturesGnuplot, LeavesNoFilesBehindAndIgnoresSettingsOfThePerson) {
  const TemporaryFolder home, temporary, folder;
  home.write(".gnuplot", "this is no command\n");
  const Variable home_variable("HOME", home.path()), temporary_variable("TMPDIR", temporary.path());
  draw_something(folder.file("a.svg"));
  EXPECT_TRUE(std::filesystem::is_empty(temporary.path()));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(PicturesGnuplot, SaysWhichFolderRefuses) {
  const TemporaryFolder folder;
  EXPECT_EQ(message_of([&] { draw_something(folder.file("no/a.svg")); }).substr(0, 13), "cannot create");
  {
    const Variable temporary("TMPDIR", folder.file("absent"));
    EXPECT_NE(
        message_of([&] { draw_something(folder.file("a.svg")); }).find("set TMPDIR to a folder that can be written"),
        std::string::npos);
  }
  const std::string target = folder.write("a.svg", "the old picture");
  ::chmod(folder.path().c_str(), 0555);
  {
    const Unprivileged person(folder.path());
    EXPECT_EQ(message_of([&] { draw_something(target); }).substr(0, 13), "cannot create");
  }
  ::chmod(folder.path().c_str(), 0755);
  EXPECT_EQ(read_text(target), "the old picture");
}

TEST(PicturesText, EscapesOnlyWhatEveryTerminalReadsAlike) {
  EXPECT_EQ(literal("it's `a` \"b\""), "'it''s `a` \"b\"'") << "octal numbers are read by the SVG terminal only";
  EXPECT_EQ(literal("'x'"), "'{}''x'''") << "three quotes at the start would be two strings";
  EXPECT_EQ(literal("x_1^{2}\\"), R"('x\_1\^\{2\}\\')");
  EXPECT_EQ(literal("a\nb"), R"('a\\x0Ab')");
}

TEST(PicturesText, BreaksTitlesAtBlanksAndEndsInAnEllipsis) {
  const std::vector<std::string> lines = wrapped("one two three four five six seven eight nine ten", 10, 100, 2);
  ASSERT_EQ(lines.size(), 2u);
  for (const std::string& line : lines) EXPECT_LE(text_width(line, 10), 100);
  EXPECT_EQ(lines[1].substr(lines[1].size() - 3), "…");
  EXPECT_TRUE(wrapped("", 10, 100, 2).empty());
  EXPECT_EQ(wrapped(std::string(150, 'x'), 10, 100, 2).size(), 1u);
}

}  // namespace
}  // namespace descent::pictures
