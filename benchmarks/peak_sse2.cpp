#include "benchmarks/peak_loop.hpp"

namespace descent::benchmarks {

double peak_sse2(std::size_t rounds, float m, float c) { return peak_loop<float, 16>(rounds, m, c); }
double peak_sse2(std::size_t rounds, double m, double c) { return peak_loop<double, 16>(rounds, m, c); }

}  // namespace descent::benchmarks
