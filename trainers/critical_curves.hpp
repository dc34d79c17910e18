// Whether a degenerate critical point is one of a curve of them. For critical_search.cpp.
#pragma once

#include "trainers/critical_point.hpp"
#include "trainers/gradient_root.hpp"

#include <cstddef>
#include <vector>

namespace descent {

// maxᵢ |aᵢ − bᵢ|.
double largest_difference(ConstParams<double> a, ConstParams<double> b);
// Within 1e-9 of their size, or of 1.
bool same_value(double a, double b);

// Variables are of order 1, as in GradientRootFinder.
class CriticalCurves {
 public:
  static constexpr double kReach = 1e-3;  // how far beside a point it looks

  // `gradient_scale` is read when needed: it may be set later.
  CriticalCurves(Objective<double>& objective, GradientRootFinder& finder, const double& gradient_scale)
      : f_(objective), finder_(finder), gradient_scale_(gradient_scale) {}

  // For a root with flat directions. Where there are several, the roots met beside it are added to `beside`: the curve
  // may be simpler there.
  bool passes(const GradientRoot& root, const CriticalPoint& p, std::vector<GradientRoot>& beside);

  // The root that is met from `by` along the unit vector v, at about that distance and with the same value.
  GradientRoot walk(const GradientRoot& root, const std::vector<double>& v, double by);

 private:
  bool stillest_way(const GradientRoot& root, std::vector<double>& way);

  Objective<double>& f_;
  GradientRootFinder& finder_;
  const double& gradient_scale_;
};

}  // namespace descent
