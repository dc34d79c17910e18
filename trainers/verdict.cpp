#include "trainers/verdict.hpp"

#include "trainers/curvature.hpp"
#include "trainers/finite.hpp"
#include "trainers/lanczos.hpp"
#include "trainers/sentences.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace descent {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// Of ‖∇f‖.
double tolerance(const Objective<double>& objective, const VerdictOptions& options) {
  return options.gradient_tolerance * static_cast<double>(objective.terms());
}

void follow(Objective<double>& objective, ConstParams<double> w, Verdict& verdict) {
  const WayDown way = way_down(objective, w, verdict.downhill);
  verdict.step = way.step;
  verdict.drop = way.drop;
}

void by_all_eigenvalues(Objective<double>& objective, ConstParams<double> w, const VerdictOptions& options,
                        Verdict& verdict) {
  const CriticalPoint point = classify(
      objective, w, {.step_tolerance = options.step_tolerance, .gradient_tolerance = tolerance(objective, options)});
  verdict.kind = point.kind;
  verdict.whole = true;
  verdict.lambda_min = point.lambda_min();
  verdict.lambda_max = point.lambda_max();
  verdict.error_min = point.errors.front();
  verdict.error_max = point.errors.back();
  verdict.flat = point.flat;
  verdict.downhill = point.downhill;
  // The errors are those of eigenvalues at the critical point, somewhere near, and flat directions leave open where.
  // Whether f bends down at w itself is certain to rounding; follow() shows whether that leads on.
  const double rounding = 16 * static_cast<double>(w.size()) * std::numeric_limits<double>::epsilon() *
                          std::max(std::abs(verdict.lambda_min), std::abs(verdict.lambda_max));
  if (point.kind == PointKind::undecided && point.downhill.empty() && verdict.lambda_min < -rounding) {
    verdict.downhill = point.flat_directions.front();  // in the order of the eigenvalues
    follow(objective, w, verdict);
    const bool beyond_slope = verdict.drop > 2 * verdict.gradient_norm * std::abs(verdict.step);
    const bool beyond_digits = verdict.drop > 1e-10 * std::abs(verdict.value);
    if (beyond_slope && beyond_digits) {
      verdict.error_min = rounding;
      --verdict.flat;
      if (verdict.lambda_max > verdict.error_max) verdict.kind = PointKind::saddle;
    } else {
      verdict.downhill.clear();
      verdict.step = verdict.drop = 0;
    }
  }
}

void by_extremes(Objective<double>& objective, ConstParams<double> w, const VerdictOptions& options, Verdict& verdict) {
  const ExtremeEigenvalues ends = extreme_eigenvalues(objective, w, {.seed = options.seed});
  verdict.lambda_min = ends.lambda_min;
  verdict.lambda_max = ends.lambda_max;
  verdict.error_min = ends.error_min;
  verdict.error_max = ends.error_max;
  if (std::isnan(ends.lambda_min)) return;
  const bool falls = ends.lambda_min + ends.error_min<0, rises = ends.lambda_max - ends.error_max> 0;
  const double surely_positive = ends.lambda_min - ends.error_min;
  verdict.flat = (std::abs(ends.lambda_min) <= ends.error_min) + (std::abs(ends.lambda_max) <= ends.error_max);
  if (falls) verdict.downhill = ends.v_min;
  const double size = std::max(1.0, norm<double>(w));
  const bool still = verdict.gradient_norm <= tolerance(objective, options) ||
                     (surely_positive > 0 && verdict.gradient_norm <= options.step_tolerance * size * surely_positive);
  verdict.kind = !still ? PointKind::not_critical : falls && rises ? PointKind::saddle : PointKind::undecided;
}

std::string with_error(double lambda, double error) { return fmt::format("{} ± {:.1g}", rounded(lambda), error); }

}  // namespace

WayDown way_down(Objective<double>& objective, ConstParams<double> w, ConstParams<double> v) {
  constexpr int kDoublings = 60;
  WayDown way;
  std::vector<double> x(w.size());
  const double here = objective.value(w);
  for (const double side : {1.0, -1.0}) {
    double lowest = here, step = side * 1e-6 * std::max(1.0, norm<double>(w));
    for (int k = 0; k < kDoublings; ++k, step *= 2) {
      for (std::size_t i = 0; i < w.size(); ++i) x[i] = w[i] + step * v[i];
      const double value = objective.value(x);
      // The first steps may be too short for f's digits to show them.
      if (!std::isfinite(value) || (!(value < lowest) && (lowest < here || k > 30))) break;
      lowest = std::min(lowest, value);
      if (here - lowest > way.drop) way = {step, here - lowest};
    }
  }
  return way;
}

