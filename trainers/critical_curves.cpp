#include "trainers/critical_curves.hpp"

#include "trainers/box.hpp"
#include "trainers/curvature.hpp"
#include "trainers/finite.hpp"
#include "trainers/same.hpp"
#include "trainers/unbounded_curvature.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace descent {

// A curve through a root with one flat direction leaves along it; through one with more, anywhere.
bool CriticalCurves::passes(const GradientRoot& root, const CriticalPoint& p, std::vector<GradientRoot>& beside) {
  std::vector<double> way = p.flat_directions.front();
  if (p.flat > 1 && !stillest_way(root, way)) return false;
  bool found = false;
  for (const double side : {-kReach, kReach}) {
    const GradientRoot other = walk(root, way, side);
    if (!other.found) continue;
    found = true;
    if (p.flat > 1) beside.push_back(other);
  }
  return found;
}

std::size_t CriticalCurves::dimensions(const GradientRoot& root, const CriticalPoint& p) {
  if (p.flat < 2) return p.flat;
  std::vector<std::vector<double>> ways = p.flat_directions;
  if (std::vector<double> way = ways.front(); stillest_way(root, way)) ways.push_back(std::move(way));
  const std::size_t n = root.w.size();
  Matrix<double> products = zeros<double>(n, n);
  for (const auto& v : ways)
    for (const double side : {-kReach, kReach}) {
      const GradientRoot other = walk(root, v, side);
      for (std::size_t i = 0; i < n && other.found; ++i)
        for (std::size_t j = 0; j < n; ++j)
          products(i, j) += (other.w[i] - root.w[i]) * (other.w[j] - root.w[j]) / (kReach * kReach);
    }
  constexpr double kAcross = 0.01;  // squared: a curve of a radius of 0.1 bends by less
  const Spectrum spectrum = symmetric_spectrum(products);
  return static_cast<std::size_t>(std::ranges::count_if(spectrum.values, [](double v) { return v > kAcross; }));
}

GradientRoot CriticalCurves::walk(const GradientRoot& root, const std::vector<double>& v, double by) {
  const std::size_t n = v.size();
  std::vector<double> u = root.w;
  for (std::size_t i = 0; i < n; ++i) u[i] += by * v[i];
  GradientRoot other = finder_.find(u, scales_.gradient, true);
  if (!other.found) other = find_unbounded_root(f_, u, scales_.gradient);
  const double walked = other.found ? largest_difference(other.w, root.w) / std::abs(by) : 0;
  other.found = walked > 0.25 && walked < 4 && same_value(other.value, root.value, scales_.value);
  return other;
}

// The direction of least ‖∇f‖ at the distance kReach: from the best of evenly spread ones, by shrinking steps.
// False where even that is no zero compared with the others.
bool CriticalCurves::stillest_way(const GradientRoot& root, std::vector<double>& way) {
  const std::size_t n = way.size();
  std::vector<double> g(n);
  std::vector<double> u(n), best(n), trial(n);
  const auto gradient_along = [&](std::vector<double>& v) {
    const double length = norm<double>(v);
    for (std::size_t i = 0; i < n; ++i) v[i] /= length;
    for (std::size_t i = 0; i < n; ++i) u[i] = root.w[i] + kReach * v[i];
    f_.value_and_gradient(u, g);
    return norm<double>(g);
  };
  double least = std::numeric_limits<double>::infinity(), most = 0;
  for (std::size_t k = 0; k < 64 * n; ++k) {
    if (k < n)
      trial.assign(n, 0.0), trial[k] = 1;
    else
      halton(k, trial);
    for (std::size_t i = 0; i < n && k >= n; ++i) trial[i] = 2 * trial[i] - 1;
    const double size = gradient_along(trial);
    most = std::max(most, size);
    if (size < least) {
      least = size;
      best = trial;
    }
  }
  for (double h = 0.25; h > 1e-12; h /= 2)
    for (std::size_t i = 0; i < n; ++i)
      for (const double side : {-h, h}) {
        trial = best;
        trial[i] += side;
        const double size = gradient_along(trial);
        if (size >= least) continue;
        least = size;
        best = trial;
      }
  way = best;
  return least <= 1e-6 * most;
}

}  // namespace descent
