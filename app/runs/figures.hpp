// The curves that people look at, from the records of one or several runs.
#pragma once

#include "app/runs/recorded_run.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace descent {

struct Curve {
  std::size_t run;            // index into the runs
  bool validation = false;    // else of the training rows, or of neither
  std::vector<double> epoch;  // one length with y, ascending
  std::vector<double> y;      // NaN: a gap
};

struct Figure {
  std::string name;   // as --y has it: "loss"
  std::string label;  // for an axis: "loss per row, L/N"
  bool log = false;   // a log axis shows it better
  std::vector<Curve> curves;
};

enum class Scale { automatic, log, linear };

// The figures asked for by name, in that order:
//   loss       L/N of the training rows (with the penalty, as training sees it) and of the validation rows
//   metric     the first metric that was logged: accuracy, r2, …; or one by its name
//   lr         γ of an epoch's last step
//   grad_norm  ‖∇L‖
//   sharpness  λmax of the Hessian, in the epochs in which it was measured
//   edge       γ·λmax·B/N, the same
// or any other column of metrics.jsonl. Of a formula the loss is f itself. None asked for: those that were logged, lr
// only where it is not constant or differs between runs. A figure keeps the runs that have it. Throws Error(usage) for
// a name that no run has, with the names that there are.
std::vector<Figure> figures(const std::vector<RecordedRun>& runs, const std::vector<std::string>& asked = {},
                            Scale scale = Scale::automatic);

// The curves of a figure over one list of epochs, for a table or a chart.
struct AlignedFigure {
  std::vector<double> epoch;                // ascending: every one that a curve has
  std::vector<std::vector<double>> values;  // (curves, epochs); NaN where a curve has none
};

// At most about `most` epochs, those with the extremes of each stretch of each curve among them, so that a spike stays
// a spike, and the last one.
AlignedFigure aligned(const Figure& figure, std::size_t most);

}  // namespace descent
