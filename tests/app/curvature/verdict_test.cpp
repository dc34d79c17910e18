// The verdict at points whose kind is known: formulas, and networks on XOR.
#include "trainers/verdict.hpp"

#include "framework/formula/formula_objective.hpp"
#include "models/l2_penalty.hpp"
#include "models/summed_loss.hpp"
#include "trainers/finite.hpp"
#include "trainers/line_search.hpp"
#include "trainers/minimize.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace descent {
namespace {

constexpr double kPi = 3.14159265358979324;

// What holds wherever a verdict is given.
void expect_sound(Objective<double>& f, ConstParams<double> w, const Verdict& verdict) {
  const double here = f.value(w);
  if (verdict.has_way_down()) {
    const double below = f.value(verdict.below(w));
    EXPECT_LT(below, here);
    EXPECT_DOUBLE_EQ(here - below, verdict.drop);
  }
  if (verdict.kind == PointKind::minimum) {
    EXPECT_GT(verdict.lambda_min - verdict.error_min, 0) << "never without the bound that proves it";
  }
  if (verdict.kind == PointKind::saddle) {
    EXPECT_TRUE(verdict.has_way_down()) << verdict.sentence();
    EXPECT_LT(verdict.lambda_min + verdict.error_min, 0);
    EXPECT_GT(verdict.lambda_max - verdict.error_max, 0);
  }
  EXPECT_FALSE(verdict.sentence().empty());
}

struct Known {
  const char* formula;
  std::vector<double> at;
  PointKind kind;
  std::size_t flat = 0;
};

TEST(Verdict, IsRightAtKnownPointsOfFormulas) {
  const std::string himmelblau = "(x^2 + y - 11)^2 + (x + y^2 - 7)^2";
  const std::string camel = "4 x^2 - 2.1 x^4 + x^6/3 + x y - 4 y^2 + 4 y^4";
  using enum PointKind;
  const std::vector<Known> points = {
      {"x^2 + x y + y^2", {0, 0}, minimum},
      {"(1 - x)^2 + 100 (y - x^2)^2", {1, 1}, minimum},
      {"(x + 2 y - 7)^2 + (2 x + y - 5)^2", {1, 3}, minimum},
      {"0.26 (x^2 + y^2) - 0.48 x y", {0, 0}, minimum},
      {"x^4 + y^4 - 4 x y", {1, 1}, minimum},
      {himmelblau.c_str(), {3, 2}, minimum},
      {himmelblau.c_str(), {-2.805118, 3.131312}, minimum},
      {himmelblau.c_str(), {-0.270845, -0.923039}, maximum},
      {himmelblau.c_str(), {0.086677, 2.884255}, saddle},
      {himmelblau.c_str(), {-3.073026, -0.081353}, saddle},
      {himmelblau.c_str(), {3.385154, 0.073852}, saddle},
      {himmelblau.c_str(), {-0.127961, -1.953715}, saddle},
      {camel.c_str(), {0, 0}, saddle},
      {"x^4 + y^4 - 4 x y", {0, 0}, saddle},
      {"x y", {0, 0}, saddle},
      {"x^2 - 1e-5 y^2", {0, 0}, saddle},
      {"cos(x) + cos(y)", {kPi, 0}, saddle},
      {"cos(x) + cos(y)", {0, 0}, maximum},
      {"-x^2 - y^2", {0, 0}, maximum},
      {"x^4", {0}, undecided, 1},
      {"x^2 + y^4", {0, 0}, undecided, 1},
      {"x^2 - y^4", {0, 0}, undecided, 1},
      {"(x - y)^2", {2, 2}, undecided, 1},
      {"x^3 - 3 x y^2", {0, 0}, undecided, 2},
      {"x^2 y^2", {0, 0}, undecided, 2},
      {"-x^2 + y^4", {0, 0}, undecided, 1},
      {"x^2 + y^2", {1, 0}, not_critical},
      {"abs(x) + y^2", {0, 0}, kink},
      {"log(x)", {-1}, undefined},
  };
  for (const Known& known : points) {
    FormulaObjective f(Formula::parse(known.formula));
    const Verdict verdict = find_verdict(f, known.at);
    EXPECT_EQ(verdict.kind, known.kind) << known.formula << ": " << verdict.sentence();
    if (known.kind == PointKind::undecided) {
      EXPECT_EQ(verdict.flat, known.flat) << known.formula;
    }
    expect_sound(f, known.at, verdict);
  }
}

// XOR or AND on inputs of ±1.
struct Logic {
  Logic(std::vector<LayerSpec> layers, const char* loss, bool exclusive, double low = -1)
      : network({2, std::move(layers)}), objective(network, find_loss<double>(loss), rows(exclusive, low)) {}
  static TrainingRows<double> rows(bool exclusive, double low) {
    TrainingRows<double> made{zeros<double>(4, 2), zeros<double>(4, 1), {}};
    for (std::size_t i = 0; i < 4; ++i) {
      made.inputs(i, 0) = i / 2 == 0 ? -1 : 1;
      made.inputs(i, 1) = i % 2 == 0 ? -1 : 1;
      const bool on = exclusive ? i == 1 || i == 2 : i == 3;
      made.targets(i, 0) = on ? 1 : low;
    }
    return made;
  }
  Network<double> network;
  SummedLoss<double> objective;
};

std::vector<LayerSpec> two_two_one(const char* activation) {
  return {{.units = 2, .activation = activation}, {.units = 1}};
}

TEST(Verdict, OfASingleUnitOnXorIsItsMinimum) {
  struct Case {
    const char *activation, *loss;
    double low;
    std::vector<double> w;
  };
  for (const Case& c : std::vector<Case>{{"identity", "squared_error", 0, {0, 0, 0.5}},
                                         {"identity", "binary_cross_entropy", 0, {0, 0, 0}},
                                         {"tanh", "squared_error", -1, {0, 0, 0}},
                                         {"sigmoid", "squared_error", 0, {0, 0, 0}}}) {
    Logic xor_problem({{.units = 1, .activation = c.activation}}, c.loss, true, c.low);
    const Verdict verdict = find_verdict(xor_problem.objective, c.w);
    EXPECT_EQ(verdict.kind, PointKind::minimum) << c.activation << ' ' << c.loss << ": " << verdict.sentence();
    expect_sound(xor_problem.objective, c.w, verdict);
  }
}

// Without weights the outputs do not depend on the inputs. On XOR their first effect is of third order: all but the
// output's bias is flat. On AND a hidden unit and its weight together go down: a saddle.
TEST(Verdict, OfZeroWeightsIsFlatOnXorAndASaddleOnAnd) {
  for (const char* activation : {"tanh", "sigmoid", "relu", "silu"}) {
    Logic xor_problem(two_two_one(activation), "squared_error", true);
    const std::vector<double> zero(9, 0.0);
    const Verdict flat = find_verdict(xor_problem.objective, zero);
    EXPECT_EQ(flat.kind, PointKind::undecided) << activation << ": " << flat.sentence();
    EXPECT_EQ(flat.flat, 8u) << activation;
    expect_sound(xor_problem.objective, zero, flat);
  }
  for (const char* activation : {"tanh", "sigmoid", "silu"}) {
    Logic and_problem(two_two_one(activation), "squared_error", false);
    std::vector<double> w(9, 0.0);
    w[8] = -0.5;  // the mean of the targets
    const Verdict saddle = find_verdict(and_problem.objective, w);
    EXPECT_EQ(saddle.kind, PointKind::saddle) << activation << ": " << saddle.sentence();
    expect_sound(and_problem.objective, w, saddle);
  }
  Logic xor_problem(two_two_one("tanh"), "squared_error", true);
  L2Penalty<double> penalised(xor_problem.objective, 0.1, {{0, 9}});
  EXPECT_EQ(find_verdict(penalised, std::vector<double>(9, 0.0)).kind, PointKind::minimum) << "the penalty curves all";
}

// L over weights of which several are one and the same number. With all hidden units equal the gradient keeps them
// equal, so that a minimum here is a critical point of L itself.
class Tied final : public Objective<double> {
 public:
  Tied(Objective<double>& inner, std::vector<std::size_t> which)
      : inner_(inner), which_(std::move(which)), w_(which_.size()), g_(which_.size()) {}
  std::size_t dimension() const override { return which_.back() + 1; }
  std::size_t terms() const override { return 1; }
  const std::vector<double>& spread(ConstParams<double> z) {
    for (std::size_t i = 0; i < w_.size(); ++i) w_[i] = z[which_[i]];
    return w_;
  }

