// The loop of the multiply-add peak, compiled once for each width of vectors.
#pragma once

#include <cstddef>

namespace descent::benchmarks {

// a[k] ← a[k]·m + c, `rounds` times, for twelve accumulators of Bytes each: a latency of up to six cycles on two
// units is hidden, and a processor with sixteen registers still holds everything. Returns a sum over all of it,
// so that nothing can be left out.
template <class Real, std::size_t Bytes>
double peak_loop(std::size_t rounds, Real m, Real c) {
  typedef Real Lanes __attribute__((vector_size(Bytes)));
  Lanes a0{}, a1{}, a2{}, a3{}, a4{}, a5{}, a6{}, a7{}, a8{}, a9{}, a10{}, a11{};
  // Different starts, or the compiler would see one accumulator twelve times.
  a0 += Real(0), a1 += Real(1), a2 += Real(2), a3 += Real(3), a4 += Real(4), a5 += Real(5);
  a6 += Real(6), a7 += Real(7), a8 += Real(8), a9 += Real(9), a10 += Real(10), a11 += Real(11);
  const Lanes mm = Lanes{} + m, cc = Lanes{} + c;
  for (std::size_t i = 0; i < rounds; ++i) {
    a0 = a0 * mm + cc, a1 = a1 * mm + cc, a2 = a2 * mm + cc, a3 = a3 * mm + cc;
    a4 = a4 * mm + cc, a5 = a5 * mm + cc, a6 = a6 * mm + cc, a7 = a7 * mm + cc;
    a8 = a8 * mm + cc, a9 = a9 * mm + cc, a10 = a10 * mm + cc, a11 = a11 * mm + cc;
  }
  const Lanes sum = a0 + a1 + a2 + a3 + a4 + a5 + a6 + a7 + a8 + a9 + a10 + a11;
  double total = 0;
  for (std::size_t k = 0; k < Bytes / sizeof(Real); ++k) total += sum[k];
  return total;
}

// Multiplications and additions of one round.
template <class Real, std::size_t Bytes>
constexpr double kPeakOperations = 12.0 * 2.0 * (Bytes / sizeof(Real));

template <class Real>
using PeakLoop = double (*)(std::size_t rounds, Real m, Real c);

// In peak_<vectors>.cpp, each compiled with the flags of its vectors.
double peak_sse2(std::size_t rounds, float m, float c);
double peak_sse2(std::size_t rounds, double m, double c);
double peak_avx2(std::size_t rounds, float m, float c);
double peak_avx2(std::size_t rounds, double m, double c);
double peak_avx512(std::size_t rounds, float m, float c);
double peak_avx512(std::size_t rounds, double m, double c);

}  // namespace descent::benchmarks
