// The verdict on a training: on L over its training rows, at the weights it kept, in float64.
#pragma once

#include "app/training/training.hpp"
#include "trainers/verdict.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace descent {

struct RunVerdict {
  std::optional<Verdict> verdict;
  std::string skipped;           // why there is none; else empty
  std::vector<double> way_down;  // (n): the weights a step below, where there is a way down

  bool has_way_down() const { return verdict && verdict->has_way_down(); }
};

// Weights up to which all eigenvalues are computed, so that a minimum can be proved, where that may cost what it does.
inline constexpr std::size_t kWholeSpectrum = 2000;

// None for a run that diverged or was interrupted, nor, unless asked for, where it would take more than a tenth of the
// training's own work and more than kFreeOperations. Counted in operations, so that no clock decides what a record
// holds. By the extreme eigenvalues alone where all of them would take more than that.
RunVerdict judge(const Experiment& experiment, const TrainingResult& result, bool asked_for);

// At any weights, whatever it costs.
RunVerdict judge(const Experiment& experiment, std::span<const double> weights,
                 std::size_t whole_spectrum = kWholeSpectrum);

// Below a tenth of a second, which a person takes for at once (Nielsen, "Usability Engineering", 1993).
inline constexpr double kFreeOperations = 6e8;

// What a person reads, in lines: "verdict  a local minimum: …" and the figures.
std::string describe(const RunVerdict& verdict);

// {"kind": …, "sentence": …, figures}; kind "skipped" where there is none.
nlohmann::ordered_json to_json(const RunVerdict& verdict);

}  // namespace descent
