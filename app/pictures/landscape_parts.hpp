// Parts that pictures of two variables share.
#pragma once

#include "app/pictures/contours.hpp"
#include "app/pictures/landscape.hpp"
#include "app/pictures/legend.hpp"
#include "app/pictures/placement.hpp"

#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace descent::pictures {

// Whether one unit is as long on both axes: unless the box of the data is more than four times as long as wide.
bool equal_scales(Range x, Range y);

// The largest box with the shape of the data inside `room`; with scales of its own for each axis it fills the room.
Box shaped(const Box& room, Range x, Range y);

// The axis of y, with a word on its scale where it is not that of x: there downhill is not square to the contours.
Axis vertical_axis(const Landscape& landscape);

// Adds the bands between the levels as layers, and behind them grey where f is undefined.
void fill_bands(Script& script, const Grid& grid, const std::vector<Outline>& outlines, std::size_t levels);

// Adds the contour lines; with `placement`, also writes the levels into gaps of the lines where there is room.
void draw_contour_lines(Script& script, const Panel& panel, const std::vector<Outline>& outlines,
                        const std::vector<double>& levels, Placement* placement);

// Adds the critical points, each kind with its symbol.
void draw_critical(Script& script, const std::vector<CriticalPoint>& critical);

// What the legend says of the path, the field and the critical points that are in the box of the panel;
// `from_above`: and of what only a picture from above shows.
std::vector<LegendEntry> landscape_legend(const Landscape& landscape, const Panel& panel, bool from_above = true);

// The visible part of a path: where it lies in the box, and where it leaves.
struct VisiblePath {
  std::vector<Point> line;                           // with points that are no number between separate stretches
  std::vector<std::pair<std::size_t, Point>> steps;  // inside the box: number and place
  std::vector<std::pair<Point, Point>> exits;        // the last stretch before each edge that it crosses
  std::vector<Point> numbered;                       // steps with a number beside them, that need a dot
  std::optional<Point> start, end;                   // of the path, where they are in the box
};
VisiblePath visible_path(std::span<const Point> path, const Panel& panel);

// Adds the path: a line in `colour` cased in white (a hairline where it has crossed the panel a few times), a dot at
// each step far enough from a neighbour to be told apart, arrows at the edge, a ring at the start and a larger dot at
// the end.
void draw_path(Script& script, const Panel& panel, const VisiblePath& path, std::string_view colour);

}  // namespace descent::pictures
