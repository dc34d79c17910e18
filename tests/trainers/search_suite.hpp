// Runs of any direction with any step size, and what they saw.
#pragma once

#include "tests/support/problems.hpp"
#include "tests/trainers/run.hpp"
#include "trainers/line_search.hpp"

#include <functional>
#include <string>
#include <vector>

namespace descent::support {

// Minimises from w by a row of directions() with a row of line_searches().
template <class Real>
Report search(Objective<Real>& objective, std::vector<Real>& w, const std::string& direction, const std::string& row,
              const std::type_identity_t<Options<Real>>& options, const LineSearchOptions& constants = {},
              const std::vector<Observer<Real>*>& observers = {}) {
  const auto way = make_direction<Real>(direction);
  const auto step_size = make_line_search<Real>(row, constants);
  return minimize<Real>(objective, w, *way, *step_size, options, observers);
}

inline double distance(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return std::sqrt(sum);
}

// To the nearest minimum of a problem.
inline double distance(const std::vector<double>& w, const Problem& problem) {
  double best = std::numeric_limits<double>::infinity();
  for (const auto& x : problem.minima) best = std::min(best, distance(w, x));
  return best;
}

// Calls f on every step.
template <class Real>
class OnStep final : public Observer<Real> {
 public:
  explicit OnStep(std::function<void(const StepView<Real>&)> f) : f_(std::move(f)) {}
  bool wants_steps() const override { return true; }
  void on_step(const StepView<Real>& step) override { f_(step); }

 private:
  std::function<void(const StepView<Real>&)> f_;
};

}  // namespace descent::support
