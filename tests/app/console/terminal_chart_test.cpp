// Charts in characters.

#include "app/console/terminal_chart.hpp"

#include "app/console/status_line.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>

namespace descent {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

TEST(TerminalChart, DrawsALineFromCornerToCorner) {
  const Chart chart{"f", "epoch", false, {{"a", {0, 1}, {0, 8}, 0}}};
  const std::vector<std::string> lines = lines_of(terminal_chart(chart, 40, 4, false));
  EXPECT_EQ(lines[0], "f");
  EXPECT_EQ(lines[1], "   8 ┤                        ⢀⣀⡠⠤⠔⠒⠊⠉ a");
  EXPECT_EQ(lines[4], "   0 ┤⣀⡠⠤⠔⠒⠊⠉⠁");
  EXPECT_EQ(lines[5], "     └────────────────────────────────");
  EXPECT_EQ(lines[6], "      0            epoch             1");
}

TEST(TerminalChart, FitsItsWidth) {
  const Chart chart{"a title",
                    "epoch",
                    true,
                    {{"training of a run with quite a long name", {1, 2, 300}, {3e-7, 2, 1e9}, 0},
                     {"validation", {1, 2, 300}, {1, 2, 3}, 1}}};
  for (const std::size_t columns : {40, 57, 80, 200})
    for (const std::string& line : lines_of(terminal_chart(chart, columns, 6, false)))
      EXPECT_LE(shown_width(line), columns) << line;
}

TEST(TerminalChart, LeavesGapsWhereThereIsNoNumber) {
  const Chart chart{"f", "epoch", false, {{"", {0, 1, 2, 3}, {1, kNaN, kNaN, 1}, 0}}};
  const std::string text = terminal_chart(chart, 60, 4, false);
  std::size_t cells = 0;  // with dots of braille: U+2800 to U+28FF
  for (std::size_t i = 0; i + 1 < text.size(); ++i)
    cells += text[i] == '\xE2' && static_cast<unsigned char>(text[i + 1]) / 4 == 0xA0 / 4;
  EXPECT_EQ(cells, 2u) << text;  // the first value and the last, with nothing between them
}

TEST(TerminalChart, SaysWhenThereIsNothingToDraw) {
  EXPECT_EQ(terminal_chart({"f", "epoch", false, {{"", {1}, {kNaN}, 0}}}, 80, 5, false),
            "f: no finite value to draw\n");
  EXPECT_EQ(terminal_chart({"f", "epoch", true, {{"", {1}, {-1}, 0}}}, 80, 5, false), "f: no finite value to draw\n");
  EXPECT_NE(terminal_chart({"f", "epoch", false, {{"", {1}, {5}, 0}}}, 80, 5, false).find("┤"), std::string::npos);
}

TEST(TerminalChart, ColoursOnlyWhenAsked) {
  const Chart chart{"f", "epoch", false, {{"a", {0, 1}, {0, 8}, 1}}};
  EXPECT_EQ(terminal_chart(chart, 60, 4, false).find('\x1b'), std::string::npos);
  EXPECT_NE(terminal_chart(chart, 60, 4, true).find("\x1b[31m"), std::string::npos);
}

TEST(TerminalChart, GivesEachCurveItsOwnRowForItsName) {
  const Chart chart{
      "f", "epoch", false, {{"one", {0, 1}, {0, 5}, 0}, {"two", {0, 1}, {1, 5}, 1}, {"three", {0, 1}, {9, 5}, 2}}};
  const std::string text = terminal_chart(chart, 60, 6, false);
  for (const char* name : {"one", "two", "three"}) EXPECT_NE(text.find(name), std::string::npos) << text;
}

TEST(Sparkline, ShowsTheShape) {
  EXPECT_EQ(sparkline(std::vector<double>{1, 2, 3, 4, 5, 6, 7, 8}, 8), "▁▂▃▄▅▆▇█");
  EXPECT_EQ(sparkline(std::vector<double>{1, 10, 100, 1000}, 4), "▁▃▆█");  // by its logarithm
  EXPECT_EQ(sparkline(std::vector<double>{1, 1, 3, 3}, 2), "▁█");          // means
  EXPECT_EQ(sparkline(std::vector<double>{1, kNaN, 2}, 10), "▁ █");
  EXPECT_EQ(sparkline(std::vector<double>{4, 4}, 10), "▁▁");
  EXPECT_EQ(sparkline(std::vector<double>{kNaN, HUGE_VAL}, 10), "");
  EXPECT_EQ(sparkline(std::vector<double>{}, 10), "");
  EXPECT_EQ(sparkline(std::vector<double>{1, 2}, 0), "");
}

TEST(StatusLine, SaysHowFarAndHowLong) {
  const std::vector<double> loss{3, 2, 1};
  EXPECT_EQ(status_text({30, 120, 3, loss}, 80), "epoch 30/120  L/N 1 █▅▁  10 epochs/s  9.0 s left");
  EXPECT_EQ(status_text({30, 120, 3, loss}, 45),
            "epoch 30/120  L/N 1  10 epochs/s  9.0 s left");  // no room for a curve
  EXPECT_EQ(status_text({30, 120, 3, loss}, 40), "epoch 30/120  L/N 1 █▅▁  9.0 s left");
  EXPECT_EQ(status_text({30, 120, 3, loss}, 22), "epoch 30/120  L/N 1");
  EXPECT_EQ(status_text({3, 0, 30, loss}, 80), "epoch 3  L/N 1 █▅▁  10 s an epoch");
  EXPECT_EQ(status_text({120, 120, 90, loss}, 80), "epoch 120/120  L/N 1 █▅▁  1.3 epochs/s  1 min 30 s");
}

TEST(StatusLine, TellsDurationsAsPeopleDo) {
  EXPECT_EQ(duration_text(0.0016), "1.6 ms");
  EXPECT_EQ(duration_text(9.94), "9.9 s");
  EXPECT_EQ(duration_text(59.4), "59 s");
  EXPECT_EQ(duration_text(59.6), "1 min 0 s");
  EXPECT_EQ(duration_text(7500), "2 h 5 min");
  EXPECT_EQ(duration_text(280'000), "3 d 5 h");
  EXPECT_EQ(duration_text(kNaN), "? s");
}

}  // namespace
}  // namespace descent
