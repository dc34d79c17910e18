// A box of starts: low[i] ≤ w[i] ≤ high[i].
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace descent {

struct Box {
  std::vector<double> low, high;  // (n) each

  std::size_t dimension() const { return low.size(); }
  double width(std::size_t i) const { return high[i] - low[i]; }
  bool contains(std::span<const double> w) const;  // its faces included, with a relative 1e-12 for rounding
  // Throws Error(usage) unless it has n sides, with finite ends in order and a finite width.
  void check(std::size_t n) const;
};

// The same side for every variable.
Box cube(std::size_t n, double low, double high);

// Number `index` ≥ 0 of Halton's sequence in the first n ≤ 6 prime bases, in (0, 1)ⁿ: fills a box evenly however many
// are taken. Halton, "On the efficiency of certain quasi-random sequences of points", Numer. Math. 2, 1960.
void halton(std::size_t index, std::span<double> u);

}  // namespace descent
