// Panels of curves, tables of counts, points in regions.

#include "app/pictures/panels.hpp"

#include "app/pictures/matrix.hpp"
#include "app/pictures/scatter.hpp"
#include "tests/app/pictures/support.hpp"
#include "tests/support/refusal.hpp"

#include <gtest/gtest.h>

namespace descent::pictures {
namespace {

using test::read_text;
using test::TemporaryFolder;

CurvePanels two_panels() {
  CurvePanels picture;
  picture.title = "Two panels";
  picture.panels = {{"above", true, {{{1, 2, 3, 4}, {100, 10, 0, 1}, 0, false, Point{2, 10}}}},
                    {"below", false, {{{1, 2}, {kNaN, 5}, 1, true, std::nullopt}}}};
  picture.legend = {{LegendEntry::Mark::line, "a <b>", series_style(0, false)}};
  picture.best = 2;
  return picture;
}

TEST(Panels, ShareAnAxisAndNameTheirOwn) {
  const TemporaryFolder folder;
  draw_panels(two_panels(), {folder.file("a.svg")});
  const std::string svg = read_text(folder.file("a.svg"));
  for (const char* text : {"Two panels", "above  (log)", "below", "a &lt;b>"})
    EXPECT_NE(svg.find(text), std::string::npos) << text;
  EXPECT_EQ(count(svg, ">epoch<"), 1u);
}

TEST(Panels, MarkTheBestThroughAllOfThemWhateverTheirRange) {
  const TemporaryFolder folder;
  CurvePanels picture = two_panels();
  picture.panels[0].series[0].y = {0.94999999999, 0.9777777777777777, 0.96111111111111, 0.972222222222};
  picture.panels[0].log = false;
  draw_panels(picture, {folder.file("a.gp")});
  const std::string script = read_text(folder.file("a.gp"));
  // Each line's ends lie within the range that gnuplot is told, for it drops a line with both ends outside.
  std::size_t lines = 0;
  for (std::size_t at = 0; (at = script.find("\n2 ", at)) != std::string::npos; ++at) {
    double low = 0, high = 0;
    if (std::sscanf(script.c_str() + at, "\n2 %lf\n2 %lf", &low, &high) != 2) continue;
    ++lines;
    std::size_t inside = 0;
    for (std::size_t range = 0; (range = script.find("set yrange [", range)) != std::string::npos; ++range) {
      double from = 0, to = 0;
      std::sscanf(script.c_str() + range, "set yrange [%lf:%lf]", &from, &to);
      inside += low > from && high < to && high - low > 0.99 * (to - from);
    }
    EXPECT_EQ(inside, 1u) << low << " to " << high;
  }
  EXPECT_EQ(lines, 2u);
}

TEST(Panels, RefuseCurvesThatAreNone) {
  CurvePanels picture = two_panels();
  picture.panels[0].series[0].y.pop_back();
  EXPECT_EQ(test::refusal([&] { draw_panels(picture, {"a.svg"}); }),
            "a curve of 'above' with 4 x and 3 y; expected as many of both");
  picture.panels.clear();
  EXPECT_EQ(test::refusal([&] { draw_panels(picture, {"a.svg"}); }),
            "a picture without a panel; expected one at least");
}

TEST(CountMatrix, HasRoomForNamesWhereThereIsRoom) {
  const TemporaryFolder folder;
  CountMatrix matrix;
  matrix.title = "Counts";
  matrix.names = {"income above fifty", "other"};
  matrix.counts = {{31, 2}, {0, 47}};
  draw_matrix(matrix, {folder.file("a.svg")});
  const std::string svg = read_text(folder.file("a.svg"));
  const std::size_t first = svg.find(">income above fifty<");
  ASSERT_NE(first, std::string::npos);
  EXPECT_NE(svg.find(">income above fifty<", first + 1), std::string::npos) << "above its column as beside its row";
}

TEST(CountMatrix, SaysEveryCountAndRefusesHalfATable) {
  const TemporaryFolder folder;
  CountMatrix matrix;
  matrix.title = "Counts";
  matrix.names = {"a", "b"};
  matrix.counts = {{31, 2}, {0, 47}};
  draw_matrix(matrix, {folder.file("a.svg")});
  const std::string svg = read_text(folder.file("a.svg"));
  for (const char* text : {">31<", ">2<", ">0<", ">47<", "true class", "predicted class"})
    EXPECT_NE(svg.find(text), std::string::npos) << text;
  matrix.counts.pop_back();
  EXPECT_EQ(test::refusal([&] { draw_matrix(matrix, {"a.svg"}); }),
            "a matrix of 2 names and 1 rows; expected a count for every pair");
}

TEST(CountMatrix, LeavesOutWhatHasNoRoom) {
  const TemporaryFolder folder;
  CountMatrix matrix;
  for (int k = 0; k < 120; ++k) {
    matrix.names.push_back("class number " + std::to_string(k));
    matrix.counts.emplace_back(120, 7);
  }
  draw_matrix(matrix, {folder.file("a.svg")});
  const std::string svg = read_text(folder.file("a.svg"));
  EXPECT_EQ(svg.find(">7<"), std::string::npos);
  EXPECT_EQ(svg.find("class number"), std::string::npos);
}

TEST(Regions, FillEachClassAndRingWhatIsWrong) {
  const TemporaryFolder folder;
  const Grid left = grid_of([](double x, double) { return -x; }, {-1, 1}, {-1, 1}, 21);
  const Grid right = grid_of([](double x, double) { return x; }, {-1, 1}, {-1, 1}, 21);
  Regions regions{"Sides", "x", "y", {left, right}, {{"l", {{-0.5, 0}}, 0}, {"r", {{-0.4, 0}}, 1}}, {{false}, {true}}};
  draw_regions(regions, {folder.file("a.svg")});
  EXPECT_NE(read_text(folder.file("a.svg")).find("ringed: wrong"), std::string::npos);
  regions.wrong = {{false}, {false}};
  draw_regions(regions, {folder.file("b.svg")});
  EXPECT_EQ(read_text(folder.file("b.svg")).find("ringed"), std::string::npos);
  regions.wrong.pop_back();
  EXPECT_EQ(test::refusal([&] { draw_regions(regions, {"a.svg"}); }),
            "regions of 2 classes with 2 groups of points; expected two classes at least and a group of each");
}

}  // namespace
}  // namespace descent::pictures
