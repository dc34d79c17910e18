// What fitting and encoding share: which columns, and what their cells say.
#pragma once

#include "datasets/encoding.hpp"
#include "datasets/problems.hpp"
#include "datasets/table.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace descent {

struct ChosenColumns {
  std::vector<const Column*> inputs, targets;  // of the table
};

// Throws Error(config) for options that contradict each other, Error(data) for columns that are not there.
ChosenColumns choose_columns(const Table& table, const EncodingOptions& options);

// Whether every row has a cell in every column of either list.
std::vector<bool> complete_rows(const Table& table, std::span<const Column* const> inputs,
                                std::span<const Column* const> targets);

// Adds a problem for each missing cell of `rows`, in the order of the file.
void report_missing(const Table& table, std::span<const Column* const> columns, std::span<const std::uint32_t> rows,
                    const std::string& remedy, Problems& problems);

// The cells of one column as numbers, whether it was read as numbers or as text.
class NumberCells {
 public:
  explicit NumberCells(const Column& column);
  // NaN where the cell is missing; nothing where it is not a number.
  std::optional<double> at(std::size_t row) const;
  std::string text(std::size_t row) const;  // of a cell that is not missing, for messages

 private:
  const Column* column_;
  std::vector<std::optional<double>> value_of_code_;
};

// The cells of one column as indices into a list of known texts.
class CategoryCells {
 public:
  static constexpr std::uint32_t kUnknown = kMissingCode - 1;

  CategoryCells(const Column& column, const std::vector<std::string>& known);
  std::uint32_t at(std::size_t row) const;  // kMissingCode, kUnknown, or the index
  std::string text(std::size_t row) const;  // of a cell that is not missing, for messages

 private:
  Column made_;  // where the column was read as numbers
  const Column* column_;
  std::vector<std::uint32_t> index_of_code_;
};

// "a, b, c", cut after twenty.
std::string list_some(const std::vector<std::string>& names);

}  // namespace descent
