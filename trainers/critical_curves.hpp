// Whether a degenerate critical point is one of a curve of them. For critical_search.cpp.
#pragma once

#include "trainers/critical_point.hpp"
#include "trainers/gradient_root.hpp"

#include <cstddef>
#include <vector>

namespace descent {

// What f is like in the box.
struct CriticalScales {
  double gradient = 0;  // the median of ‖∇f‖
  double value = 0;     // see value_scale
};

// Variables are of order 1, as in GradientRootFinder.
class CriticalCurves {
 public:
  static constexpr double kReach = 1e-3;  // how far beside a point it looks

  // `scales` are read when needed: they may be set later.
  CriticalCurves(Objective<double>& objective, GradientRootFinder& finder, const CriticalScales& scales)
      : f_(objective), finder_(finder), scales_(scales) {}

  // For a root with flat directions. Where there are several, the roots met beside it are added to `beside`: the curve
  // may be simpler there.
  bool passes(const GradientRoot& root, const CriticalPoint& p, std::vector<GradientRoot>& beside);

  // Of the curve, surface, … through such a root: the rank of the ways from it to the roots met beside it.
  std::size_t dimensions(const GradientRoot& root, const CriticalPoint& p);

  // The root that is met from `by` along the unit vector v, at about that distance and with the same value.
  GradientRoot walk(const GradientRoot& root, const std::vector<double>& v, double by);

 private:
  bool stillest_way(const GradientRoot& root, std::vector<double>& way);

  Objective<double>& f_;
  GradientRootFinder& finder_;
  const CriticalScales& scales_;
};

}  // namespace descent
