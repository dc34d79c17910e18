#include "trainers/critical_search.hpp"

#include "framework/error.hpp"
#include "trainers/critical_collection.hpp"
#include "trainers/critical_curves.hpp"
#include "trainers/dot.hpp"
#include "trainers/finite.hpp"
#include "trainers/gradient_root.hpp"
#include "trainers/same.hpp"
#include "trainers/scaled.hpp"
#include "trainers/unbounded_curvature.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace descent {
namespace {

constexpr std::size_t kMostVariables = 6;
constexpr double kSame = CriticalCollection::kSame, kDegenerate = CriticalCurves::kReach;

// Works in u = w / width of the box, so that one length means the same along every variable.
class CriticalSearch {
 public:
  CriticalSearch(Objective<double>& objective, const Box& box, const CriticalSearchOptions& options)
      : f_(objective),
        box_(box),
        options_(options),
        n_(box.dimension()),
        widths_(widths(box)),
        scaled_(f_, widths_),
        low_(n_),
        high_(n_),
        w_(n_),
        g_(n_),
        finder_(scaled_, scaled_end(box.low, low_), scaled_end(box.high, high_)),
        kept_(objective, box) {}

  CriticalPoints run() {
    const std::size_t first = first_round_size();
    std::vector<std::vector<double>> starts = first_round(first);
    look_at(starts);
    sample_boundary();
    search_from(starts, false);
    // Halton's points from where the first round ended, if it used them.
    std::size_t index = n_ > 2 ? first : 0;
    std::size_t rounds = 1;
    for (; rounds <= options_.rounds; ++rounds) {
      const std::size_t before = roots_.size();
      starts.clear();
      for (std::size_t k = 0; k < std::max<std::size_t>(first / 2, 8); ++k) starts.push_back(halton_start(index++));
      search_from(starts, rounds % 2 == 1);
      last_.clear();
      for (std::size_t k = before; k < roots_.size(); ++k) last_.push_back(roots_[k].w);
      if (roots_.size() == before || roots_.size() > 20000) break;
    }
    sort_roots();
    for (const std::vector<double>& u : last_) {
      scaled_.to_inner(u, w_);
      kept_.note_last(w_);
    }
    look_for_kinks();
    return kept_.take(starts_, rounds);
  }

 private:
  static std::vector<double> widths(const Box& box) {
    std::vector<double> all;
    for (std::size_t i = 0; i < box.dimension(); ++i) all.push_back(box.width(i));
    return all;
  }
  ConstParams<double> scaled_end(const std::vector<double>& end, std::vector<double>& u) const {
    for (std::size_t i = 0; i < n_; ++i) u[i] = end[i] / widths_[i];
    return u;
  }
  std::size_t first_round_size() const {
    if (options_.starts > 0) return options_.starts;
    return n_ == 1 ? 401 : n_ == 2 ? 33 * 33 : 2048;
  }

  std::vector<double> halton_start(std::size_t index) const {
    std::vector<double> u(n_);
    halton(index, u);
    for (std::size_t i = 0; i < n_; ++i) u[i] += low_[i];
    return u;
  }

  // A grid with the box's ends for one and two variables.
  std::vector<std::vector<double>> first_round(std::size_t count) const {
    std::vector<std::vector<double>> starts;
    if (n_ > 2) {
      for (std::size_t k = 0; k < count; ++k) starts.push_back(halton_start(k));
      return starts;
    }
    const std::size_t side = std::max<std::size_t>(
        2, n_ == 1 ? count : static_cast<std::size_t>(std::ceil(std::sqrt(static_cast<double>(count)))));
    const double step = 1 / static_cast<double>(side - 1);
    for (std::size_t a = 0; a < side; ++a)
      for (std::size_t b = 0; b < (n_ == 1 ? 1 : side); ++b) {
        std::vector<double> u = {low_[0] + static_cast<double>(a) * step};
        if (n_ == 2) u.push_back(low_[1] + static_cast<double>(b) * step);
        starts.push_back(std::move(u));
      }
    return starts;
  }

  // Sets the scales, those of the scaled objective.
  void look_at(const std::vector<std::vector<double>>& starts) {
    std::vector<double> norms, values;
    for (const auto& u : starts) {
      const double f = scaled_.value_and_gradient(u, g_), size = norm<double>(g_);
      if (!std::isfinite(f)) continue;
      note_sample(u, f);
      values.push_back(f);
      if (std::isfinite(size) && size > 0) norms.push_back(size);
    }
    kept_.note_undefined(starts.size() - values.size(), starts.size());
    kept_.set_value_scale(scales_.value = value_scale(std::move(values)));
    if (norms.empty()) return;
    std::nth_element(norms.begin(), norms.begin() + static_cast<std::ptrdiff_t>(norms.size() / 2), norms.end());
    scales_.gradient = norms[norms.size() / 2];
  }

