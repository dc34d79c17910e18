// The strong Wolfe conditions (3.7) p. 34 by the search of Hager & Zhang 2005 (bracket, update, secant²), which
// works with slopes and therefore stays sound where differences of f are rounding.
//
// An interval [low, high] always has φ′(low) < 0 with low a sufficient decrease, and φ′(high) ≥ 0: a point with both
// conditions lies inside. Hager and Zhang ask φ(low) ≤ φ(0); with the line of (3.7a) instead, the point found
// satisfies (3.7a) itself unless the decrease drowns in rounding, where (2.4) of theirs takes its place.
#include "trainers/search.hpp"

#include <algorithm>
#include <cmath>

namespace descent {
namespace {

constexpr double kExpand = 5;     // ρ of their bracket, p. 188
constexpr double kShrink = 0.66;  // γ of theirs: bisect when secant² shrank the interval by less

template <class Real>
class Bracketing {
 public:
  using Point = typename LineFunction<Real>::Point;

  Bracketing(LineFunction<Real>& line, const LineSearchOptions& options, double c2)
      : line_(line), options_(options), c2_(c2), low_{0, line.f(), line.slope()} {}

  double search(double first) {
    if (!bracket(first)) return result();
    while (!over()) {
      const double width = high_.gamma - low_.gamma;
      secant_twice();
      if (!over() && high_.gamma - low_.gamma > kShrink * width) update(at((low_.gamma + high_.gamma) / 2));
    }
    return result();
  }

 private:
  bool over() const { return found_ || trials_ >= options_.trials || !(high_.gamma > low_.gamma); }

  // γ of the point found; else of the best one known, unless only rounding speaks for it; else 0.
  double result() const {
    if (found_) return accepted_;
    const bool lower = low_.f < line_.f() || (low_.f == line_.f() && low_.slope > line_.slope());
    return lower ? low_.gamma : 0;
  }

  bool low_enough(const Point& p) const {
    return p.f <= line_.f() + options_.c1 * p.gamma * line_.slope() + rounding_of<Real>(line_.f());
  }

  Point at(double gamma) {
    ++trials_;
    Point p = line_.value_and_slope(gamma);
    p.gamma = gamma;
    const double slope = std::abs(p.slope), start = std::abs(line_.slope());
    const bool decreased = p.f <= line_.f() + options_.c1 * gamma * line_.slope();
    const bool by_slope = low_enough(p) && p.f <= line_.f() + rounding_of<Real>(line_.f()) &&
                          options_.c1 * gamma * start <= rounding_of<Real>(line_.f()) &&
                          slope <= (1 - 2 * options_.c1) * start;
    if (p.finite() && slope <= c2_ * start && (decreased || by_slope)) {
      found_ = true;
      accepted_ = gamma;
    }
    return p;
  }

  // Sets low and high. False: found on the way, or given up.
  bool bracket(double first) {
    double gamma = first, wall = std::numeric_limits<double>::infinity();  // φ is not finite from there on
    while (trials_ < options_.trials) {
      const Point p = at(gamma);
      if (found_) return false;
      if (!p.finite()) {
        wall = gamma;
      } else if (p.slope >= 0) {
        high_ = p;
        return true;
      } else if (!low_enough(p)) {
        return bisect(p);
      } else {
        low_ = p;
        if (gamma >= options_.max_step) return false;
      }
      gamma = std::isfinite(wall) ? low_.gamma + (wall - low_.gamma) / (low_.gamma == 0 ? 10 : 2)
                                  : std::min(gamma * kExpand, options_.max_step);
      if (!(gamma > low_.gamma) || !(gamma < wall)) return false;
    }
    return false;
  }

  // Their U3: φ(high) is too large though φ′(high) < 0; a rise lies between low and high.
  bool bisect(Point high) {
    while (trials_ < options_.trials) {
      const double middle = (low_.gamma + high.gamma) / 2;
      if (!(middle > low_.gamma) || !(middle < high.gamma)) return false;
      const Point p = at(middle);
      if (found_) return false;
      if (p.finite() && p.slope >= 0) {
        high_ = p;
        return true;
      }
      if (p.finite() && low_enough(p))
        low_ = p;
      else
        high = p;
    }
    return false;
  }

  // Their update: p, inside the interval, becomes one of its ends.
  void update(const Point& p) {
    if (found_ || !(p.gamma > low_.gamma) || !(p.gamma < high_.gamma)) return;
    if (!p.finite() || (p.slope < 0 && !low_enough(p)))
      bisect(p);
    else
      (p.slope >= 0 ? high_ : low_) = p;
  }

  static double secant(const Point& a, const Point& b) {
    return (a.gamma * b.slope - b.gamma * a.slope) / (b.slope - a.slope);
  }
  // Minimiser of the cubic with the values and slopes of both, (3.59) p. 59; better than the secant of the slopes far
  // from a quadratic. NaN where it has none.
  static double cubic(const Point& a, const Point& b) {
    const double d1 = a.slope + b.slope - 3 * (a.f - b.f) / (a.gamma - b.gamma);
    const double d2 = std::sqrt(d1 * d1 - a.slope * b.slope);
    return b.gamma - (b.gamma - a.gamma) * (b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2);
  }
  void try_point(double gamma) {
    if (!over() && gamma > low_.gamma && gamma < high_.gamma) update(at(gamma));
  }

  void secant_twice() {
    const Point low = low_, high = high_;
    const double vertex = cubic(low, high);
    try_point(vertex > low.gamma && vertex < high.gamma ? vertex : secant(low, high));
    if (over()) return;
    if (high_.gamma != high.gamma && high_.gamma > low_.gamma) try_point(secant(high, high_));
    if (low_.gamma != low.gamma) try_point(secant(low, low_));
  }

  LineFunction<Real>& line_;
  const LineSearchOptions& options_;
  double c2_;
  Point low_, high_;
  double trials_ = 0, accepted_ = 0;
  bool found_ = false;
};

template <class Real>
class Wolfe final : public Search<Real> {
 public:
  using Search<Real>::Search;
  double length(const StepContext<Real>& context) override {
    LineFunction<Real>& line = *context.line;
    const LineSearchOptions& o = this->options_;
    // p. 59: the first-order change of f is taken to be that of the last step.
    const double ratio = std::clamp(this->previous_slope_ / line.slope(), 0.1, 10.0);
    const double first = this->first_trial(context, std::isfinite(ratio) ? ratio : 1);
    const double c2 = o.c2 > 0 ? o.c2 : context.natural_step ? 0.9 : std::max(0.1, 2 * o.c1);
    return this->taken(line, Bracketing<Real>(line, o, c2).search(first));
  }
};

}  // namespace

template <class Real>
std::unique_ptr<StepSize<Real>> make_wolfe(const LineSearchOptions& options) {
  return std::make_unique<Wolfe<Real>>(options);
}
template std::unique_ptr<StepSize<float>> make_wolfe(const LineSearchOptions&);
template std::unique_ptr<StepSize<double>> make_wolfe(const LineSearchOptions&);

}  // namespace descent
