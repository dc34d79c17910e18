// Parts that the pictures of one variable share.
#pragma once

#include "app/pictures/placement.hpp"
#include "app/pictures/slope.hpp"

#include <functional>
#include <span>
#include <vector>

namespace descent::pictures {

// Throws Error(usage) unless there are at least 2 samples of x, f and f′, at ascending x.
void check_slope(const SlopePicture& picture);

// Of a step that went the way that was wanted, down unless ascending, or not.
LineStyle step_style(bool wanted);
LineStyle tangent_style();

// The points of a curve; broken where it is no number and where it jumps across a pole.
std::vector<Point> joined(std::span<const double> x, std::span<const double> y);

// y at x between two samples, NaN outside.
double sampled(std::span<const double> x, std::span<const double> y, double at);

// What the axis of f shows: the usual range of the curve, and the steps not far beyond it.
Range height_range(const SlopePicture& picture);

void draw_tangents(Script& script, const SlopePicture& picture, const Panel& panel);

// A step as it is drawn, in the units of the panel.
struct StepArrow {
  Point from, to;
  bool rose;
  bool aside = false;  // moved, to leave the middle to one that goes the other way
};
struct DrawnSteps {
  std::vector<StepArrow> arrows;
  std::vector<Point> dots;
  std::size_t shown = 0;  // so many steps can be told apart: after that many they lie on one spot
};
// The steps that are long enough to be seen; of those that lie on each other one.
DrawnSteps drawn_steps(std::span<const SlopePicture::Step> path, const Panel& panel);

// Draws them; returns how many can be told apart.
std::size_t draw_steps(Script& script, std::span<const SlopePicture::Step> path, bool ascending, const Panel& panel,
                       Placement& placement);
void number_steps(Script& script, std::span<const SlopePicture::Step> path, const Panel& panel, Placement& placement,
                  std::size_t shown);

// The zeros of f′ by kind, at height(x).
void draw_zeros(Script& script, const SlopePicture& picture, const std::function<double(double)>& height);

}  // namespace descent::pictures
