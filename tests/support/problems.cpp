#include "tests/support/problems.hpp"

#include "framework/random.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

namespace descent::support {
namespace {

// Rosenbrock, "An automatic method for finding the greatest or least value of a function", 1960.
constexpr auto rosenbrock = [](const auto* x) { return square(1 - x[0]) + 100 * square(x[1] - x[0] * x[0]); };
void rosenbrock_gradient(const double* x, double* g) {
  const double c = x[1] - x[0] * x[0];
  g[0] = -2 * (1 - x[0]) - 400 * x[0] * c;
  g[1] = 200 * c;
}

// Himmelblau, "Applied Nonlinear Programming", 1972.
constexpr auto himmelblau = [](const auto* x) {
  return square(x[0] * x[0] + x[1] - 11) + square(x[0] + x[1] * x[1] - 7);
};
void himmelblau_gradient(const double* x, double* g) {
  const double a = x[0] * x[0] + x[1] - 11, b = x[0] + x[1] * x[1] - 7;
  g[0] = 4 * x[0] * a + 2 * b;
  g[1] = 2 * a + 4 * x[1] * b;
}

// Beale, "On an iterative method for finding a local minimum of a function of more than one variable", 1958.
constexpr double kBeale[] = {1.5, 2.25, 2.625};
constexpr auto beale = [](const auto* x) {
  const auto y = x[1];
  return square(kBeale[0] - x[0] * (1 - y)) + square(kBeale[1] - x[0] * (1 - y * y)) +
         square(kBeale[2] - x[0] * (1 - y * y * y));
};
void beale_gradient(const double* x, double* g) {
  g[0] = g[1] = 0;
  for (int k = 0; k < 3; ++k) {
    const double r = kBeale[k] - x[0] * (1 - std::pow(x[1], k + 1));
    g[0] -= 2 * r * (1 - std::pow(x[1], k + 1));
    g[1] += 2 * r * x[0] * (k + 1) * std::pow(x[1], k);
  }
}

// Goldstein & Price, "On descent from local minima", 1971.
struct GoldsteinPrice {
  double a, b, ax, ay, bx, by;  // f = a b
  explicit GoldsteinPrice(const double* p) {
    const double x = p[0], y = p[1], u = x + y + 1, v = 2 * x - 3 * y;
    const double s = 19 - 14 * x + 3 * x * x - 14 * y + 6 * x * y + 3 * y * y;
    const double t = 18 - 32 * x + 12 * x * x + 48 * y - 36 * x * y + 27 * y * y;
    a = 1 + u * u * s;
    b = 30 + v * v * t;
    ax = ay = 2 * u * s + u * u * (-14 + 6 * x + 6 * y);
    bx = 4 * v * t + v * v * (-32 + 24 * x - 36 * y);
    by = -6 * v * t + v * v * (48 - 36 * x + 54 * y);
  }
};

template <class F>
Problem row(std::string_view name, F f, void (*gradient)(const double*, double*), std::vector<double> start,
            std::vector<std::vector<double>> minima, double minimum, double limit) {
  return {name, f, f, gradient, std::move(start), std::move(minima), minimum, limit};
}

const std::vector<Problem>& table() {
  static const std::vector<Problem> rows = {
      row(
          "sphere", [](const auto* x) { return x[0] * x[0] + x[1] * x[1] + x[2] * x[2]; },
          [](const double* x, double* g) {
            for (int i = 0; i < 3; ++i) g[i] = 2 * x[i];
          },
          {1, -2, 3}, {{0, 0, 0}}, 0, 1),
      // The worked example of the known answers: Hessian [[2, 1], [1, 2]].
      row(
          "valley", [](const auto* x) { return x[0] * x[0] + x[0] * x[1] + x[1] * x[1]; },
          [](const double* x, double* g) {
            g[0] = 2 * x[0] + x[1];
            g[1] = x[0] + 2 * x[1];
          },
          {3, -2}, {{0, 0}}, 0, 2.0 / 3),
      row(
          "booth", [](const auto* x) { return square(x[0] + 2 * x[1] - 7) + square(2 * x[0] + x[1] - 5); },
          [](const double* x, double* g) {
            const double a = x[0] + 2 * x[1] - 7, b = 2 * x[0] + x[1] - 5;
            g[0] = 2 * a + 4 * b;
            g[1] = 4 * a + 2 * b;
          },
          {-5, 5}, {{1, 3}}, 0, 1.0 / 9),
      row(
          "matyas", [](const auto* x) { return 0.26 * (x[0] * x[0] + x[1] * x[1]) - 0.48 * x[0] * x[1]; },
          [](const double* x, double* g) {
            g[0] = 0.52 * x[0] - 0.48 * x[1];
            g[1] = 0.52 * x[1] - 0.48 * x[0];
          },
          {-4, 7}, {{0, 0}}, 0, 2),
      row("himmelblau", himmelblau, himmelblau_gradient, {1, 1},
          {{3, 2},
           {-2.805118086952745, 3.131312518250573},
           {-3.779310253377747, -3.283185991286170},
           {3.584428340330492, -1.848126526964404}},
          0, 0.02432),
      row("beale", beale, beale_gradient, {1, 1}, {{3, 0.5}}, 0, 0.0408332),
      row("rosenbrock", rosenbrock, rosenbrock_gradient, {-1.2, 1}, {{1, 1}}, 0, 0.0019968),
      // McCormick, "Computability of global solutions to factorable nonconvex programs", 1976.
      row(
          "mccormick",
          [](const auto* x) {
            using std::sin;
            return sin(x[0] + x[1]) + square(x[0] - x[1]) - 1.5 * x[0] + 2.5 * x[1] + 1;
          },
          [](const double* x, double* g) {
            const double c = std::cos(x[0] + x[1]), d = 2 * (x[0] - x[1]);
            g[0] = c + d - 1.5;
            g[1] = c - d + 2.5;
          },
          {0, 0}, {{-0.5471975511965976, -1.5471975511965976}}, -1.9132229549810362, 0.5),
      // Styblinski & Tang, "Experiments in nonconvex optimization", 1990.
      row(
          "styblinski-tang",
          [](const auto* x) {
            const auto one = [](const auto& t) { return (square(square(t)) - 16 * square(t) + 5 * t) / 2; };
            return one(x[0]) + one(x[1]);
          },
          [](const double* x, double* g) {
            for (int i = 0; i < 2; ++i) g[i] = 2 * x[i] * x[i] * x[i] - 16 * x[i] + 2.5;
          },
          {-1, -1.5}, {{-2.9035340277711771, -2.9035340277711771}}, -78.332331407542831, 0.0578),
      row(
          "goldstein-price",
          [](const auto* p) {
            const auto x = p[0], y = p[1];
            const auto s = 19 - 14 * x + 3 * x * x - 14 * y + 6 * x * y + 3 * y * y;
            const auto t = 18 - 32 * x + 12 * x * x + 48 * y - 36 * x * y + 27 * y * y;
            return (1 + square(x + y + 1) * s) * (30 + square(2 * x - 3 * y) * t);
          },
          [](const double* x, double* g) {
            const GoldsteinPrice p(x);
            g[0] = p.ax * p.b + p.a * p.bx;
            g[1] = p.ay * p.b + p.a * p.by;
          },
          {0.1, -0.9}, {{0, -1}}, 3, 0.00207218),
  };
  return rows;
}

}  // namespace

std::span<const Problem> problems() { return table(); }

const Problem& problem(std::string_view name) {
  const auto row = std::find_if(table().begin(), table().end(), [&](const Problem& p) { return p.name == name; });
  assert(row != table().end());
  return *row;
}

template <class Real>
double Formula<Real>::do_value(ConstParams<Real> w, Terms) {
  std::copy(w.begin(), w.end(), x_.begin());
  return problem_.value(x_.data());
}

template <class Real>
double Formula<Real>::do_value_and_gradient(ConstParams<Real> w, Params<Real> g, Terms) {
  std::copy(w.begin(), w.end(), x_.begin());
  problem_.gradient(x_.data(), g_.data());
  std::transform(g_.begin(), g_.end(), g.begin(), [](double v) { return static_cast<Real>(v); });
  return problem_.value(x_.data());
}

template <class Real>
void Formula<Real>::do_hessian(ConstParams<Real> w, MatrixView<Real> h, Terms) {
  std::array<Jet, Jet::kMost> x;
  for (std::size_t i = 0; i < w.size(); ++i) x[i] = Jet::variable(static_cast<double>(w[i]), i);
  const Jet f = problem_.jet(x.data());
  for (std::size_t i = 0; i < w.size(); ++i)
    for (std::size_t j = 0; j < w.size(); ++j) h(i, j) = static_cast<Real>(f.h[i][j]);
}

template <class Real>
void Formula<Real>::do_hessian_vector(ConstParams<Real> w, ConstParams<Real> v, Params<Real> hv, Terms batch) {
  std::array<Real, Jet::kMost * Jet::kMost> entries;
  const MatrixView<Real> h(entries.data(), w.size(), w.size());
  do_hessian(w, h, batch);
  for (std::size_t i = 0; i < w.size(); ++i) {
    double sum = 0;
    for (std::size_t j = 0; j < w.size(); ++j) sum += static_cast<double>(h(i, j)) * static_cast<double>(v[j]);
    hv[i] = static_cast<Real>(sum);
  }
}

template <class Real>
Quadratic<Real>::Quadratic(std::size_t n, double condition, std::uint64_t seed)
    : n_(n), q_(n * n), lambda_(n), minimizer_(n), a_(n * n), b_(n) {
  Rng rng(seed, Purpose::check);
  for (double& x : minimizer_) x = rng.normal();
  for (double& x : lambda_) x = std::exp(rng.uniform() * std::log(condition));
  lambda_.front() = 1;
  lambda_.back() = condition;
  std::sort(lambda_.begin(), lambda_.end());

  for (std::size_t i = 0; i < n; ++i) q_[i * n + i] = 1;
  std::vector<long double> u(n);
  for (std::size_t reflection = 0; reflection < n; ++reflection) {  // Q ← Q (I − 2 u uᵀ / uᵀu)
    long double uu = 0;
    for (long double& x : u) {
      x = rng.normal();
      uu += x * x;
    }
    for (std::size_t i = 0; i < n; ++i) {
      long double qu = 0;
      for (std::size_t j = 0; j < n; ++j) qu += q_[i * n + j] * u[j];
      for (std::size_t j = 0; j < n; ++j) q_[i * n + j] -= 2 * qu / uu * u[j];
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    long double b = 0;
    for (std::size_t j = 0; j < n; ++j) {
      long double a = 0;
      for (std::size_t k = 0; k < n; ++k) a += q_[i * n + k] * lambda_[k] * q_[j * n + k];
      a_[i * n + j] = static_cast<Real>(a);
      b += a * minimizer_[j];
    }
    b_[i] = static_cast<Real>(b);
  }
}

template <class Real>
std::vector<double> Quadratic<Real>::descended(std::span<const double> w0, double gamma, std::size_t k) const {
  std::vector<long double> w(minimizer_.begin(), minimizer_.end());
  for (std::size_t j = 0; j < n_; ++j) {
    long double c = 0;
    for (std::size_t i = 0; i < n_; ++i) c += q_[i * n_ + j] * (static_cast<long double>(w0[i]) - minimizer_[i]);
    c *= std::pow(1 - static_cast<long double>(gamma) * lambda_[j], static_cast<long double>(k));
    for (std::size_t i = 0; i < n_; ++i) w[i] += c * q_[i * n_ + j];
  }
  return {w.begin(), w.end()};
}

template <class Real>
double Quadratic<Real>::do_value(ConstParams<Real> w, Terms) {
  double f = 0;
  for (std::size_t i = 0; i < n_; ++i) {
    double aw = 0;
    for (std::size_t j = 0; j < n_; ++j) aw += static_cast<double>(a_[i * n_ + j]) * w[j];
    f += w[i] * (aw / 2 - b_[i]);
  }
  return f;
}

template <class Real>
double Quadratic<Real>::do_value_and_gradient(ConstParams<Real> w, Params<Real> g, Terms) {
  double f = 0;
  for (std::size_t i = 0; i < n_; ++i) {
    double aw = 0;
    for (std::size_t j = 0; j < n_; ++j) aw += static_cast<double>(a_[i * n_ + j]) * w[j];
    f += w[i] * (aw / 2 - b_[i]);
    g[i] = static_cast<Real>(aw - b_[i]);
  }
  return f;
}

template <class Real>
void Quadratic<Real>::do_hessian_vector(ConstParams<Real>, ConstParams<Real> v, Params<Real> hv, Terms) {
  for (std::size_t i = 0; i < n_; ++i) {
    double av = 0;
    for (std::size_t j = 0; j < n_; ++j) av += static_cast<double>(a_[i * n_ + j]) * static_cast<double>(v[j]);
    hv[i] = static_cast<Real>(av);
  }
}

template <class Real>
LeastSquares<Real>::LeastSquares(std::size_t rows, std::size_t n, double noise, std::uint64_t seed, std::size_t copies)
    : n_(n) {
  Rng rng(seed, Purpose::check);
  std::vector<double> truth(n), x(n);
  for (double& v : truth) v = rng.normal();
  for (std::size_t i = 0; i < rows; ++i) {
    double y = noise * rng.normal();
    for (std::size_t j = 0; j < n; ++j) {
      x[j] = rng.normal();
      y += x[j] * truth[j];
    }
    for (std::size_t c = 0; c < copies; ++c) {
      for (const double v : x) x_.push_back(static_cast<Real>(v));
      y_.push_back(static_cast<Real>(y));
    }
  }
}

template <class Real>
double LeastSquares<Real>::residual(ConstParams<Real> w, std::size_t row) const {
  double r = -static_cast<double>(y_[row]);
  for (std::size_t j = 0; j < n_; ++j) r += static_cast<double>(x_[row * n_ + j]) * w[j];
  return r;
}

template <class Real>
double LeastSquares<Real>::do_value(ConstParams<Real> w, Terms batch) {
  double f = 0;
  const std::size_t count = batch.empty() ? terms() : batch.size();
  for (std::size_t k = 0; k < count; ++k) f += square(residual(w, batch.empty() ? k : batch[k])) / 2;
  return f;
}

template <class Real>
double LeastSquares<Real>::do_value_and_gradient(ConstParams<Real> w, Params<Real> g, Terms batch) {
  double f = 0;
  std::fill(g.begin(), g.end(), Real(0));
  const std::size_t count = batch.empty() ? terms() : batch.size();
  for (std::size_t k = 0; k < count; ++k) {
    const std::size_t row = batch.empty() ? k : batch[k];
    const double r = residual(w, row);
    f += r * r / 2;
    for (std::size_t j = 0; j < n_; ++j) g[j] += static_cast<Real>(r * x_[row * n_ + j]);
  }
  return f;
}

template <class Real>
void LeastSquares<Real>::do_hessian_vector(ConstParams<Real>, ConstParams<Real> v, Params<Real> hv, Terms batch) {
  std::fill(hv.begin(), hv.end(), Real(0));
  const std::size_t count = batch.empty() ? terms() : batch.size();
  for (std::size_t k = 0; k < count; ++k) {
    const Real* x = x_.data() + (batch.empty() ? k : batch[k]) * n_;
    double xv = 0;
    for (std::size_t j = 0; j < n_; ++j) xv += static_cast<double>(x[j]) * static_cast<double>(v[j]);
    for (std::size_t j = 0; j < n_; ++j) hv[j] += static_cast<Real>(xv * static_cast<double>(x[j]));
  }
}

template <class Real>
void LeastSquares<Real>::do_hessian(ConstParams<Real>, MatrixView<Real> h, Terms batch) {
  for (std::size_t i = 0; i < n_; ++i) std::fill(h.row(i).begin(), h.row(i).end(), Real(0));
  const std::size_t count = batch.empty() ? terms() : batch.size();
  for (std::size_t k = 0; k < count; ++k) {
    const Real* x = x_.data() + (batch.empty() ? k : batch[k]) * n_;
    for (std::size_t i = 0; i < n_; ++i)
      for (std::size_t j = 0; j < n_; ++j) h(i, j) += x[i] * x[j];
  }
}

template <class Real>
std::string LeastSquares<Real>::do_explain_nonfinite(ConstParams<Real> w, Terms batch) {
  const std::size_t count = batch.empty() ? terms() : batch.size();
  for (std::size_t k = 0; k < count; ++k) {
    const std::size_t row = batch.empty() ? k : batch[k];
    if (!std::isfinite(residual(w, row))) return fmt::format("row {}, its residual", row);
  }
  return {};
}

template class Formula<float>;
template class Formula<double>;
template class Quadratic<float>;
template class Quadratic<double>;
template class LeastSquares<float>;
template class LeastSquares<double>;

}  // namespace descent::support
