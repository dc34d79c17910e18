// Where a run stands: whether its folder holds all of it, or somebody is still at it, or nobody is any more.
#pragma once

#include "app/runs/recorded_run.hpp"

#include <string>

namespace descent {

enum class RunState {
  running,      // a program trains into its folder
  killed,       // none does, and the run never came to its end
  unfinished,   // one of the two, where that cannot be told: no locks, or no folder of a run around the metrics
  interrupted,  // it was asked to stop; it can go on
  ended,
};

// Of the run in `folder` whose metrics these are. A run that has just ended may not be in `record` yet: who wants to
// be sure that one was killed reads the rest of the metrics and asks again.
RunState state_of(const RecordedRun& record, const std::string& folder);

// For a person: "is running, epoch 12 so far", "was killed behind epoch 12; go on with descent train --resume runs/x";
// "" of a run that has ended.
std::string state_text(RunState state, const RecordedRun& record, const std::string& folder);

}  // namespace descent