std::vector<double> Verdict::below(ConstParams<double> w) const {
  std::vector<double> x(w.begin(), w.end());
  for (std::size_t i = 0; i < downhill.size(); ++i) x[i] += step * downhill[i];
  return x;
}

std::string Verdict::figures() const {
  std::string text = fmt::format("‖∇L‖ = {}", rounded(gradient_norm));
  if (!std::isnan(lambda_min))
    text += fmt::format(", λmin = {}, λmax = {}", with_error(lambda_min, error_min), with_error(lambda_max, error_max));
  return text;
}

std::string Verdict::sentence() const {
  const std::string way =
      has_way_down() ? fmt::format("one step of {} along its direction lowers L by {}, from {} to {}",
                                   rounded(std::abs(step)), rounded(drop), rounded(value), rounded(value - drop))
                     : "but no step along its direction lowers L by more than its last digits";
  const std::string falls = "the curvature is negative along a direction, λmin; " + way;
  const auto directions = [](std::size_t k) { return fmt::format("{} flat direction{}", k, k == 1 ? "" : "s"); };
  switch (kind) {
    case PointKind::minimum:
      return "a local minimum: all eigenvalues of the Hessian are positive, beyond their errors";
    case PointKind::maximum:
      return fmt::format("a local maximum: all eigenvalues of the Hessian are negative; {}", way);
    case PointKind::saddle:
      return fmt::format("a saddle: {}", falls);
    case PointKind::undecided:
      if (!downhill.empty()) return fmt::format("no minimum, {}: {}", directions(flat), falls);
      if (whole)
        return fmt::format("undecided: {}; along {} the second derivatives cannot tell a minimum from a saddle{}",
                           directions(flat), flat == 1 ? "it" : "them",
                           lambda_max > error_max ? ", along all others L rises" : "");
      if (flat > 0) return "undecided: at least one flat direction, and no certain way down";
      return "undecided: no way down was found and the smallest eigenvalue seems positive, but all of them, not the "
             "extremes, would prove a minimum";
    case PointKind::not_critical:
      return fmt::format("not stationary yet: ‖∇L‖ = {}, and L falls along −∇L{}", rounded(gradient_norm),
                         downhill.empty() ? "" : "; it curves downwards along a direction too");
    case PointKind::kink:
      return "at a kink: the gradient of L jumps here, and second derivatives say nothing";
    case PointKind::jump:
      return "at a jump of L, where it has no gradient";
    case PointKind::undefined:
      return "undefined: L or one of its derivatives is not finite here";
  }
  return {};
}

Verdict find_verdict(Objective<double>& objective, ConstParams<double> w, const VerdictOptions& options) {
  Verdict verdict;
  std::vector<double> g(w.size());
  verdict.value = objective.value_and_gradient(w, g);
  verdict.gradient_norm = norm<double>(g);
  verdict.lambda_min = verdict.lambda_max = verdict.error_min = verdict.error_max = kNaN;
  if (!std::isfinite(verdict.value) || !all_finite<double>(g)) return verdict;
  if (w.size() <= options.whole_spectrum)
    by_all_eigenvalues(objective, w, options, verdict);
  else
    by_extremes(objective, w, options, verdict);
  const bool settled =
      verdict.kind != PointKind::not_critical && verdict.kind != PointKind::kink && verdict.kind != PointKind::jump;
  if (!verdict.downhill.empty() && settled && verdict.drop == 0) follow(objective, w, verdict);
  return verdict;
}

double verdict_operations(std::size_t weights, double gradient, const VerdictOptions& options) {
  constexpr double kProduct = 4, kLanczos = 300;  // gradients a product; products
  const double n = static_cast<double>(weights);
  if (weights > options.whole_spectrum) return kLanczos * kProduct * gradient;
  const double hessians = weights <= 16 ? 2 + 2 * n : 6;
  return hessians * n * kProduct * gradient + 20 * n * n * n;
}

}  // namespace descent
