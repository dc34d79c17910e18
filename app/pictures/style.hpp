// The house style of every picture: decided here and nowhere else.
//
// A picture is `width` x `height` pixels (SVG units; 1/96 inch in a PDF), meant to be read at 800 pixels.
// Its parts, from the top: the title, a sentence, at the left edge of the data; the legend, in rows, outside
// the data so that it never covers any; the name of the vertical axis, written level above it; the data in a
// frame of two sides with a light grid; the ticks; the name of the horizontal axis.
//
// Colours are those of Okabe and Ito, "Color universal design" (2008), told apart by colour-blind readers; and
// what matters is said twice: a step where f rose is red and dashed, kinds of point have shapes of their own.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

namespace descent::pictures {

// Colours as gnuplot takes them.
inline constexpr std::string_view kInk = "#222222";    // text, curves of f
inline constexpr std::string_view kFaint = "#666666";  // ticks, axes, contour lines, tangents
inline constexpr std::string_view kFrame = "#9a9a9a";  // the two sides of the frame
inline constexpr std::string_view kGrid = "#e4e4e4";
inline constexpr std::string_view kPaper = "#ffffff";
inline constexpr std::string_view kUndefined = "#e9e9e9";  // where f is no number
inline constexpr std::string_view kFell = "#009e73";       // green: a step that lowered f
inline constexpr std::string_view kRose = "#d55e00";       // red: a step that raised it
inline constexpr std::string_view kPath = "#d55e00";       // the path over a landscape
inline constexpr std::string_view kNumber = "#5a2200";     // numbers of its steps, in bold
inline constexpr std::string_view kField = "#5f7f99";      // arrows of -∇f
inline constexpr std::string_view kDanger = "#fbe3d6";     // the zone where γ·λmax > 2
inline constexpr std::array<std::string_view, 7> kSeries = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                                            "#e69f00", "#56b4e9", "#222222"};

// Sizes of text in pixels.
inline constexpr double kTitleText = 17, kText = 14, kSmallText = 12;

// Widths of lines in pixels.
inline constexpr double kCurveWidth = 2.2, kPathWidth = 2, kThin = 1, kCasing = 2.4;  // casing: white, added to a path

// The colour of a height, 0 (deep, blue) to 1 (high, pale): light enough for black text everywhere.
std::string height_colour(double height);

// A named kind of critical point, by its Hessian.
enum class PointKind { minimum, maximum, saddle, undecided, kink };
struct PointStyle {
  PointKind kind;
  std::string_view name;    // as the legend says it
  int symbol;               // gnuplot's pointtype, filled
  std::string_view colour;  // of its inside; the outline is ink
  double size;              // relative, so that the shapes look equally big
};
std::span<const PointStyle> point_styles();
const PointStyle& point_style(PointKind kind);

}  // namespace descent::pictures
