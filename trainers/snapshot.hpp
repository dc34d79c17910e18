// A run between two steps: copied, kept, and continued.
//
// minimize() offers its State to a Checkpointer after every step. Options::resume takes a Snapshot of it back, and the
// run goes on as if it had never stopped: same weights, records, stops and report, bit for bit, but for the seconds.
#pragma once

#include "trainers/report.hpp"
#include "trainers/state.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace descent {

// How a run ended.
struct Ending {
  Reason reason = Reason::epoch_budget;
  std::string sentence, place;  // as the Report has them before observers changed it
};

// Whether a run that ended so can go on: it was out of epochs or time, or the caller interrupted it.
bool can_go_on(Reason reason);

struct Position {
  std::size_t epochs = 0, steps = 0;  // done
  std::size_t step_in_epoch = 0;      // 0 or steps_per_epoch between epochs
  std::size_t steps_per_epoch = 1;
  const Ending* ended = nullptr;  // not null: the run is over, no step will follow
};

// Decides when the state of a run is to be kept, and keeps it.
template <class Real>
class Checkpointer {
 public:
  virtual ~Checkpointer() = default;
  // Asked after every step, and once more when the run has ended (before observers change the weights).
  virtual bool wants(const Position& position) = 0;
  // Called at once when it does. The views are valid during the call.
  //
  // Vectors: "w", "w.before" (before the last step), "gradient" (with a full batch), "direction.…", "step_size.…",
  // "observer.<i>.…". Numbers: those of Progress, "direction.…", "step_size.…", "observer.<i>.…".
  virtual void keep(const Position& position, const State<Real>& state) = 0;
};

template <class Real>
struct Snapshot {
  std::vector<std::pair<std::string, std::vector<Real>>> vectors;
  std::vector<std::pair<std::string, double>> numbers;
  // Taken when the run was over. Resumed from such a one, a run that cannot go on ends at once as it did before.
  std::optional<Ending> ended = {};
};

template <class Real>
Snapshot<Real> take(const Position& position, const State<Real>& state);

// Fills every view of the state; entries that it does not name are left alone. Throws Error(data) naming the first
// that the snapshot lacks or has in another size.
template <class Real>
void restore(const State<Real>& state, const Snapshot<Real>& snapshot);

}  // namespace descent
