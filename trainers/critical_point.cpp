#include "trainers/critical_point.hpp"

#include "trainers/both_sides.hpp"
#include "trainers/curvature.hpp"
#include "trainers/dot.hpp"
#include "trainers/finite.hpp"
#include "trainers/jumps.hpp"
#include "trainers/sentences.hpp"
#include "trainers/unbounded_curvature.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace descent {
namespace {

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
constexpr std::size_t kProbedAll = 16;  // up to so many weights every eigenvector is probed

std::vector<double> moved(ConstParams<double> w, double by, ConstParams<double> u) {
  std::vector<double> x(w.begin(), w.end());
  for (std::size_t i = 0; i < x.size(); ++i) x[i] += by * u[i];
  return x;
}

// Signs for points beside w: pattern 0 all +, 1 all −, 2 and 3 alternating.
double sign(std::size_t pattern, std::size_t i) {
  const double s = pattern < 2 || i % 2 == 0 ? 1 : -1;
  return pattern % 2 == 0 ? s : -s;
}

class Classifier {
 public:
  Classifier(Objective<double>& objective, ConstParams<double> w, const ClassifyOptions& options)
      : f_(objective), w_(w), options_(options), n_(w.size()), size_(std::max(options.size, norm<double>(w))), g_(n_) {}

  CriticalPoint run() {
    point_.w.assign(w_.begin(), w_.end());
    point_.value = f_.value_and_gradient(w_, g_);
    point_.gradient_norm = norm<double>(g_);
    spectrum_ = hessian_spectrum(f_, w_);
    point_.errors.assign(n_, std::numeric_limits<double>::quiet_NaN());
    point_.kind = kind();
    point_.eigenvalues = spectrum_.values;
    return std::move(point_);
  }

 private:
  PointKind kind() {
    if (!std::isfinite(point_.value) || !all_finite<double>(g_)) return PointKind::undefined;
    bool known = !std::isnan(spectrum_.values.front());
    if (known) {
      hessian_ = hessian_at(w_);
      estimate();
    }
    if (!known || is_doubtful()) {
      const bool unbounded = look_for_unbounded();
      if (!unbounded && known) look_beside();
      known = known || unbounded;
    }
    if (known) sort_directions();
    if (value_jumps(f_, w_, options_.size)) return PointKind::jump;
    if (gradient_jumps(f_, w_, options_.size)) return PointKind::kink;
    return known ? decide() : PointKind::undefined;
  }

  Matrix<double> hessian_at(ConstParams<double> w) {
    Matrix<double> h = zeros<double>(n_, n_);
    f_.hessian(w, view(h));
    return h;
  }

  // The errors, of hessian_ and its spectrum.
  void estimate() {
    sample_rounding();
    add_cancellation();
    estimate_errors();
  }

  // Where the Hessian at w is a convention, as that of |x|² at 0, its limit takes its place.
  void look_beside() {
    if (n_ > kProbedAll) return;
    const auto hessian = [&](const std::vector<double>& w) {
      const Matrix<double> h = hessian_at(w);
      return std::vector<double>(h.begin(), h.end());
    };
    const BothSides beside(point_.w, hessian, options_.size);
    const std::vector<double> here(hessian_.begin(), hessian_.end());
    if (!beside.is_finite() || beside.differ() || beside.is_limit(here) || !beside.settle()) return;
    std::ranges::copy(beside.mean(), hessian_.begin());
    spectrum_ = symmetric_spectrum(hessian_);
    std::ranges::fill(point_.errors, 0.0);
    estimate();
  }

  // Whether the Hessian is another one close by.
  bool is_doubtful() const {
    for (std::size_t j = 0; j < n_; ++j)
      if (!(point_.errors[j] < std::abs(lambda(j)) / 16)) return true;
    return false;
  }

  bool look_for_unbounded() {
    if (n_ > kProbedAll) return false;
    auto unbounded = unbounded_curvature(f_, w_, options_.size);
    if (!unbounded) return false;
    spectrum_ = std::move(unbounded->spectrum);
    point_.errors = std::move(unbounded->errors);
    nearest_ = std::move(unbounded->nearest);
    return true;
  }

  ConstParams<double> vector(std::size_t j) const { return view(spectrum_.vectors).row(j); }
  double lambda(std::size_t j) const { return spectrum_.values[j]; }
  bool certain(std::size_t j) const { return std::abs(lambda(j)) > point_.errors[j]; }
  double slope(std::size_t j) const { return std::abs(dot<double>(g_, vector(j))); }

