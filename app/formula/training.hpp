// train for a config with objective.formula: the same trainer, log, run folder and record as for a network.
#pragma once

#include "app/config/reader.hpp"
#include "app/console/terminal.hpp"
#include "app/formula/run.hpp"
#include "app/record/run_record.hpp"

#include <atomic>
#include <optional>

namespace descent {

struct FormulaTraining {
  FormulaRun run;
  std::string method;        // "lbfgs, line search wolfe"
  std::string weights_hash;  // of the variables at the end
  double seconds = 0;        // of `run` and all those from random starts before it
  // Of random starts; `run` is the one that came to the best. Nothing where it was interrupted, or out of time,
  // among them: `run` is the one that it stopped in.
  std::optional<Basins> basins;
};

// Minimises the formula of the config and shows every epoch on `log` and, when there is one, in the record, from whose
// checkpoint it goes on: figures of f itself when maximising, and of the variables. An epoch is one pass over the rows
// of sum(…), else a step. Throws Error as FormulaProblem and minimize do. `interrupt` ends the run before its next
// step.
FormulaTraining train_formula(FormulaProblem& problem, const Config& config, Log& log, RunRecord* record,
                              const std::atomic<bool>& interrupt);

// The config of a run that goes on from where `training` ended, as far along the way on as doubling a step betters f;
// nothing where the end has none, or the run diverged or was interrupted, or was out of time before every random start
// had its turn: it goes on among them when it is resumed.
std::optional<Config> escape_config(FormulaProblem& problem, const FormulaTraining& training, const Config& config);

}  // namespace descent
