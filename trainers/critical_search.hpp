// All critical points of f in a box, found from many starts and classified.
#pragma once

#include "framework/objective.hpp"
#include "trainers/box.hpp"
#include "trainers/critical_point.hpp"
#include "trainers/kinks.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace descent {

struct CriticalSearchOptions {
  // Starts of the first round; 0: 401 for one variable, 33² on a grid for two, 2048 for more (Halton's sequence).
  std::size_t starts = 0;
  // Rounds of half as many starts more, until one finds nothing new. At least one.
  std::size_t rounds = 6;
};

// A point where f was only looked at.
struct Sample {
  std::vector<double> w;
  double value = 0;
  bool on_boundary = false;
};

// A curve, surface, … of critical points: f is constant on it.
struct Continuum {
  std::vector<std::vector<double>> samples;  // some points of it
  std::size_t at_least = 0;                  // so many were met
  double value = 0;
  std::size_t dimensions = 0;                     // 1 for a curve
  std::string sentence(double scale_of_f) const;  // as for same_value
};

struct FoundPoint {
  CriticalPoint point;
  // Among all points found and all values sampled, the box's boundary included, none is lower (higher): «lowest found»;
  // nobody can promise more.
  bool lowest = false, highest = false;
};

struct CriticalPoints {
  std::vector<FoundPoint> points;   // isolated ones, by value; inside the box, faces included
  std::vector<Continuum> continua;  // by value
  std::vector<Kink> kinks;          // no zeros of ∇f, but extremes without a slope, and where f jumps
  std::size_t plateau_starts = 0;   // starts that ended where f does not change at all
  std::vector<double> plateau;      // such a point
  Sample lowest, highest;           // of all values seen
  double value_scale = 0;           // what f changes by in the box, see same.hpp
  std::size_t starts = 0, rounds = 0;
  std::size_t undefined = 0, looked_at = 0;  // starts of the first round at which f is not finite, and all of them
  bool complete = true;                      // false: the last round of starts found new points still
  std::string sentence() const;
};

// For 1 to 6 variables. Searches zeros of ∇f from each start (GradientRootFinder, variables scaled by the box's
// width), keeps those inside the box, merges what lies within 1e-6 of its width (degenerate ones: within 1e-3, because
// rounding moves them), polishes, classifies. A degenerate point from whose flat directions, 1e-3 of the box's width
// away, the search ends at another critical point of the same value belongs to a continuum. Where the slope along a
// flat direction keeps its sign it is no critical point but the tail of one at infinity, as of exp(−x).
//
// Where a search gets stuck, a zero is looked for at which ∇f has an infinite slope, as of |x|^1.5 (see
// find_unbounded_root).
//
// Finds what the starts find: a region of attraction smaller than the grid can be missed. Throws Error(usage) for a
// wrong box, no second derivatives, 0 or more than 6 variables.
CriticalPoints find_critical_points(Objective<double>& objective, const Box& box,
                                    const CriticalSearchOptions& options = {});

}  // namespace descent
