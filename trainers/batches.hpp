// Cuts the terms of a sum into the batches of an epoch.
#pragma once

#include "framework/tensor.hpp"

#include <cstddef>
#include <cstdint>

namespace descent {

// The order of the terms in an epoch depends on (seed, epoch) and nothing before it: a Fisher–Yates
// shuffle of 0 … N − 1 with Rng(seed, Purpose::shuffle, epoch). A resumed run needs no saved order.
class Batches {
 public:
  // N = terms ≥ 1. batch_size 0 or ≥ N: one batch of all terms, in order, whatever `shuffle` says.
  // Throws Error(usage) when mini-batches are asked for and N is beyond 2³².
  Batches(std::size_t terms, std::size_t batch_size, bool shuffle, std::uint64_t seed);

  bool whole() const { return size_ == terms_; }                      // a batch is the whole sum
  std::size_t size() const { return size_; }                          // B; the last batch may be shorter
  std::size_t count() const { return (terms_ + size_ - 1) / size_; }  // ⌈N/B⌉ batches in an epoch

  void start_epoch(std::size_t epoch);          // `epoch` counts from 1, as in the records
  std::size_t epoch() const { return epoch_; }  // the one started last; 0: none
  // Batch i < count() of the epoch started last, valid until the next start_epoch. Empty, which stands
  // for all terms, when whole().
  Terms at(std::size_t i) const;

 private:
  std::size_t terms_;
  std::size_t size_;
  bool shuffle_;
  std::uint64_t seed_;
  std::size_t epoch_ = 0;
  AlignedVector<std::uint32_t> order_;  // (N); empty when whole()
};

}  // namespace descent
