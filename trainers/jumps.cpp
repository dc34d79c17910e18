#include "trainers/jumps.hpp"

#include "trainers/dot.hpp"
#include "trainers/finite.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace descent {
namespace {

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
constexpr std::size_t kProbedAxes = 16;

std::vector<double> moved(ConstParams<double> w, double by, ConstParams<double> d) {
  std::vector<double> x(w.begin(), w.end());
  for (std::size_t i = 0; i < x.size(); ++i) x[i] += by * d[i];
  return x;
}

// ∇f beside w along an axis.
class GradientsBeside {
 public:
  GradientsBeside(Objective<double>& objective, ConstParams<double> w, std::size_t axis)
      : f_(objective), x_(w.begin(), w.end()), at_(w[axis]), axis_(axis), a_(w.size()), b_(w.size()) {}

  // ‖∇f‖ there, 0 where it is not finite.
  double size(double h) { return is_finite_at(h, a_) ? norm<double>(a_) : 0; }

  // How much it differs between the two, 0 where it is not finite.
  double difference(double h, double k) {
    if (!is_finite_at(h, a_) || !is_finite_at(k, b_)) return 0;
    for (std::size_t i = 0; i < a_.size(); ++i) a_[i] -= b_[i];
    return norm<double>(a_);
  }

 private:
  bool is_finite_at(double h, std::vector<double>& g) {
    x_[axis_] = at_ + h;
    return std::isfinite(f_.value_and_gradient(x_, g)) && all_finite<double>(g);
  }

  Objective<double>& f_;
  std::vector<double> x_;  // (n)
  double at_;
  std::size_t axis_;
  std::vector<double> a_, b_;  // (n) each
};

}  // namespace

bool gradient_jumps(Objective<double>& objective, ConstParams<double> w, double size) {
  constexpr double kShrink = 64, kPole = 63;  // of |x|^p the jump grows by 64^(1 − p), of log|x| by 64
  for (std::size_t i = 0; i < std::min(w.size(), kProbedAxes); ++i) {
    GradientsBeside beside(objective, w, i);
    const double reach = std::max(size, std::abs(w[i])), h = 1e-7 * reach, beyond = h * (1 + 0x1p-10);
    const double far = beside.difference(h, -h), near = beside.difference(h / kShrink, -h / kShrink);
    if (!(near > far / 2 && near < kPole * far)) continue;
    // What ∇f is rounded by shows from one point to the next, and in what cancels here and not farther off.
    const double noise = std::max(beside.difference(h, beyond), beside.difference(-h, -beyond));
    if (far > 64 * noise + 1e-12 * std::max(beside.size(reach), beside.size(-reach))) return true;
  }
  return false;
}

namespace {

struct Slope {
  double value = 0;
  std::vector<double> g;  // (n)
};

// What f and ∇f differ by, beyond what f is rounded by.
double change(const Slope& a, const Slope& b) {
  const double rounding = 64 * kEpsilon * std::max(std::abs(a.value), std::abs(b.value));
  double all = std::max(std::abs(b.value - a.value) - rounding, 0.0);
  for (std::size_t i = 0; i < a.g.size(); ++i) all = std::hypot(all, b.g[i] - a.g[i]);
  return all;
}

// Unit vectors: the first axes, and one askew to all.
std::vector<std::vector<double>> ways(std::size_t n) {
  constexpr double kGolden = 0.6180339887498949;
  std::vector<std::vector<double>> all;
  for (std::size_t k = 0; k < std::min(n, kProbedAxes); ++k) all.emplace_back(n)[k] = 1;
  if (n == 1) return all;
  std::vector<double>& askew = all.emplace_back(n);
  for (std::size_t i = 0; i < n; ++i) askew[i] = 1 + std::fmod(kGolden * static_cast<double>(i + 1), 1.0);
  const double length = norm<double>(askew);
  for (double& x : askew) x /= length;
  return all;
}

// On the way from a to b, down to `shortest`.
bool jumps_between(Objective<double>& objective, std::vector<double> a, std::vector<double> b, double shortest) {
  constexpr std::size_t kBack = 12;  // halvings, over which a change that shrinks
  constexpr double kRemains = 0.25;  // falls below so much of it: also that of the slope of |x|^1.2
  const std::size_t n = a.size();
  std::vector<double> middle(n), changes;
  Slope at_a, at_b, at_middle;
  const auto is_finite_at = [&](const std::vector<double>& x, Slope& slope) {
    slope.g.resize(n);
    slope.value = objective.value_and_gradient(x, slope.g);
    return std::isfinite(slope.value) && all_finite<double>(slope.g);
  };
  if (!is_finite_at(a, at_a) || !is_finite_at(b, at_b)) return true;
  for (double length = norm<double>(moved(a, -1, b)); length > shortest; length /= 2) {
    for (std::size_t i = 0; i < n; ++i) middle[i] = a[i] + (b[i] - a[i]) / 2;
    if (!is_finite_at(middle, at_middle)) return true;
    if (change(at_a, at_middle) > change(at_middle, at_b)) {
      b.swap(middle);
      std::swap(at_b, at_middle);
    } else {
      a.swap(middle);
      std::swap(at_a, at_middle);
    }
    changes.push_back(change(at_a, at_b));
  }
  return changes.size() > kBack && changes.back() > kRemains * changes[changes.size() - 1 - kBack];
}

}  // namespace

