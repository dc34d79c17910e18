#include "app/formula/reasons.hpp"

#include "framework/text.hpp"
#include "trainers/sentences.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

namespace descent {
namespace {

constexpr std::size_t kMostShown = 6;  // variables in a sentence

std::string steps_text(std::size_t steps) { return fmt::format("{} step{}", steps, steps == 1 ? "" : "s"); }

void replace(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

// The trainer's sentence in the words of formulas, where a step is an epoch.
std::string trainer_text(const Report& report) {
  std::string text = without_advice(report.sentence);
  replace(text, fmt::format("epoch {}, ", report.steps + 1), "");
  replace(text, "the loss", "f");
  replace(text, "∇L", "∇f");
  replace(text, "weights", "point");
  return text;
}

// λmax and γ of the first step that was too long.
std::string too_long_text(const FormulaRun& run) {
  for (const StepRecord& row : run.rows)
    if (row.gamma_lambda > 2)
      return fmt::format("; λmax = {} {}: γ must stay below 2/λmax = {:.3g}, and γ = {} is beyond it",
                         rounded(row.gamma_lambda / row.gamma),
                         row.step == 1 ? "at the start" : fmt::format("at step {}", row.step - 1), run.limit,
                         rounded(row.gamma));
  return "; try a smaller γ";
}

std::string diverged_run_text(const FormulaRun& run, bool maximize) {
  if (!std::isfinite(run.report.loss) || run.report.sentence.starts_with("diverged in"))
    return trainer_text(run.report) + too_long_text(run);
  return fmt::format("diverged: f {} from {} to {} in {} with γ = {}{}", maximize ? "fell" : "grew",
                     rounded(run.rows.front().f), rounded(run.last.f), steps_text(run.last.step),
                     rounded(run.last.gamma), too_long_text(run));
}

// A start a tenth of its size along v, as --start takes it.
std::string start_along(ConstParams<double> w, ConstParams<double> v, std::span<const std::string> names) {
  double size = 0;
  for (const double x : w) size = std::max(size, std::abs(x));
  std::string text;
  for (std::size_t i = 0; i < w.size(); ++i)
    text += fmt::format("{}{}={:.4g}", i == 0 ? "" : ",", names[i], w[i] + 0.1 * std::max(1.0, size) * v[i] + 0.0);
  return text;
}

std::string reason_text(const FormulaRun& run, double tolerance, std::string_view budget, bool maximize) {
  const Report& report = run.report;
  const std::string after = "after " + steps_text(report.steps), norm = rounded(run.last.gradient_norm);
  const char* const lowers = maximize ? "raises" : "lowers";
  switch (report.reason) {
    case Reason::gradient_small:
      if (report.steps == 0 && (run.end.kind == PointKind::kink || run.end.kind == PointKind::jump))
        return fmt::format(
            "stopped before the first step: the start is at a {} of f, where its slope of {} is but a "
            "convention",
            run.end.kind == PointKind::kink ? "kink" : "jump", norm);
      if (report.steps == 0 && run.end.kind != PointKind::not_critical)
        return fmt::format("stopped before the first step: the start is already a critical point, ‖∇f‖ = {}", norm);
      if (report.steps == 0)
        return fmt::format("stopped before the first step: ‖∇f‖ = {} is at most the tolerance {}", norm,
                           shortest(tolerance));
      if (run.last.gradient_norm == 0) return fmt::format("stopped {}: ‖∇f‖ = 0", after);
      return fmt::format("stopped {}: ‖∇f‖ = {} is at most the tolerance {}", after, norm, shortest(tolerance));
    case Reason::precision_limit:
      return fmt::format(
          "stopped {} at the limit of the precision: what a step could gain is less than f = {} is "
          "rounded by (‖∇f‖ = {})",
          after, rounded(run.last.f), norm);
    case Reason::no_descent:
      return fmt::format("stuck {}: no step along {}∇f {} f, though ‖∇f‖ = {}: f has a kink there", after,
                         maximize ? "" : "−", lowers, norm);
    case Reason::loss_settled:
      if (run.status == Status::stopped)
        return fmt::format("stopped {}: f stays at {} while ‖∇f‖ = {}: the point jumps to and fro; try a smaller γ",
                           after, rounded(run.last.f), norm);
      return fmt::format("stopped {}: f = {} no longer changes (‖∇f‖ = {})", after, rounded(run.last.f), norm);
    case Reason::target_reached:
      if (report.steps == 0) return fmt::format("the start is already at the target: f = {}", rounded(run.last.f));
      return fmt::format("reached the target {}: f = {}", after, rounded(run.last.f));
    case Reason::epoch_budget:
      return fmt::format("stopped {}, as many as {} allows: ‖∇f‖ = {}{}", after, budget, norm,
                         tolerance > 0 ? " is above the tolerance " + shortest(tolerance) : "");
    case Reason::unbounded:
      return fmt::format("f {} without end: it reached {} {}, and has no {} on this way", maximize ? "rises" : "falls",
                         rounded(run.last.f), after, maximize ? "maximum" : "minimum");
    case Reason::diverged:
      return diverged_run_text(run, maximize);
    case Reason::interrupted:
      return fmt::format("interrupted {}: ‖∇f‖ = {}", after, norm);
    default:
      return trainer_text(report);
  }
}

}  // namespace

const std::vector<double>& way_on(const CriticalPoint& end, bool maximize) {
  static const std::vector<double> kNone;
  const bool critical = end.kind == PointKind::saddle || end.kind == PointKind::undecided ||
                        end.kind == (maximize ? PointKind::minimum : PointKind::maximum);
  return !critical ? kNone : maximize ? end.uphill : end.downhill;
}

std::string why_text(const FormulaRun& run, double tolerance, std::string_view budget, bool maximize) {
  std::string text = reason_text(run, tolerance, budget, maximize);
  if (!run.scales.empty()) replace(text, "‖∇f‖", "‖D∇f‖");
  return text;
}

std::string point_text(std::span<const std::string> names, ConstParams<double> w) {
  if (names.size() == 1) return fmt::format("{} = {}", names.front(), rounded(w.front()));
  std::string left, right;
  for (std::size_t i = 0; i < std::min(names.size(), kMostShown); ++i) {
    left += (i == 0 ? "" : ", ") + names[i];
    right += (i == 0 ? "" : ", ") + rounded(w[i]);
  }
  const char* const more = names.size() > kMostShown ? ", …" : "";
  return fmt::format("({}{}) = ({}{})", left, more, right, more);
}

std::string what_text(const FormulaRun& run, std::span<const std::string> names, std::string_view option,
                      bool maximize) {
  const CriticalPoint& end = run.end;
  std::string text = fmt::format("{}, f = {}, is ", point_text(names, end.w), rounded(end.value + 0.0));
  if (!run.tail.empty())
    return text + fmt::format("no critical point: f goes on {} as {}, and there is no {} on this way",
                              maximize ? "rising" : "falling", run.tail, maximize ? "maximum" : "minimum");
  if (end.kind == PointKind::undefined) return fmt::format("at {} {}", point_text(names, end.w), end.sentence());
  if (end.kind == PointKind::kink) {
    text += "at a kink of f: the gradient jumps there, so the second derivatives say nothing";
    if (run.around == KinkKind::minimum) text += "; f is nowhere lower close by";
    if (run.around == KinkKind::maximum) text += "; f is nowhere higher close by";
    return text;
  }
  if (end.kind == PointKind::jump)
    return text + "at a jump of f, which has no slope there: slope and second derivatives say nothing";
  text += end.sentence();
  if (end.kind == PointKind::not_critical && run.report.reason == Reason::gradient_small)
    return text + " is small, but so is the curvature: a critical point may be far; go on with a smaller tolerance";
  const std::vector<double>& way = way_on(end, maximize);
  if (way.empty()) return text;
  if (maximize && end.kind != PointKind::minimum) text += "; f rises along the way with positive curvature";
  return text + fmt::format("; {} from there: {}{}", maximize ? "up" : "down", option, start_along(end.w, way, names));
}

std::string warning_text(const FormulaRun& run, std::span<const std::string> names, std::string_view option,
                         bool maximize) {
  const std::vector<double>& way = way_on(run.end, maximize);
  if (way.empty()) return {};
  const char* const kind = run.end.kind == PointKind::saddle      ? "saddle"
                           : run.end.kind == PointKind::undecided ? "critical point"
                           : maximize                             ? "minimum"
                                                                  : "maximum";
  return fmt::format("the end is a {} and no {}: f {} from there; go {} with {}{}", kind,
                     maximize ? "maximum" : "minimum", maximize ? "rises" : "falls", maximize ? "up" : "down", option,
                     start_along(run.end.w, way, names));
}

}  // namespace descent
