#include "trainers/unbounded_curvature.hpp"

#include "trainers/dot.hpp"
#include "trainers/finite.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

namespace descent {
namespace {

constexpr std::size_t kLengths = 11;  // of h, each kShrink times the next
constexpr std::size_t kGrowing = 7;   // the shortest of them, over which an eigenvalue without a bound grows
constexpr double kShortest = 0x1p-40, kShrink = 8;
// What such an eigenvalue grows by from one length to the next, h^(p − 1) with 1/6 < p < 0.97: faster is a jump of ∇f,
// see gradient_jumps; slower may end.
constexpr double kLeastGrowth = 1.06, kMostGrowth = 5.7, kSameGrowth = 1.3;
constexpr double kEpsilon = std::numeric_limits<double>::epsilon();

using Lengths = std::array<double, kLengths>;

// The eigenvalues by size, the largest first: which value is the j-th.
std::vector<std::size_t> by_size(const Spectrum& spectrum) {
  std::vector<std::size_t> order(spectrum.values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater(), [&](std::size_t j) { return std::abs(spectrum.values[j]); });
  return order;
}

// Row i: (∇f(w + h vᵢ) − ∇f(w − h vᵢ)) / 2h, for the rows vᵢ of `along`.
Matrix<double> difference_quotients(Objective<double>& f, ConstParams<double> w, ConstMatrixView<double> along,
                                    double h) {
  const std::size_t n = w.size();
  Matrix<double> s = zeros<double>(n, n);
  std::vector<double> x(n), up(n), down(n);
  const auto gradient_at = [&](ConstParams<double> v, double side, std::vector<double>& g) {
    for (std::size_t k = 0; k < n; ++k) x[k] = w[k] + side * v[k];
    f.value_and_gradient(x, g);
  };
  for (std::size_t i = 0; i < n; ++i) {
    gradient_at(along.row(i), h, up);
    gradient_at(along.row(i), -h, down);
    for (std::size_t k = 0; k < n; ++k) s(i, k) = (up[k] - down[k]) / (2 * h);
  }
  return s;
}

// (n, n): element (i, j) is the product of row i of a with row j of b.
Matrix<double> products(ConstMatrixView<double> a, ConstMatrixView<double> b) {
  Matrix<double> c = zeros<double>(a.rows, b.rows);
  for (std::size_t i = 0; i < a.rows; ++i)
    for (std::size_t j = 0; j < b.rows; ++j) c(i, j) = dot<double>(a.row(i), b.row(j));
  return c;
}

Matrix<double> transposed(ConstMatrixView<double> a) {
  Matrix<double> t = zeros<double>(a.cols, a.rows);
  for (std::size_t i = 0; i < a.rows; ++i)
    for (std::size_t j = 0; j < a.cols; ++j) t(j, i) = a(i, j);
  return t;
}

Matrix<double> axes(std::size_t n) {
  Matrix<double> a = zeros<double>(n, n);
  for (std::size_t i = 0; i < n; ++i) a(i, i) = 1;
  return a;
}

// Orthonormal rows, those in which ∇f changes, the last one most: ∇f is not linear close by, so that its differences
// along other directions tell curvatures which are none.
Matrix<double> main_directions(Objective<double>& f, ConstParams<double> w, double h) {
  const Matrix<double> along = axes(w.size()), quotients = difference_quotients(f, w, view(along), h);
  const Matrix<double> changes = transposed(view(quotients));
  return symmetric_spectrum(products(view(changes), view(changes))).vectors;
}

// In the basis `along`. What rounding of w does to ∇f lies in its last directions, in which it is steep: the change of
// another part along one of those is the surer half of the matrix.
Spectrum quotient_spectrum(Objective<double>& f, ConstParams<double> w, ConstMatrixView<double> along, double h) {
  const Matrix<double> changes = difference_quotients(f, w, along, h);
  Matrix<double> s = products(view(changes), along);
  for (std::size_t i = 0; i < w.size(); ++i)
    for (std::size_t j = i + 1; j < w.size(); ++j) s(i, j) = s(j, i);
  return symmetric_spectrum(s);
}

bool is_unbounded(const Lengths& values) {
  double least = std::numeric_limits<double>::infinity(), most = 0;
  for (std::size_t k = kLengths - kGrowing + 1; k < kLengths; ++k) {
    const double growth = values[k] / values[k - 1];  // below 0 where the sign changes
    if (!(growth > kLeastGrowth && growth < kMostGrowth)) return false;
    least = std::min(least, growth);
    most = std::max(most, growth);
  }
  return most < kSameGrowth * least;
}

// Whether ∇f is as steep on either side of w along v, and not on one alone.
bool is_steep_on_both_sides(Objective<double>& f, ConstParams<double> w, ConstParams<double> v, double h,
                            double value) {
  const std::size_t n = w.size();
  std::vector<double> x(n), here(n), there(n);
  f.value_and_gradient(w, here);
  for (const double side : {-h, h}) {
    for (std::size_t i = 0; i < n; ++i) x[i] = w[i] + side * v[i];
    f.value_and_gradient(x, there);
    if (!((dot<double>(there, v) - dot<double>(here, v)) / side / value > 0.125)) return false;
  }
  return true;
}

// What rounding of w, by `ulp`, does to a slope that differs by value · h over h and goes like a power of that: most of
// its noise.
double noise_of_slope(const Lengths& values, double h, double ulp) {
  const double power = 1 - std::log(values[kLengths - 1] / values[kLengths - 2]) / std::log(kShrink);
  return std::abs(values.back()) * h * std::pow(ulp / h, power);
}

struct Estimate {
  double value, error;
};

// From the length where least is wrong with it: h is too long before, and the slopes' noise counts behind.
Estimate bounded(const Lengths& values, const Lengths& lengths, double noise) {
  Estimate best{values.back(), std::numeric_limits<double>::infinity()};
  for (std::size_t k = 1; k < kLengths; ++k) {
    const double error = 4 * std::abs(values[k] - values[k - 1]) + 2 * noise / lengths[k];
    if (error < best.error) best = {values[k], error};
  }
  return best;
}

}  // namespace

std::optional<UnboundedCurvature> unbounded_curvature(Objective<double>& objective, ConstParams<double> w) {
  const std::size_t n = w.size();
  const double size = std::max(1.0, norm<double>(w)), shortest = kShortest * size;
  Lengths lengths;
  std::array<Spectrum, kLengths> spectra;
  std::array<std::vector<std::size_t>, kLengths> order;
  const Matrix<double> along = main_directions(objective, w, shortest);
  for (std::size_t k = kLengths; k-- > 0;) {
    lengths[k] = k + 1 == kLengths ? shortest : lengths[k + 1] * kShrink;
    spectra[k] = quotient_spectrum(objective, w, view(along), lengths[k]);
    if (std::isnan(spectra[k].values.front())) return std::nullopt;
    order[k] = by_size(spectra[k]);
  }
  const Matrix<double> across = transposed(view(along));
  const Matrix<double> vectors = products(view(std::as_const(spectra.back().vectors)), view(across));
  const auto vector = [&](std::size_t j) { return view(vectors).row(order.back()[j]); };

  std::vector<Lengths> values(n);  // of the j-th by size
  std::vector<bool> unbounded(n);
  double noise = 0;
  for (std::size_t j = 0; j < n; ++j) {
    for (std::size_t k = 0; k < kLengths; ++k) values[j][k] = spectra[k].values[order[k][j]];
    unbounded[j] = is_unbounded(values[j]);
    if (!unbounded[j]) continue;
    const double before = values[j][kLengths - 2];
    if (!is_steep_on_both_sides(objective, w, vector(j), shortest * kShrink, before)) return std::nullopt;
    noise = std::max(noise, noise_of_slope(values[j], shortest, 8 * kEpsilon * size));
  }
  if (std::ranges::none_of(unbounded, std::identity())) return std::nullopt;

  std::vector<Estimate> all(n);
  for (std::size_t j = 0; j < n; ++j)
    all[j] = unbounded[j] ? Estimate{std::copysign(std::numeric_limits<double>::infinity(), values[j].back()), 0}
                          : bounded(values[j], lengths, noise);
  std::vector<std::size_t> ascending(n);
  std::iota(ascending.begin(), ascending.end(), std::size_t{0});
  std::ranges::stable_sort(ascending, {}, [&](std::size_t j) { return all[j].value; });
  UnboundedCurvature curvature{
      {std::vector<double>(n), zeros<double>(n, n)}, std::vector<double>(n), std::vector<double>(n)};
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t j = ascending[i];
    curvature.spectrum.values[i] = all[j].value;
    curvature.errors[i] = all[j].error;
    if (unbounded[j]) curvature.nearest[i] = 2 * shortest * std::abs(values[j].back());
    std::ranges::copy(vector(j), view(curvature.spectrum.vectors).row(i).begin());
  }
  return curvature;
}

