#include "trainers/line_search.hpp"

#include "framework/error.hpp"
#include "framework/text.hpp"
#include "trainers/constants.hpp"
#include "trainers/dot.hpp"
#include "trainers/search.hpp"
#include "trainers/sentences.hpp"

#include <algorithm>
#include <cmath>

namespace descent {
namespace {

using O = LineSearchOptions;
constexpr Bound<O> kBounds[] = {
    {"initial_step", &O::initial_step, 0, Edge::closed},
    {"max_step", &O::max_step, 0, Edge::open},
    {"c1", &O::c1, 0, Edge::open, 0.5, Edge::open},
    {"c2", &O::c2, 0, Edge::closed, 1, Edge::open},
    {"contraction", &O::contraction, 0, Edge::open, 1, Edge::open},
    {"growth", &O::growth, 1, Edge::closed},
    {"trials", &O::trials, 1, Edge::closed, 1000, Edge::closed},
    {"memory", &O::memory, 1, Edge::closed, 100, Edge::closed},
    {"minimum", &O::minimum, -std::numeric_limits<double>::infinity(), Edge::open},
    {"relaxation", &O::relaxation, 0, Edge::open, 2, Edge::open},
};

template <class Real>
class Armijo final : public Search<Real> {
 public:
  using Search<Real>::Search;
  double length(const StepContext<Real>& context) override {
    LineFunction<Real>& line = *context.line;
    return this->taken(line, this->backtrack(line, this->first_trial(context, this->options_.growth), line.f()));
  }
};

template <class Real>
class Exact final : public Search<Real> {
 public:
  using Search<Real>::Search;
  bool needs_hessian() const override { return true; }
  void start(std::size_t n) override {
    Search<Real>::start(n);
    hd_.assign(n, Real(0));
  }
  double length(const StepContext<Real>& context) override {
    LineFunction<Real>& line = *context.line;
    context.objective.hessian_vector(context.w, context.d, hd_, context.batch);
    const double curvature = dot<Real>(context.d, hd_), vertex = -line.slope() / curvature;
    this->remark_ = {};
    if (vertex > 0 && std::isfinite(vertex))
      return this->taken(line, this->backtrack(line, std::min(vertex, this->options_.max_step), line.f()));
    this->remark_ = "curvature dᵀHd ≤ 0 along the step: no lowest point of the quadratic model, backtracked instead";
    return this->taken(line, this->backtrack(line, this->first_trial(context, this->options_.growth), line.f()));
  }

 private:
  std::vector<Real> hd_;  // (n)
};

template <class Real>
class Polyak final : public Search<Real> {
 public:
  using Search<Real>::Search;
  double length(const StepContext<Real>& context) override {
    LineFunction<Real>& line = *context.line;
    const std::size_t terms = context.objective.terms();
    const double share =
        context.batch.empty() ? 1 : static_cast<double>(context.batch.size()) / static_cast<double>(terms);
    const double lowest = this->options_.minimum * share, gap = line.f() - lowest;
    const double rounding = rounding_of<Real>(line.f());
    // The stated minimum and f may both be rounded, by more than f's last digits say.
    if (gap < -1e-6 * std::max(std::abs(lowest), std::abs(line.f())) && context.batch.empty())
      throw Error(Fault::usage, "polyak: the loss {} is below the stated minimum = {}; state a lower one",
                  rounded(line.f()), shortest(lowest));
    at_minimum_ = gap <= rounding;
    if (at_minimum_) return 0;
    double gamma = std::min(this->options_.relaxation * gap / -line.slope(), this->options_.max_step);
    for (double k = 0; k < this->options_.trials; ++k, gamma *= this->options_.contraction) {
      const bool finite = line.keeps() ? line.value_and_slope(gamma).finite() : std::isfinite(line.value(gamma));
      if (finite) return this->taken(line, gamma);
    }
    return 0;
  }
  bool at_minimum() const override { return at_minimum_; }

 private:
  bool at_minimum_ = false;
};

template <class Method, class Real>
std::unique_ptr<StepSize<Real>> make(const LineSearchOptions& options) {
  return std::make_unique<Method>(options);
}

template <class Real>
constexpr LineSearchRow<Real> kLineSearches[] = {
    // Armijo, "Minimization of functions having Lipschitz continuous first partial derivatives", 1966.
    {"armijo", "the first of gamma, contraction gamma, ... with f(w + gamma d) <= f + c1 gamma g^T d",
     "initial_step max_step c1 contraction growth trials", false, make<Armijo<Real>, Real>},
    // Wolfe 1969; the search is that of Hager & Zhang 2005, see wolfe.cpp.
    {"wolfe", "armijo's inequality and |grad f(w + gamma d)^T d| <= c2 |g^T d|", "initial_step max_step c1 c2 trials",
     false, make_wolfe<Real>},
    // p. 56: the minimiser of a quadratic along d. Backtracks as armijo where f is not quadratic; where the curvature
    // dᵀHd is not positive, from armijo's first trial.
    {"exact", "gamma = -g^T d / d^T hessian d", "initial_step max_step c1 contraction growth trials", true,
     make<Exact<Real>, Real>},
    // See barzilai_borwein.cpp.
    {"barzilai_borwein", "gamma = s^T s / s^T y (long) or s^T y / y^T y (short), s, y the last changes of w, g",
     "initial_step max_step c1 contraction growth trials memory short_step", false, make_barzilai_borwein<Real>},
    // Polyak, "Minimization of unsmooth functionals", 1969; for d = −g: γ = (f − f*) / ‖g‖².
    {"polyak", "gamma = relaxation (f - minimum) / -g^T d", "max_step contraction trials minimum relaxation", false,
     make<Polyak<Real>, Real>},
};

template <class Real>
void check(const LineSearchRow<Real>& row, const LineSearchOptions& o) {
  check_constants<LineSearchOptions>(row.name, row.constants, o, kBounds);
  if (is_listed("c2", row.constants) && o.c2 != 0 && o.c2 <= o.c1)
    throw Error(Fault::usage, "{}: c2 = {} must be more than c1 = {}, or 0 to choose by the direction", row.name,
                shortest(o.c2), shortest(o.c1));
  for (const auto& [name, value] : {std::pair{"trials", o.trials}, std::pair{"memory", o.memory}})
    if (is_listed(name, row.constants) && value != std::floor(value))
      throw Error(Fault::usage, "{}: {} = {} must be a whole number", row.name, name, shortest(value));
}

}  // namespace

template <class Real>
std::span<const LineSearchRow<Real>> line_searches() {
  return kLineSearches<Real>;
}

std::vector<std::string> line_search_names() {
  std::vector<std::string> names;
  for (const auto& row : line_searches<double>()) names.emplace_back(row.name);
  return names;
}

template <class Real>
std::unique_ptr<StepSize<Real>> make_line_search(std::string_view name, const LineSearchOptions& options) {
  for (const LineSearchRow<Real>& row : line_searches<Real>()) {
    if (row.name != name) continue;
    check(row, options);
    return row.make(options);
  }
  throw Error(Fault::usage, unknown_name("line search", name, line_search_names()));
}

template std::span<const LineSearchRow<float>> line_searches();
template std::span<const LineSearchRow<double>> line_searches();
template std::unique_ptr<StepSize<float>> make_line_search(std::string_view, const LineSearchOptions&);
template std::unique_ptr<StepSize<double>> make_line_search(std::string_view, const LineSearchOptions&);

}  // namespace descent
