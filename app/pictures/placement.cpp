#include "app/pictures/placement.hpp"

#include "app/pictures/markup.hpp"

#include <algorithm>
#include <cmath>

namespace descent::pictures {

void Placement::occupy_line(std::span<const Point> pixels, double clearance) {
  constexpr double kMost = 4000;  // pixels of one stretch: what lies outside the picture is in nobody's way
  for (std::size_t k = 0; k + 1 < pixels.size(); ++k) {
    const Point a = pixels[k], b = pixels[k + 1];
    const double length = std::hypot(b.x - a.x, b.y - a.y);
    if (!(length < kMost)) continue;
    const int pieces = 1 + static_cast<int>(length / (2 * clearance + 1));
    for (int i = 0; i <= pieces; ++i)
      occupy(around({a.x + (b.x - a.x) * i / pieces, a.y + (b.y - a.y) * i / pieces}, 2 * clearance, 2 * clearance));
  }
}

bool Placement::is_free(const Box& box) const {
  return within_.contains(box) && std::ranges::none_of(taken_, [&](const Box& other) { return other.overlaps(box); });
}

bool Placement::take(const Box& box) {
  if (!is_free(box)) return false;
  occupy(box);
  return true;
}

std::optional<Point> Placement::beside(Point at, std::string_view text, double size, double distance) {
  const double width = text_width(text, size), height = size;
  constexpr double kDirections[][2] = {{1, -1}, {0, -1}, {-1, -1}, {1, 0}, {-1, 0}, {1, 1}, {0, 1}, {-1, 1}};
  for (const double stretch : {1.0, 1.7})
    for (const auto& [dx, dy] : kDirections) {
      const double reach = dx != 0 && dy != 0 ? 0.75 * distance * stretch : distance * stretch;
      const Point middle{at.x + dx * (reach + width / 2), at.y + dy * (reach + height / 2)};
      if (take(around(middle, width + 2, height))) return middle;
    }
  return std::nullopt;
}

}  // namespace descent::pictures
