#include "trainers/direction.hpp"

#include "framework/aligned.hpp"
#include "framework/error.hpp"
#include "framework/kernels/simd.hpp"
#include "framework/text.hpp"
#include "trainers/constants.hpp"
#include "trainers/direction_rows.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace descent {
namespace {

constexpr Bound<DirectionOptions> kBounds[] = {
    {"momentum", &DirectionOptions::momentum, 0, Edge::closed, 1, Edge::open},
    {"beta1", &DirectionOptions::beta1, 0, Edge::closed, 1, Edge::open},
    {"beta2", &DirectionOptions::beta2, 0, Edge::closed, 1, Edge::open},
    {"rho", &DirectionOptions::rho, 0, Edge::closed, 1, Edge::open},
    {"epsilon", &DirectionOptions::epsilon, 0, Edge::open},
    {"weight_decay", &DirectionOptions::weight_decay, 0, Edge::closed},
    {"history", &DirectionOptions::history, 1, Edge::closed, 1000, Edge::closed},
    {"restart", &DirectionOptions::restart, 0, Edge::open},
};

// A direction that a pass over the weights makes, whatever it is used for.
template <class Real>
class OnePass : public Direction<Real> {
 public:
  using Use = kernels::DirectionUse<Real>;

  void compute(const DirectionContext<Real>& context, Params<Real> d) final { pass(context, {.d = d.data()}); }
  bool moves_in_one_pass() const final { return true; }
  bool move(const DirectionContext<Real>& context, Real gamma, Params<Real> next) final {
    kernels::FiniteCheck<Real> check;
    pass(context, {.w = context.w.data(), .gamma = gamma, .next = next.data(), .check = &check});
    return check.passed();
  }

 private:
  virtual void pass(const DirectionContext<Real>& context, const Use& use) = 0;
};

template <class Real>
class Steepest final : public OnePass<Real> {
 public:
  explicit Steepest(const DirectionOptions&) {}
  std::string_view name() const override { return "steepest"; }
  void start(std::size_t) override {}
  bool is_negative_gradient() const override { return true; }

 private:
  void pass(const DirectionContext<Real>& context, const typename OnePass<Real>::Use& use) override {
    const ConstParams<Real> g = context.g;
    if (use.d != nullptr)
      std::ranges::transform(g, use.d, [](Real slope) { return -slope; });
    else
      kernels::simd<Real>().move(use.w, g.data(), -use.gamma, use.next, g.size(), *use.check);
  }
};

// Momentum (look_ahead false) and Nesterov's (true): v ← μ v + g, then −v or −(g + μ v).
template <class Real, bool look_ahead>
class Momentum final : public OnePass<Real> {
 public:
  explicit Momentum(const DirectionOptions& options) : mu_(static_cast<Real>(options.momentum)) {}
  std::string_view name() const override { return look_ahead ? "nesterov" : "momentum"; }
  void start(std::size_t n) override { v_.assign(n, Real(0)); }
  void restart() override { std::fill(v_.begin(), v_.end(), Real(0)); }
  std::vector<StateVector<Real>> state() override { return {{"v", v_}}; }

 private:
  void pass(const DirectionContext<Real>& context, const typename OnePass<Real>::Use& use) override {
    const ConstParams<Real> g = context.g;
    kernels::simd<Real>().momentum(g.data(), g.size(), mu_, look_ahead, v_.data(), use);
  }

  Real mu_;
  AlignedVector<Real> v_;  // (n)
};

// Adam (decoupled_decay false) and AdamW (true), with the bias correction of step t = step + 1.
template <class Real, bool decoupled_decay>
class Adam final : public OnePass<Real> {
 public:
  explicit Adam(const DirectionOptions& options) : options_(options) {}
  std::string_view name() const override { return decoupled_decay ? "adamw" : "adam"; }
  void start(std::size_t n) override {
    m_.assign(n, Real(0));
    v_.assign(n, Real(0));
  }
  std::vector<StateVector<Real>> state() override { return {{"m", m_}, {"v", v_}}; }

 private:
  void pass(const DirectionContext<Real>& context, const typename OnePass<Real>::Use& use) override {
    const ConstParams<Real> w = context.w, g = context.g;
    const double t = static_cast<double>(context.step) + 1;
    const double beta1 = options_.beta1, beta2 = options_.beta2;
    kernels::AdamStep<Real> step;
    step.beta1 = static_cast<Real>(beta1);
    step.one_minus_beta1 = static_cast<Real>(1 - beta1);
    step.beta2 = static_cast<Real>(beta2);
    step.one_minus_beta2 = static_cast<Real>(1 - beta2);
    step.m_scale = static_cast<Real>(1 / (1 - std::pow(beta1, t)));
    step.v_scale = static_cast<Real>(1 / (1 - std::pow(beta2, t)));
    step.epsilon = static_cast<Real>(options_.epsilon);
    step.decay = static_cast<Real>(options_.weight_decay);
    kernels::simd<Real>().adam(g.data(), decoupled_decay ? w.data() : nullptr, g.size(), step, m_.data(), v_.data(),
                               use);
  }

