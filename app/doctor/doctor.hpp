// Why a run failed, and one change that mends it.
#pragma once

#include "app/training/training.hpp"

#include <nlohmann/json.hpp>

#include <atomic>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace descent {

struct Diagnosis {
  std::string failure;   // how it failed: failure_of() of app/run_failure.hpp
  std::string cause;     // one of divergence_causes(), or "unknown"
  std::string sentence;  // what was found, with the figures that show it
  std::string set;       // "optimizer.learning_rate=0.0123", for --set; empty where nothing that was tried helped
  std::string tried;     // how the run went with it; empty without `set`
};

// The causes, in the order in which they are asked; the first that explains the run wins. A cause explains it when
// there is evidence for it *and* the run no longer fails with the change it proposes: every proposal was tried on this
// run, from its own start, before it is made.
std::vector<std::string> divergence_causes();

// Nothing for a run that did not fail. `result` is that of train(experiment, …). Trains again, a few times, in silence.
// `start`: as given to train().
std::optional<Diagnosis> diagnose(const Experiment& experiment, const TrainingResult& result,
                                  const std::atomic<bool>& interrupt, std::span<const double> start = {});

// {"failure": …, "cause": …, "sentence": …, "set": …, "tried": …}; null in place of an empty text.
nlohmann::ordered_json to_json(const Diagnosis& diagnosis);

// The lines for a log: how it failed, where that is not divergence, the cause, and the change as it can be pasted.
std::vector<std::string> lines_of(const Diagnosis& diagnosis);

}  // namespace descent
