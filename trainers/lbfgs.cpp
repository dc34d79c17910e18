#include "framework/error.hpp"
#include "framework/text.hpp"
#include "trainers/direction_rows.hpp"
#include "trainers/dot.hpp"
#include "trainers/finite.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace descent {
namespace {

template <class Real>
class Lbfgs final : public Direction<Real> {
 public:
  explicit Lbfgs(const DirectionOptions& options) : history_(static_cast<std::size_t>(options.history)) {
    if (options.history != std::floor(options.history))
      throw Error(Fault::usage, "lbfgs: history = {} must be a whole number", shortest(options.history));
  }
  std::string_view name() const override { return "lbfgs"; }

  void start(std::size_t n) override {
    n_ = n;
    for (std::vector<Real>* part : {&s_, &y_}) part->assign(history_ * n, Real(0));
    for (std::vector<Real>* part : {&w_, &g_}) part->assign(n, Real(0));
    rho_.assign(history_, 0.0);
    alpha_.assign(history_, 0.0);
    steps_ = pairs_ = newest_ = 0;
  }

  void compute(const DirectionContext<Real>& context, Params<Real> d) override {
    if (steps_ > 0) remember_pair(context);
    ++steps_;
    std::copy(context.w.begin(), context.w.end(), w_.begin());
    std::copy(context.g.begin(), context.g.end(), g_.begin());
    const double length = pairs_ > 0 ? 1 : norm<Real>(context.g);
    const Real scale = static_cast<Real>(length > 1 ? -1 / length : -1);
    for (std::size_t i = 0; i < n_; ++i) d[i] = scale * context.g[i];
    if (pairs_ > 0) multiply(d);
  }

  void restart() override { pairs_ = 0; }
  bool has_natural_step() const override { return true; }

  std::vector<StateVector<Real>> state() override { return {{"s", s_}, {"y", y_}, {"w", w_}, {"g", g_}}; }
  std::vector<StateValue> numbers() override {
    std::vector<StateValue> all = {&steps_, Count(&pairs_, history_), Count(&newest_, history_ - 1)};
    for (double& rho : rho_) all.emplace_back(&rho);
    return all;
  }

 private:
  Params<Real> row(std::vector<Real>& rows, std::size_t slot) { return Params<Real>(rows).subspan(slot * n_, n_); }
  // Slot of the k-th pair, counted back from the newest, which is 0.
  std::size_t slot(std::size_t k) const { return (newest_ + history_ - k) % history_; }

  void remember_pair(const DirectionContext<Real>& context) {
    if (!context.batch.empty()) context.objective.value_and_gradient(w_, g_, context.batch);
    const std::size_t next = pairs_ == 0 ? 0 : (newest_ + 1) % history_;
    // Into the oldest pair's place: if it is skipped, that one is lost, which only shortens the memory.
    const Params<Real> s = row(s_, next), y = row(y_, next);
    for (std::size_t i = 0; i < n_; ++i) {
      s[i] = context.w[i] - w_[i];
      y[i] = context.g[i] - g_[i];
    }
    const double sy = dot<Real>(s, y), ss = dot<Real>(s, s), yy = dot<Real>(y, y);
    const bool curved = std::isfinite(sy) && sy > std::numeric_limits<Real>::epsilon() * std::sqrt(ss) * std::sqrt(yy);
    if (!curved) {
      pairs_ = std::min(pairs_, history_ - 1);
      return;
    }
    newest_ = next;
    pairs_ = std::min(pairs_ + 1, history_);
    rho_[next] = 1 / sy;
  }

  // d ← H d by the two loops.
  void multiply(Params<Real> d) {
    for (std::size_t k = 0; k < pairs_; ++k) {
      const std::size_t i = slot(k);
      alpha_[i] = rho_[i] * dot<Real>(row(s_, i), d);
      add(d, -alpha_[i], row(y_, i));
    }
    const ConstParams<Real> y = row(y_, slot(0));
    const Real scale = static_cast<Real>(1 / (rho_[slot(0)] * dot<Real>(y, y)));  // sᵀy / yᵀy
    for (Real& v : d) v *= scale;
    for (std::size_t k = pairs_; k-- > 0;) {
      const std::size_t i = slot(k);
      add(d, alpha_[i] - rho_[i] * dot<Real>(row(y_, i), d), row(s_, i));
    }
  }

  static void add(Params<Real> d, double factor, ConstParams<Real> x) {
    const Real a = static_cast<Real>(factor);
    for (std::size_t i = 0; i < d.size(); ++i) d[i] += a * x[i];
  }

  std::size_t history_, n_ = 0;
  std::vector<Real> s_, y_;          // (history, n): changes of w and of g, in a ring
  std::vector<Real> w_, g_;          // (n) each, of the step before
  std::vector<double> rho_, alpha_;  // (history): 1 / sᵀy; scratch
  std::size_t steps_ = 0, pairs_ = 0, newest_ = 0;
};

}  // namespace

template <class Real>
std::unique_ptr<Direction<Real>> make_lbfgs(const DirectionOptions& options) {
  return std::make_unique<Lbfgs<Real>>(options);
}
template std::unique_ptr<Direction<float>> make_lbfgs(const DirectionOptions&);
template std::unique_ptr<Direction<double>> make_lbfgs(const DirectionOptions&);

}  // namespace descent
