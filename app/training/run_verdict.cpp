#include "app/training/run_verdict.hpp"

#include "app/config/render.hpp"
#include "app/curvature/curvature_objective.hpp"
#include "app/files/json_number.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace descent {
namespace {

VerdictOptions options_of(const Experiment& experiment, std::size_t whole_spectrum) {
  // The gradient of a float32 training does not get smaller than the rounding of its weights lets it.
  const double rounding = experiment.precision == Precision::float32 ? 1e-5 : 1e-6;
  const double rows = static_cast<double>(experiment.train.size());
  return {.gradient_tolerance = std::max(rounding, experiment.config.train.gradient_tolerance / rows),
          .whole_spectrum = whole_spectrum};
}

// Multiplications and additions: two a weight and row forward, four backward.
double gradient_operations(const Experiment& experiment, std::size_t weights) {
  return 6.0 * static_cast<double>(weights) * static_cast<double>(experiment.train.size());
}

double training_operations(const TrainingResult& result) {
  const Evaluations& asked = result.report.evaluations;
  return static_cast<double>(result.model.weights.size()) *
         (6.0 * static_cast<double>(asked.gradient_terms) + 2.0 * static_cast<double>(asked.value_terms));
}

}  // namespace

RunVerdict judge(const Experiment& experiment, std::span<const double> weights, std::size_t whole_spectrum) {
  CurvatureObjective curvature(experiment);
  RunVerdict judged;
  judged.verdict = find_verdict(curvature.objective(), weights, options_of(experiment, whole_spectrum));
  if (judged.has_way_down()) judged.way_down = judged.verdict->below(weights);
  return judged;
}

RunVerdict judge(const Experiment& experiment, const TrainingResult& result, bool asked_for) {
  const Status status = result.report.status();
  if (status == Status::diverged) return {std::nullopt, "the run diverged", {}};
  if (status == Status::interrupted) return {std::nullopt, "the run was interrupted", {}};
  const std::size_t n = result.model.weights.size();
  const double training = training_operations(result);
  double cost = 0;
  for (const std::size_t whole_spectrum : {kWholeSpectrum, VerdictOptions{}.whole_spectrum, std::size_t{0}}) {
    cost = verdict_operations(n, gradient_operations(experiment, n), options_of(experiment, whole_spectrum));
    if (asked_for || cost <= std::max(kFreeOperations, training / 10))
      return judge(experiment, result.model.weights, whole_spectrum);
  }
  return {
      std::nullopt,
      fmt::format("it would cost about {:.2g} times the training's own work; --verdict asks for it", cost / training),
      {}};
}

std::string describe(const RunVerdict& judged) {
  constexpr std::size_t kWidth = 80;
  const std::string_view margin = "         ";
  std::string text = judged.verdict ? wrap(judged.verdict->sentence(), kWidth, "verdict  ", margin) +
                                          wrap(judged.verdict->figures(), kWidth, margin, margin)
                                    : wrap("none: " + judged.skipped, kWidth, "verdict  ", margin);
  text.pop_back();  // wrap ends every line
  return text;
}

nlohmann::ordered_json to_json(const RunVerdict& judged) {
  if (!judged.verdict) return {{"kind", "skipped"}, {"sentence", judged.skipped}};
  const Verdict& v = *judged.verdict;
  return {{"kind", to_string(v.kind)},
          {"sentence", v.sentence()},
          {"loss", json_number(v.value)},
          {"gradient_norm", json_number(v.gradient_norm)},
          {"lambda_min", json_number(v.lambda_min)},
          {"lambda_min_error", json_number(v.error_min)},
          {"lambda_max", json_number(v.lambda_max)},
          {"lambda_max_error", json_number(v.error_max)},
          {"flat_directions", v.flat},
          {"all_eigenvalues", v.whole},
          {"step", v.step},
          {"drop", v.drop}};
}

}  // namespace descent
