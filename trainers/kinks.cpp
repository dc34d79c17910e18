#include "trainers/kinks.hpp"

#include "framework/negated.hpp"
#include "trainers/box.hpp"
#include "trainers/dot.hpp"
#include "trainers/finite.hpp"
#include "trainers/jumps.hpp"
#include "trainers/same.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace descent {
namespace {

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
constexpr double kNear = 1e-3;  // of the box's width: two kinks are one

std::vector<double> moved(ConstParams<double> w, double by, ConstParams<double> d) {
  std::vector<double> x(w.begin(), w.end());
  for (std::size_t i = 0; i < x.size(); ++i) x[i] += by * d[i];
  return x;
}

// Unit vectors: the axes, their diagonals two by two, and `more` spread over the sphere; each with its opposite.
std::vector<std::vector<double>> directions(std::size_t n, std::size_t more) {
  std::vector<std::vector<double>> all;
  const auto add = [&](std::vector<double> d) {
    const double length = norm<double>(d);
    if (!(length > 0)) return;
    for (double& x : d) x /= length;
    all.push_back(d);
    for (double& x : d) x = -x;
    all.push_back(std::move(d));
  };
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = i; j < n; ++j)
      for (const double sign : {1.0, -1.0}) {
        if (i == j && sign < 0) continue;
        std::vector<double> d(n);
        d[j] = sign;
        d[i] = 1;
        add(std::move(d));
      }
  for (std::size_t k = 0; n > 1 && k < more; ++k) {
    std::vector<double> d(std::min<std::size_t>(n, 6));
    halton(k, d);
    for (double& x : d) x = x - 0.5;
    d.resize(n);
    add(std::move(d));
  }
  return all;
}

// The shortest vector in the convex hull of the rows: min ‖Σ αᵢ gᵢ‖ over αᵢ ≥ 0, Σ αᵢ = 1, weight moving from one row
// to another as long as that shortens it.
std::vector<double> shortest_mixture(const std::vector<std::vector<double>>& rows) {
  const std::size_t n = rows[0].size();
  std::vector<double> share(rows.size(), 1.0 / static_cast<double>(rows.size())), p(n), along(rows.size());
  for (const auto& row : rows)
    for (std::size_t i = 0; i < n; ++i) p[i] += row[i] / static_cast<double>(rows.size());
  for (int k = 0; k < 300; ++k) {
    std::size_t to = 0, from = rows.size();
    for (std::size_t r = 0; r < rows.size(); ++r) {
      along[r] = dot<double>(p, rows[r]);
      if (along[r] < along[to]) to = r;
    }
    for (std::size_t r = 0; r < rows.size(); ++r)
      if (share[r] > 0 && (from == rows.size() || along[r] > along[from])) from = r;
    const double gain = along[from] - along[to];
    if (!(gain > 1e-14 * dot<double>(p, p)) || from == to) break;
    double square = 0;
    for (std::size_t i = 0; i < n; ++i) square += (rows[from][i] - rows[to][i]) * (rows[from][i] - rows[to][i]);
    const double moves = std::min(share[from], gain / square);
    share[from] -= moves;
    share[to] += moves;
    for (std::size_t i = 0; i < n; ++i) p[i] += moves * (rows[to][i] - rows[from][i]);
  }
  return p;
}

class KinkSearch {
 public:
  KinkSearch(Objective<double>& objective, ConstParams<double> low, ConstParams<double> high)
      : f_(objective), n_(low.size()), low_(low.begin(), low.end()), high_(high.begin(), high.end()) {
    for (std::size_t i = 0; i < n_; ++i)
      for (const double side : {1.0, -1.0}) around_.emplace_back(n_)[i] = side;
    // Corners, which lie beyond several kinks at once.
    std::vector<double> corner(std::min<std::size_t>(n_, 6));
    for (std::size_t k = 0; n_ > 1 && k < 2 * n_; ++k) {
      halton(k, corner);
      for (const double side : {1.0, -1.0}) {
        auto& d = around_.emplace_back(n_);
        for (std::size_t i = 0; i < n_; ++i) d[i] = (corner[i % corner.size()] < 0.5 ? -side : side);
      }
    }
  }

