// From a table to numbers and back: which columns, categories one-hot, missing cells filled,
// standardised. Fitted on training rows, kept in the model, applied unchanged to every later file.
#pragma once

#include "datasets/dataset.hpp"
#include "datasets/table.hpp"
#include "framework/loss.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace descent {

enum class Missing { error, drop_row, mean, median };

struct EncodingOptions {
  std::vector<std::string> targets;      // columns to predict; empty: the last column
  std::vector<std::string> inputs;       // columns to use; empty: all that are neither target nor ignored
  std::vector<std::string> ignore;
  TargetKind target_kind = TargetKind::numbers;
  Missing missing = Missing::error;      // for inputs; a missing target is always an error, or drops its row
  bool standardize = true;               // numeric inputs to mean 0, variance 1 over the training rows
  bool standardize_targets = true;       // the same for targets; only where target_kind is numbers
};

// One input column of the table. A number makes one input, a category one per known category.
struct InputColumn {
  std::string name;
  std::vector<std::string> categories;  // empty: numeric
  double fill = 0;                      // what a missing number becomes, where Encoding::fills
};

struct TargetColumn {
  std::string name;
  std::vector<std::string> classes;  // classes: K names; binary from text: {what 0 is, what 1 is}; else empty
};

// Immutable once fitted; a plain value that a model file can write and read back field by field.
struct Encoding {
  std::vector<InputColumn> inputs;
  std::vector<TargetColumn> targets;
  TargetKind target_kind = TargetKind::numbers;
  Missing missing = Missing::error;
  std::vector<double> input_mean, input_scale;    // d each: x ↦ (x − mean) / scale; 0 and 1 for one-hot
  std::vector<double> target_mean, target_scale;  // k each; 0 and 1 unless standardised

  // Chooses columns and categories from the whole table, everything with a figure in it (means,
  // scales, fills) from `train_rows` only. A constant column gets scale 1 and a line in `warnings`.
  static Encoding fit(const Table& table, std::span<const std::uint32_t> train_rows, const EncodingOptions& options,
                      std::vector<std::string>* warnings = nullptr);

  std::size_t input_width() const;   // d
  std::size_t output_width() const;  // outputs of the network: K classes, or k targets
  std::vector<std::string> input_names() const;   // d
  std::vector<std::string> output_names() const;  // output_width(): classes or target columns

  // Inputs, and targets too when `with_targets`. Rows with missing cells are left out under drop_row.
  // Throws Error(data) naming file, line and column: a missing column, cell, unseen category or label,
  // text in a number, a value that the target kind cannot be, not finite.
  Dataset encode(const Table& table, bool with_targets) const;

  // Undoes target standardisation in place: y (B, k) ↦ y · scale + mean. Nothing for other kinds.
  void decode_targets(MatrixView<double> y) const;
};

// Rows that take part in training: all, or under drop_row those without a missing input or target.
std::vector<std::uint32_t> usable_rows(const Table& table, const EncodingOptions& options);

}  // namespace descent