  void note_sample(ConstParams<double> u, double f) {
    bool on_boundary = false;
    for (std::size_t i = 0; i < n_; ++i) on_boundary = on_boundary || std::min(u[i] - low_[i], high_[i] - u[i]) < 1e-12;
    scaled_.to_inner(u, w_);
    kept_.see(w_, f, on_boundary);
  }

  // Corners, and points on every face.
  void sample_boundary() {
    const auto look = [&](const std::vector<double>& u) {
      const double f = scaled_.value(u);
      if (std::isfinite(f)) note_sample(u, f);
    };
    for (std::size_t corner = 0; corner < (std::size_t{1} << n_); ++corner) {
      std::vector<double> u = low_;
      for (std::size_t i = 0; i < n_; ++i)
        if ((corner >> i & 1) != 0) u[i] = high_[i];
      look(u);
    }
    for (std::size_t i = 0; i < n_ && n_ > 1; ++i)
      for (std::size_t k = 0; k < 256; ++k) {
        std::vector<double> u = halton_start(k);
        u[i] = k % 2 == 0 ? low_[i] : high_[i];
        look(u);
      }
  }

  bool inside(ConstParams<double> u) {
    scaled_.to_inner(u, w_);
    return box_.contains(w_);
  }

  void search_from(const std::vector<std::vector<double>>& starts, bool nearest) {
    for (const auto& u : starts) {
      ++starts_;
      GradientRoot root = finder_.find(u, scales_.gradient, nearest);
      if (root.plateau) note_plateau(root);
      if (!root.found) root = find_unbounded_root(scaled_, root.w, scales_.gradient);
      if (!root.found || root.plateau || !inside(root.w)) continue;
      if (!is_known(root.w)) roots_.push_back(root);
    }
  }

  bool is_known(ConstParams<double> u) const {
    return std::any_of(roots_.begin(), roots_.end(),
                       [&](const GradientRoot& r) { return largest_difference(r.w, u) <= kSame; });
  }

  // Whether gradient and Hessian vanish at u.
  bool is_flat(ConstParams<double> u) {
    constexpr double kSmallest = std::numeric_limits<double>::min();
    scaled_.value_and_gradient(u, g_);
    scaled_.hessian(u, view(h_));
    return norm<double>(g_) < kSmallest &&
           std::all_of(h_.begin(), h_.end(), [](double v) { return std::abs(v) < kSmallest; });
  }

  void note_plateau(const GradientRoot& root) {
    // A zero of higher order has ∇f = 0 and H = 0 too, but only there, or on a line: not on one side along every axis.
    std::vector<double> u(n_);
    bool flat = true;
    for (std::size_t i = 0; i < n_ && flat; ++i) {
      flat = false;
      for (const double side : {-1e-3, 1e-3}) {
        u = root.w;
        u[i] += side;
        flat = flat || is_flat(u);
      }
    }
    if (!inside(root.w)) return;
    if (flat) return kept_.keep_plateau(w_);
    const bool known = std::any_of(roots_.begin(), roots_.end(), [&](const GradientRoot& r) {
      return largest_difference(r.w, root.w) <= kDegenerate;
    });
    if (!known) roots_.push_back(root);
  }

  CriticalPoint described(ConstParams<double> w, PointKind kind);
  void sort_roots();
  void sort_root(const GradientRoot& root);
  bool is_tail(const CriticalPoint& p);
  void trace(const GradientRoot& from, const CriticalPoint& p);
  void keep_kink(Kink kink);
  void look_for_kinks();