  std::vector<Kink> run(std::size_t starts) {
    if (n_ == 1)
      scan();
    else
      for (std::size_t k = 0; k < starts; ++k) {
        std::vector<double> u(n_);
        halton(k, u);
        for (std::size_t i = 0; i < n_; ++i) u[i] = low_[i] + u[i] * (high_[i] - low_[i]);
        Negated<double> negated(f_);
        descend(f_, u);
        descend(negated, u);
      }
    std::ranges::sort(found_, {}, &Kink::value);
    return std::move(found_);
  }

 private:
  double slope(double x) {
    std::vector<double> g(1);
    f_.value_and_gradient(std::vector<double>{x}, g);
    return g[0];
  }

  void scan() {
    constexpr int kPoints = 401;
    double x = low_[0], g = slope(x);
    for (int k = 1; k < kPoints; ++k) {
      const double next = low_[0] + (high_[0] - low_[0]) * k / (kPoints - 1), slope_there = slope(next);
      if (g * slope_there < 0) bisect(x, next, g);
      // sign(0) is 0 at the kink of abs, and the slope of a root is infinite at 0, or none.
      if (k + 1 < kPoints && (slope_there == 0 || !std::isfinite(slope_there))) keep({next});
      x = next;
      g = slope_there;
    }
  }

  void bisect(double a, double b, double slope_at_a) {
    while (b - a > 4 * kEpsilon * std::max({1e-3, std::abs(a), std::abs(b)})) {
      const double middle = a + (b - a) / 2, g = slope(middle);
      if (g == 0 || !std::isfinite(g)) return keep({middle});
      (g * slope_at_a > 0 ? a : b) = middle;
    }
    keep({a + (b - a) / 2});
  }

  // Gradients at u and at distance r around it, those that are finite.
  std::vector<std::vector<double>> sample(Objective<double>& f, const std::vector<double>& u, double r) {
    std::vector<std::vector<double>> gradients;
    std::vector<double> g(n_);
    const auto take = [&](const std::vector<double>& x) {
      if (std::isfinite(f.value_and_gradient(x, g)) && all_finite<double>(g)) gradients.push_back(g);
    };
    take(u);
    for (const auto& d : around_) take(moved(u, r, d));
    return gradients;
  }

  static double spread(const std::vector<std::vector<double>>& gradients) {
    double most = 0;
    for (const auto& g : gradients) {
      double square = 0;
      for (std::size_t i = 0; i < g.size(); ++i) square += (g[i] - gradients[0][i]) * (g[i] - gradients[0][i]);
      most = std::max(most, square);
    }
    return std::sqrt(most);
  }

  // Goes down from u, in steps against the shortest mixture of the gradients around, which come ever closer. Gives up
  // where they differ by no more than those of a smooth function.
  void descend(Objective<double>& f, std::vector<double> u) {
    const std::size_t most_steps = 40 * n_;
    double value = f.value(u), largest = 0;
    if (!std::isfinite(value)) return;
    for (double r = 1.0 / 32; r > 1e-11; r /= 8) {
      for (std::size_t k = 0; k < most_steps; ++k) {
        const auto gradients = sample(f, u, r);
        if (gradients.empty()) return;
        for (const auto& g : gradients) largest = std::max(largest, norm<double>(g));
        const std::vector<double> p = shortest_mixture(gradients);
        const double length = norm<double>(p);
        if (length <= 1e-9 * largest || !step(f, u, value, p, length, r)) break;
        for (std::size_t i = 0; i < n_; ++i)
          if (!(u[i] > low_[i] && u[i] < high_[i])) return;
      }
      if (r < kNear && is_known(u)) return;
      if (r < 1e-2 && spread(sample(f, u, r)) <= 4 * r * largest) return;
    }
    keep(u);
  }

  bool step(Objective<double>& f, std::vector<double>& u, double& value, const std::vector<double>& p, double length,
            double r) {
    for (double reach = 0.25; reach > 1e-3 * r; reach /= 2) {
      std::vector<double> trial = moved(u, -reach / length, p);
      const double there = f.value(trial);
      if (!(there < value - 1e-4 * reach * length)) continue;
      u = std::move(trial);
      value = there;
      return true;
    }
    return false;
  }

