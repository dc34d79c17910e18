#include "trainers/direction_rows.hpp"
#include "trainers/dot.hpp"

#include <algorithm>
#include <cmath>

namespace descent {
namespace {

template <class Real>
class ConjugateGradient final : public Direction<Real> {
 public:
  explicit ConjugateGradient(const DirectionOptions& options) : nu_(options.restart) {}
  std::string_view name() const override { return "conjugate_gradient"; }

  void start(std::size_t n) override {
    d_.assign(n, Real(0));
    g_.assign(n, Real(0));
    since_restart_ = 0;
  }

  void compute(const DirectionContext<Real>& context, Params<Real> d) override {
    const ConstParams<Real> g = context.g;
    const double beta = next_beta(g);
    since_restart_ = beta > 0 ? since_restart_ + 1 : 1;
    const Real b = static_cast<Real>(beta);
    for (std::size_t i = 0; i < d.size(); ++i) d[i] = b * d_[i] - g[i];
    std::copy(d.begin(), d.end(), d_.begin());
    std::copy(g.begin(), g.end(), g_.begin());
    if (beta > 0 && !(dot<Real>(g, d) < 0)) {
      restart();
      std::copy(d_.begin(), d_.end(), d.begin());
    }
  }

  void restart() override {
    for (std::size_t i = 0; i < d_.size(); ++i) d_[i] = -g_[i];
    since_restart_ = 1;
  }

  std::vector<StateVector<Real>> state() override { return {{"d", d_}, {"g", g_}}; }
  std::vector<StateValue> numbers() override { return {&since_restart_}; }

 private:
  // 0: the next direction is −g.
  double next_beta(ConstParams<Real> g) const {
    if (since_restart_ == 0 || since_restart_ >= static_cast<double>(g.size())) return 0;
    const double gg = dot<Real>(g, g), before = dot<Real>(g_, g_), across = dot<Real>(g, g_);
    if (std::abs(across) >= nu_ * gg) return 0;
    const double beta = (gg - across) / before;
    return std::isfinite(beta) ? std::max(0.0, beta) : 0;
  }

  double nu_;
  std::vector<Real> d_, g_;   // (n) each, of the step before
  double since_restart_ = 0;  // steps since d was −g, that one included; 0: before the first one
};

}  // namespace

template <class Real>
std::unique_ptr<Direction<Real>> make_conjugate_gradient(const DirectionOptions& options) {
  return std::make_unique<ConjugateGradient<Real>>(options);
}
template std::unique_ptr<Direction<float>> make_conjugate_gradient(const DirectionOptions&);
template std::unique_ptr<Direction<double>> make_conjugate_gradient(const DirectionOptions&);

}  // namespace descent
