// Keeps labels out of each other's way, and off lines and symbols.
#pragma once

#include "app/pictures/geometry.hpp"

#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace descent::pictures {

class Placement {
 public:
  explicit Placement(Box within) : within_(within) {}

  void occupy(const Box& box) { taken_.push_back(box); }
  // Everything within `clearance` pixels of the line.
  void occupy_line(std::span<const Point> pixels, double clearance);

  bool is_free(const Box& box) const;
  // Takes the box if it is free.
  bool take(const Box& box);

  // Finds room for text beside a point, `distance` pixels away, and takes it: the middle of the text.
  std::optional<Point> beside(Point at, std::string_view text, double size, double distance);

 private:
  Box within_;
  std::vector<Box> taken_;
};

}  // namespace descent::pictures
