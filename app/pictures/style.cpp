#include "app/pictures/style.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace descent::pictures {

std::string height_colour(double height) {
  constexpr double kRamp[][3] = {{91, 143, 190}, {136, 178, 212}, {181, 209, 228}, {220, 232, 236}, {249, 246, 236}};
  constexpr int kPieces = static_cast<int>(std::size(kRamp)) - 1;
  const double at = std::clamp(height, 0.0, 1.0) * kPieces;
  const int piece = std::min(static_cast<int>(at), kPieces - 1);
  const double t = at - piece;
  const auto mix = [&](int channel) {
    return static_cast<int>(std::lround((1 - t) * kRamp[piece][channel] + t * kRamp[piece + 1][channel]));
  };
  return fmt::format("#{:02x}{:02x}{:02x}", mix(0), mix(1), mix(2));
}

std::span<const PointStyle> point_styles() {
  static constexpr PointStyle kStyles[] = {
      {PointKind::minimum, "minimum", 11, "#009e73", 1.5},
      {PointKind::maximum, "maximum", 9, "#cc79a7", 1.5},
      {PointKind::saddle, "saddle", 13, "#f0e442", 1.6},
      {PointKind::undecided, "undecided: flat direction", 5, "#ffffff", 1.2},
      {PointKind::kink, "at a kink or jump", 15, "#56b4e9", 1.4},
  };
  return kStyles;
}

const PointStyle& point_style(PointKind kind) { return *std::ranges::find(point_styles(), kind, &PointStyle::kind); }

}  // namespace descent::pictures