  Objective<double>& f_;
  const Box& box_;
  const CriticalSearchOptions& options_;
  std::size_t n_;
  std::vector<double> widths_;
  Scaled<double> scaled_;
  std::vector<double> low_, high_, w_, g_;  // (n) each; the first two in scaled variables
  Matrix<double> h_ = zeros<double>(n_, n_);
  GradientRootFinder finder_;
  CriticalScales scales_;
  CriticalCurves curves_{scaled_, finder_, scales_};
  std::vector<GradientRoot> roots_;                                // in scaled variables
  std::vector<std::vector<double>> last_;                          // of those, met in the last round
  std::vector<GradientRoot> beside_;                               // met beside degenerate ones
  std::vector<std::pair<GradientRoot, CriticalPoint>> on_curves_;  // where a curve may be traced from
  CriticalCollection kept_;
  std::size_t starts_ = 0;
};

// A point of this kind, which was told in the box's variables, as its stationarity was: f may change there over much
// less than 1.
CriticalPoint CriticalSearch::described(ConstParams<double> w, PointKind kind) {
  constexpr double kAny = std::numeric_limits<double>::max();
  CriticalPoint p = classify(
      f_, w, {.step_tolerance = kAny, .gradient_tolerance = kAny, .size = std::min(1.0, std::ranges::min(widths_))});
  if (p.kind == PointKind::kink || p.kind == PointKind::jump || p.kind == PointKind::undefined) p.kind = kind;
  return p;
}

void CriticalSearch::sort_root(const GradientRoot& root) {
  // Classified in the variables of the box, where lengths compare; reported in the person's.
  const CriticalPoint scaled =
      classify(scaled_, root.w, {.step_tolerance = kSame, .gradient_tolerance = 1e-8 * scales_.gradient});
  scaled_.to_inner(root.w, w_);
  if (scaled.kind == PointKind::kink || scaled.kind == PointKind::jump) {
    const KinkKind kind = look_around(scaled_, root.w);
    if (kind != KinkKind::neither) keep_kink({root.w, scaled.value, kind});
    return;
  }
  if (scaled.kind == PointKind::not_critical || scaled.kind == PointKind::undefined || is_tail(scaled)) return;
  CriticalPoint p = described(std::vector<double>(w_), scaled.kind);
  if (scaled.flat == 0 || !curves_.passes(root, scaled, beside_)) return kept_.keep_isolated(std::move(p));
  const std::size_t dimensions = kept_.knows_continuum(p.value) ? scaled.flat : curves_.dimensions(root, scaled);
  if (kept_.keep_on_continuum(p, dimensions) && scaled.flat == 1) on_curves_.emplace_back(root, scaled);
}

void CriticalSearch::sort_roots() {
  // The best of a degenerate cluster first, so that the others merge into it.
  std::sort(roots_.begin(), roots_.end(),
            [](const GradientRoot& a, const GradientRoot& b) { return a.gradient_norm < b.gradient_norm; });
  for (const GradientRoot& root : roots_) sort_root(root);
  const std::vector<GradientRoot> beside = std::move(beside_);
  for (const GradientRoot& root : beside) sort_root(root);
  for (const auto& [root, scaled] : on_curves_) trace(root, scaled);
}

// Whether the slope along a flat direction keeps its sign: f falls on and on.
bool CriticalSearch::is_tail(const CriticalPoint& p) {
  for (const auto& v : p.flat_directions) {
    std::vector<double> slopes;
    for (const double side : {-kDegenerate, 0.0, kDegenerate}) {
      std::vector<double> u = p.w;
      for (std::size_t i = 0; i < n_; ++i) u[i] += side * v[i];
      scaled_.value_and_gradient(u, g_);
      slopes.push_back(dot<double>(g_, v));
    }
    const double middle = std::abs(slopes[1]);
    const auto positive = [](double s) { return s > 0; };
    const auto negative = [](double s) { return s < 0; };
    const bool one_sign =
        std::all_of(slopes.begin(), slopes.end(), positive) || std::all_of(slopes.begin(), slopes.end(), negative);
    // Between the neighbours' slopes: a zero of odd order would have less than either.
    const bool monotone = std::min(std::abs(slopes[0]), std::abs(slopes[2])) < middle &&
                          middle < std::max(std::abs(slopes[0]), std::abs(slopes[2]));
    if (one_sign && monotone) return true;
  }
  return false;
}

// More points of a curve that few starts led to, a fiftieth of the box's width apart.
void CriticalSearch::trace(const GradientRoot& from, const CriticalPoint& p) {
  for (const double side : {-0.02, 0.02}) {
    GradientRoot at = from;
    std::vector<double> way = p.flat_directions.front();
    for (int k = 0; k < 16; ++k) {
      const GradientRoot next = curves_.walk(at, way, side);
      if (!next.found || !inside(next.w)) break;
      double length = 0;
      for (std::size_t i = 0; i < n_; ++i) {
        way[i] = (next.w[i] - at.w[i]) / side;  // on in the same direction
        length = std::hypot(length, way[i]);
      }
      for (double& v : way) v /= length;
      kept_.keep_on_continuum(described(w_, p.kind), 1);
      at = next;
    }
  }
}

// In scaled variables.
void CriticalSearch::keep_kink(Kink kink) {
  scaled_.to_inner(kink.w, w_);
  kink.w = w_;
  kept_.keep_kink(std::move(kink));
}

void CriticalSearch::look_for_kinks() {
  if (!kept_.has_seen_any()) return;
  constexpr std::size_t kTerms = 2000;  // of f, over all starts
  const std::size_t starts = std::min<std::size_t>(n_ == 2 ? 24 : 12, std::max<std::size_t>(kTerms / f_.terms(), 1));
  for (Kink& kink : find_kinks(scaled_, low_, high_, starts)) keep_kink(std::move(kink));
}

}  // namespace

CriticalPoints find_critical_points(Objective<double>& objective, const Box& box,
                                    const CriticalSearchOptions& options) {
  const std::size_t n = objective.dimension();
  if (n == 0 || n > kMostVariables)
    throw Error(Fault::usage, "critical points are searched for 1 to {} variables, got {}", kMostVariables, n);
  if (!objective.has_hessian())
    throw Error(Fault::usage, "critical points need second derivatives, which this objective does not have");
  if (options.rounds == 0) throw Error(Fault::usage, "rounds = 0 must be at least 1");
  box.check(n);
  return CriticalSearch(objective, box, options).run();
}

}  // namespace descent
