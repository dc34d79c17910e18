// Derivatives where a part of a formula has a kink, and the formula none: |x|³ at 0.
#pragma once

#include "framework/formula/formula.hpp"
#include "framework/objective.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace descent {

struct SmoothedKink {
  std::vector<double> gradient;     // (n)
  std::vector<double> eigenvalues;  // (n) of the Hessian, ascending; ±∞, and NaN where it is not defined, as of x |x|
};

// Of f, which is `formula` as an objective in the variables `names`, at x (n), where some part has a kink. There the
// sweeps and the formulas of derivatives have conventions, such as |x|′ = 0 at 0: they count where they are the limit
// of what is beside x, else that limit. Nothing where f or ∇f jumps.
std::optional<SmoothedKink> smoothed_kink(Objective<double>& f, const Formula& formula,
                                          std::span<const std::string> names, const std::vector<double>& x);

}  // namespace descent