bool jumps_within(Objective<double>& objective, ConstParams<double> w, double distance) {
  constexpr double kShortest = 1e-11;
  const double size = std::max(1.0, norm<double>(w)), reach = std::max(distance, 1e-5 * size);
  return std::ranges::any_of(ways(w.size()), [&](const std::vector<double>& d) {
    return jumps_between(objective, moved(w, -reach, d), moved(w, reach, d), kShortest * size);
  });
}

bool jumps_at(Objective<double>& objective, ConstParams<double> w) {
  constexpr double kLength = 1e-6, kShrink = 64, kRemains = 0.95;
  const double size = std::max(1.0, norm<double>(w));
  std::vector<double> up(w.size()), down(w.size());
  return std::ranges::any_of(ways(w.size()), [&](const std::vector<double>& d) {
    double values[3], slopes[3], largest = 0, steepest = 0;
    for (int k = 0; k < 3; ++k) {
      const double h = kLength * size * std::pow(kShrink, -k);
      const double above = objective.value_and_gradient(moved(w, h, d), up);
      const double below = objective.value_and_gradient(moved(w, -h, d), down);
      values[k] = std::abs(above - below);
      largest = std::max({largest, std::abs(above), std::abs(below)});
      steepest = std::max({steepest, norm<double>(up), norm<double>(down)});
      for (std::size_t i = 0; i < up.size(); ++i) up[i] -= down[i];
      slopes[k] = norm<double>(up);
      if (!std::isfinite(values[k]) || !std::isfinite(slopes[k])) return true;
    }
    // Without what goes like h, which a curvature makes.
    const double far = std::abs(kShrink * slopes[1] - slopes[0]) / (kShrink - 1);
    const double near = std::abs(kShrink * slopes[2] - slopes[1]) / (kShrink - 1);
    return (near > kRemains * far && near > 64 * kEpsilon * steepest) ||
           (values[2] > values[1] / 2 && values[2] > 64 * kEpsilon * largest);
  });
}

namespace {

// f at shrinking distances from w on one side of it.
struct Side {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  double first = 0, last = 0;  // by how much it changed from one distance to the next
};

}  // namespace

bool value_jumps(Objective<double>& objective, ConstParams<double> w, double size) {
  const double here = objective.value(w);
  std::vector<double> x(w.begin(), w.end());
  const auto jumps_along = [&](std::size_t i) {
    const double reach = std::max(size, std::abs(w[i]));
    double scale = std::abs(here) * 64 * kEpsilon;
    const auto at = [&](double h) {
      x[i] = w[i] + h;
      const double value = objective.value(x);
      x[i] = w[i];
      return value;
    };
    for (const double h : {reach, -reach})
      if (const double far = at(h); std::isfinite(far)) scale = std::max(scale, 1e-12 * std::abs(far - here));
    Side sides[2];
    for (Side& side : sides) {
      const double sign = &side == sides ? -1 : 1;
      double before = std::numeric_limits<double>::quiet_NaN();
      for (double h = 1e-7 * reach; h > 1e-10 * reach; h /= 4) {
        const double value = at(sign * h);
        side.low = std::min(side.low, value);
        side.high = std::max(side.high, value);
        side.last = std::abs(value - before);
        if (!(side.first > 0)) side.first = side.last;
        before = value;
      }
      if (!std::isfinite(side.low) || !std::isfinite(side.high)) return false;
      if (side.last > 0.99 * side.first + 16 * scale) return false;  // a pole, where f comes to no value
    }
    const auto& [left, right] = sides;
    const double spread = 16 * std::max(left.high - left.low, right.high - right.low) + 16 * scale;
    const double apart = std::max(right.low - left.high, left.low - right.high);
    const double off = std::max(here - std::max(left.high, right.high), std::min(left.low, right.low) - here);
    return apart > spread || off > spread;
  };
  for (std::size_t i = 0; i < std::min(w.size(), kProbedAxes); ++i)
    if (jumps_along(i)) return true;
  return false;
}

}  // namespace descent
