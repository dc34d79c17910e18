#include "benchmarks/peak.hpp"

#include "benchmarks/peak_loop.hpp"
#include "framework/kernels/simd.hpp"

#include <atomic>
#include <chrono>
#include <cmath>
#include <thread>
#include <vector>

namespace descent::benchmarks {
namespace {

using Clock = std::chrono::steady_clock;

template <class Real>
struct Variant {
  const char* name;
  PeakLoop<Real> loop;
  double operations;  // a round
};

// At the vectors of the kernels: what the processor has, or less where DESCENT_SIMD says so.
template <class Real>
Variant<Real> of_kernels() {
  const std::string_view instructions = kernels::simd<Real>().instructions;
#ifdef __x86_64__
  if (instructions == "avx512") return {"avx512", &peak_avx512, kPeakOperations<Real, 64>};
  if (instructions == "avx2") return {"avx2", &peak_avx2, kPeakOperations<Real, 32>};
  return {"sse2", &peak_sse2, kPeakOperations<Real, 16>};
#else
  return {"baseline", &peak_sse2, kPeakOperations<Real, 16>};  // sixteen bytes serve everywhere
#endif
}

// The best slice: an interruption spoils one slice of a reading, not all of it.
template <class Real>
double measure_here(double seconds) {
  constexpr std::size_t kRounds = 20'000;
  static const Variant<Real> variant = of_kernels<Real>();
  // The accumulators move towards c / (1 − m) and stay ordinary numbers. Volatile, so that nothing is known early.
  volatile Real m = Real(0.999), c = Real(0.001);
  volatile double sink = 0;
  double best = 0;
  const auto begin = Clock::now();
  for (auto from = begin; std::chrono::duration<double>(from - begin).count() < seconds;) {
    sink = sink + variant.loop(kRounds, m, c);
    const auto to = Clock::now();
    const double rate = kRounds * variant.operations / std::chrono::duration<double>(to - from).count();
    if (rate > best) best = rate;
    from = to;
  }
  return best * 1e-9;
}

// Threads share what the processors share, so here the whole time counts, not the best slice of each.
template <class Real>
double measure_together(double seconds, std::size_t threads) {
  constexpr std::size_t kRounds = 20'000;
  const Variant<Real> variant = of_kernels<Real>();
  std::this_thread::sleep_for(std::chrono::milliseconds(2));  // until helpers of products no longer look for work
  std::vector<double> rates(threads);
  std::vector<std::thread> workers;
  // One beginning for all, or those that share a processor would take turns, each by a clock of its own.
  Clock::time_point begin;
  std::atomic<std::size_t> missing{threads};
  std::atomic<bool> begun{false};
  for (std::size_t t = 0; t < threads; ++t)
    workers.emplace_back([&, t] {
      volatile Real m = Real(0.999), c = Real(0.001);
      volatile double sink = 0;
      std::size_t slices = 0;
      if (--missing == 0) {
        begin = Clock::now();
        begun = true;
      }
      while (!begun) {
      }
      double passed = 0;
      do {
        sink = sink + variant.loop(kRounds, m, c);
        ++slices;
        passed = std::chrono::duration<double>(Clock::now() - begin).count();
      } while (passed < seconds);
      rates[t] = static_cast<double>(slices) * kRounds * variant.operations / passed;
    });
  for (std::thread& worker : workers) worker.join();
  double sum = 0;
  for (double rate : rates) sum += rate;
  return sum * 1e-9;
}

}  // namespace

template <class Real>
double measure_peak(double seconds, std::size_t threads) {
  return threads <= 1 ? measure_here<Real>(seconds) : measure_together<Real>(seconds, threads);
}

const char* peak_vectors() { return of_kernels<float>().name; }

template double measure_peak<float>(double, std::size_t);
template double measure_peak<double>(double, std::size_t);

}  // namespace descent::benchmarks
