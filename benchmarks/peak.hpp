// The multiply-add peak: what one core does when it does nothing else.
//
// A loop that lives in registers, twelve independent accumulators at the vectors of the kernels.
// No training step can be faster, so every figure of `epochs` is given as a part of it. A machine shared with
// others changes its speed from one moment to the next: the meter is read again and again during a run, and
// the best reading counts.
#pragma once

#include <cstddef>

namespace descent::benchmarks {

// Runs about `seconds` on each of `threads` threads at once; GFLOP/s (10⁹ multiplications and additions) of all.
template <class Real>
double measure_peak(double seconds, std::size_t threads = 1);

// "avx512", "avx2" or "sse2" ("baseline" on other processors).
const char* peak_vectors();

template <class Real>
class PeakMeter {
 public:
  explicit PeakMeter(std::size_t threads = 1) : threads_(threads) {}
  void read() {
    const double reading = measure_peak<Real>(threads_ > 1 ? kLongReading : kReading, threads_);
    if (reading > best_) best_ = reading;
  }
  // A single short reading on one thread, before the processor's clock has changed; it does not count for best().
  double glance() const { return measure_peak<Real>(kGlance); }
  double best() const { return best_; }  // GFLOP/s

 private:
  static constexpr double kReading = 2e-3;      // seconds: long against the clock, short against an epoch
  static constexpr double kLongReading = 1e-2;  // until every thread has a processor of its own
  static constexpr double kGlance = 1e-6;       // one slice
  std::size_t threads_;
  double best_ = 0;
};

}  // namespace descent::benchmarks