  // What g differs from its linear prediction a few ε beside w, along each eigenvector.
  void sample_rounding() {
    rounding_.assign(n_, 0.0);
    std::vector<double> x(n_), dx(n_), g(n_), off(n_);
    for (std::size_t pattern = 0; pattern < 4; ++pattern) {
      for (std::size_t i = 0; i < n_; ++i) {
        x[i] = w_[i] + sign(pattern, i) * 8 * kEpsilon * std::max(1e-3, std::abs(w_[i]));
        dx[i] = x[i] - w_[i];
      }
      f_.value_and_gradient(x, g);
      for (std::size_t i = 0; i < n_; ++i) off[i] = g[i] - g_[i] - dot<double>(view(hessian_).row(i), dx);
      for (std::size_t j = 0; j < n_; ++j) rounding_[j] = std::max(rounding_[j], std::abs(dot<double>(off, vector(j))));
    }
  }

  // Terms of g that cancel at w leave ε of their size, even where nothing beside w shows it: they do not cancel
  // a length of w away.
  void add_cancellation() {
    std::vector<double> x(w_.begin(), w_.end()), g(n_);
    for (std::size_t i = 0; i < std::min(n_, kProbedAll); ++i)
      for (const double side : {-size_, size_}) {
        x[i] = w_[i] + side;
        f_.value_and_gradient(x, g);
        x[i] = w_[i];
        if (!all_finite<double>(g)) continue;
        for (std::size_t j = 0; j < n_; ++j)
          rounding_[j] = std::max(rounding_[j], 2 * kEpsilon * std::abs(dot<double>(g, vector(j))));
      }
  }

  double reach(std::size_t j) const {
    const double toward = slope(j) + rounding_[j];
    const double distance = toward == 0 ? 0 : toward / std::abs(lambda(j));
    return std::min(4 * distance, 0.01 * size_) + 16 * kEpsilon * size_;
  }

  void estimate_errors() {
    double frobenius = 0;
    for (const double v : spectrum_.values) frobenius = std::hypot(frobenius, v);
    std::fill(point_.errors.begin(), point_.errors.end(), 16 * static_cast<double>(n_) * kEpsilon * frobenius);
    std::vector<std::size_t> order(n_);
    for (std::size_t j = 0; j < n_; ++j) order[j] = j;
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return std::abs(lambda(a)) < std::abs(lambda(b)); });
    if (n_ > kProbedAll) order.resize(2);
    const std::vector<double> rounding = point_.errors;
    Matrix<double> h = zeros<double>(n_, n_);
    for (const std::size_t j : order)
      for (const double side : {-1.0, 1.0}) {
        f_.hessian(moved(w_, side * reach(j), vector(j)), view(h));
        h -= hessian_;
        for (std::size_t k = 0; k < n_; ++k) {
          double change = 0;
          for (std::size_t i = 0; i < n_; ++i)
            change = std::hypot(change, dot<double>(view(std::as_const(h)).row(i), vector(k)));
          // Beyond the domain of f nothing is known.
          if (!std::isfinite(change)) change = std::numeric_limits<double>::infinity();
          point_.errors[k] = std::max(point_.errors[k], rounding[k] + change);
        }
      }
  }

  void sort_directions() {
    for (std::size_t j = 0; j < n_; ++j)
      if (!certain(j)) {
        ++point_.flat;
        point_.flat_directions.emplace_back(vector(j).begin(), vector(j).end());
      }
    if (lambda(0) < 0 && certain(0)) point_.downhill.assign(vector(0).begin(), vector(0).end());
    if (lambda(n_ - 1) > 0 && certain(n_ - 1)) point_.uphill.assign(vector(n_ - 1).begin(), vector(n_ - 1).end());
  }

  PointKind decide() const {
    for (std::size_t j = 0; j < n_; ++j) {
      const bool unbounded = !nearest_.empty() && nearest_[j] > 0;
      const bool still = unbounded    ? slope(j) <= nearest_[j]
                         : certain(j) ? slope(j) <= options_.step_tolerance * size_ * std::abs(lambda(j))
                                      : slope(j) <= options_.gradient_tolerance;
      if (!still) return PointKind::not_critical;
    }
    if (!point_.downhill.empty() && !point_.uphill.empty()) return PointKind::saddle;
    if (point_.flat > 0) return PointKind::undecided;
    return point_.downhill.empty() ? PointKind::minimum : PointKind::maximum;
  }

  Objective<double>& f_;
  ConstParams<double> w_;
  ClassifyOptions options_;
  std::size_t n_;
  double size_;            // max(size, ‖w‖)
  std::vector<double> g_;  // (n)
  Spectrum spectrum_;
  Matrix<double> hessian_;        // (n, n)
  std::vector<double> rounding_;  // (n): of g along each eigenvector
  std::vector<double> nearest_;   // (n): see UnboundedCurvature; empty where no second derivative is infinite
  CriticalPoint point_;
};

