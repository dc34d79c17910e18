#include "trainers/unbounded_curvature.hpp"

#include "trainers/dot.hpp"
#include "trainers/finite.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

namespace descent {
namespace {

constexpr std::size_t kLengths = 11;  // of h, each kShrink times the next
constexpr std::size_t kGrowing = 8;   // the shortest of them, over which a quotient without a bound grows
constexpr double kShortest = 0x1p-40, kShrink = 8;
// What a quotient gains from one length to the next is so many times what it gained before: 8^(1 − p) of one that goes
// like h^(p − 1), 1/6 < p ≤ 1, where p = 1 is log(h). More is a jump of ∇f, see gradient_jumps; less comes to an end.
constexpr double kLeastGrowth = 0.99, kMostGrowth = 5.7, kSameGrowth = 1.3;
constexpr double kEpsilon = std::numeric_limits<double>::epsilon();

using Lengths = std::array<double, kLengths>;

// ∇f(w + h v) into `g`; v · (w + h v − w) to rounding, which a small h needs.
double gradient_at(Objective<double>& f, ConstParams<double> w, ConstParams<double> v, double h,
                   std::vector<double>& g) {
  std::vector<double> x(w.size());
  double moved = 0;
  for (std::size_t i = 0; i < w.size(); ++i) {
    x[i] = w[i] + h * v[i];
    moved += (x[i] - w[i]) * v[i];
  }
  f.value_and_gradient(x, g);
  return moved;
}

// Rows i: (∇f(w + h vᵢ) − ∇f(w − h vᵢ)) / 2h, for the rows vᵢ of `along`, and the same of sums.
struct Quotients {
  Matrix<double> odd, even;  // (n, n) each
};

Quotients quotients(Objective<double>& f, ConstParams<double> w, ConstMatrixView<double> along, double h) {
  const std::size_t n = w.size();
  Quotients s{zeros<double>(n, n), zeros<double>(n, n)};
  std::vector<double> up(n), down(n);
  for (std::size_t i = 0; i < n; ++i) {
    const double apart = gradient_at(f, w, along.row(i), h, up) - gradient_at(f, w, along.row(i), -h, down);
    for (std::size_t k = 0; k < n; ++k) {
      s.odd(i, k) = (up[k] - down[k]) / apart;
      s.even(i, k) = (up[k] + down[k]) / apart;
    }
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

// Orthonormal rows, those in which `part` of the quotients changes from one length to the next, the last one most.
// Whatever the length along an axis comes to, they change in the directions without a bound, and a finite curvature,
// however large, does not change.
Matrix<double> main_directions(Objective<double>& f, ConstParams<double> w, double h, Matrix<double> Quotients::*part) {
  const Matrix<double> along = axes(w.size());
  Matrix<double> change = quotients(f, w, view(along), h).*part;
  change -= quotients(f, w, view(along), kShrink * h).*part;
  double largest = 0;  // whose square need not be a number
  for (const double v : change) largest = std::max(largest, std::abs(v));
  for (double& v : change) v /= largest > 0 ? largest : 1;
  const Matrix<double> columns = transposed(view(std::as_const(change)));
  return symmetric_spectrum(products(view(columns), view(columns))).vectors;
}

// In the basis `along`, the odd ones symmetric. What rounding of w does to ∇f lies in the directions in which it is
// steep: of two, the change along the steeper one is the surer half.
Quotients quotients_in(Objective<double>& f, ConstParams<double> w, ConstMatrixView<double> along, double h) {
  const Quotients changes = quotients(f, w, along, h);
  Quotients in{products(view(changes.odd), along), products(view(changes.even), along)};
  Matrix<double>& s = in.odd;
  for (std::size_t i = 0; i < w.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) s(i, j) = s(j, i) = std::abs(s(i, i)) > std::abs(s(j, j)) ? s(i, j) : s(j, i);
  return in;
}

bool is_unbounded(const Lengths& q) {
  double least = std::numeric_limits<double>::infinity(), most = 0;
  for (std::size_t k = kLengths - kGrowing + 2; k < kLengths; ++k) {
    const double growth = (q[k] - q[k - 1]) / (q[k - 1] - q[k - 2]);
    if (!(growth > kLeastGrowth && growth < kMostGrowth)) return false;
    least = std::min(least, growth);
    most = std::max(most, growth);
  }
  return most < kSameGrowth * least && q.back() / (q[kLengths - 1] - q[kLengths - 2]) > 0;
}

// Whether the slope along v grows so on either side of w, and not on one alone: from kShrink h to h its quotient gains
// `gain` on both together.
bool grows_on_both_sides(Objective<double>& f, ConstParams<double> w, ConstParams<double> v, double h, double gain) {
  std::vector<double> here(w.size()), there(w.size());
  f.value_and_gradient(w, here);
  const auto quotient = [&](double step) {
    const double moved = gradient_at(f, w, v, step, there);
    return (dot<double>(there, v) - dot<double>(here, v)) / moved;
  };
  for (const double side : {-h, h})
    if (!((quotient(side) - quotient(kShrink * side)) / gain > 0.125)) return false;
  return true;
}

// What rounding of w, by `ulp`, does to a slope whose quotient over h is the last of these and goes like a power of h:
// most of its noise.
double noise_of_slope(const Lengths& q, double h, double ulp) {
  const double growth = (q[kLengths - 1] - q[kLengths - 2]) / (q[kLengths - 2] - q[kLengths - 3]);
  return std::abs(q.back()) * h * std::pow(ulp / h, 1 - std::log(growth) / std::log(kShrink));
}

// An eigenvalue as UnboundedCurvature has it.
struct Curved {
  double value = 0, error = 0, nearest = 0;
  std::vector<double> v;  // (n)
};

// The eigenvalues of the quotients in the directions of `along` that are listed, from the length where least is wrong
// with all of them: h is too long before, and the slopes' noise counts behind.
void add_finite(const std::vector<Quotients>& all_quotients, const std::vector<std::size_t>& listed,
                ConstMatrixView<double> along, const Lengths& lengths, double noise, std::vector<Curved>& all) {
  const std::size_t m = listed.size();
  Spectrum before, best;
  std::vector<double> errors(m), best_errors(m, std::numeric_limits<double>::infinity());
  for (std::size_t k = 0; k < kLengths; ++k) {
    Matrix<double> s = zeros<double>(m, m);
    for (std::size_t i = 0; i < m; ++i)
      for (std::size_t j = 0; j < m; ++j) s(i, j) = all_quotients[k].odd(listed[i], listed[j]);
    Spectrum spectrum = symmetric_spectrum(s);
    for (std::size_t j = 0; j < m && k > 0; ++j)
      errors[j] = 4 * std::abs(spectrum.values[j] - before.values[j]) + 2 * noise / lengths[k];
    before = spectrum;
    if (k == 0 || std::ranges::max(errors) >= std::ranges::max(best_errors)) continue;
    best = std::move(spectrum);
    best_errors = errors;
  }
  for (std::size_t j = 0; j < m; ++j) {
    std::vector<double> v(along.cols);
    for (std::size_t i = 0; i < m; ++i)
      for (std::size_t k = 0; k < v.size(); ++k) v[k] += best.vectors(j, i) * along(listed[i], k);
    all.push_back({.value = best.values[j], .error = best_errors[j], .v = std::move(v)});
  }
}

// Whether sums of ∇f may vanish as those of √|x| do: along the axes their quotients are larger for a shorter h, and by
// less than where ∇f does not vanish at all.
bool sums_grow(Objective<double>& f, ConstParams<double> w, double h) {
  const Matrix<double> along = axes(w.size());
  const auto largest = [&](double length) {
    double most = 0;
    for (const double v : quotients(f, w, view(along), length).even) most = std::max(most, std::abs(v));
    return most;
  };
  const double growth = largest(h) / largest(kShrink * h);
  return growth > 1 && growth < kMostGrowth * kSameGrowth;
}

std::optional<UnboundedCurvature> curvature_along(Objective<double>& objective, ConstParams<double> w, double size,
                                                  ConstMatrixView<double> along) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const std::size_t n = w.size();
  const double shortest = kShortest * size;
  Lengths lengths;
  std::vector<Quotients> s(kLengths);
  for (std::size_t k = kLengths; k-- > 0;) {
    lengths[k] = k + 1 == kLengths ? shortest : lengths[k + 1] * kShrink;
    s[k] = quotients_in(objective, w, along, lengths[k]);
    if (!std::ranges::all_of(s[k].odd, [](double v) { return std::isfinite(v); })) return std::nullopt;
  }

  std::vector<Curved> all;
  std::vector<std::size_t> finite;
  double noise = 0;
  for (std::size_t j = 0; j < n; ++j) {
    const ConstParams<double> v = along.row(j);
    Lengths odd, even;
    for (std::size_t k = 0; k < kLengths; ++k) {
      odd[k] = s[k].odd(j, j);
      even[k] = s[k].even(j, j);
    }
    const bool grows = is_unbounded(odd);
    if (!grows && !is_unbounded(even)) {
      finite.push_back(j);
      continue;
    }
    const Lengths& q = grows ? odd : even;
    const bool exists = grows && grows_on_both_sides(objective, w, v, shortest, q.back() - q[kLengths - 2]);
    noise = std::max(noise, noise_of_slope(q, shortest, 8 * kEpsilon * size));
    all.push_back({.value = exists ? std::copysign(kInfinity, q.back()) : 0,
                   .error = exists ? 0 : kInfinity,
                   .nearest = 2 * shortest * std::abs(q.back()),
                   .v = {v.begin(), v.end()}});
  }
  if (all.empty()) return std::nullopt;
  if (!finite.empty()) add_finite(s, finite, along, lengths, noise, all);
  std::ranges::stable_sort(all, {}, &Curved::value);
  UnboundedCurvature curvature{{{}, zeros<double>(n, n)}, {}, {}};
  for (std::size_t j = 0; j < n; ++j) {
    curvature.spectrum.values.push_back(all[j].value);
    std::ranges::copy(all[j].v, view(curvature.spectrum.vectors).row(j).begin());
    curvature.errors.push_back(all[j].error);
    curvature.nearest.push_back(all[j].nearest);
  }
  return curvature;
}

}  // namespace

std::optional<UnboundedCurvature> unbounded_curvature(Objective<double>& objective, ConstParams<double> w,
                                                      double size) {
  size = std::max(size, norm<double>(w));
  const double shortest = kShortest * size;
  const auto along_main = [&](Matrix<double> Quotients::*part) {
    const Matrix<double> along = main_directions(objective, w, shortest, part);
    return curvature_along(objective, w, size, view(along));
  };
  if (auto curvature = along_main(&Quotients::odd)) return curvature;
  return sums_grow(objective, w, shortest) ? along_main(&Quotients::even) : std::nullopt;
}

namespace {

// Moves w along unit vectors to where the slope along them is 0.
class SlopeRoots {
 public:
  SlopeRoots(Objective<double>& objective, std::vector<double>& w) : f_(objective), w_(w), x_(w.size()), g_(w.size()) {}

