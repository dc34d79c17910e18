// The line that shows how far a training is while it runs.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace descent {

struct TrainingProgress {
  std::size_t epoch = 0, epochs = 0;  // done, and of how many; 0 when that is not known
  double seconds = 0;                 // since the start
  std::span<const double> loss;       // L/N of each epoch so far
  std::string_view name = "L/N";      // what that is called
};

// "epoch 41/100  L/N 0.0234 ▇▅▃▂▁  1200 epochs/s  3 s left" in at most `columns` characters, if the epoch and
// the loss fit: the rate is left out first, then the time, and the curve takes what they leave. Once all epochs are
// done the time it took stands at the end.
std::string status_text(const TrainingProgress& progress, std::size_t columns);

// 1.6 ms, 9.2 s, 3 min 20 s, 2 h 5 min, 3 d 4 h.
std::string duration_text(double seconds);

}  // namespace descent