  // Whether f comes to a value there: at a pole, 1/x² or log(x), it goes on as far as it went before.
  bool settles(const std::vector<double>& u) {
    for (const auto& d : around_) {
      const double far = f_.value(moved(u, 1e-4, d)), near = f_.value(moved(u, 1e-7, d)),
                   at = f_.value(moved(u, 1e-10, d));
      if (std::abs(at - near) > 0.7 * std::abs(near - far) + 64 * kEpsilon * std::abs(at)) return false;
    }
    return true;
  }

  bool is_known(const std::vector<double>& u) const {
    return std::ranges::any_of(found_, [&](const Kink& known) { return largest_difference(known.w, u) < kNear; });
  }

  void keep(const std::vector<double>& u) {
    const double value = f_.value(u);
    if (!std::isfinite(value) || is_known(u) || !settles(u)) return;
    if (value_jumps(f_, u)) return found_.push_back({u, value, KinkKind::jump});
    if (!gradient_jumps(f_, u)) return;
    const KinkKind kind = look_around(f_, u);
    if (kind != KinkKind::neither) found_.push_back({u, value, kind});
  }

  Objective<double>& f_;
  std::size_t n_;
  std::vector<double> low_, high_;
  std::vector<std::vector<double>> around_;
  std::vector<Kink> found_;
};

}  // namespace

std::string_view to_string(KinkKind kind) {
  switch (kind) {
    case KinkKind::minimum:
      return "minimum";
    case KinkKind::maximum:
      return "maximum";
    case KinkKind::neither:
      return "neither";
    case KinkKind::jump:
      return "jump";
  }
  assert(false && "a KinkKind outside the enumeration");
  return "unknown";
}

KinkKind look_around(Objective<double>& objective, ConstParams<double> w) {
  if (value_jumps(objective, w)) return KinkKind::jump;
  constexpr std::size_t kMore = 32;
  const double here = objective.value(w), size = std::max(1.0, norm<double>(w));
  const auto ways = directions(w.size(), kMore);
  std::vector<double> changes;
  bool lower = false, higher = false;
  for (double r = 1e-3; r > 5e-7; r /= 10) {
    changes.clear();
    double most = 0;
    for (const auto& d : ways) {
      changes.push_back(objective.value(moved(w, r, d)) - here);
      if (std::isfinite(changes.back())) most = std::max(most, std::abs(changes.back()));
    }
    // Of w, where f is steepest, and of f.
    const double rounding = 4 * kEpsilon * (size / r * most + 2 * std::abs(here));
    lower = lower || std::ranges::any_of(changes, [&](double change) { return change < -rounding; });
    higher = higher || std::ranges::any_of(changes, [&](double change) { return change > rounding; });
  }
  return lower == higher ? KinkKind::neither : higher ? KinkKind::minimum : KinkKind::maximum;
}

bool on_one_line(Objective<double>& objective, const Kink& a, const Kink& b, double scale) {
  std::vector<double> middle = a.w;
  for (std::size_t i = 0; i < middle.size(); ++i) middle[i] = (a.w[i] + b.w[i]) / 2;
  return same_value(a.value, b.value, scale) && same_value(objective.value(middle), a.value, scale);
}

void round_off(Objective<double>& objective, const Box& box, Kink& kink) {
  const double sign = kink.kind == KinkKind::maximum ? -1 : 1;
  for (std::size_t i = 0; i < kink.w.size(); ++i) {
    const int power = static_cast<int>(std::floor(std::log10(box.width(i))));
    for (const int digits : {6, 7, 8}) {
      const double before = kink.w[i], grid = std::pow(10, std::abs(digits - power));
      kink.w[i] = (digits > power ? std::round(before * grid) / grid : std::round(before / grid) * grid) + 0.0;
      const double value = objective.value(kink.w);
      if (sign * value <= sign * kink.value) {
        kink.value = value;
        break;
      }
      kink.w[i] = before;
    }
  }
}

std::vector<Kink> find_kinks(Objective<double>& objective, ConstParams<double> low, ConstParams<double> high,
                             std::size_t starts) {
  assert(low.size() == high.size());
  return KinkSearch(objective, low, high).run(starts);
}

}  // namespace descent