namespace {

// Moves w along unit vectors to where the slope along them is 0.
class SlopeRoots {
 public:
  SlopeRoots(Objective<double>& objective, std::vector<double>& w) : f_(objective), w_(w), x_(w.size()), g_(w.size()) {}

  // From the slope `here` towards `step` and up to eight times as far; how far it came, nothing where the slope keeps
  // its sign.
  std::optional<double> go(ConstParams<double> v, double here, double step) {
    double near = 0, far = step;
    for (int k = 0; !(slope(v, far) * here <= 0); ++k, far *= 2)
      if (k == 3 || std::isnan(last_)) return std::nullopt;
    while (last_ != 0) {
      const double middle = near + (far - near) / 2;
      if (middle == near || middle == far) break;
      (slope(v, middle) * here > 0 ? near : far) = middle;
      if (last_ == 0) far = middle;
    }
    for (std::size_t i = 0; i < w_.size(); ++i) w_[i] += far * v[i];
    return std::abs(far);
  }

 private:
  double slope(ConstParams<double> v, double t) {
    for (std::size_t i = 0; i < w_.size(); ++i) x_[i] = w_[i] + t * v[i];
    const double value = f_.value_and_gradient(x_, g_);
    return last_ = std::isfinite(value) ? dot<double>(g_, v) : std::numeric_limits<double>::quiet_NaN();
  }

