#include "trainers/gradient_root.hpp"

#include "trainers/cholesky.hpp"
#include "trainers/finite.hpp"

#include <algorithm>
#include <cmath>

namespace descent {
namespace {

constexpr std::size_t kMostIterations = 200;
constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
constexpr double kSmallest = std::numeric_limits<double>::min();  // below it digits are lost

// x (n) ← a⁻¹ x by elimination with row pivoting; a is spoilt. False when a is singular to rounding.
bool solve(MatrixView<double> a, std::vector<double>& x) {
  const std::size_t n = x.size();
  double largest = 0;
  for (std::size_t i = 0; i < n; ++i)
    for (const double v : a.row(i)) largest = std::max(largest, std::abs(v));
  for (std::size_t k = 0; k < n; ++k) {
    std::size_t pivot = k;
    for (std::size_t i = k + 1; i < n; ++i)
      if (std::abs(a(i, k)) > std::abs(a(pivot, k))) pivot = i;
    if (!(std::abs(a(pivot, k)) > 4 * kEpsilon * largest)) return false;
    std::swap_ranges(a.row(k).begin(), a.row(k).end(), a.row(pivot).begin());
    std::swap(x[k], x[pivot]);
    for (std::size_t i = k + 1; i < n; ++i) {
      const double factor = a(i, k) / a(k, k);
      for (std::size_t j = k; j < n; ++j) a(i, j) -= factor * a(k, j);
      x[i] -= factor * x[k];
    }
  }
  for (std::size_t i = n; i-- > 0;) {
    for (std::size_t j = i + 1; j < n; ++j) x[i] -= a(i, j) * x[j];
    x[i] /= a(i, i);
  }
  return true;
}

}  // namespace

GradientRootFinder::GradientRootFinder(Objective<double>& objective, ConstParams<double> low, ConstParams<double> high)
    : f_(objective), low_(low.begin(), low.end()), high_(high.begin(), high.end()) {
  const std::size_t n = low.size();
  for (auto* v : {&w_, &g_, &p_, &trial_, &trial_g_, &best_, &best_g_}) v->resize(n);
  h_ = a_ = zeros<double>(n, n);
}

bool GradientRootFinder::evaluate(ConstParams<double> x, std::vector<double>& g, double& f, double& norm) {
  f = f_.value_and_gradient(x, g);
  norm = descent::norm<double>(g);
  return std::isfinite(f) && std::isfinite(norm);
}

bool GradientRootFinder::outside() const {
  for (std::size_t i = 0; i < w_.size(); ++i)
    if (!(w_[i] >= low_[i] - 0.5 && w_[i] <= high_[i] + 0.5)) return true;
  return false;
}

void GradientRootFinder::accept() {
  double square = 0;
  for (std::size_t i = 0; i < w_.size(); ++i) square += (trial_[i] - w_[i]) * (trial_[i] - w_[i]);
  previous_step_ = step_;
  step_ = std::sqrt(square);
  w_.swap(trial_);
  g_.swap(trial_g_);
  value_ = trial_value_;
  norm_ = trial_norm_;
}

bool GradientRootFinder::newton_step() {
  std::copy(h_.begin(), h_.end(), a_.begin());
  for (std::size_t i = 0; i < p_.size(); ++i) p_[i] = -g_[i];
  return solve(view(a_), p_) && all_finite<double>(p_) && norm<double>(p_) < 1;
}

// What is left of ‖g‖ is rounding, where it is much steeper here than elsewhere.
bool GradientRootFinder::newton_step_is_short() {
  f_.hessian(w_, view(h_));
  return newton_step() && norm<double>(p_) <= 1e-9 * std::max(1.0, norm<double>(w_));
}

// Newton's point, or the one that its linear convergence extrapolates to.
bool GradientRootFinder::try_newton() {
  if (!newton_step()) return false;
  const double length = norm<double>(p_), ratio = step_ > 0 ? length / step_ : 0;
  for (std::size_t i = 0; i < w_.size(); ++i) trial_[i] = w_[i] + p_[i];
  const bool plain = evaluate(trial_, trial_g_, trial_value_, trial_norm_) && trial_norm_ < 0.9 * norm_;
  if (ratio > 0.3 && ratio < 0.98) {
    const double plain_norm = plain ? trial_norm_ : norm_, plain_value = trial_value_;
    best_.swap(trial_);
    best_g_.swap(trial_g_);
    for (std::size_t i = 0; i < w_.size(); ++i) trial_[i] = w_[i] + p_[i] / (1 - ratio);
    if (evaluate(trial_, trial_g_, trial_value_, trial_norm_) && trial_norm_ < 0.5 * plain_norm) {
      accept();
      step_ = 0;  // the next ratio would compare unlike steps
      return true;
    }
    best_.swap(trial_);
    best_g_.swap(trial_g_);
    trial_norm_ = plain_norm;
    trial_value_ = plain_value;
  }
  if (plain) accept();
  return plain;
}

// p = −(H² + μ I)⁻¹ H g with growing μ until ‖g‖ falls.
bool GradientRootFinder::try_damped() {
  const std::size_t n = w_.size();
  double trace = 0;
  for (const double v : h_) trace += v * v;
  if (!(trace > 0)) return false;
  damping_ = std::max(damping_, 1e-14);
  for (int k = 0; k < 30; ++k, damping_ *= 8) {
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) a_(i, j) = dot<double>(view(h_).row(i), view(h_).row(j));
      a_(i, i) += damping_ * trace;
      p_[i] = -dot<double>(view(h_).row(i), g_);
    }
    if (!cholesky_factor(view(a_))) continue;
    cholesky_solve(view(std::as_const(a_)), p_);
    if (norm<double>(p_) > 0.5) continue;
    for (std::size_t i = 0; i < n; ++i) trial_[i] = w_[i] + p_[i];
    if (!evaluate(trial_, trial_g_, trial_value_, trial_norm_) || !(trial_norm_ < norm_)) continue;
    accept();
    damping_ /= 64;
    return true;
  }
  return false;
}

