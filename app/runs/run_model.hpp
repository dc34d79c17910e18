// The model of a finished run together with the rows it was trained and judged on.
#pragma once

#include "datasets/dataset.hpp"
#include "models/metrics.hpp"
#include "models/model.hpp"

#include <string>

namespace descent {

struct RunModel {
  Model model;
  std::string part;            // "train", "validation" or "test": which rows these are
  Dataset rows;                // with targets
  Matrix<double> predictions;  // (N, K), as predict gives them
  Evaluation evaluation;       // of these rows

  // The classes of a single target, {"0", "1"} for a target of zeros and ones; empty for numbers.
  std::vector<std::string> classes() const;
  // Class of a row, by its target or by what was predicted. Only where there are classes.
  std::size_t true_class(std::size_t row) const;
  std::size_t predicted_class(std::size_t row) const;
  // Target k of a row in the units of the data; of numbers.
  double actual(std::size_t row, std::size_t k) const;
};

// `part`: "train", "validation", "test", or "auto": test rows where there are any, else validation, else training.
// Throws Error(runtime) when the folder has no model yet or its data can no longer be read, Error(data) when the data
// are no longer those of the run, Error(usage) when it had no such rows.
RunModel load_run_model(const std::string& folder, const std::string& part = "auto");

}  // namespace descent
