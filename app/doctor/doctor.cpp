#include "app/doctor/doctor.hpp"

#include "app/config/setting_change.hpp"
#include "app/doctor/divergence_causes.hpp"
#include "app/doctor/run_failure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace descent {
namespace {

std::string describe(const Trial& trial) {
  const std::string epochs = trial.epochs == 1 ? "1 epoch" : fmt::format("{} epochs", trial.epochs);
  const std::string how_far = trial.epochs < trial.of ? fmt::format("{} of {}", epochs, trial.of) : epochs;
  return fmt::format("{} without divergence, L {:.4g} → {:.4g}", how_far, trial.before, trial.after);
}

}  // namespace

std::vector<std::string> divergence_causes() {
  std::vector<std::string> names;
  for (const DivergenceCause& cause : cause_table())
    if (names.empty() || std::find(names.begin(), names.end(), cause.name) == names.end())
      names.emplace_back(cause.name);
  return names;
}

std::optional<Diagnosis> diagnose(const Experiment& experiment, const TrainingResult& result,
                                  const std::atomic<bool>& interrupt, std::span<const double> start) {
  const std::optional<std::string> failure = failure_of(experiment, result, start);
  if (!failure) return std::nullopt;
  Patient patient(experiment, result, interrupt, start);
  std::size_t tries = 0;
  for (const DivergenceCause& cause : cause_table()) {
    const std::optional<Suspicion> suspicion = cause.suspect(patient);
    if (!suspicion) continue;
    for (const std::string& set : suspicion->sets) {
      if (interrupt.load(std::memory_order_relaxed)) break;
      ++tries;
      if (const Trial& trial = patient.attempt({set}); trial.survived)
        return Diagnosis{*failure, std::string(cause.name), suspicion->sentence, set, describe(trial)};
    }
  }
  return Diagnosis{
      *failure, "unknown",
      fmt::format("no cause was found: {} changes of one setting were tried, and the run fails with each", tries), "",
      ""};
}

nlohmann::ordered_json to_json(const Diagnosis& diagnosis) {
  const auto text = [](const std::string& s) {
    return s.empty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(s);
  };
  return {{"failure", diagnosis.failure},
          {"cause", diagnosis.cause},
          {"sentence", text(diagnosis.sentence)},
          {"set", text(diagnosis.set)},
          {"tried", text(diagnosis.tried)}};
}

std::vector<std::string> lines_of(const Diagnosis& diagnosis) {
  std::string name = diagnosis.cause;
  std::ranges::replace(name, '_', ' ');
  std::vector<std::string> lines;
  if (diagnosis.failure != kDivergence) lines.push_back("failed: " + diagnosis.failure);
  lines.push_back(fmt::format("cause: {}: {}", name, diagnosis.sentence));
  if (!diagnosis.set.empty())
    lines.push_back(fmt::format("remedy: {} (tried: {})", pasteable(diagnosis.set), diagnosis.tried));
  return lines;
}

}  // namespace descent
