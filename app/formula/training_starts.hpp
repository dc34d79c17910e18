// The random starts of a training on a formula, which its checkpoints know: it goes on among them where it stood.
#pragma once

#include "trainers/minimize.hpp"
#include "trainers/starts.hpp"

#include <cstddef>
#include <limits>

namespace descent {

// Stands between the runs from the starts, the one that is shown among them, and who keeps their checkpoints: those of
// `options`, from whose snapshot this goes on.
class TrainingStarts final : public Checkpointer<double> {
 public:
  // `options`: of all runs; must outlive this. Throws Error(data) when the snapshot is of a training without these
  // starts.
  TrainingStarts(std::size_t starts, std::size_t n, const Options<double>& options);

  // Whether a run from a start that ended so has come to its end; else the training ends with it, until it is resumed.
  static bool is_end(Reason reason) { return reason != Reason::interrupted && reason != Reason::time_budget; }

  StartEnds& ends() { return ends_; }
  // Of the next run: from the first start without an end, or of the one that is shown where all have one.
  Options<double> next();

  // A run from a start leaves no rows in the record, so that a checkpoint in it stands before the first epoch, and its
  // end is no end of the training.
  bool wants(const Position& position) override;
  void keep(const Position& position, const State<double>& state) override;

 private:
  State<double> state();

  const Options<double>& options_;
  StartEnds ends_;
  std::size_t resumed_ = std::numeric_limits<std::size_t>::max();  // how many were done where the snapshot was taken
};

}  // namespace descent