 private:
  double do_value(ConstParams<double> z, Terms) override { return inner_.value(spread(z)); }
  double do_value_and_gradient(ConstParams<double> z, Params<double> g, Terms) override {
    const double value = inner_.value_and_gradient(spread(z), g_);
    std::ranges::fill(g, 0.0);
    for (std::size_t i = 0; i < g_.size(); ++i) g[which_[i]] += g_[i];
    return value;
  }
  Objective<double>& inner_;
  std::vector<std::size_t> which_;
  std::vector<double> w_, g_;
};

// Weights of 2-H-1 with its H hidden units equal, at the least L that such have.
std::vector<double> equal_units(Objective<double>& f, std::size_t units) {
  std::vector<std::size_t> which;
  for (std::size_t part = 0; part < 4; ++part) which.insert(which.end(), units, part);
  which.push_back(4);
  Tied tied(f, which);
  std::vector<double> z = {0.9, -0.7, 0.3, 0.8, -0.1};
  const auto direction = make_direction<double>("lbfgs");
  const auto search = make_line_search<double>("wolfe");
  Options<double> options;
  options.epochs = 5000;
  options.gradient_tolerance = 1e-9;
  minimize<double>(tied, z, *direction, *search, options);
  return tied.spread(z);
}

TEST(Verdict, OfEqualHiddenUnitsOnXorIsASaddle) {
  std::size_t points = 0;
  // One unit that only rises cannot solve XOR; two that part can. (One silu unit can, and stands at a minimum.)
  for (const char* activation : {"tanh", "sigmoid", "softplus"})
    for (const char* loss : {"squared_error", "binary_cross_entropy"})
      for (const double lambda : {3e-3, 1e-2, 3e-2}) {
        const bool squares = loss == std::string("squared_error");
        Logic problem(two_two_one(activation), loss, true, squares ? -1 : 0);
        L2Penalty<double> f(problem.objective, lambda, {{0, 9}});
        const std::vector<double> w = equal_units(f, 2);
        std::vector<double> g(9);
        f.value_and_gradient(w, g);
        ASSERT_LE(norm<double>(g), 1e-6);
        if (norm<double>(w) < 0.1) continue;  // the penalty won: nothing is left of the units
        ++points;
        const Verdict verdict = find_verdict(f, w);
        ASSERT_EQ(verdict.kind, PointKind::saddle)
            << activation << ' ' << loss << ' ' << lambda << ": " << verdict.sentence() << '\n'
            << verdict.figures();
        expect_sound(f, w, verdict);
        EXPECT_NEAR(verdict.downhill[0], -verdict.downhill[1], 1e-6) << "the units part";
      }
  EXPECT_GE(points, 10u);
}

TEST(Verdict, OfManyEqualUnitsIsFoundByLanczos) {
  Logic problem({{.units = 60, .activation = "tanh"}, {.units = 1}}, "squared_error", true);
  L2Penalty<double> f(problem.objective, 1e-2, {{0, 241}});
  const std::vector<double> w = equal_units(f, 60);
  const Verdict extremes = find_verdict(f, w, {.whole_spectrum = 100}), all = find_verdict(f, w);
  EXPECT_FALSE(extremes.whole);
  EXPECT_TRUE(all.whole);
  EXPECT_EQ(extremes.kind, PointKind::saddle) << extremes.sentence();
  EXPECT_EQ(all.kind, PointKind::saddle);
  EXPECT_NEAR(extremes.lambda_min, all.lambda_min, 1e-6 * all.lambda_max);
  EXPECT_NEAR(extremes.lambda_max, all.lambda_max, 1e-6 * all.lambda_max);
  expect_sound(f, w, extremes);
}

TEST(Verdict, ByExtremesAloneIsNeverAMinimum) {
  Logic problem({{.units = 60, .activation = "tanh"}, {.units = 1}}, "squared_error", true);
  L2Penalty<double> f(problem.objective, 10, {{0, 241}});  // a bowl
  const Verdict verdict = find_verdict(f, std::vector<double>(241, 0.0), {.whole_spectrum = 100});
  EXPECT_EQ(verdict.kind, PointKind::undecided);
  EXPECT_GT(verdict.lambda_min, 0);
  EXPECT_EQ(find_verdict(f, std::vector<double>(241, 0.0)).kind, PointKind::minimum);
}

// A valley of minima, (x y − 1)², and a point a little beside it: L bends down along the valley there, which is no way.
TEST(Verdict, BesideAFlatValleyIsNoSaddleAndAFlatDirectionHidesNone) {
  for (const double off : {0.0, 1e-9, 1e-7, -1e-7, 1e-6}) {
    FormulaObjective valley(Formula::parse("(x y - 1)^2"));
    const std::vector<double> w = {2 + off, 0.5};
    const Verdict verdict = find_verdict(valley, w, {.gradient_tolerance = 1e-4});
    EXPECT_EQ(verdict.kind, PointKind::undecided) << off << ": " << verdict.sentence() << verdict.figures();
    EXPECT_FALSE(verdict.has_way_down()) << off;
  }
  // Flat along z, and how far along it the critical point lies is open: curvatures depend on z.
  FormulaObjective f(Formula::parse("x^2 - 0.001 y^2 (1 + 300 z) + y^4"));
  for (const double z : {0.0, 1.0}) {
    const std::vector<double> w = {0, 0, z};
    const Verdict verdict = find_verdict(f, w);
    EXPECT_EQ(verdict.kind, PointKind::saddle) << z << ": " << verdict.sentence() << verdict.figures();
    EXPECT_EQ(verdict.flat, 1u);
    expect_sound(f, w, verdict);
  }
}

TEST(Verdict, SentencesSayWhatAndHow) {
  FormulaObjective saddle(Formula::parse("x^2 - y^2 + y^4"));
  const Verdict found = find_verdict(saddle, std::vector<double>{0, 0});
  EXPECT_EQ(found.sentence().find("a saddle: the curvature is negative along a direction, λmin; one step of "), 0u)
      << found.sentence();
  EXPECT_GT(found.drop, 0.15) << "of 0.25 that are to be had";
  FormulaObjective flat(Formula::parse("x^2 + y^4"));
  EXPECT_EQ(find_verdict(flat, std::vector<double>{0, 0}).sentence(),
            "undecided: 1 flat direction; along it the second derivatives cannot tell a minimum from a saddle, along "
            "all others L rises");
  FormulaObjective slope(Formula::parse("x^2"));
  EXPECT_EQ(find_verdict(slope, std::vector<double>{1}).sentence(),
            "not stationary yet: ‖∇L‖ = 2, and L falls along −∇L");
}

}  // namespace
}  // namespace descent
