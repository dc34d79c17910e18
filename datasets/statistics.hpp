// Means, spreads and medians of one column.
#pragma once

#include <span>
#include <vector>

namespace descent {

struct Spread {
  double mean = 0;
  double scale = 1;       // √(Σ(x − mean)² / N); 1 for a constant column
  bool constant = false;  // all equal, but for rounding
};

// Corrected two-pass algorithm (Chan, Golub, LeVeque 1983) on values scaled by a power of two, so that
// neither a large mean nor values near the ends of the double range spoil it. `x` (N), N ≥ 1, finite.
Spread spread_of(std::span<const double> x);

// The middle value, or the mean of the two in the middle. `x` (N), N ≥ 1, no NaN.
double median_of(std::vector<double> x);

}  // namespace descent