  // From the slope `here` towards `step` and up to eight times as far; how far it came, nothing where the slope keeps
  // its sign and goes to 0 nowhere.
  std::optional<double> go(ConstParams<double> v, double here, double step) {
    double near = 0, far = step;
    for (int k = 0; is_like(slope(v, far), here); ++k, far *= 2)
      if (k == 3) return touch(v, here, step);
    while (last_ != 0) {
      if (std::isnan(last_)) return std::nullopt;
      const double middle = near + (far - near) / 2;
      if (middle == near || middle == far) break;
      (is_like(slope(v, middle), here) ? near : far) = middle;
    }
    return move(v, far);
  }

 private:
  double move(ConstParams<double> v, double t) {
    for (std::size_t i = 0; i < w_.size(); ++i) w_[i] += t * v[i];
    return std::abs(t);
  }

  // To where a slope like |t|^p, p < 1, is least: Newton's step leads beyond, where it grows again. By golden section.
  std::optional<double> touch(ConstParams<double> v, double here, double step) {
    constexpr double kGolden = 0.6180339887498949, kTouches = 0.5;
    const auto size = [&](double t) { return std::abs(slope(v, t)); };
    double a = 0, b = 1.25 * step;
    if (!(size(step) < size(b))) return std::nullopt;
    double c = b - kGolden * (b - a), d = a + kGolden * (b - a), at_c = size(c), at_d = size(d);
    for (int k = 0; k < 100 && std::abs(b - a) > kEpsilon * std::abs(step); ++k) {
      const bool left = at_c < at_d;
      (left ? b : a) = left ? d : c;
      (left ? d : c) = left ? c : d;
      (left ? at_d : at_c) = left ? at_c : at_d;
      (left ? c : d) = left ? b - kGolden * (b - a) : a + kGolden * (b - a);
      (left ? at_c : at_d) = size(left ? c : d);
    }
    return std::min(at_c, at_d) < kTouches * std::abs(here) ? std::optional(move(v, at_c < at_d ? c : d))
                                                            : std::nullopt;
  }