  DirectionOptions options_;
  AlignedVector<Real> m_, v_;  // (n) each: decaying means of g and of g²
};

// RMSprop (decaying true: v ← ρ v + (1 − ρ) g²) and AdaGrad (false: v ← v + g²).
template <class Real, bool decaying>
class ScaledByRoot final : public OnePass<Real> {
 public:
  explicit ScaledByRoot(const DirectionOptions& options)
      : keep_(decaying ? static_cast<Real>(options.rho) : Real(1)),
        add_(decaying ? static_cast<Real>(1 - options.rho) : Real(1)),
        epsilon_(static_cast<Real>(options.epsilon)) {}
  std::string_view name() const override { return decaying ? "rmsprop" : "adagrad"; }
  void start(std::size_t n) override { v_.assign(n, Real(0)); }
  std::vector<StateVector<Real>> state() override { return {{"v", v_}}; }

 private:
  void pass(const DirectionContext<Real>& context, const typename OnePass<Real>::Use& use) override {
    const ConstParams<Real> g = context.g;
    kernels::simd<Real>().scaled_by_root(g.data(), g.size(), keep_, add_, epsilon_, v_.data(), use);
  }

  Real keep_, add_, epsilon_;
  AlignedVector<Real> v_;  // (n)
};

template <class Method, class Real>
std::unique_ptr<Direction<Real>> make(const DirectionOptions& options) {
  return std::make_unique<Method>(options);
}

constexpr std::string_view kAnyStep = "any", kSchedule = "a schedule";

template <class Real>
constexpr DirectionRow<Real> kDirections[] = {
    // Cauchy, "Méthode générale pour la résolution des systèmes d'équations simultanées", 1847.
    {"steepest", "d = -g", "", kAnyStep, make<Steepest<Real>, Real>},
    // The heavy ball. Polyak, "Some methods of speeding up the convergence of iteration methods", 1964.
    {"momentum", "v <- momentum v + g; d = -v", "momentum", kSchedule, make<Momentum<Real, false>, Real>},
    // Nesterov 1983 in the form of Sutskever, Martens, Dahl, Hinton, "On the importance of initialization and
    // momentum in deep learning", ICML 2013, with w standing for the looked-ahead point.
    {"nesterov", "v <- momentum v + g; d = -(g + momentum v)", "momentum", kSchedule, make<Momentum<Real, true>, Real>},
    // Kingma & Ba, "Adam: a method for stochastic optimization", ICLR 2015.
    {"adam",
     "m <- beta1 m + (1 - beta1) g; v <- beta2 v + (1 - beta2) g^2; "
     "d = -(m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon)",
     "beta1 beta2 epsilon", kSchedule, make<Adam<Real, false>, Real>},
    // Loshchilov & Hutter, "Decoupled weight decay regularization", ICLR 2019; γ multiplies the decay too.
    {"adamw", "adam's d, then d <- d - weight_decay w", "beta1 beta2 epsilon weight_decay", kSchedule,
     make<Adam<Real, true>, Real>},
    // Tieleman & Hinton, "Lecture 6.5: rmsprop", Coursera 2012.
    {"rmsprop", "v <- rho v + (1 - rho) g^2; d = -g / (sqrt(v) + epsilon)", "rho epsilon", kSchedule,
     make<ScaledByRoot<Real, true>, Real>},
    // Duchi, Hazan, Singer, "Adaptive subgradient methods for online learning", JMLR 12, 2011.
    {"adagrad", "v <- v + g^2; d = -g / (sqrt(v) + epsilon)", "epsilon", kSchedule,
     make<ScaledByRoot<Real, false>, Real>},
    {"conjugate_gradient", "d <- -g + max(0, g^T (g - g_before) / |g_before|^2) d", "restart",
     "wolfe, or exact on quadratics; full batches", make_conjugate_gradient<Real>},
    {"lbfgs", "d = -H g with H from the last `history` changes of w and g", "history",
     "wolfe or armijo, which try 1 first; full batches", make_lbfgs<Real>},
    {"newton", "d = -(hessian + shift I)^-1 g, shift >= 0 makes it positive definite", "",
     "armijo or wolfe, which try 1 first; a constant 1 near the minimum", make_newton<Real>},
};

}  // namespace

template <class Real>
std::span<const DirectionRow<Real>> directions() {
  return kDirections<Real>;
}

template <class Real>
std::unique_ptr<Direction<Real>> make_direction(std::string_view name, const DirectionOptions& options) {
  for (const DirectionRow<Real>& row : directions<Real>()) {
    if (row.name != name) continue;
    check_constants<DirectionOptions>(row.name, row.constants, options, kBounds);
    if (is_listed("epsilon", row.constants) && static_cast<Real>(options.epsilon) == 0)
      throw Error(Fault::usage, "{}: epsilon = {} is 0 in this precision; use {} or more", row.name,
                  shortest(options.epsilon), shortest(std::numeric_limits<Real>::min()));
    return row.make(options);
  }
  throw Error(Fault::usage, unknown_name("direction", name, direction_names()));
}

std::vector<std::string> direction_names() {
  std::vector<std::string> names;
  for (const auto& row : directions<double>()) names.emplace_back(row.name);
  return names;
}

template std::span<const DirectionRow<float>> directions();
template std::span<const DirectionRow<double>> directions();
template std::unique_ptr<Direction<float>> make_direction(std::string_view, const DirectionOptions&);
template std::unique_ptr<Direction<double>> make_direction(std::string_view, const DirectionOptions&);

}  // namespace descent
