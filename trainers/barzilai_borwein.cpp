// Barzilai & Borwein, "Two-point step size gradient methods", IMA J. Numer. Anal. 8, 1988: with s, y the last
// changes of w and g, γ = sᵀs / sᵀy (long) or sᵀy / yᵀy (short), the inverse of the mean curvature along s.
//
// Safeguarded after Raydan, "The Barzilai and Borwein gradient method for the large scale unconstrained
// minimization problem", SIAM J. Optim. 7, 1997: f may rise, but must fall below the largest of the last `memory`
// losses (Grippo, Lampariello & Lucidi 1986); where sᵀy ≤ 0 the last γ grows instead.
// Made for −g; any other d is scaled to the same model: γ (−gᵀd) / dᵀd. With mini-batches y is the change of the
// gradient of one batch, the step's own, at the price of one more gradient, and memory counts as 1: losses of
// different batches do not compare.
#include "trainers/dot.hpp"
#include "trainers/search.hpp"

#include <algorithm>
#include <cmath>

namespace descent {
namespace {

template <class Real>
class BarzilaiBorwein final : public Search<Real> {
 public:
  explicit BarzilaiBorwein(const LineSearchOptions& options)
      : Search<Real>(options), losses_(static_cast<std::size_t>(options.memory)) {}

  void start(std::size_t n) override {
    Search<Real>::start(n);
    w_.assign(n, Real(0));
    g_.assign(n, Real(0));
    std::fill(losses_.begin(), losses_.end(), 0.0);
    steps_ = 0;
  }

  double length(const StepContext<Real>& context) override {
    LineFunction<Real>& line = *context.line;
    this->remark_ = {};
    const double trial = first(context);
    const double reference = remember(context);
    const double gamma = this->backtrack(line, trial, reference);
    if (gamma == 0) steps_ = 0;  // a new start, from −g perhaps
    return this->taken(line, gamma);
  }

  std::vector<StateValue> state() override {
    std::vector<StateValue> all = Search<Real>::state();
    all.emplace_back(&steps_);
    for (double& loss : losses_) all.emplace_back(&loss);
    return all;
  }
  std::vector<StateVector<Real>> vectors() override { return {{"w", w_}, {"g", g_}}; }

 private:
  double first(const StepContext<Real>& context) {
    if (steps_ == 0) return this->first_trial(context, this->options_.growth);
    if (!context.batch.empty()) context.objective.value_and_gradient(w_, g_, context.batch);
    double ss = 0, sy = 0, yy = 0;
    for (std::size_t i = 0; i < w_.size(); ++i) {
      const double s = static_cast<double>(context.w[i]) - static_cast<double>(w_[i]);
      const double y = static_cast<double>(context.g[i]) - static_cast<double>(g_[i]);
      ss += s * s;
      sy += s * y;
      yy += y * y;
    }
    const double gamma = this->options_.short_step ? sy / yy : ss / sy;
    if (!(sy > 0) || !std::isfinite(gamma) || !(gamma > 0)) {
      this->remark_ = "curvature sᵀy ≤ 0 along the last step: the last γ grew instead";
      return std::min(this->previous_gamma_ * this->options_.growth, this->options_.max_step);
    }
    const double scale = -context.line->slope() / dot<Real>(context.d, context.d);  // 1 for −g
    return std::min(gamma * scale, this->options_.max_step);
  }

  // Keeps w, g and f for the next step; the largest of the last losses.
  double remember(const StepContext<Real>& context) {
    std::copy(context.w.begin(), context.w.end(), w_.begin());
    std::copy(context.g.begin(), context.g.end(), g_.begin());
    losses_[steps_ % losses_.size()] = context.line->f();
    ++steps_;
    if (!context.batch.empty()) return context.line->f();
    const std::size_t count = std::min(losses_.size(), steps_);
    return *std::max_element(losses_.begin(), losses_.begin() + static_cast<std::ptrdiff_t>(count));
  }

  std::vector<Real> w_, g_;     // (n) each, of the step before
  std::vector<double> losses_;  // a ring
  std::size_t steps_ = 0;
};

}  // namespace

template <class Real>
std::unique_ptr<StepSize<Real>> make_barzilai_borwein(const LineSearchOptions& options) {
  return std::make_unique<BarzilaiBorwein<Real>>(options);
}
template std::unique_ptr<StepSize<float>> make_barzilai_borwein(const LineSearchOptions&);
template std::unique_ptr<StepSize<double>> make_barzilai_borwein(const LineSearchOptions&);

}  // namespace descent
