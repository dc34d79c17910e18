// Levels, outlines, axes and clipping: the arithmetic under the pictures.

#include "app/pictures/contours.hpp"

#include "app/pictures/placement.hpp"
#include "framework/error.hpp"
#include "tests/app/pictures/support.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace descent::pictures {
namespace {

bool encloses(const std::vector<Point>& polygon, Point p) {
  bool inside = false;
  for (std::size_t k = 0, last = polygon.size() - 1; k < polygon.size(); last = k++) {
    const Point a = polygon[k], b = polygon[last];
    if ((a.y > p.y) != (b.y > p.y) && p.x < (b.x - a.x) * (p.y - a.y) / (b.y - a.y) + a.x) inside = !inside;
  }
  return inside;
}

TEST(PicturesContours, PaintEveryPlaceInTheColourOfItsBand) {
  struct Case {
    Surface f;
    Range x, y;
  };
  for (const auto& [f, x, y] :
       {Case{quadratic, {-4, 4}, {-4, 4}}, Case{himmelblau, {-5, 5}, {-5, 5}}, Case{saddle, {-3, 3}, {-2, 2}},
        Case{monkey, {-2, 2}, {-2, 2}}, Case{half_plane, {-1, 4}, {-2, 2}}}) {
    const Grid grid = grid_of(f, x, y, 121);
    const std::vector<double> levels = contour_levels(grid, 9);
    const std::vector<Outline> painted = outlines(grid, levels);
    for (int i = 1; i < 60; ++i)
      for (int j = 1; j < 60; ++j) {
        const Point p{x.low + x.span() * (j + 0.37) / 61, y.low + y.span() * (i + 0.41) / 61};
        const double value = f(p.x, p.y);
        int band = -1;  // painted nothing: undefined
        for (const Outline& outline : painted)
          if (encloses(outline.points, p)) band = outline.hole ? outline.level : outline.level + 1;
        const double position = std::isnan(value) ? -2 : level_position(value, levels, range_of(grid.f)->low);
        if (std::isnan(value)) {
          EXPECT_EQ(band, -1) << p.x << " " << p.y;
        } else if (std::abs(p.x) > 0.1 && std::abs(position - std::round(position)) > 0.12) {
          EXPECT_EQ(band, static_cast<int>(std::floor(position)) + 1) << p.x << " " << p.y << " f " << value;
        }
      }
  }
}

TEST(PicturesContours, LinesLieOnTheirLevelAndEndAtTheBox) {
  const Grid grid = grid_of(quadratic, {-4, 4}, {-4, 4}, 161);
  const std::vector<double> levels = contour_levels(grid, 8);
  std::size_t lines = 0;
  for (const Outline& outline : outlines(grid, levels)) {
    if (outline.level < 0) continue;
    const double level = levels[static_cast<std::size_t>(outline.level)];
    for (const std::vector<Point>& line : contour_lines(outline)) {
      ++lines;
      for (const Point& p : line) EXPECT_NEAR(quadratic(p.x, p.y), level, 0.02 * (1 + level));
      const auto on_box = [](Point p) { return std::max(std::abs(p.x), std::abs(p.y)) > 4 - 1e-9; };
      const bool closed = line.front().x == line.back().x && line.front().y == line.back().y;
      EXPECT_TRUE(closed || (on_box(line.front()) && on_box(line.back())));
    }
  }
  EXPECT_GE(lines, levels.size());
}

TEST(PicturesContours, PartAtTheMiddleOfASaddlesCell) {
  // An even number of points: the saddle, of height 1/2, lies amid a cell with two high and two low corners.
  const Grid grid = grid_of([](double x, double y) { return (x * y + 1) / 2; }, {-1, 1}, {-1, 1}, 20);
  const std::vector<Outline> parts = outlines(grid, {0.2, 0.4995, 0.5005, 0.8});
  EXPECT_EQ(std::ranges::count(parts, 1, &Outline::level), 1) << "below the saddle both hills are one region";
  EXPECT_EQ(std::ranges::count(parts, 2, &Outline::level), 2) << "above it there are two";
}

TEST(PicturesLevels, AreRoundAndAscendingAndShowTheFloorOfANarrowValley) {
  const Grid grid = grid_of(rosenbrock, {-2, 2}, {-1, 3}, 201);
  const std::vector<double> levels = contour_levels(grid, 11);
  ASSERT_GE(levels.size(), 9u);
  EXPECT_TRUE(std::ranges::is_sorted(levels, std::less_equal<>()));
  EXPECT_LT(levels[0], 1) << "of 2509 at the highest";
  for (const double level : levels) {
    const double digit = std::pow(10.0, std::floor(std::log10(level)) - 1);
    EXPECT_NEAR(level / digit, std::round(level / digit), 1e-6) << level;
  }
}

TEST(PicturesLevels, OfASaddleAreEvenAndHoldZero) {
  const std::vector<double> levels = contour_levels(grid_of(monkey, {-2, 2}, {-2, 2}), 11);
  EXPECT_NE(std::ranges::find_if(levels, [](double v) { return std::abs(v) < 1e-12; }), levels.end());
  EXPECT_NEAR(levels.front(), -levels.back(), 0.2 * levels.back());
}

TEST(PicturesLevels, OfNothingAreNone) {
  EXPECT_TRUE(contour_levels(grid_of(constant, {0, 1}, {0, 1}), 9).empty());
  EXPECT_TRUE(contour_levels(grid_of(nowhere, {0, 1}, {0, 1}), 9).empty());
}

TEST(PicturesLevels, SurviveOverflowAndPoles) {
  for (const Surface f : {overflowing, Surface([](double x, double y) { return 1 / (x * x + y * y); }),
                          Surface([](double x, double y) { return -1e308 * (x > 0 ? 1 : -1) * y; })}) {
    const std::vector<double> levels = contour_levels(grid_of(f, {-3, 3}, {-3, 3}), 9);
    EXPECT_GE(levels.size(), 4u);
    EXPECT_TRUE(std::ranges::is_sorted(levels, std::less<>()));
    for (const double level : levels) EXPECT_TRUE(std::isfinite(level));
  }
}

TEST(PicturesGrid, KnowsTheWayDown) {
  const Grid grid = grid_of(quadratic, {-4, 4}, {-4, 4}, 81);
  const Point down = downhill(grid, {3, -2});  // −(2x + y, x + 2y)
  EXPECT_NEAR(down.x, -4, 1e-9);
  EXPECT_NEAR(down.y, 1, 1e-9);
  EXPECT_NEAR(interpolated(grid, {1, 1}), 3, 1e-9);
  EXPECT_TRUE(std::isnan(interpolated(grid, {4.1, 0})));
}

TEST(PicturesAxes, HaveRoundTicksInPlainWords) {
  const auto labels = [](const Axis& axis, int count) {
    std::vector<std::string> result;
    for (const Tick& tick : ticks(axis, count)) result.push_back(tick.markup);
    return result;
  };
  using Labels = std::vector<std::string>;
  EXPECT_EQ(labels({"", {-1, 1}}, 5), (Labels{"−1", "−0.5", "0", "0.5", "1"}));
  EXPECT_EQ(labels({"", {0, 3e7}}, 3), (Labels{"0", "10^{7}", "2·10^{7}", "3·10^{7}"}));
  EXPECT_EQ(labels({"", {1e-7, 3e-7}}, 2), (Labels{"10^{−7}", "2·10^{−7}", "3·10^{−7}"}));
  EXPECT_EQ(labels({"", {1e-3, 1e3}, true}, 8), (Labels{"0.001", "0.01", "0.1", "1", "10", "100", "1000"}));
  EXPECT_EQ(labels({"", {1e-12, 1}, true}, 4), (Labels{"10^{−12}", "10^{−9}", "10^{−6}", "0.001", "1"}));
  EXPECT_EQ(labels({"", {1000000, 1000001}}, 2), (Labels{"1000000", "1000000.5", "1000001"}));
}

TEST(PicturesAxes, GiveRoomToOneValueAndToHugeOnes) {
  EXPECT_GT(padded({3, 3}, 0.05).span(), 0);
  EXPECT_GT(padded({0, 0}, 0.05).span(), 0);
  EXPECT_TRUE(std::isfinite(padded({-1e308, 1e308}, 0.05).span()));
  EXPECT_GT(padded({5, 5}, 0.05, true).low, 0);
}

TEST(PicturesClipping, CutsAtTheEdgeAndMissesWhatIsOutside) {
  const Range unit{0, 1};
  const auto part = clipped({0.5, 0.5}, {2.5, 0.5}, unit, unit);
  ASSERT_TRUE(part);
  EXPECT_EQ(part->first.x, 0.5);
  EXPECT_EQ(part->second.x, 1);
  EXPECT_FALSE(clipped({2, 2}, {3, 1.5}, unit, unit));
  EXPECT_FALSE(clipped({0.5, 0.5}, {kNaN, 0}, unit, unit));
  EXPECT_TRUE(clipped({-1, 0.5}, {2, 0.5}, unit, unit)) << "through the whole box";
}

TEST(PicturesPlacement, KeepsLabelsApartAndInside) {
  Placement placement({0, 0, 100, 100});
  std::vector<Box> boxes;
  for (int k = 0; k < 30; ++k)
    if (const auto middle = placement.beside({50, 50}, "12", 12, 8)) boxes.push_back(around(*middle, 8, 12));
  EXPECT_GE(boxes.size(), 4u);
  for (std::size_t a = 0; a < boxes.size(); ++a) {
    EXPECT_TRUE((Box{0, 0, 100, 100}.contains(boxes[a])));
    for (std::size_t b = 0; b < a; ++b) EXPECT_FALSE(boxes[a].overlaps(boxes[b]));
  }
}

}  // namespace
}  // namespace descent::pictures
