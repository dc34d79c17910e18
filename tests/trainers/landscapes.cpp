#include "tests/trainers/landscapes.hpp"

#include <algorithm>
#include <cassert>
#include <numbers>

namespace descent::support {
namespace {

constexpr double kPi = std::numbers::pi;
constexpr PointKind kMin = PointKind::minimum, kMax = PointKind::maximum, kSaddle = PointKind::saddle,
                    kFlat = PointKind::undecided;

Jet cube_of(const Jet& x) { return x * x * x; }
Jet fourth(const Jet& x) { return square(square(x)); }

// All points of a sum of one function of each variable, from the critical points of that one: minima among minima are
// minima, maxima among maxima maxima, anything else is a saddle.
std::vector<KnownPoint> product(const std::vector<KnownPoint>& one, std::size_t n) {
  std::vector<KnownPoint> all = one;
  for (std::size_t d = 1; d < n; ++d) {
    std::vector<KnownPoint> next;
    for (const KnownPoint& p : all)
      for (const KnownPoint& q : one) {
        KnownPoint both = p;
        both.w.push_back(q.w[0]);
        if (p.kind != q.kind) both.kind = kSaddle;
        next.push_back(both);
      }
    all = next;
  }
  return all;
}

// sin x sin y: both sines 0 (saddles), or both cosines (extremes), within [−reach, reach]².
std::vector<KnownPoint> sine_product(double reach) {
  std::vector<KnownPoint> all;
  for (int i = -8; i <= 8; ++i)
    for (int j = -8; j <= 8; ++j) {
      const double x = i * kPi / 2, y = j * kPi / 2;
      if (std::abs(x) > reach || std::abs(y) > reach || (i - j) % 2 != 0) continue;
      if (i % 2 == 0)
        all.push_back({{x, y}, kSaddle});
      else
        all.push_back({{x, y}, std::sin(x) * std::sin(y) > 0 ? kMax : kMin});
    }
  return all;
}

std::vector<Landscape> one_variable() {
  return {
      {"x^2", [](const Jet* x) { return square(x[0]); }, cube(1, -3, 3), {{{0}, kMin}}},
      {"x^3 - 3x", [](const Jet* x) { return cube_of(x[0]) - 3 * x[0]; }, cube(1, -3, 3), {{{-1}, kMax}, {{1}, kMin}}},
      {"x^4", [](const Jet* x) { return fourth(x[0]); }, cube(1, -3, 3), {{{0}, kFlat}}},
      {"x^4 off the grid",
       [](const Jet* x) { return fourth(x[0] - 0.1234567); },
       cube(1, -3, 3),
       {{{0.1234567}, kFlat}}},
      {"(x - 1)^4 expanded",
       [](const Jet* x) { return fourth(x[0]) - 4 * cube_of(x[0]) + 6 * square(x[0]) - 4 * x[0] + 1; },
       cube(1, -3, 3.7),
       {{{1}, kFlat}}},
      {"x^3", [](const Jet* x) { return cube_of(x[0]); }, cube(1, -3, 4), {{{0}, kFlat}}},
      {"x^6", [](const Jet* x) { return cube_of(square(x[0])); }, cube(1, -2, 3), {{{0}, kFlat}}},
      {"x^4 - x^2",
       [](const Jet* x) { return fourth(x[0]) - square(x[0]); },
       cube(1, -3, 3),
       {{{0}, kMax}, {{std::sqrt(0.5)}, kMin}, {{-std::sqrt(0.5)}, kMin}}},
      {"x^5/5 - x^3/3",
       [](const Jet* x) { return fourth(x[0]) * x[0] / 5 - cube_of(x[0]) / 3; },
       cube(1, -3, 3),
       {{{0}, kFlat}, {{-1}, kMax}, {{1}, kMin}}},
      {"sin(x)",
       [](const Jet* x) { return sin(x[0]); },
       cube(1, -10, 10),
       {{{kPi / 2}, kMax},
        {{-kPi / 2}, kMin},
        {{1.5 * kPi}, kMin},
        {{-1.5 * kPi}, kMax},
        {{2.5 * kPi}, kMax},
        {{-2.5 * kPi}, kMin}}},
      {"x + sin(x)",  // f′ = 1 + cos x only touches 0
       [](const Jet* x) { return x[0] + sin(x[0]); },
       cube(1, -4, 10),
       {{{-kPi}, kFlat}, {{kPi}, kFlat}, {{3 * kPi}, kFlat}}},
      {"exp(x)", [](const Jet* x) { return exp(x[0]); }, cube(1, -3, 3), {}},
      {"exp(-x) far out", [](const Jet* x) { return exp(-x[0]); }, cube(1, 0, 50), {}},
      {"exp(-x^2)", [](const Jet* x) { return exp(-square(x[0])); }, cube(1, -5, 5), {{{0}, kMax}}},
      {"exp(-x^2) far out",  // underflows to 0 at 27
       [](const Jet* x) { return exp(-square(x[0])); },
       cube(1, -40, 40),
       {{{0}, kMax}},
       {},
       {},
       true},
      {"x exp(-x)", [](const Jet* x) { return x[0] * exp(-x[0]); }, cube(1, -1, 10), {{{1}, kMax}}},
      {"x/(1 + x^2)",
       [](const Jet* x) { return x[0] / (1 + square(x[0])); },
       cube(1, -20, 20),
       {{{-1}, kMin}, {{1}, kMax}}},
      {"log(x)", [](const Jet* x) { return log(x[0]); }, cube(1, -1, 3), {}},
      {"x log(x)", [](const Jet* x) { return x[0] * log(x[0]); }, cube(1, -1, 3), {{{std::exp(-1)}, kMin}}},
      {"2x + 1", [](const Jet* x) { return 2 * x[0] + 1; }, cube(1, -3, 3), {}},
      {"5", [](const Jet*) { return Jet(5); }, cube(1, -3, 3), {}, {}, {}, true},
      {"abs(x)", [](const Jet* x) { return abs(x[0]); }, cube(1, -3, 3), {}, {}, {{0}}},
      {"abs(x - 0.1) + x/2", [](const Jet* x) { return abs(x[0] - 0.1) + x[0] / 2; }, cube(1, -3, 3), {}, {}, {{0.1}}},
      {"1/x", [](const Jet* x) { return 1 / x[0]; }, cube(1, -1, 2.5), {}},
      {"1/(x - 0.37)", [](const Jet* x) { return 1 / (x[0] - 0.37); }, cube(1, -3, 3), {}},
      {"1e-9 x^2", [](const Jet* x) { return 1e-9 * square(x[0]); }, cube(1, -3, 3), {{{0}, kMin}}},
      {"1e9 (x - 0.3)^2", [](const Jet* x) { return 1e9 * square(x[0] - 0.3); }, cube(1, -3, 3), {{{0.3}, kMin}}},
  };
}

std::vector<Landscape> two_variables() {
  const double r = std::sqrt(0.5);
  const auto mccormick = [](double s, PointKind kind) { return KnownPoint{{(s + 1) / 2, (s - 1) / 2}, kind}; };
  return {
      {"x^2 + y^2", [](const Jet* x) { return square(x[0]) + square(x[1]); }, cube(2, -3, 3), {{{0, 0}, kMin}}},
      {"-x^2 - y^2", [](const Jet* x) { return -square(x[0]) - square(x[1]); }, cube(2, -3, 3), {{{0, 0}, kMax}}},
      {"x^2 - y^2", [](const Jet* x) { return square(x[0]) - square(x[1]); }, cube(2, -3, 3), {{{0, 0}, kSaddle}}},
      {"x^2 + x y + y^2",
       [](const Jet* x) { return square(x[0]) + x[0] * x[1] + square(x[1]); },
       cube(2, -3, 3),
       {{{0, 0}, kMin}}},
      {"monkey saddle",
       [](const Jet* x) { return cube_of(x[0]) - 3 * x[0] * square(x[1]); },
       cube(2, -3, 3),
       {{{0, 0}, kFlat}}},
      {"monkey saddle off the grid",
       [](const Jet* x) { return cube_of(x[0] - 0.17) - 3 * (x[0] - 0.17) * square(x[1] + 0.23); },
       cube(2, -3, 3),
       {{{0.17, -0.23}, kFlat}}},
      {"rosenbrock",
       [](const Jet* x) { return square(1 - x[0]) + 100 * square(x[1] - square(x[0])); },
       cube(2, -3, 3),
       {{{1, 1}, kMin}}},
      {"himmelblau",
       [](const Jet* x) { return square(square(x[0]) + x[1] - 11) + square(x[0] + square(x[1]) - 7); },
       cube(2, -5, 5),
       {{{3, 2}, kMin},
        {{-2.805118086952745, 3.131312518250573}, kMin},
        {{-3.779310253377747, -3.283185991286170}, kMin},
        {{3.584428340330492, -1.848126526964404}, kMin},
        {{-0.27084459066734761, -0.92303855647998146}, kMax},
        {{-3.0730257507643896, -0.081353044287967512}, kSaddle},
        {{-0.12796134673068007, -1.9537149802445764}, kSaddle},
        {{0.086677504555396352, 2.8842547011747761}, kSaddle},
        {{3.3851541836070209, 0.073851879837749288}, kSaddle}}},
      {"sin(x) sin(y)", [](const Jet* x) { return sin(x[0]) * sin(x[1]); }, cube(2, -4, 4), sine_product(4)},
      {"sin(x) sin(y) wide", [](const Jet* x) { return sin(x[0]) * sin(x[1]); }, cube(2, -10, 10), sine_product(10)},
      {"(x^2 + y^2 - 1)^2",
       [](const Jet* x) { return square(square(x[0]) + square(x[1]) - 1); },
       cube(2, -2, 2),
       {{{0, 0}, kMax}},
       {0}},
      {"x^2 of two", [](const Jet* x) { return square(x[0]) + 0 * x[1]; }, cube(2, -3, 3), {}, {0}},
      {"x^2 y^2", [](const Jet* x) { return square(x[0] * x[1]); }, cube(2, -3, 3), {}, {0}},
      {"sin(x + y)",  // lines x + y = π/2 + kπ
       [](const Jet* x) { return sin(x[0] + x[1]); },
       cube(2, -3, 3),
       {},
       {-1, 1}},
      {"x^4 + y^4", [](const Jet* x) { return fourth(x[0]) + fourth(x[1]); }, cube(2, -3, 3), {{{0, 0}, kFlat}}},
      {"x^2 + y^4", [](const Jet* x) { return square(x[0]) + fourth(x[1]); }, cube(2, -3, 2), {{{0, 0}, kFlat}}},
      {"peano (x^2 - y)(x^2 - 3y)",
       [](const Jet* x) { return (square(x[0]) - x[1]) * (square(x[0]) - 3 * x[1]); },
       cube(2, -1, 1.5),
       {{{0, 0}, kFlat}}},
      {"x^2 y + y^2",
       [](const Jet* x) { return square(x[0]) * x[1] + square(x[1]); },
       cube(2, -2, 2.5),
       {{{0, 0}, kFlat}}},
      {"mccormick",  // cos(x + y) = −1/2 and x − y = 1
       [](const Jet* x) { return sin(x[0] + x[1]) + square(x[0] - x[1]) - 1.5 * x[0] + 2.5 * x[1] + 1; },
       {{-1.5, -3}, {4, 4}},
       {mccormick(-2 * kPi / 3, kMin), mccormick(2 * kPi / 3, kSaddle), mccormick(4 * kPi / 3, kMin)}},
      {"styblinski-tang",  // 2 t³ − 16 t + 5/2 = 0
       [](const Jet* x) {
         const auto one = [](const Jet& t) { return (fourth(t) - 16 * square(t) + 5 * t) / 2; };
         return one(x[0]) + one(x[1]);
       },
       cube(2, -5, 5),
       product({{{-2.9035340277711771}, kMin}, {{0.15673125147811}, kMax}, {{2.74680277629307}, kMin}}, 2)},
      {"booth",
       [](const Jet* x) { return square(x[0] + 2 * x[1] - 7) + square(2 * x[0] + x[1] - 5); },
       cube(2, -10, 10),
       {{{1, 3}, kMin}}},
      {"matyas",
       [](const Jet* x) { return 0.26 * (square(x[0]) + square(x[1])) - 0.48 * x[0] * x[1]; },
       cube(2, -10, 10),
       {{{0, 0}, kMin}}},
      {"three-hump camel",  // y = −x/2 and x⁵ − 4.2 x³ + 3.5 x = 0
       [](const Jet* x) {
         return 2 * square(x[0]) - 1.05 * fourth(x[0]) + cube_of(square(x[0])) / 6 + x[0] * x[1] + square(x[1]);
       },
       cube(2, -5, 5),
       {{{0, 0}, kMin},
        {{std::sqrt(2.1 + std::sqrt(0.91)), -std::sqrt(2.1 + std::sqrt(0.91)) / 2}, kMin},
        {{-std::sqrt(2.1 + std::sqrt(0.91)), std::sqrt(2.1 + std::sqrt(0.91)) / 2}, kMin},
        {{std::sqrt(2.1 - std::sqrt(0.91)), -std::sqrt(2.1 - std::sqrt(0.91)) / 2}, kSaddle},
        {{-std::sqrt(2.1 - std::sqrt(0.91)), std::sqrt(2.1 - std::sqrt(0.91)) / 2}, kSaddle}}},
      {"x^3 + y^3 - 3 x y",
       [](const Jet* x) { return cube_of(x[0]) + cube_of(x[1]) - 3 * x[0] * x[1]; },
       cube(2, -3, 3),
       {{{0, 0}, kSaddle}, {{1, 1}, kMin}}},
      {"x^4 + y^4 - 4 x y",
       [](const Jet* x) { return fourth(x[0]) + fourth(x[1]) - 4 * x[0] * x[1]; },
       cube(2, -3, 3),
       {{{0, 0}, kSaddle}, {{1, 1}, kMin}, {{-1, -1}, kMin}}},
      {"x exp(-x^2 - y^2)",
       [](const Jet* x) { return x[0] * exp(-square(x[0]) - square(x[1])); },
       cube(2, -3, 3),
       {{{r, 0}, kMax}, {{-r, 0}, kMin}}},
      {"x^2 + exp(y)", [](const Jet* x) { return square(x[0]) + exp(x[1]); }, cube(2, -9, 3), {}},
      {"exp(x) y", [](const Jet* x) { return exp(x[0]) * x[1]; }, cube(2, -3, 3), {}},
      {"sqrt(x^2 + y^2)",
       [](const Jet* x) { return sqrt(square(x[0] - 0.11) + square(x[1] + 0.07)); },
       cube(2, -3, 3),
       {},
       {},
       {{0.11, -0.07}}},
  };
}

template <std::size_t n>
Jet double_well(const Jet* x) {
  Jet f;
  for (std::size_t i = 0; i < n; ++i) f += square(square(x[i]) - 1);
  return f;
}

std::vector<Landscape> more_variables() {
  const std::vector<KnownPoint> well = {{{-1}, kMin}, {{0}, kMax}, {{1}, kMin}};
  return {
      {"x^2 + y^2 + z^2",
       [](const Jet* x) { return square(x[0]) + square(x[1]) + square(x[2]); },
       cube(3, -3, 3),
       {{{0, 0, 0}, kMin}}},
      {"x^2 + y^2 - z^2",
       [](const Jet* x) { return square(x[0]) + square(x[1]) - square(x[2]); },
       cube(3, -3, 3),
       {{{0, 0, 0}, kSaddle}}},
      {"x^3 + y^3 + z^3 - 3 x y z",  // the line x = y = z
       [](const Jet* x) { return cube_of(x[0]) + cube_of(x[1]) + cube_of(x[2]) - 3 * x[0] * x[1] * x[2]; },
       cube(3, -2, 2),
       {},
       {0}},
      {"double wells of three", double_well<3>, cube(3, -2, 2), product(well, 3)},
      {"double wells of four", double_well<4>, cube(4, -2, 2), product(well, 4)},
      {"coupled quadratic of five",
       [](const Jet* x) {
         Jet f;
         for (std::size_t i = 0; i < 5; ++i) f += square(x[i] - 0.1 * static_cast<double>(i));
         for (std::size_t i = 0; i < 4; ++i) f += square(x[i + 1] - x[i] - 0.1);
         return f;
       },
       cube(5, -2, 2),
       {{{0, 0.1, 0.2, 0.3, 0.4}, kMin}}},
      {"cosines of six",
       [](const Jet* x) {
         Jet f;
         for (std::size_t i = 0; i < 6; ++i) f += cos(x[i]);
         return f;
       },
       cube(6, -1, 4), product({{{0}, kMax}, {{kPi}, kMin}}, 6)},
  };
}

}  // namespace

std::span<const Landscape> landscapes() {
  static const std::vector<Landscape> rows = [] {
    std::vector<Landscape> all = one_variable();
    for (const auto& more : {two_variables(), more_variables()}) all.insert(all.end(), more.begin(), more.end());
    return all;
  }();
  return rows;
}

const Landscape& landscape(const std::string& name) {
  const auto rows = landscapes();
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const Landscape& l) { return l.name == name; });
  assert(row != rows.end());
  return *row;
}

Jet JetObjective::at(ConstParams<double> w) const {
  std::array<Jet, Jet::kMost> x;
  for (std::size_t i = 0; i < n_; ++i) x[i] = Jet::variable(w[i], i);
  return f_(x.data());
}

double JetObjective::do_value(ConstParams<double> w, Terms) { return at(w).f; }

double JetObjective::do_value_and_gradient(ConstParams<double> w, Params<double> g, Terms) {
  const Jet f = at(w);
  std::copy_n(f.g.begin(), n_, g.begin());
  return f.f;
}

void JetObjective::do_hessian_vector(ConstParams<double> w, ConstParams<double> v, Params<double> hv, Terms) {
  const Jet f = at(w);
  for (std::size_t i = 0; i < n_; ++i) {
    hv[i] = 0;
    for (std::size_t j = 0; j < n_; ++j) hv[i] += f.h[i][j] * v[j];
  }
}

void JetObjective::do_hessian(ConstParams<double> w, MatrixView<double> h, Terms) {
  const Jet f = at(w);
  for (std::size_t i = 0; i < n_; ++i)
    for (std::size_t j = 0; j < n_; ++j) h(i, j) = f.h[i][j];
}

}  // namespace descent::support
