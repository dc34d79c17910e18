// Norms and finiteness of weight vectors: one pass each, the same bits from every compiler.
#pragma once

#include "framework/tensor.hpp"
#include "trainers/dot.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace descent {

// Whether no entry of x (n) is infinite or NaN: those have an exponent of ones, which one more unit carries
// into the sign bit. Integers, because compilers do not vectorise the comparison of floats.
template <class Real>
bool all_finite(ConstParams<Real> x) {
  using Bits = std::conditional_t<sizeof(Real) == 4, std::uint32_t, std::uint64_t>;
  constexpr Bits kExponent = std::bit_cast<Bits>(std::numeric_limits<Real>::infinity());
  constexpr Bits kUnit = Bits{1} << (std::numeric_limits<Real>::digits - 1);
  constexpr Bits kSign = ~(~Bits{0} >> 1);
  Bits carried = 0;
  for (const Real v : x) carried |= (std::bit_cast<Bits>(v) & kExponent) + kUnit;
  return (carried & kSign) == 0;
}

// Index of the first entry of x (n) that is infinite or NaN; n if there is none.
template <class Real>
std::size_t first_nonfinite(ConstParams<Real> x) {
  return static_cast<std::size_t>(std::find_if(x.begin(), x.end(), [](Real v) { return !std::isfinite(v); }) -
                                  x.begin());
}

// ‖x‖₂ of x (n) in float64; 0 only when every entry is 0, NaN when an entry is not finite.
// Infinite when all entries are finite but the norm itself is beyond the largest double.
template <class Real>
double norm(ConstParams<Real> x) {
  const double sum = dot<Real>(x, x);
  if (sum > 1e-250 && sum <= std::numeric_limits<double>::max()) return std::sqrt(sum);

  // The squares left the range of a double (or everything is 0): once more, relative to the largest entry.
  if (!all_finite(x)) return std::numeric_limits<double>::quiet_NaN();
  double largest = 0;
  for (const Real v : x) largest = std::max(largest, static_cast<double>(std::abs(v)));
  if (largest == 0) return 0;
  double scaled = 0;
  for (const Real v : x) scaled += (static_cast<double>(v) / largest) * (static_cast<double>(v) / largest);
  return largest * std::sqrt(scaled);
}

}  // namespace descent
