#include "framework/initializer.hpp"

#include "framework/error.hpp"
#include "framework/kernels/blas_threads.hpp"
#include "framework/text.hpp"

#include <xtensor-blas/xlinalg.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace descent {
namespace {

void fill_uniform(MatrixView<double> w, double limit, Rng& rng) {
  for (std::size_t i = 0; i < w.rows; ++i)
    for (double& element : w.row(i)) element = rng.uniform(-limit, limit);
}

void fill_normal(MatrixView<double> w, double deviation, Rng& rng) {
  for (std::size_t i = 0; i < w.rows; ++i)
    for (double& element : w.row(i)) element = deviation * rng.normal();
}

double fan_in(MatrixView<double> w) { return static_cast<double>(w.rows); }
double fan_out(MatrixView<double> w) { return static_cast<double>(w.cols); }

// Glorot & Bengio, AISTATS 2010, eq. 16: variance 2 / (I + O).
double glorot(MatrixView<double> w) { return std::sqrt(2 / (fan_in(w) + fan_out(w))); }
// He, Zhang, Ren & Sun, ICCV 2015, eq. 10: variance 2 / I.
double he(MatrixView<double> w) { return std::sqrt(2 / fan_in(w)); }
// LeCun, Bottou, Orr & Müller, "Efficient BackProp", 1998, eq. 16: variance 1 / I.
double lecun(MatrixView<double> w) { return std::sqrt(1 / fan_in(w)); }

// A uniform number on ±l has standard deviation l / √3.
constexpr double kSqrt3 = std::numbers::sqrt3;

// Saxe, McClelland & Ganguli, ICLR 2014. Q of a Gaussian matrix, with the signs of R's diagonal
// divided out so that every orthogonal matrix is equally likely (Mezzadri 2007).
void fill_orthogonal(MatrixView<double> w, double scale, Rng& rng) {
  const bool wide = w.cols > w.rows;
  const std::size_t tall = std::max(w.rows, w.cols);
  const std::size_t thin = std::min(w.rows, w.cols);
  Matrix<double> gauss = zeros<double>(tall, thin);
  fill_normal(view(gauss), 1, rng);
  kernels::use_one_blas_thread();
  const auto [q, r] = xt::linalg::qr(gauss);
  for (std::size_t i = 0; i < w.rows; ++i)
    for (std::size_t j = 0; j < w.cols; ++j) {
      const std::size_t k = wide ? i : j;
      const double sign = r(k, k) < 0 ? -1 : 1;
      w(i, j) = scale * sign * (wide ? q(j, i) : q(i, j));
    }
}

constexpr double kPlainUniform = 0.05, kPlainNormal = 0.05;  // the small fixed widths people know from Keras

const Initializer kInitializers[] = {
    {"glorot_uniform", "uniform, standard deviation sqrt(2 / (in + out))",
     [](MatrixView<double> w, double scale, Rng& rng) { fill_uniform(w, scale * kSqrt3 * glorot(w), rng); }},
    {"glorot_normal", "normal, standard deviation sqrt(2 / (in + out))",
     [](MatrixView<double> w, double scale, Rng& rng) { fill_normal(w, scale * glorot(w), rng); }},
    {"he_uniform", "uniform, standard deviation sqrt(2 / in)",
     [](MatrixView<double> w, double scale, Rng& rng) { fill_uniform(w, scale * kSqrt3 * he(w), rng); }},
    {"he_normal", "normal, standard deviation sqrt(2 / in)",
     [](MatrixView<double> w, double scale, Rng& rng) { fill_normal(w, scale * he(w), rng); }},
    {"lecun_uniform", "uniform, standard deviation sqrt(1 / in)",
     [](MatrixView<double> w, double scale, Rng& rng) { fill_uniform(w, scale * kSqrt3 * lecun(w), rng); }},
    {"lecun_normal", "normal, standard deviation sqrt(1 / in)",
     [](MatrixView<double> w, double scale, Rng& rng) { fill_normal(w, scale * lecun(w), rng); }},
    {"orthogonal", "random orthonormal rows or columns", fill_orthogonal},
    {"uniform", "uniform on -0.05 ... 0.05",
     [](MatrixView<double> w, double scale, Rng& rng) { fill_uniform(w, scale * kPlainUniform, rng); }},
    {"normal", "normal, standard deviation 0.05",
     [](MatrixView<double> w, double scale, Rng& rng) { fill_normal(w, scale * kPlainNormal, rng); }},
    {"zeros", "0",
     [](MatrixView<double> w, double, Rng&) {
       for (std::size_t i = 0; i < w.rows; ++i) std::ranges::fill(w.row(i), 0.0);
     }},
    {"constant", "the scale itself, everywhere",
     [](MatrixView<double> w, double scale, Rng&) {
       for (std::size_t i = 0; i < w.rows; ++i) std::ranges::fill(w.row(i), scale);
     }},
};

}  // namespace

std::span<const Initializer> initializers() { return kInitializers; }

const Initializer& find_initializer(std::string_view name) {
  for (const Initializer& initializer : kInitializers)
    if (initializer.name == name) return initializer;
  throw Error(Fault::usage, unknown_name("initializer", name, initializer_names()));
}

std::vector<std::string> initializer_names() {
  std::vector<std::string> names;
  for (const Initializer& initializer : kInitializers) names.emplace_back(initializer.name);
  return names;
}

}  // namespace descent
