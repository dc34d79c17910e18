// Counter-based random numbers: nothing to save, nothing to lose.
//
// Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011 (Philox4x32-10).
// A stream is named by (seed, purpose, epoch, index); the same name gives the same numbers on every
// machine, in any order of use. Shuffle and normal transform are ours because those of the standard
// library differ between implementations.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace descent {

// What the numbers are for; streams of different purposes never share a number.
enum class Purpose : std::uint32_t {
  initialize = 1,
  shuffle = 2,
  split = 3,
  generate = 4,
  check = 5,
  start = 6,
  lanczos = 9
};

class Rng {
 public:
  explicit Rng(std::uint64_t seed, Purpose purpose, std::uint32_t epoch = 0, std::uint32_t index = 0);

  std::uint32_t next() {  // uniform on 0 … 2³² − 1
    if (used_ == buffer_.size()) refill();
    return buffer_[used_++];
  }
  double uniform();  // uniform on the open interval (0, 1), 52 bits
  double uniform(double low, double high);
  double normal();                       // mean 0, variance 1 (Box & Muller 1958)
  std::uint32_t below(std::uint32_t n);  // uniform on 0 … n − 1, n ≥ 1, without bias (Lemire 2019)
  // below(n), below(n − 1), … one after the other, at most n of them: as many as are at hand, one at least, and fit into
  // `to`. Returns how many.
  std::size_t below_each(std::uint32_t n, std::span<std::uint32_t> to);

 private:
  static constexpr std::size_t kBlocks = 16;  // of four numbers each, made together

  void refill();

  std::array<std::uint32_t, 2> key_;
  std::array<std::uint32_t, 4> counter_;
  std::array<std::uint32_t, 4 * kBlocks> buffer_;
  std::size_t used_ = 4 * kBlocks;
  double spare_ = 0;
  bool has_spare_ = false;
};

// Fisher–Yates (Durstenfeld 1964): every order equally likely.
void shuffle(std::span<std::uint32_t> items, Rng& rng);

}  // namespace descent