  static bool is_like(double slope, double here) { return here > 0 ? slope > 0 : slope < 0; }

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
  constexpr std::size_t kSweeps = 20, kPatience = 3;
  constexpr double kStill = 1e-13, kFarthest = 0.5, kNoSlope = 1e-14, kSmallSlope = 1e-9, kShort = 1e-6;
  const std::size_t n = start.size();
  GradientRoot root{.w = {start.begin(), start.end()}};
  std::vector<double> g(n);
  const Matrix<double> all = axes(n);
  SlopeRoots roots(objective, root.w);
  for (double moved = 1; moved > kStill && root.iterations < kSweeps; ++root.iterations) {
    Spectrum spectrum = hessian_spectrum(objective, root.w);
    if (std::isnan(spectrum.values.front()))  // w is there, along one vector at least
      spectrum = symmetric_spectrum(quotients_in(objective, root.w, view(all), kShort).odd);
    moved = 0;
    for (std::size_t j = 0; j < n && !std::isnan(spectrum.values[j]); ++j) {
      const ConstParams<double> v = view(spectrum.vectors).row(j);
      objective.value_and_gradient(root.w, g);
      const double slope = dot<double>(g, v);
      if (std::abs(slope) <= kNoSlope * gradient_scale) continue;
      const double step = -slope / spectrum.values[j];
      const std::optional<double> way = std::abs(step) < kFarthest ? roots.go(v, slope, step) : std::nullopt;
      if (!way) {  // a zero that the slope along v only touches is not on this line yet
        if (root.iterations >= kPatience) return root;
        moved = 1;
        continue;
      }
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
