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

LineStyle fall_style();
LineStyle rise_style();
LineStyle tangent_style();

// The points of a curve; broken where it is no number and where it jumps across a pole.
std::vector<Point> joined(std::span<const double> x, std::span<const double> y);

// y at x between two samples, NaN outside.
double sampled(std::span<const double> x, std::span<const double> y, double at);

// What the axis of f shows: the usual range of the curve, and the steps not far beyond it.
Range height_range(const SlopePicture& picture);

void draw_tangents(Script& script, const SlopePicture& picture, const Panel& panel);

// Arrows from step to step; returns how many steps can be told apart: after that many they lie on one spot.
std::size_t draw_steps(Script& script, std::span<const SlopePicture::Step> path, const Panel& panel,
                       Placement& placement);
void number_steps(Script& script, std::span<const SlopePicture::Step> path, const Panel& panel, Placement& placement,
                  std::size_t shown);

// The zeros of f′ by kind, at height(x).
void draw_zeros(Script& script, const SlopePicture& picture, const std::function<double(double)>& height);

}  // namespace descent::pictures