// "(0.707107, -0.707107)", at most six entries.
std::string vector_text(ConstParams<double> v) {
  std::string text;
  for (std::size_t i = 0; i < std::min<std::size_t>(v.size(), 6); ++i)
    text += fmt::format("{}{}", i == 0 ? "" : ", ", rounded(std::abs(v[i]) < 1e-15 ? 0 : v[i]));
  return fmt::format("({}{})", text, v.size() > 6 ? ", …" : "");
}

std::string spectrum_text(const CriticalPoint& p) {
  const std::size_t n = p.eigenvalues.size();
  if (n == 1) return fmt::format("the second derivative is {}", p.eigenvalue_text(0));
  if (n > 6)
    return fmt::format("the Hessian's eigenvalues go from {} to {}", p.eigenvalue_text(0), p.eigenvalue_text(n - 1));
  std::string list;
  for (std::size_t j = 0; j < n; ++j) list += (list.empty() ? "" : ", ") + p.eigenvalue_text(j);
  return fmt::format("the Hessian's eigenvalues are {}", list);
}

std::string downhill_text(const CriticalPoint& p) {
  return fmt::format("f falls along ±{}, where its curvature is {}", vector_text(p.downhill), p.eigenvalue_text(0));
}

std::string undecided_text(const CriticalPoint& p) {
  const auto undefined = std::ranges::count_if(p.errors, [](double error) { return std::isinf(error); });
  const std::string ways = undefined > 0 && p.flat == 1
                               ? fmt::format("no second derivative along ±{}", vector_text(p.flat_directions.front()))
                           : undefined > 0 ? fmt::format("{} directions flat or without a second derivative", p.flat)
                           : p.flat == p.eigenvalues.size() ? "flat to second order"
                           : p.flat == 1 ? fmt::format("1 flat direction, ±{}", vector_text(p.flat_directions.front()))
                                         : fmt::format("{} flat directions", p.flat);
  const std::string known = !p.downhill.empty() ? "no minimum, because " + downhill_text(p)
                            : !p.uphill.empty() ? "no maximum, because f rises along the others"
                                                : "the second derivatives cannot tell a minimum from a saddle";
  return fmt::format("a critical point that stays undecided: {}; {}", ways, known);
}

}  // namespace

std::string_view to_string(PointKind kind) {
  switch (kind) {
    case PointKind::minimum:
      return "minimum";
    case PointKind::maximum:
      return "maximum";
    case PointKind::saddle:
      return "saddle";
    case PointKind::undecided:
      return "undecided";
    case PointKind::not_critical:
      return "not_critical";
    case PointKind::kink:
      return "kink";
    case PointKind::jump:
      return "jump";
    case PointKind::undefined:
      return "undefined";
  }
  assert(false && "a PointKind outside the enumeration");
  return "unknown";
}

std::string CriticalPoint::eigenvalue_text(std::size_t j) const {
  const double v = eigenvalues[j];
  if (std::isinf(errors[j])) return curvature_text(std::numeric_limits<double>::quiet_NaN());
  return std::abs(v) <= errors[j] ? "0" : curvature_text(v);
}

std::string CriticalPoint::sentence() const {
  switch (kind) {
    case PointKind::minimum:
      return fmt::format("a local minimum: {}, positive", spectrum_text(*this));
    case PointKind::maximum:
      return fmt::format("a local maximum: {}, negative", spectrum_text(*this));
    case PointKind::saddle:
      return fmt::format("a saddle point: {}; {}", spectrum_text(*this), downhill_text(*this));
    case PointKind::undecided:
      return undecided_text(*this);
    case PointKind::not_critical:
      return fmt::format("not a critical point: ‖∇f‖ = {}", rounded(gradient_norm));
    case PointKind::kink:
      return "not a critical point: f has a kink here, its gradient jumps";
    case PointKind::jump:
      return "not a critical point: f jumps here, it has no slope";
    case PointKind::undefined:
      return "f or one of its derivatives is not finite here";
  }
  return {};
}

CriticalPoint classify(Objective<double>& objective, ConstParams<double> w, const ClassifyOptions& options) {
  return Classifier(objective, w, options).run();
}

std::string critical_start_text(const CriticalPoint& start) {
  if (start.kind == PointKind::not_critical || start.kind == PointKind::undefined) return {};
  if (start.kind == PointKind::kink)
    return "the start is at a kink of f: its gradient jumps there, and 0 is only a convention";
  if (start.kind == PointKind::jump) return "the start is where f jumps: it has no slope there";
  return "the start is already " + start.sentence() +
         (start.downhill.empty() ? "" : "; start a little along that direction to go down");
}

}  // namespace descent