  Objective<double>& f_;
  std::vector<double>& w_;
  std::vector<double> x_, g_;
  double last_ = 0;
};

}  // namespace

GradientRoot find_unbounded_root(Objective<double>& objective, ConstParams<double> start, double gradient_scale) {
  constexpr std::size_t kSweeps = 20;
  constexpr double kStill = 1e-13, kFarthest = 0.5, kNoSlope = 1e-14, kSmallSlope = 1e-9, kShort = 1e-6;
  const std::size_t n = start.size();
  GradientRoot root{.w = {start.begin(), start.end()}};
  std::vector<double> g(n);
  const Matrix<double> all = axes(n);
  SlopeRoots roots(objective, root.w);
  for (double moved = 1; moved > kStill && root.iterations < kSweeps; ++root.iterations) {
    Spectrum spectrum = hessian_spectrum(objective, root.w);
    if (std::isnan(spectrum.values.front()))  // w is there, along one vector at least
      spectrum = quotient_spectrum(objective, root.w, view(all), kShort);
    moved = 0;
    for (std::size_t j = 0; j < n && !std::isnan(spectrum.values[j]); ++j) {
      const ConstParams<double> v = view(spectrum.vectors).row(j);
      objective.value_and_gradient(root.w, g);
      const double slope = dot<double>(g, v);
      if (std::abs(slope) <= kNoSlope * gradient_scale) continue;
      const double step = -slope / spectrum.values[j];
      const std::optional<double> way = std::abs(step) < kFarthest ? roots.go(v, slope, step) : std::nullopt;
      if (!way) return root;
      moved = std::max(moved, *way);
    }
    moved /= std::max(1.0, norm<double>(root.w));
  }
  root.value = objective.value_and_gradient(root.w, g);
  root.gradient_norm = norm<double>(g);
  if (root.iterations == kSweeps) return root;
  const auto curvature = unbounded_curvature(objective, root.w);
  root.found = curvature.has_value();
  for (std::size_t j = 0; j < n && root.found; ++j) {
    const double slope = std::abs(dot<double>(g, view(curvature->spectrum.vectors).row(j)));
    root.found = slope <= std::max(kSmallSlope * gradient_scale, curvature->nearest[j]);
  }
  return root;
}

}  // namespace descent
