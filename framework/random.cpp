#include "framework/random.hpp"

#include "framework/kernels/simd.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>
#include <utility>

namespace descent {

Rng::Rng(std::uint64_t seed, Purpose purpose, std::uint32_t epoch, std::uint32_t index)
    : key_{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)},
      counter_{0, index, epoch, static_cast<std::uint32_t>(purpose)} {}

void Rng::refill() {
  kernels::simd<float>().philox(key_.data(), counter_.data(), kBlocks, buffer_.data());
  counter_[0] += kBlocks;
  assert(counter_[0] != 0 && "a stream holds 2³⁴ numbers");
  used_ = 0;
}

double Rng::uniform() {
  const std::uint64_t high = next();
  const std::uint64_t low = next();
  const std::uint64_t bits = (high << 32 | low) >> 12;
  return (static_cast<double>(bits) + 0.5) * 0x1p-52;  // with 53 bits the half would round up to 1
}

double Rng::uniform(double low, double high) { return low + (high - low) * uniform(); }

double Rng::normal() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_;
  }
  const double radius = std::sqrt(-2 * std::log(uniform()));
  const double angle = 2 * std::numbers::pi * uniform();
  spare_ = radius * std::sin(angle);
  has_spare_ = true;
  return radius * std::cos(angle);
}

std::uint32_t Rng::below(std::uint32_t n) {
  assert(n > 0);
  std::uint64_t product = std::uint64_t{next()} * n;
  if (static_cast<std::uint32_t>(product) < n) {
    const std::uint32_t threshold = (0u - n) % n;
    while (static_cast<std::uint32_t>(product) < threshold) product = std::uint64_t{next()} * n;
  }
  return static_cast<std::uint32_t>(product >> 32);
}

std::size_t Rng::below_each(std::uint32_t n, std::span<std::uint32_t> to) {
  assert(to.size() <= n);
  if (used_ == buffer_.size()) refill();
  const std::size_t count = std::min(to.size(), buffer_.size() - used_);
  const std::uint32_t* random = buffer_.data() + used_;
  bool rejects = false;  // perhaps
  for (std::size_t k = 0; k < count; ++k) {
    const std::uint32_t bound = n - static_cast<std::uint32_t>(k);
    const std::uint64_t product = std::uint64_t{random[k]} * bound;
    to[k] = static_cast<std::uint32_t>(product >> 32);
    rejects |= static_cast<std::uint32_t>(product) < bound;
  }
  if (rejects) {
    to[0] = below(n);
    return 1;
  }
  used_ += count;
  return count;
}

void shuffle(std::span<std::uint32_t> items, Rng& rng) {
  constexpr std::size_t kAhead = 32;  // partners drawn before their turn: they are on their way from memory by then
  std::uint32_t partner[kAhead];
  for (std::size_t i = items.size(); i > 1;) {
    const std::size_t count =
        rng.below_each(static_cast<std::uint32_t>(i), std::span(partner).first(std::min(kAhead, i - 1)));
    for (std::size_t k = 0; k < count; ++k) __builtin_prefetch(&items[partner[k]], 1);
    for (std::size_t k = 0; k < count; ++k) std::swap(items[--i], items[partner[k]]);
  }
}

}  // namespace descent