bool GradientRootFinder::finish_undamped() {
  for (std::size_t k = 0; k < kMostIterations; ++k) {
    f_.hessian(w_, view(h_));
    if (norm_ < kSmallest) return true;
    if (!newton_step() || norm<double>(p_) > 0.1) return false;
    for (std::size_t i = 0; i < w_.size(); ++i) trial_[i] = w_[i] + p_[i];
    if (!evaluate(trial_, trial_g_, trial_value_, trial_norm_)) return false;
    accept();
    if (outside()) return false;
    if (step_ < 1e-12) return true;
  }
  return false;
}

GradientRoot GradientRootFinder::find(ConstParams<double> start, double gradient_scale, bool nearest) {
  GradientRoot root;
  w_.assign(start.begin(), start.end());
  root.w = w_;
  step_ = previous_step_ = 0;
  damping_ = 1e-6;
  if (!evaluate(w_, g_, value_, norm_)) return root;
  bool settled = false;
  for (; root.iterations < kMostIterations && !settled; ++root.iterations) {
    if (outside()) return root;
    f_.hessian(w_, view(h_));
    if (!std::all_of(h_.begin(), h_.end(), [](double v) { return std::isfinite(v); })) return root;
    const bool flat = std::all_of(h_.begin(), h_.end(), [](double v) { return std::abs(v) < kSmallest; });
    if (norm_ < kSmallest) {
      root.plateau = flat;
      settled = true;
    } else if ((nearest || !try_newton()) && !try_damped()) {
      // ‖g‖ falls no further: at a root it is rounding, and Newton's step is short.
      settled = true;
    } else if (step_ > 0 && step_ < 4 * kEpsilon * std::max(1.0, norm<double>(w_))) {
      settled = true;
    }
  }
  if ((!settled || norm_ > 1e-9 * gradient_scale) && norm_ <= 1e-3 * gradient_scale) settled = finish_undamped();
  root.w = w_;
  root.value = value_;
  root.gradient_norm = norm_;
  root.found = settled && (norm_ <= 1e-9 * gradient_scale || newton_step_is_short());
  return root;
}

}  // namespace descent
