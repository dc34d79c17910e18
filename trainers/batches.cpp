#include "trainers/batches.hpp"

#include "framework/error.hpp"
#include "framework/random.hpp"

#include <algorithm>
#include <cassert>
#include <limits>
#include <numeric>

namespace descent {

Batches::Batches(std::size_t terms, std::size_t batch_size, bool shuffle, std::uint64_t seed)
    : terms_(terms), size_(batch_size == 0 ? terms : std::min(batch_size, terms)), shuffle_(shuffle), seed_(seed) {
  assert(terms > 0);
  if (whole()) return;
  if (terms - 1 > std::numeric_limits<std::uint32_t>::max())
    throw Error(Fault::usage, "mini-batches need at most 4294967296 terms (rows), got {}; use batch_size 0", terms);
  order_.resize(terms);
  std::iota(order_.begin(), order_.end(), 0u);
}

void Batches::start_epoch(std::size_t epoch) {
  epoch_ = epoch;
  if (whole() || !shuffle_) return;
  std::iota(order_.begin(), order_.end(), 0u);
  Rng rng(seed_, Purpose::shuffle, static_cast<std::uint32_t>(epoch));
  descent::shuffle(order_, rng);
}

Terms Batches::at(std::size_t i) const {
  assert(i < count());
  if (whole()) return {};
  const std::size_t first = i * size_;
  return Terms(order_).subspan(first, std::min(size_, terms_ - first));
}

}  // namespace descent
