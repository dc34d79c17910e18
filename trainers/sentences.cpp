#include "trainers/sentences.hpp"

#include "framework/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

namespace descent {
namespace {

constexpr std::string_view kAdvice = "; try a smaller learning rate";

}  // namespace

std::string rounded(double x) { return std::isnan(x) ? "nan" : fmt::format("{:.6g}", x); }

std::string curvature_text(double x, int digits) {
  if (std::isnan(x)) return "undefined";
  return std::isinf(x) ? x > 0 ? "∞" : "−∞" : fmt::format("{:.{}g}", x, digits);
}

std::string rows_text(Terms rows, std::span<const std::uint32_t> names) {
  constexpr std::size_t kShown = 3;
  if (rows.empty()) return {};
  const auto name = [&](std::uint32_t row) { return names.empty() ? row : names[row]; };
  if (rows.size() == 1) return fmt::format("row {}", name(rows[0]));
  std::string text = fmt::format("rows {}", name(rows[0]));
  for (const std::uint32_t row : rows.first(std::min(rows.size(), kShown)).subspan(1))
    text += fmt::format(", {}", name(row));
  if (rows.size() > kShown) text += fmt::format(", … {} rows", rows.size());
  return text;
}

std::string without_advice(std::string sentence) {
  if (const std::size_t at = sentence.find(kAdvice); at != std::string::npos) sentence.erase(at, kAdvice.size());
  return sentence;
}

std::string diverged_text(const Trouble& trouble) {
  const std::string place = trouble.place.empty() ? "" : fmt::format(" ({})", trouble.place);
  const std::string terms = trouble.terms.empty() ? "" : fmt::format(" ({})", trouble.terms);
  if (!trouble.gamma)
    return fmt::format("the start is not finite{}: {} there{}; choose other weights to start from, or check the data",
                       terms, trouble.what, place);
  return fmt::format(
      "diverged in epoch {}, step {}{}: {}{} with step size γ = {}; kept the last weights at which all was finite{}",
      trouble.epoch, trouble.step, terms, trouble.what, place, rounded(*trouble.gamma), kAdvice);
}

std::string epoch_budget_text(std::size_t epochs, double previous, double loss, double gradient_norm) {
  std::string text = fmt::format("reached the epoch budget ({} epoch{})", epochs, epochs == 1 ? "" : "s");
  if (loss < previous) text += "; the loss was still falling";
  if (loss > previous) text += "; the loss rose in the last epoch";
  if (loss == previous) text += "; the loss no longer changed";
  if (!std::isnan(gradient_norm))
    text += fmt::format("{} (‖∇L‖ = {})", epochs == 0 ? " without a step" : "", rounded(gradient_norm));
  return text;
}

std::string gradient_small_text(std::size_t epoch, double norm, double tolerance) {
  const std::string shown =
      norm == 0 ? "‖∇L‖ = 0" : fmt::format("‖∇L‖ = {} is at most the tolerance {}", rounded(norm), shortest(tolerance));
  if (epoch == 0) return "the start is already a critical point: " + shown;
  return fmt::format("reached a critical point in epoch {}: {}", epoch, shown);
}

std::string target_reached_text(std::size_t epoch, bool running, double loss, double target) {
  const std::string shown =
      fmt::format("{} {} is at most {}", running ? "running loss" : "loss", rounded(loss), shortest(target));
  if (epoch == 0) return "the start is already at the loss target: " + shown;
  return fmt::format("reached the loss target in epoch {}: {}", epoch, shown);
}

std::string precision_limit_text(std::size_t steps, bool known, double loss, double norm) {
  if (known) return fmt::format("reached the known minimum value in step {}: loss {}", steps, rounded(loss));
  return fmt::format(
      "reached the limit of the precision in step {}: a further decrease is lost in the rounding of the "
      "loss {} (‖∇L‖ = {})",
      steps, rounded(loss), rounded(norm));
}

std::string no_descent_text(std::size_t steps, double norm) {
  return fmt::format(
      "stuck after step {}: no step along the negative gradient lowers the loss, though ‖∇L‖ = {}; the "
      "loss has a kink there, or its gradient is wrong",
      steps, rounded(norm));
}

std::string loss_bound_text(std::size_t epoch, double loss, double start, double gamma) {
  return fmt::format("diverged: the loss grew from {} to {} by epoch {} with step size γ = {}{}", rounded(start),
                     rounded(loss), epoch, rounded(gamma), kAdvice);
}

std::string unbounded_text(std::size_t epoch, double loss) {
  return fmt::format("unbounded: the loss fell to {} by epoch {} and has no minimum on this way", rounded(loss), epoch);
}

std::string loss_settled_text(std::size_t epoch, std::size_t count, double tolerance, double norm) {
  const std::string change =
      tolerance == 0 ? "no longer changed" : fmt::format("changed by at most {} of itself", shortest(tolerance));
  const std::string last = count == 1 ? "the last epoch" : fmt::format("each of the last {} epochs", count);
  const std::string shown = std::isnan(norm) ? "" : fmt::format(" (‖∇L‖ = {})", rounded(norm));
  return fmt::format("settled in epoch {}: the loss {} in {}{}", epoch, change, last, shown);
}

}  // namespace descent
