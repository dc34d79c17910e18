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

// Splits `rows`: round(share · N) of them, and at least one where the share is not 0.
//
// With `labels` (one class index a row of `rows`) every class is split in the same proportions,
// rounded by largest remainder, so the totals are those of an unstratified split. Training keeps at
// least one row of every class, so the only row of a class always trains, and of two rows at most one
// is held out.
//
// Throws Error(data) when training would get no row, or not one of every class; Error(usage) for
// impossible shares.
Split split_rows(std::span<const std::uint32_t> rows, std::span<const std::uint32_t> labels,
                 const SplitOptions& options);

}  // namespace descent
