#include "trainers/scaled.hpp"

#include "framework/error.hpp"
#include "framework/random.hpp"
#include "tests/trainers/search_suite.hpp"
#include "trainers/curvature.hpp"
#include "trainers/dot.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace descent {
namespace {

TEST(Scaled, FollowsTheChainRule) {
  support::Formula<double> f(support::problem("rosenbrock"));
  const std::vector<double> scales = {0.5, 8};
  Scaled<double> h(f, scales);
  const std::vector<double> w = {-1.2, 1}, v = {0.3, -2};
  std::vector<double> u(2), back(2), gf(2), gh(2), hf(2), hh(2), dv(2);
  h.from_inner(w, u);
  h.to_inner(u, back);
  EXPECT_EQ(back, w);
  EXPECT_EQ(h.value(u), f.value(w));
  EXPECT_EQ(h.value_and_gradient(u, gh), f.value_and_gradient(w, gf));
  for (std::size_t i = 0; i < 2; ++i) EXPECT_EQ(gh[i], scales[i] * gf[i]);
  for (std::size_t i = 0; i < 2; ++i) dv[i] = scales[i] * v[i];
  f.hessian_vector(w, dv, hf);
  h.hessian_vector(u, v, hh);
  for (std::size_t i = 0; i < 2; ++i) EXPECT_EQ(hh[i], scales[i] * hf[i]);
  Matrix<double> full = zeros<double>(2, 2);
  h.hessian(u, view(full));
  for (std::size_t i = 0; i < 2; ++i) EXPECT_NEAR(dot<double>(view(full).row(i), v), hh[i], 1e-12 * std::abs(hh[i]));
}

// Σ (y − b₁ / (1 + exp(b₂ − b₃ x)))²: magnitudes of 100, 5 and 0.01.
class LogisticCurve final : public Objective<double> {
 public:
  LogisticCurve() {
    for (int i = 0; i < 25; ++i) {
      x_.push_back(40.0 * i);
      const double noise = 0.5 * std::sin(12.9898 * (i + 1));
      y_.push_back(120 / (1 + std::exp(4 - 0.009 * x_.back())) + noise);
    }
  }
  std::size_t dimension() const override { return 3; }
  std::size_t terms() const override { return x_.size(); }
  bool has_hessian() const override { return true; }

 private:
  support::Jet at(ConstParams<double> w, Terms batch) const {
    using support::Jet;
    const Jet b1 = Jet::variable(w[0], 0), b2 = Jet::variable(w[1], 1), b3 = Jet::variable(w[2], 2);
    Jet sum;
    for (std::size_t k = 0; k < (batch.empty() ? x_.size() : batch.size()); ++k) {
      const std::size_t i = batch.empty() ? k : batch[k];
      sum += square(y_[i] - b1 / (1 + exp(b2 - b3 * x_[i])));
    }
    return sum;
  }
  double do_value(ConstParams<double> w, Terms batch) override { return at(w, batch).f; }
  double do_value_and_gradient(ConstParams<double> w, Params<double> g, Terms batch) override {
    const support::Jet f = at(w, batch);
    std::copy_n(f.g.begin(), 3, g.begin());
    return f.f;
  }
  void do_hessian_vector(ConstParams<double> w, ConstParams<double> v, Params<double> hv, Terms batch) override {
    const support::Jet f = at(w, batch);
    for (std::size_t i = 0; i < 3; ++i) hv[i] = f.h[i][0] * v[0] + f.h[i][1] * v[1] + f.h[i][2] * v[2];
  }
  std::vector<double> x_, y_;
};

TEST(Scaled, PlainDescentFitsABadlyScaledLogisticCurveToSixDigits) {
  LogisticCurve f;
  const std::vector<double> start = {100, 3.5, 0.008};
  std::vector<double> best = start;
  const Report newton = support::search<double>(f, best, "newton", "armijo", {.settled_epochs = 3});
  ASSERT_EQ(newton.status(), Status::converged) << newton.sentence;

  Scaled<double> h(f, hessian_scales<double>(f, start));
  std::vector<double> u(3), w(3);
  h.from_inner(start, u);
  const double gamma = 1 / hessian_spectrum(h, u).values.back();
  const Report r = support::descend<double>(h, u, support::steepest(gamma), {.epochs = 20000});
  h.to_inner(u, w);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(w[i] / best[i], 1, 1e-6) << i << ": " << r.sentence;

  // Without scales the same number of steps, at the largest γ that is stable, does not leave the start's neighbourhood.
  std::vector<double> plain = start;
  support::descend<double>(f, plain, support::steepest(1 / hessian_spectrum(f, start).values.back()),
                           {.epochs = 20000});
  EXPECT_GT(std::abs(plain[0] / best[0] - 1), 1e-3);
}

TEST(Scaled, ScalesOfTheHessianGiveItADiagonalOfOnes) {
  support::Quadratic<double> f(6, 1e4, 2);
  const std::vector<double> w(6, 0.0);
  Scaled<double> h(f, hessian_scales<double>(f, w));
  Matrix<double> full = zeros<double>(6, 6);
  h.hessian(w, view(full));
  for (std::size_t i = 0; i < 6; ++i) EXPECT_NEAR(full(i, i), 1, 1e-12);
}

TEST(Scaled, ScalesWhereNothingIsKnown) {
  EXPECT_EQ(magnitude_scales(std::vector<double>{-300, 0, 0.02}), (std::vector<double>{300, 1, 0.02}));
  support::Formula<double> f(support::problem("sphere"));
  EXPECT_EQ(gradient_scales<double>(f, std::vector<double>{2, 0, -8}), (std::vector<double>{0.5, 0.5, 0.25}));
}

TEST(Scaled, RefusesScalesThatAreNone) {
  support::Formula<float> f(support::problem("valley"));
  const auto said = [&](const std::vector<double>& scales) -> std::string {
    try {
      Scaled<float> unused(f, scales);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(said({1}), "1 scales for 2 weights; one each is needed");
  EXPECT_EQ(said({1, 0}), "scale 0 of weight 1 must be positive and finite");
  EXPECT_EQ(said({1e60, 1}), "scale 1e+60 of weight 0 must be positive and finite");
}

}  // namespace
}  // namespace descent
