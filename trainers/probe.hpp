// The largest γ with which a few steps from w₀ go down, found by trying.
#pragma once

#include "trainers/direction.hpp"

#include <cstddef>

namespace descent {

struct ProbeOptions {
  double guess = 1;         // where to begin, such as 2/λmax; > 0
  std::size_t steps = 20;   // K, of the whole sum; ≥ 1
  double tolerance = 0.02;  // γ is known to within this share of itself; > 0
  double range = 1e6;       // γ is looked for from guess / range to guess · range; > 1
};

struct Probe {
  double gamma = 0;        // the largest γ seen to fall; 0: none did; the upper end of the range: all did
  bool bracketed = false;  // a γ within (1 + tolerance) of it was seen not to fall
  std::size_t runs = 0;    // of K steps each, or fewer where the loss rose before
};

// Doubles or halves γ from the guess until it is bracketed, then bisects log γ. A γ falls when each of its K steps
// lowers f (but for rounding); for directions that remember earlier steps, which may rise for a while, when f ends
// below f(w). Takes it that smaller γ fall where larger ones do. w stays as it is; `direction` is started anew before
// each run and after the last. Throws Error(usage) for options out of range.
template <class Real>
Probe probe(Objective<Real>& objective, ConstParams<Real> w, Direction<Real>& direction,
            const ProbeOptions& options = {});

}  // namespace descent
