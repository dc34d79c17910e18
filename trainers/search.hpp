// What the line searches share; their users include trainers/line_search.hpp instead.
#pragma once

#include "trainers/line_search.hpp"

namespace descent {

template <class Real>
class Search : public StepSize<Real> {
 public:
  explicit Search(const LineSearchOptions& options) : options_(options) {}
  void start(std::size_t) override {
    previous_gamma_ = previous_slope_ = 0;
    remark_ = {};
  }
  bool needs_descent() const final { return true; }
  std::string_view remark() const final { return remark_; }
  std::vector<StateValue> state() override { return {&previous_gamma_, &previous_slope_}; }

 protected:
  // The first trial: 1 where the direction was made for it; in the first step initial_step, or as long as w
  // (or 1); later the last γ times `growth`. At most max_step.
  double first_trial(const StepContext<Real>& context, double growth) const;

  // Algorithm 3.1, p. 37: the first of trial, ρ trial, ρ² trial, … with
  // φ(γ) ≤ reference + c1 γ φ′(0); 0 if there is none. The plain reference is φ(0).
  double backtrack(LineFunction<Real>& line, double trial, double reference) const;

  // Whether φ at γ is a sufficient decrease; asks for the slope where the gradient will be used anyway or where
  // φ alone cannot tell.
  bool accepts(LineFunction<Real>& line, double gamma, double f, double reference) const;

  // Remembers the step for the next one's first trial; returns γ.
  double taken(const LineFunction<Real>& line, double gamma) {
    if (gamma > 0) {
      previous_gamma_ = gamma;
      previous_slope_ = line.slope();
    }
    return gamma;
  }

  LineSearchOptions options_;
  double previous_gamma_ = 0, previous_slope_ = 0;  // 0: no step yet
  std::string_view remark_;
};

template <class Real>
std::unique_ptr<StepSize<Real>> make_wolfe(const LineSearchOptions& options);
template <class Real>
std::unique_ptr<StepSize<Real>> make_barzilai_borwein(const LineSearchOptions& options);

}  // namespace descent
