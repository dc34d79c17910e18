// The learning-rate range test: one run in which γ grows from step to step, and what its curve suggests.
//
// Smith, "Cyclical learning rates for training neural networks", WACV 2017, §3.3.
#pragma once

#include "trainers/direction.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace descent {

struct RangeTestOptions {
  double low = 1e-6, high = 10;  // γ of the first and of the last step; 0 < low < high, both finite
  std::size_t steps = 100;       // ≥ 2, evenly spaced in log γ
  std::size_t batch_size = 0;    // as minimize's: 0 or ≥ N is the whole sum
  bool shuffle = true;
  std::uint64_t seed = 1;
  // Ends where the loss is above its lowest by so many times the fall so far, or by so many per cent of the start where
  // that is more.
  double stop_factor = 4;
};

struct RangePoint {
  double gamma = 0;
  double loss = 0;  // of the whole sum, after the step with that γ: no noise of batches, so nothing to smooth
};

// Every suggestion is NaN where the curve says nothing: fewer than kFewestRangePoints points, or a loss that never
// fell.
struct RangeTest {
  std::vector<RangePoint> points;                                   // finite ones only, γ ascending
  double start = 0;                                                 // the loss before the first step
  bool diverged = false;                                            // the curve ended before `high`
  double steepest = std::numeric_limits<double>::quiet_NaN();       // where the loss falls fastest against log γ
  double valley = std::numeric_limits<double>::quiet_NaN();         // the middle of the longest fall
  double minimum_tenth = std::numeric_limits<double>::quiet_NaN();  // a tenth of γ at the lowest loss
  std::string remark;                                               // why there is no suggestion, or ""
};

inline constexpr std::size_t kFewestRangePoints = 8;

// Costs a step and, for mini-batches, a pass over all terms per point. From w, which stays as it is; `direction` is
// started anew before and after. The same seed gives the same bits. Throws Error(usage) for options out of range.
template <class Real>
RangeTest range_test(Objective<Real>& objective, ConstParams<Real> w, Direction<Real>& direction,
                     const RangeTestOptions& options = {});

// The three suggestions and the remark for test.points and test.start, as range_test gives them.
void suggest(RangeTest& test);

}  // namespace descent
