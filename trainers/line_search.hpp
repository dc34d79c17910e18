// Step sizes found by looking at f along the direction. Rows of one table.
//
// Pages are those of Nocedal & Wright, "Numerical Optimization", 2nd edition, 2006, where nothing else is said.
// φ(γ) = f(w + γ d) is that of the step's own batch. All of them
// - shorten a step over values that are not finite: leaving the domain of f is no divergence;
// - judge by slopes where a decrease drowns in the rounding of f (32 ε |f|): Hager & Zhang, "A new conjugate
//   gradient method with guaranteed descent and an efficient line search", SIAM J. Optim. 16, 2005, (2.4);
// - need gᵀd < 0 and return 0 where no step lowers f; minimize answers both with −g (see StepSize);
// - try 1 first where the direction was made for it (newton, lbfgs); else see each row;
// - with a full batch, leave value and gradient of the accepted point for minimize, which does not ask again.
#pragma once

#include "trainers/step_size.hpp"

#include <cstddef>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace descent {

// Constants of the searches; each uses those its row names.
struct LineSearchOptions {
  // First γ of the first step, unless the direction has a natural one; 0: as long as w, or 1 if that is longer.
  double initial_step = 0;
  double max_step = 1e10;  // γ never exceeds it, > 0
  double c1 = 1e-4;        // sufficient decrease φ(γ) ≤ φ(0) + c1 γ φ′(0), (3.4) p. 33; in (0, 0.5)
  double c2 = 0;  // curvature |φ′(γ)| ≤ c2 |φ′(0)|, (3.7b) p. 34; in (c1, 1), or 0: 0.9 for directions
                  // with a natural step, 0.1 for others, as p. 34 advises
  double contraction = 0.5;  // ρ of Algorithm 3.1 p. 37: γ is multiplied by it while φ(γ) is too large; in (0, 1)
  double growth = 2;         // the next step's first trial is the last γ times this; ≥ 1
  double trials = 60;        // points tried in a step before it is given up; in [1, 1000], a whole number
  double memory = 10;        // barzilai_borwein: φ(0) above is the largest of so many losses; in [1, 100], whole
  bool short_step = false;   // barzilai_borwein: the shorter of the two
  // polyak: the known minimum f* of the sum; each batch is taken to have its share f* B/N.
  double minimum = std::numeric_limits<double>::quiet_NaN();
  double relaxation = 1;  // polyak: factor of the step; in (0, 2)
};

template <class Real>
struct LineSearchRow {
  std::string_view name;
  std::string_view formula;    // for help texts
  std::string_view constants;  // the LineSearchOptions it uses, by name, separated by spaces
  bool needs_hessian;
  std::unique_ptr<StepSize<Real>> (*make)(const LineSearchOptions& options);
};

template <class Real>
std::span<const LineSearchRow<Real>> line_searches();
std::vector<std::string> line_search_names();

// Throws Error(usage): an unknown name (with the known ones), or a constant the row uses out of range.
template <class Real>
std::unique_ptr<StepSize<Real>> make_line_search(std::string_view name, const LineSearchOptions& options = {});

// Rounding of f that a decrease must exceed to be believed: 32 ε |f|.
template <class Real>
double rounding_of(double f) {
  return 32 * static_cast<double>(std::numeric_limits<Real>::epsilon()) * (f < 0 ? -f : f);
}

}  // namespace descent
