#include "trainers/box.hpp"

#include "framework/error.hpp"
#include "framework/text.hpp"

#include <cassert>
#include <cmath>

namespace descent {

bool Box::contains(std::span<const double> w) const {
  for (std::size_t i = 0; i < w.size(); ++i) {
    const double slack = 1e-12 * width(i);
    if (!(w[i] >= low[i] - slack && w[i] <= high[i] + slack)) return false;
  }
  return true;
}

void Box::check(std::size_t n) const {
  if (low.size() != n || high.size() != n)
    throw Error(Fault::usage, "the box has {} lower and {} upper ends for {} variables", low.size(), high.size(), n);
  for (std::size_t i = 0; i < n; ++i) {
    if (!std::isfinite(low[i]) || !std::isfinite(high[i]))
      throw Error(Fault::usage, "the box of variable {} goes from {} to {}; both must be finite", i + 1,
                  shortest(low[i]), shortest(high[i]));
    if (!(low[i] < high[i]))
      throw Error(Fault::usage, "the box of variable {} goes from {} to {}; the lower end comes first", i + 1,
                  shortest(low[i]), shortest(high[i]));
    if (!std::isfinite(width(i)))
      throw Error(Fault::usage, "the box of variable {} goes from {} to {}: its width is too large for a number", i + 1,
                  shortest(low[i]), shortest(high[i]));
  }
}

Box cube(std::size_t n, double low, double high) { return {std::vector<double>(n, low), std::vector<double>(n, high)}; }

void halton(std::size_t index, std::span<double> u) {
  constexpr unsigned kBases[] = {2, 3, 5, 7, 11, 13};
  assert(u.size() <= std::size(kBases));
  for (std::size_t d = 0; d < u.size(); ++d) {  // the digits of index + 1 mirrored at the point
    double digit = 1;
    u[d] = 0;
    for (std::size_t k = index + 1; k > 0; k /= kBases[d]) {
      digit /= kBases[d];
      u[d] += digit * static_cast<double>(k % kBases[d]);
    }
  }
}

}  // namespace descent
