#include "framework/activation.hpp"

#include "framework/error.hpp"
#include "framework/text.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace descent {
namespace {

template <class Real>
Real sigmoid(Real z) {
  // Both branches take the exponential of a number ≤ 0, so nothing overflows.
  const Real e = std::exp(-std::abs(z));
  return (z >= 0 ? Real(1) : e) / (1 + e);
}

template <class Real>
Real normal_cdf(Real z) {
  return std::erfc(-z * std::numbers::sqrt2_v<Real> / 2) / 2;
}

template <class Real>
Real normal_pdf(Real z) {
  return std::exp(-z * z / 2) * std::numbers::inv_sqrtpi_v<Real> / std::numbers::sqrt2_v<Real>;
}

// φ′ and φ″.
template <class Real>
struct Slopes {
  Real first, second;
};
template <class Real>
Slopes(Real, Real) -> Slopes<Real>;

template <class Real, auto phi>
void forward(const MatrixView<Real>& z, const MatrixView<Real>& kept) {
  for (std::size_t i = 0; i < z.rows; ++i)
    for (std::size_t j = 0; j < z.cols; ++j) {
      if (!kept.empty()) kept(i, j) = z(i, j);
      z(i, j) = phi(z(i, j));
    }
}

template <class Real, auto derivative>
void backward(const ConstMatrixView<Real>& from, const MatrixView<Real>& dy, Real* bias_gradient) {
  for (std::size_t i = 0; i < dy.rows; ++i)
    for (std::size_t j = 0; j < dy.cols; ++j) {
      dy(i, j) *= derivative(from(i, j));
      if (bias_gradient != nullptr) bias_gradient[j] += dy(i, j);
    }
}

template <class Real, auto both>
void derivatives(const ConstMatrixView<Real>& from, const MatrixView<Real>& first, const MatrixView<Real>& second) {
  for (std::size_t i = 0; i < from.rows; ++i)
    for (std::size_t j = 0; j < from.cols; ++j) {
      const Slopes<Real> slopes = both(from(i, j));
      first(i, j) = slopes.first;
      second(i, j) = slopes.second;
    }
}

enum class Derivative { from_output, from_input };

template <auto phi, auto derivative, auto both, class Real>
constexpr Activation<Real> row(std::string_view name, std::string_view formula, std::string_view initializer,
                               Derivative kind) {
  return {name,
          formula,
          initializer,
          kind == Derivative::from_input,
          forward<Real, phi>,
          backward<Real, derivative>,
          derivatives<Real, both>};
}

constexpr auto kIdentity = [](auto z) { return z; };
constexpr auto kOne = [](auto a) { return decltype(a)(1); };
// For rows whose φ′ is a line's on either side; a NaN shows.
constexpr auto kIdentitySlopes = [](auto a) { return Slopes{kOne(a), a - a}; };

// ReLU: the derivative at exactly 0 is 0 (a subgradient), as it is for leaky_relu the small slope.
// Comparing with < lets a NaN through instead of hiding it.
constexpr auto kRelu = [](auto z) { return z < 0 ? decltype(z)(0) : z; };
constexpr auto kReluDerivative = [](auto a) { return decltype(a)(a > 0 ? 1 : 0); };

constexpr auto kReluSlopes = [](auto a) { return Slopes{kReluDerivative(a), decltype(a)(0)}; };

constexpr double kLeakySlope = 0.01;  // Maas, Hannun & Ng 2013
constexpr auto kLeakyRelu = [](auto z) { return z > 0 ? z : decltype(z)(kLeakySlope) * z; };
constexpr auto kLeakyReluDerivative = [](auto a) { return a > 0 ? decltype(a)(1) : decltype(a)(kLeakySlope); };

constexpr auto kLeakyReluSlopes = [](auto a) { return Slopes{kLeakyReluDerivative(a), decltype(a)(0)}; };

// Clevert, Unterthiner & Hochreiter 2016, α = 1: φ′ = e^z = a + 1 below 0.
constexpr auto kElu = [](auto z) { return z > 0 ? z : std::expm1(z); };
constexpr auto kEluDerivative = [](auto a) { return a > 0 ? decltype(a)(1) : a + 1; };
constexpr auto kEluSlopes = [](auto a) {
  const auto slope = std::min(a, decltype(a)(0)) + 1;  // without branches, which the signs of a would mislead
  return Slopes{slope, a > 0 ? decltype(a)(0) : slope};
};

// Hendrycks & Gimpel 2016, the exact form with the normal distribution, not the tanh approximation.
constexpr auto kGelu = [](auto z) { return z * normal_cdf(z); };
constexpr auto kGeluDerivative = [](auto z) { return normal_cdf(z) + z * normal_pdf(z); };
constexpr auto kGeluSlopes = [](auto z) {
  const auto density = normal_pdf(z);
  // Beyond the range of z² the density is 0, and so is what it multiplies.
  return Slopes{normal_cdf(z) + z * density, density > 0 ? density * (2 - z * z) : density};
};

// Elfwing, Uchibe & Doya 2018; also called swish.
constexpr auto kSilu = [](auto z) { return z * sigmoid(z); };
constexpr auto kSiluDerivative = [](auto z) {
  const auto s = sigmoid(z);
  return s * (1 + z * sigmoid(-z));
};
constexpr auto kSiluSlopes = [](auto z) {
  const auto e = std::exp(-std::abs(z));
  const auto s = (z >= 0 ? decltype(z)(1) : e) / (1 + e), rest = (z >= 0 ? e : decltype(z)(1)) / (1 + e);  // σ(±z)
  const auto slope = s * rest;                                                                             // σ′
  return Slopes{s * (1 + z * rest), slope > 0 ? slope * (2 + z * (rest - s)) : slope};
};

constexpr auto kSigmoid = [](auto z) { return sigmoid(z); };
constexpr auto kSigmoidDerivative = [](auto a) { return a * (1 - a); };
constexpr auto kSigmoidSlopes = [](auto a) { return Slopes{a * (1 - a), a * (1 - a) * (1 - 2 * a)}; };

constexpr auto kTanh = [](auto z) { return std::tanh(z); };
constexpr auto kTanhDerivative = [](auto a) { return (1 - a) * (1 + a); };
constexpr auto kTanhSlopes = [](auto a) { return Slopes{(1 - a) * (1 + a), -2 * a * (1 - a) * (1 + a)}; };

// log(1 + e^z); φ′ = σ(z) = 1 − e^(−a).
constexpr auto kSoftplus = [](auto z) { return std::max(z, decltype(z)(0)) + std::log1p(std::exp(-std::abs(z))); };
constexpr auto kSoftplusDerivative = [](auto a) { return -std::expm1(-a); };
constexpr auto kSoftplusSlopes = [](auto a) {
  const auto rest = std::exp(-a), s = -std::expm1(-a);  // σ(−z), σ(z)
  return Slopes{s, s * rest};
};

template <class Real>
constexpr Activation<Real> kActivations[] = {
    row<kIdentity, kOne, kIdentitySlopes, Real>("identity", "z", "glorot_uniform", Derivative::from_output),
    row<kRelu, kReluDerivative, kReluSlopes, Real>("relu", "max(z, 0)", "he_normal", Derivative::from_output),
    row<kLeakyRelu, kLeakyReluDerivative, kLeakyReluSlopes, Real>("leaky_relu", "z > 0 ? z : 0.01 z", "he_normal",
                                                                  Derivative::from_output),
    row<kElu, kEluDerivative, kEluSlopes, Real>("elu", "z > 0 ? z : exp(z) - 1", "he_normal", Derivative::from_output),
    row<kGelu, kGeluDerivative, kGeluSlopes, Real>("gelu", "z P(Z <= z), Z normal", "he_normal",
                                                   Derivative::from_input),
    row<kSilu, kSiluDerivative, kSiluSlopes, Real>("silu", "z sigmoid(z)", "he_normal", Derivative::from_input),
    row<kSigmoid, kSigmoidDerivative, kSigmoidSlopes, Real>("sigmoid", "1 / (1 + exp(-z))", "glorot_uniform",
                                                            Derivative::from_output),
    row<kTanh, kTanhDerivative, kTanhSlopes, Real>("tanh", "tanh(z)", "glorot_uniform", Derivative::from_output),
    row<kSoftplus, kSoftplusDerivative, kSoftplusSlopes, Real>("softplus", "log(1 + exp(z))", "he_normal",
                                                               Derivative::from_output),
};

// The rows with the fast passes of this processor put in.
template <class Real>
std::vector<Activation<Real>> with_fast_passes() {
  std::vector<Activation<Real>> rows(std::begin(kActivations<Real>), std::end(kActivations<Real>));
  for (const kernels::FastActivation<Real>& fast : kernels::simd<Real>().activations) {
    const auto row = std::ranges::find(rows, fast.name, &Activation<Real>::name);
    assert(row != rows.end());
    row->forward = fast.forward;
    row->backward = fast.backward;
  }
  return rows;
}

}  // namespace

template <class Real>
std::span<const Activation<Real>> activations() {
  static const std::vector<Activation<Real>> rows = with_fast_passes<Real>();
  return rows;
}

template <class Real>
std::span<const Activation<Real>> reference_activations() {
  return kActivations<Real>;
}

template <class Real>
const Activation<Real>& find_activation(std::string_view name) {
  for (const auto& activation : activations<Real>())
    if (activation.name == name) return activation;
  throw Error(Fault::usage, unknown_name("activation", name, activation_names()));
}

std::vector<std::string> activation_names() {
  std::vector<std::string> names;
  for (const auto& activation : kActivations<double>) names.emplace_back(activation.name);
  return names;
}

template std::span<const Activation<float>> activations();
template std::span<const Activation<double>> activations();
template std::span<const Activation<float>> reference_activations();
template std::span<const Activation<double>> reference_activations();
template const Activation<float>& find_activation(std::string_view);
template const Activation<double>& find_activation(std::string_view);

}  // namespace descent
