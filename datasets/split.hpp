// Which rows train, which validate, which test.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace descent {

struct Split {
  std::vector<std::uint32_t> train, validation, test;  // ascending row numbers of the table
};

struct SplitOptions {
  double validation = 0;  // share of the rows, 0 ≤ share < 1
  double test = 0;        // share of the rows; validation + test < 1
  bool shuffle = true;    // false: the last rows test, those before validate, in file order
  std::uint64_t seed = 1;
};

// Splits `rows`. With `labels` (one class index a row of `rows`) every class is split in the same
// proportions, rounded by largest remainder, so the totals are those of an unstratified split.
// Throws Error(data) when a share that is asked for, or training, would get no row.
Split split_rows(std::span<const std::uint32_t> rows, std::span<const std::uint32_t> labels, const SplitOptions& options);

}  // namespace descent
