// Figures people judge a model by, from its predictions on known rows.
#pragma once

#include "framework/loss.hpp"
#include "framework/tensor.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace descent {

struct Evaluation {
  std::size_t rows = 0;
  double loss = 0;  // Σ over the rows, in the units the network trains in
  std::vector<std::pair<std::string, double>> metrics;
  Matrix<double> confusion;  // (K, K) counts, row: the true class, column: the predicted one; else (0, 0)

  double loss_per_row() const { return loss / static_cast<double>(rows); }
  // The figure of that name; NaN when there is none.
  double metric(std::string_view name) const;
};

// The names `measure` gives for a target kind, the figure people look at first in front.
std::vector<std::string> metric_names(TargetKind kind);
bool larger_is_better(std::string_view metric);

// Fills rows, metrics and confusion. A prediction that is not a number makes every figure NaN.
//   classes: `predicted` (N, K) probabilities, `truth` (N, 1) class indices.
//     accuracy; balanced_accuracy, the mean recall over the classes that occur (Brodersen et al. 2010);
//     f1, the plain mean of the classes' F1 (macro), over classes that occur or were predicted.
//   binary: `predicted` (N, k) probabilities, cut at 1/2, `truth` (N, k) zeros and ones. The same with
//     f1 that of the ones (0 where no one occurs or is predicted); with several columns each figure is
//     the mean over the columns and there is no confusion matrix.
//   numbers, counts: `predicted` and `truth` (N, k) in the units of the data.
//     rmse and mae over all entries; r2 = 1 − Σ(t − y)² / Σ(t − mean t)², the mean over the columns;
//     NaN where the truth is constant.
void measure(TargetKind kind, ConstMatrixView<double> predicted, ConstMatrixView<double> truth, Evaluation& into);

// One class against all others, or one target of several.
struct PartFigures {
  std::string name;
  std::size_t rows = 0;  // of the class; of a target all
  std::vector<std::pair<std::string, double>> metrics;
};

// What the means of `measure` are made of, from the same arguments; nothing for a single target of numbers, and where a
// prediction is not a number. `names` are those of the classes where there is one target of classes or zeros and ones,
// else those of the targets.
//   of a class: precision, NaN where it was never predicted; recall, NaN where it does not occur; f1; auc, the chance
//     that a row of it has a higher probability of it than a row of another class, ties counting half (the area under
//     the ROC curve), NaN where it or all others do not occur.
//   of a target of several: the figures of `measure`, and the auc of zeros and ones.
std::vector<PartFigures> break_down(TargetKind kind, ConstMatrixView<double> predicted, ConstMatrixView<double> truth,
                                    const std::vector<std::string>& names);

}  // namespace descent
