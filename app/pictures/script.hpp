// A gnuplot script in the house style, written part by part.
//
// Text and legends are placed in pixels, because only then can they keep out of each other's way; curves are
// layers in the units of their panel, drawn in the order they were added. Data stand in the script itself, so
// that it draws the same picture anywhere.
#pragma once

#include "app/pictures/geometry.hpp"
#include "app/pictures/style.hpp"

#include <fmt/format.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace descent::pictures {

enum class Format { svg, png, pdf, gif };

// Colours in these styles are views: constants of style.hpp, or strings that live until the script has been told.
struct TextStyle {
  double size = kText;
  std::string_view colour = kInk;
  std::string_view align = "left";  // left, center, right
  int rotated = 0;                  // degrees, counterclockwise
  bool bold = false;
};

struct LineStyle {
  std::string_view colour = kInk;
  double width = kCurveWidth;
  bool dashed = false;
};

// Pixels that the numbers of a vertical axis take.
double tick_room(const Axis& axis);

class Script {
 public:
  Script(Format format, int width, int height);

  int width() const { return width_; }
  int height() const { return height_; }

  // A font as options of gnuplot.
  std::string font(const TextStyle& style) const;
  // A point as options of gnuplot.
  std::string point(int symbol, double size) const;

  // A line of gnuplot's language, as it stands.
  void command(std::string_view line);

  // Stores rows of numbers, returns the name to plot them by. An empty row ends a polyline or polygon.
  std::string data(std::span<const std::vector<double>> rows);
  std::string data(std::span<const Point> points);  // a point that is no number ends a polyline

  // Text whose middle line passes through `at`, in pixels.
  void text(Point at, std::string_view text, const TextStyle& style = {});
  void markup(Point at, std::string_view markup, const TextStyle& style = {});
  // A symbol with an outline of ink, in pixels.
  void symbol(Point at, const PointStyle& style);
  void dot(Point at, std::string_view colour, double size);
  void line(Point from, Point to, const LineStyle& style, bool head = false);
  void box(const Box& box, std::string_view colour, bool front = true);

  // Layers of the panel that is open.
  void lines(std::span<const Point> points, const LineStyle& style);
  // Heads are left out of arrows shorter than they are; tips keep `gap_pixels` from where they point.
  void arrows(std::span<const std::pair<Point, Point>> arrows, const LineStyle& style, double head_pixels = 9,
              double gap_pixels = 0);
  void dots(std::span<const Point> points, std::string_view colour, double size, int symbol = 7);
  void symbols(std::span<const Point> points, const PointStyle& style);
  void layer(std::string_view item);  // an item of gnuplot's plot command

  // Between open and close the layers of a panel; close draws it. `x_labels`: ticks have their numbers and the
  // axis its name, as they have not where another panel below shares the axis.
  void open(const Panel& panel, bool x_labels = true);
  void close();
  // The same in three dimensions: layers have x, y and z; `settings` are commands before it.
  void close_surface(const std::string& settings);
  // The layers so far, to add them to the panel of another frame as well.
  const std::vector<std::string>& layers() const { return layers_; }

  // Starts another picture of an animation in a file called `output`.
  void next_frame(std::string_view output);

  // The title, in bold above `from` (pixels), in at most two lines; returns where its last line ends.
  double title(Point from, std::string_view sentence);

  // What draws the picture into a file called `output` in the folder gnuplot runs in.
  std::string complete(std::string_view output) const;

 private:
  std::string screen(Point at) const;
  std::string pen(const LineStyle& style) const;
  void vectors(std::span<const std::pair<Point, Point>> arrows, const LineStyle& style, std::string_view head);
  void close(std::string plot);
  void axis(char name, const Axis& axis, std::span<const Tick> ticks, bool labels);

  Format format_;
  int width_, height_;
  Panel panel_;  // the open one
  std::string blocks_, body_;
  std::vector<std::string> layers_;
  std::size_t data_ = 0;
};

}  // namespace descent::pictures
