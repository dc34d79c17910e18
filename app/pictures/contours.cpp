#include "app/pictures/contours.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <utility>

namespace descent::pictures {
namespace {

constexpr double kOutside = -std::numeric_limits<double>::infinity();

// The grid in level positions, with the ring around it. Node (0, 0) is the ring's corner.
class Framed {
 public:
  Framed(const Grid& grid, const std::vector<double>& levels)
      : grid_(grid), columns_(grid.columns + 2), rows_(grid.rows + 2), height_(columns_ * rows_, kOutside) {
    const auto range = range_of(grid.f);
    for (std::size_t i = 0; i < grid.rows; ++i)
      for (std::size_t j = 0; j < grid.columns; ++j)
        if (!std::isnan(grid.at(i, j)))
          height_[(i + 1) * columns_ + j + 1] = level_position(grid.at(i, j), levels, range ? range->low : 0);
  }

  std::size_t columns() const { return columns_; }
  std::size_t rows() const { return rows_; }
  double height(std::size_t node) const { return height_[node]; }

  // The node's place in cells of the grid; the ring lies on the box's edge.
  Point place(std::size_t node) const {
    const auto clamped = [](std::size_t k, std::size_t count) {
      return static_cast<double>(std::clamp<std::size_t>(k, 1, count) - 1);
    };
    return {clamped(node % columns_, grid_.columns), clamped(node / columns_, grid_.rows)};
  }

 private:
  const Grid& grid_;
  std::size_t columns_, rows_;
  std::vector<double> height_;
};

// Follows the outlines of one level. An edge of the framed grid is named by its lower or left node and its
// direction: 2·node for the edge to the right, 2·node + 1 for the edge upwards.
class Tracer {
 public:
  Tracer(const Framed& nodes, int level)
      : nodes_(nodes), level_(level), next_(2 * nodes.columns() * nodes.rows(), kNone) {
    for (std::size_t i = 0; i + 1 < nodes.rows(); ++i)
      for (std::size_t j = 0; j + 1 < nodes.columns(); ++j) cell(i * nodes.columns() + j);
  }

  std::vector<Outline> outlines() {
    std::vector<Outline> result;
    for (std::size_t start = 0; start < next_.size(); ++start) {
      if (next_[start] == kNone) continue;
      Outline outline{level_, false, {}, {}, 0};
      for (std::size_t edge = start; next_[edge] != kNone;) {
        add(edge, outline);
        edge = std::exchange(next_[edge], kNone);
      }
      double twice = 0;
      for (std::size_t k = 0; k < outline.points.size(); ++k) {
        const Point a = outline.points[k], b = outline.points[(k + 1) % outline.points.size()];
        twice += a.x * b.y - a.y * b.x;
      }
      outline.hole = twice < 0;
      outline.area = std::abs(twice) / 2;
      if (outline.area > (level_ < 0 ? 0 : kSpeck)) result.push_back(std::move(outline));
    }
    return result;
  }

 private:
  static constexpr double kSpeck = 3;  // cells: an island too small to read is one that the grid made up
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  bool inside(std::size_t node) const {
    return level_ < 0 ? nodes_.height(node) > kOutside : nodes_.height(node) >= level_;
  }

  // Joins the crossings of a cell so that the inside stays on the left.
  void cell(std::size_t low_left) {
    const std::size_t corners[] = {low_left, low_left + 1, low_left + nodes_.columns() + 1,
                                   low_left + nodes_.columns()};
    const std::size_t edges[] = {2 * low_left, 2 * (low_left + 1) + 1, 2 * (low_left + nodes_.columns()),
                                 2 * low_left + 1};
    // Going around counterclockwise, edge k lies between corners k and k + 1. The outline leaves the cell where
    // the way goes out of the inside, and came in where the way goes into it.
    std::vector<std::size_t> in, out;
    for (std::size_t k = 0; k < 4; ++k) {
      const bool here = inside(corners[k]), there = inside(corners[(k + 1) % 4]);
      if (!here && there) in.push_back(k);
      if (here && !there) out.push_back(k);
    }
    for (const std::size_t k : in) {
      // With two of each, the middle of the cell decides whether the two inside corners are joined.
      std::size_t to = out[0];
      if (out.size() == 2) {
        const std::size_t across = (k + 3) % 4, along = (k + 1) % 4;
        to = joined(corners) ? across : along;
      }
      next_[edges[to]] = edges[k];
    }
  }

