#include "app/formula/smoothed_kink.hpp"

#include "trainers/both_sides.hpp"
#include "trainers/curvature.hpp"
#include "trainers/finite.hpp"
#include "trainers/jumps.hpp"
#include "trainers/unbounded_curvature.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace descent {
namespace {

using Values = BothSides::Values;
using Derivative = BothSides::Derivative;

Values spectrum_of(const Values& h, std::size_t n) {
  Matrix<double> matrix = zeros<double>(n, n);
  std::copy(h.begin(), h.end(), matrix.begin());
  return symmetric_spectrum(matrix).values;
}

// The Hessian by differences of ∇f: for where the sweeps make 0 · ∞ of it all around, as of relu(x)^1.5 at -1.
Values slopes_of_gradient(Objective<double>& f, const Values& x) {
  constexpr double kLength = 1e-5;
  const std::size_t n = x.size();
  const double h = kLength * std::max(1.0, norm<double>(x));
  Values all, up(n), down(n), there = x;
  for (std::size_t i = 0; i < n; ++i) {
    there[i] = x[i] + h;
    f.value_and_gradient(there, up);
    there[i] = x[i] - h;
    f.value_and_gradient(there, down);
    there[i] = x[i];
    for (std::size_t k = 0; k < n; ++k) all.push_back((up[k] - down[k]) / (2 * h));
  }
  return all;
}

Values eigenvalues_at(Objective<double>& f, const Values& x) {
  const std::size_t n = x.size();
  const Derivative hessian = [&](const Values& at) {
    Matrix<double> h = zeros<double>(n, n);
    f.hessian(at, view(h));
    return Values(h.begin(), h.end());
  };
  const BothSides beside(x, hessian);
  const Values none(n, std::numeric_limits<double>::quiet_NaN()), here = hessian(x);
  const bool known = beside.is_finite();
  if (known && beside.differ()) return none;
  if (known && beside.is_limit(here)) return spectrum_of(here, n);
  if (known && beside.settle()) return spectrum_of(beside.mean(), n);
  const auto unbounded = unbounded_curvature(f, x);
  if (!unbounded) return known ? none : spectrum_of(slopes_of_gradient(f, x), n);
  if (std::ranges::any_of(unbounded->errors, [](double error) { return std::isinf(error); })) return none;
  return unbounded->spectrum.values;
}

Values gradient_at(Objective<double>& f, const Formula& formula, std::span<const std::string> names, const Values& x) {
  const Derivative gradient = [&](const Values& at) {
    Values g(at.size());
    f.value_and_gradient(at, g);
    return g;
  };
  const BothSides beside(x, gradient);
  if (Values swept = gradient(x); beside.is_limit(swept)) return swept;
  if (!formula.is_sum()) {
    const formula::Tape tape(formula.gradient(names), formula.variables());
    formula::Tape::Work work(tape);
    Values written(x.size());
    tape.values(x, written, work);
    if (beside.is_limit(written)) return written;
  }
  return beside.mean();
}

}  // namespace

std::optional<SmoothedKink> smoothed_kink(Objective<double>& f, const Formula& formula,
                                          std::span<const std::string> names, const std::vector<double>& x) {
  if (jumps_at(f, x)) return std::nullopt;
  return SmoothedKink{gradient_at(f, formula, names, x), eigenvalues_at(f, x)};
}

}  // namespace descent
