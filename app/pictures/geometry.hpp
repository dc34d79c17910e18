// Points, ranges and rectangles, and the axes that map numbers to pixels.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace descent::pictures {

struct Point {
  double x = 0, y = 0;
};

struct Range {
  double low = 0, high = 1;
  double span() const { return high - low; }
  bool contains(double v) const { return v >= low && v <= high; }
};

// The smallest range that holds every finite value; nothing when there is none. `positive`: only values > 0.
std::optional<Range> range_of(std::span<const double> values, bool positive = false);

// The range of values without the outermost of what a pole or an overflow throws up; 0 to 1 without any value.
Range usual_range(std::span<const double> values);

// `range` widened by `part` of itself on both sides; a range of one value (or too narrow for a double) gets a
// width. On a log axis the logarithm is widened. Stays within ±1e300 so that differences are finite.
Range padded(Range range, double part, bool log = false);

// A rectangle in pixels, y downwards.
struct Box {
  double left = 0, top = 0, right = 0, bottom = 0;
  double width() const { return right - left; }
  double height() const { return bottom - top; }
  bool overlaps(const Box& other) const {
    return left < other.right && other.left < right && top < other.bottom && other.top < bottom;
  }
  bool contains(const Box& other) const {
    return other.left >= left && other.right <= right && other.top >= top && other.bottom <= bottom;
  }
};
Box around(Point centre, double width, double height);

struct Axis {
  std::string label;
  Range range;
  bool log = false;

  // 0 at the low end, 1 at the high end.
  double fraction(double value) const;
};

struct Tick {
  double value;
  std::string markup;  // the label as enhanced text; empty: a line without a label
  std::string text;    // what it looks like, to measure it
};

// A multiple of `step` with the digits it has, as people write it: −0.25, 1.5·10^{−7}.
Tick number_label(double value, double step);

// Round values for an axis: about `count` on a linear one; decades (or 1, 2, 5 in them) on a log one.
std::vector<Tick> ticks(const Axis& axis, int count);

// Axes in a rectangle of the picture.
struct Panel {
  Box box;
  Axis x, y;

  Point pixel(Point data) const;
  // The line at x from bottom to top. Its ends lie just inside: gnuplot drops a line whose ends are both outside, be it
  // by a rounding.
  std::vector<Point> upright(double x) const;
};

// The part of the segment a–b inside the ranges (Liang and Barsky, ACM Transactions on Graphics 3, 1984);
// nothing when it misses them. Ends that are no numbers miss.
std::optional<std::pair<Point, Point>> clipped(Point a, Point b, Range x, Range y);

}  // namespace descent::pictures