  bool joined(const std::size_t* corners) const {
    double sum = 0;
    for (int k = 0; k < 4; ++k) sum += nodes_.height(corners[k]);
    return sum / 4 >= level_;
  }

  void add(std::size_t edge, Outline& outline) const {
    const std::size_t a = edge / 2, b = edge % 2 == 0 ? a + 1 : a + nodes_.columns();
    const double fa = nodes_.height(a), fb = nodes_.height(b);
    const Point pa = nodes_.place(a), pb = nodes_.place(b);
    const bool on_edge = fa == kOutside || fb == kOutside;
    double t = 0.5;
    if (fa == kOutside) t = 1;
    if (fb == kOutside) t = 0;
    if (!on_edge) t = (level_ - fa) / (fb - fa);
    outline.points.push_back({pa.x + t * (pb.x - pa.x), pa.y + t * (pb.y - pa.y)});
    outline.on_edge.push_back(on_edge);
  }

  const Framed& nodes_;
  int level_;
  std::vector<std::size_t> next_;
};

// Leaves out points close to the line between those kept before and after.
void simplify(Outline& outline) {
  constexpr double kTolerance = 0.04;  // cells
  Outline result{outline.level, outline.hole, {}, {}, outline.area};
  const std::size_t count = outline.points.size();
  for (std::size_t k = 0; k < count; ++k) {
    if (!result.points.empty() && k + 1 < count && outline.on_edge[k] == outline.on_edge[k + 1] &&
        result.on_edge.back() == outline.on_edge[k]) {
      const Point a = result.points.back(), p = outline.points[k], b = outline.points[k + 1];
      const double length = std::hypot(b.x - a.x, b.y - a.y);
      const double off = std::abs((b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x));
      if (off <= kTolerance * length && length < 8) continue;
    }
    result.points.push_back(outline.points[k]);
    result.on_edge.push_back(outline.on_edge[k]);
  }
  outline = std::move(result);
}

}  // namespace

std::vector<Outline> outlines(const Grid& grid, const std::vector<double>& levels) {
  const Framed nodes(grid, levels);
  std::vector<Outline> result;
  for (int level = -1; level < static_cast<int>(levels.size()); ++level)
    for (Outline& outline : Tracer(nodes, level).outlines()) result.push_back(std::move(outline));
  // Outlines that share all of the edge have the same area: the lower level first, or for holes the higher.
  std::ranges::stable_sort(result, [](const Outline& a, const Outline& b) {
    if (a.area != b.area) return a.area > b.area;
    return a.hole && b.hole ? a.level > b.level : a.level < b.level;
  });
  for (Outline& outline : result) {
    simplify(outline);
    for (Point& p : outline.points) {
      p.x = grid.x.low + grid.x.span() * p.x / static_cast<double>(grid.columns - 1);
      p.y = grid.y.low + grid.y.span() * p.y / static_cast<double>(grid.rows - 1);
    }
  }
  return result;
}

std::vector<std::vector<Point>> contour_lines(const Outline& outline) {
  const std::size_t count = outline.points.size();
  const auto edge = std::ranges::find(outline.on_edge, true);
  std::vector<std::vector<Point>> runs(1);
  const std::size_t start = static_cast<std::size_t>(edge - outline.on_edge.begin()) % count;
  for (std::size_t k = 0; k <= count; ++k) {
    const std::size_t at = (start + k) % count;
    if (outline.on_edge[at]) {
      if (!runs.back().empty()) runs.emplace_back();
    } else {
      runs.back().push_back(outline.points[at]);
    }
  }
  std::erase_if(runs, [](const auto& run) { return run.size() < 2; });
  return runs;
}

}  // namespace descent::pictures
