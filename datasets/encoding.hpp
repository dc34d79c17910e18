// From a table to numbers and back: which columns, categories one-hot, missing cells filled,
// standardised. Fitted on training rows, kept in the model, applied unchanged to every later file.
//
// The order of work: choose the columns, read the file with csv_options, usable_rows, split_rows
// (with class_labels to stratify), Encoding::fit on the training rows, then encode.
#pragma once

#include "datasets/csv.hpp"
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
  std::vector<std::string> targets = {};  // columns to predict; empty: the last column that is not ignored
  std::vector<std::string> inputs = {};   // columns to use; empty: all that are neither target nor ignored
  std::vector<std::string> ignore = {};
  std::vector<std::string> categorical = {};  // columns of numbers that are categories
  TargetKind target_kind = TargetKind::numbers;
  Missing missing = Missing::error;  // for inputs; a missing target is always an error, or drops its row
  bool standardize = true;           // numeric inputs to mean 0, variance 1 over the training rows
  bool standardize_targets = true;   // the same for targets; only where target_kind is numbers
  CsvForm form = {};                 // of the file
};

// One input column of the table. A number makes one input, a category one per known category.
struct InputColumn {
  std::string name;
  std::vector<std::string> categories;  // empty: numeric
  // What a missing cell becomes under Missing::mean and median: the mean or median of the training
  // rows, and for a category the index of the most frequent one (the first of equals).
  double fill = 0;
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
  CsvForm form = {};                              // of the training file; later ones are read as it was
  std::vector<double> input_mean, input_scale;    // d each: x ↦ (x − mean) / scale; 0 and 1 for one-hot
  std::vector<double> target_mean, target_scale;  // k each; 0 and 1 unless standardised

  // Chooses columns and categories from the whole table, everything with a figure in it (means,
  // scales, fills) from `train_rows` only; what the other rows hold changes no figure. Means and
  // scales are those of the filled column, the variance divided by N. A constant column gets scale 1
  // and a line in `warnings`, and so do a class without a training row and a column with nearly as
  // many categories as rows.
  //
  // Throws Error(config) for options that contradict each other, Error(data) for what the table cannot
  // give: a column that is not there, a missing or impossible cell in the training rows, one class only.
  static Encoding fit(const Table& table, std::span<const std::uint32_t> train_rows, const EncodingOptions& options,
                      std::vector<std::string>* warnings = nullptr);

  std::size_t input_width() const;                // d
  std::size_t output_width() const;               // outputs of the network: K classes, or k targets
  std::vector<std::string> input_names() const;   // d
  std::vector<std::string> output_names() const;  // output_width(): classes or target columns

  // Inputs, and targets too when `with_targets` (else they are (N, 0)). Columns may stand in any order
  // among others. Rows with missing cells are left out under drop_row. Throws Error(data) naming file,
  // line and column, up to ten of them: a missing column, cell, unseen category or label, text in a
  // number, a value that the target kind cannot be, not finite; or no row left.
  Dataset encode(const Table& table, bool with_targets) const;

  // Undoes target standardisation in place: y (B, k) ↦ y · scale + mean. Nothing for other kinds.
  void decode_targets(MatrixView<double> y) const;
};

// How to read the file that Encoding::fit will see: ignored columns skipped, class labels and
// `categorical` as text.
CsvOptions csv_options(const EncodingOptions& options);

// How to read a later file for Encoding::encode: the needed columns only, each as what it was in training.
CsvOptions csv_options(const Encoding& encoding, bool with_targets);

// Rows that take part in training: all, or under drop_row those without a missing input or target.
// Throws Error(data) with the place of every missing cell (up to ten) that the options do not provide for.
std::vector<std::uint32_t> usable_rows(const Table& table, const EncodingOptions& options);

// The target columns that the options mean in this table. Throws like Encoding::fit.
std::vector<const Column*> target_columns(const Table& table, const EncodingOptions& options);

// What split_rows needs to stratify: the class of each of `rows` when there is one target column of
// classes or binary values, else nothing.
std::vector<std::uint32_t> class_labels(const Table& table, std::span<const std::uint32_t> rows,
                                        const EncodingOptions& options);

}  // namespace descent
