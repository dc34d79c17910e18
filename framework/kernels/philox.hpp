// Random numbers by counters, many at a time. Included once for each instruction set, in a namespace of its own.
//
// Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011: Philox4x32-10.
#pragma once

#include "framework/kernels/vectors.hpp"

#include <cstddef>
#include <cstdint>
#include <utility>

namespace descent::kernels::DESCENT_ISA {

typedef std::uint64_t Words __attribute__((vector_size(kVectorBytes)));

// Of the lower halves of the lanes.
inline Words wide_product(Words a, Words b) {
#if defined(__AVX512F__)
  return Words(_mm512_maskz_mul_epu32(0xff, __m512i(a), __m512i(b)));  // unmasked, GCC warns of its own header
#elif defined(__AVX2__)
  return Words(_mm256_mul_epu32(__m256i(a), __m256i(b)));
#else
  constexpr std::uint64_t kLower = 0xffffffff;
  return (a & kLower) * (b & kLower);
#endif
}

// Lanes of a and b in turns, from the lower or the upper half of each.
template <bool upper, std::size_t... j>
inline Words in_turns(Words a, Words b, std::index_sequence<j...>) {
  constexpr std::size_t n = sizeof...(j);
  return __builtin_shufflevector(a, b, ((upper ? n / 2 : 0) + j / 2 + (j % 2 == 0 ? 0 : n))...);
}

// Sixteen counters side by side, a word of each in the lower half of a lane; the upper halves hold nothing of use.
inline void philox_sixteen(const std::uint32_t* key, const std::uint32_t* counter, std::uint32_t* out) {
  constexpr std::size_t kLanes = kVectorBytes / 8, kGroups = 16 / kLanes;
  constexpr std::uint64_t kMultiplier[] = {0xD2511F53, 0xCD9E8D57};
  constexpr std::uint32_t kWeyl[] = {0x9E3779B9, 0xBB67AE85};
  Words x[4][kGroups];
  for (std::size_t g = 0; g < kGroups; ++g)
    for (std::size_t i = 0; i < kLanes; ++i) {
      x[0][g][i] = counter[0] + static_cast<std::uint32_t>(g * kLanes + i);
      for (std::size_t k = 1; k < 4; ++k) x[k][g][i] = counter[k];
    }
  std::uint32_t k0 = key[0], k1 = key[1];
  for (int round = 0; round < 10; ++round, k0 += kWeyl[0], k1 += kWeyl[1])
    for (std::size_t g = 0; g < kGroups; ++g) {
      const Words a = wide_product(x[0][g], Words{} + kMultiplier[0]),
                  b = wide_product(x[2][g], Words{} + kMultiplier[1]);
      x[0][g] = b >> 32 ^ x[1][g] ^ std::uint64_t{k0};
      x[2][g] = a >> 32 ^ x[3][g] ^ std::uint64_t{k1};
      x[1][g] = b;
      x[3][g] = a;
    }
  constexpr std::uint64_t kLower = 0xffffffff;
  constexpr auto lanes = std::make_index_sequence<kLanes>();
  for (std::size_t g = 0; g < kGroups; ++g, out += 4 * kLanes) {
    const Words first = (x[0][g] & kLower) | x[1][g] << 32, second = (x[2][g] & kLower) | x[3][g] << 32;
    const Words blocks[] = {in_turns<false>(first, second, lanes), in_turns<true>(first, second, lanes)};
    __builtin_memcpy(out, blocks, sizeof blocks);
  }
}

inline void philox(const std::uint32_t* key, const std::uint32_t* counter, std::size_t blocks, std::uint32_t* out) {
  std::uint32_t at[] = {counter[0], counter[1], counter[2], counter[3]};
  for (std::size_t i = 0; i < blocks; i += 16, at[0] += 16) philox_sixteen(key, at, out + 4 * i);
}

}  // namespace descent::kernels::DESCENT_ISA
