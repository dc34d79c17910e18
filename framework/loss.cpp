#include "framework/loss.hpp"

#include "framework/error.hpp"
#include "framework/kernels/simd.hpp"
#include "framework/text.hpp"

#include <algorithm>
#include <cmath>

namespace descent {
namespace {

// A loss that is a sum over single outputs. `e` maps (y, t) to {E, ∂E/∂y}.
template <class Real, auto e>
double elementwise(const ConstMatrixView<Real>& y, const ConstMatrixView<Real>& t, const MatrixView<Real>& dy) {
  double sum = 0;
  for (std::size_t i = 0; i < y.rows; ++i) {
    const auto outputs = y.row(i);
    const auto targets = t.row(i);
    for (std::size_t k = 0; k < outputs.size(); ++k) {
      const auto [value, slope] = e(outputs[k], targets[k]);
      sum += static_cast<double>(value);
      if (!dy.empty()) dy(i, k) = slope;
    }
  }
  return sum;
}

// `c` maps (y, t) to ∂²E/∂y².
template <class Real, auto c>
void curve_each(const ConstMatrixView<Real>& y, const ConstMatrixView<Real>& t, const ConstMatrixView<Real>& y_dot,
                const MatrixView<Real>& dy_dot) {
  for (std::size_t i = 0; i < y.rows; ++i)
    for (std::size_t k = 0; k < y.cols; ++k) dy_dot(i, k) = c(y(i, k), t(i, k)) * y_dot(i, k);
}

template <class Real>
struct Point {
  Real value;
  Real slope;
};

constexpr auto kSquaredError = []<class Real>(Real y, Real t) {
  const Real r = y - t;
  return Point<Real>{r * r, 2 * r};
};

constexpr auto kSquaredErrorCurve = []<class Real>(Real, Real) { return Real(2); };

// The slope at y = t is 0, the middle of its subgradients.
constexpr auto kAbsoluteError = []<class Real>(Real y, Real t) {
  const Real r = y - t;
  return Point<Real>{std::abs(r), Real((r > 0) - (r < 0)) + (r - r)};  // r − r lets NaN through
};

constexpr auto kAbsoluteErrorCurve = []<class Real>(Real y, Real t) { return (y - t) - (y - t); };

// Huber 1964, δ = 1.
constexpr auto kHuber = []<class Real>(Real y, Real t) {
  const Real r = y - t;
  const Real size = std::abs(r);
  if (size <= 1) return Point<Real>{r * r / 2, r};
  return Point<Real>{size - Real(0.5), std::copysign(Real(1), r) + (r - r)};
};

constexpr auto kHuberCurve = []<class Real>(Real y, Real t) {
  const Real r = y - t;
  return Real(std::abs(r) < 1 ? 1 : 0) + (r - r);
};

// −t log σ(y) − (1 − t) log(1 − σ(y)), written so that e^|y| never appears.
constexpr auto kBinaryCrossEntropy = []<class Real>(Real y, Real t) {
  const Real e = std::exp(-std::abs(y));
  const Real p = (y >= 0 ? Real(1) : e) / (1 + e);
  return Point<Real>{std::max(y, Real(0)) - y * t + std::log1p(e), p - t};
};

constexpr auto kBinaryCrossEntropyCurve = []<class Real>(Real y, Real) {
  const Real e = std::exp(-std::abs(y));
  return e / ((1 + e) * (1 + e));
};

// The negative log-likelihood of a count t at rate e^y, without the constant log t!.
constexpr auto kPoisson = []<class Real>(Real y, Real t) {
  const Real rate = std::exp(y);
  return Point<Real>{rate - t * y, rate - t};
};

constexpr auto kPoissonCurve = []<class Real>(Real y, Real) { return std::exp(y); };

// Softmax in place; returns log Σ exp(y − max) and the maximum.
template <class Real>
std::pair<double, Real> softmax(std::span<Real> y) {
  const Real top = *std::max_element(y.begin(), y.end());
  Real sum = 0;
  for (Real& element : y) sum += element = std::exp(element - top);
  for (Real& element : y) element /= sum;
  return {std::log(static_cast<double>(sum)), top};
}

// −log softmax(y)[t] = log Σ exp(y − max) − (y[t] − max), and ∂/∂y = softmax(y) − onehot(t).
template <class Real>
double cross_entropy(const ConstMatrixView<Real>& y, const ConstMatrixView<Real>& t, const MatrixView<Real>& dy) {
  double total = 0;
  for (std::size_t i = 0; i < y.rows; ++i) {
    const auto logits = y.row(i);
    const auto label = static_cast<std::size_t>(t(i, 0));
    assert(label < y.cols);
    if (!dy.empty()) {
      const auto gradient = dy.row(i);
      std::copy(logits.begin(), logits.end(), gradient.begin());
      const auto [log_sum, top] = softmax(gradient);
      gradient[label] -= 1;
      total += log_sum - static_cast<double>(logits[label] - top);
    } else {
      const Real top = *std::max_element(logits.begin(), logits.end());
      Real sum = 0;
      for (const Real element : logits) sum += std::exp(element - top);
      total += std::log(static_cast<double>(sum)) - static_cast<double>(logits[label] - top);
    }
  }
  return total;
}

// (diag p − p pᵀ) y_dot with p = softmax(y), as p ∘ (y_dot − pᵀ y_dot).
template <class Real>
void curve_cross_entropy(const ConstMatrixView<Real>& y, const ConstMatrixView<Real>&,
                         const ConstMatrixView<Real>& y_dot, const MatrixView<Real>& dy_dot) {
  for (std::size_t i = 0; i < y.rows; ++i) {
    const auto p = dy_dot.row(i);
    std::ranges::copy(y.row(i), p.begin());
    softmax(p);
    Real mean = 0;
    for (std::size_t k = 0; k < y.cols; ++k) mean += p[k] * y_dot(i, k);
    for (std::size_t k = 0; k < y.cols; ++k) p[k] *= y_dot(i, k) - mean;
  }
}

template <class Real>
void keep(const MatrixView<Real>&) {}

template <class Real>
void predict_softmax(const MatrixView<Real>& y) {
  for (std::size_t i = 0; i < y.rows; ++i) softmax(y.row(i));
}

template <class Real, auto f>
void predict_each(const MatrixView<Real>& y) {
  for (std::size_t i = 0; i < y.rows; ++i)
    for (Real& element : y.row(i)) element = f(element);
}

constexpr auto kSigmoid = []<class Real>(Real y) {
  const Real e = std::exp(-std::abs(y));
  return (y >= 0 ? Real(1) : e) / (1 + e);
};
constexpr auto kExp = []<class Real>(Real y) { return std::exp(y); };

template <class Real>
constexpr Loss<Real> kLosses[] = {
    {"squared_error", "(y - t)^2", TargetKind::numbers, elementwise<Real, kSquaredError>,
     curve_each<Real, kSquaredErrorCurve>, keep<Real>},
    {"absolute_error", "|y - t|", TargetKind::numbers, elementwise<Real, kAbsoluteError>,
     curve_each<Real, kAbsoluteErrorCurve>, keep<Real>},
    {"huber", "r^2 / 2 where |r| <= 1, else |r| - 1/2; r = y - t", TargetKind::numbers, elementwise<Real, kHuber>,
     curve_each<Real, kHuberCurve>, keep<Real>},
    {"cross_entropy", "-log softmax(y)[t]", TargetKind::classes, cross_entropy<Real>, curve_cross_entropy<Real>,
     predict_softmax<Real>},
    {"binary_cross_entropy", "-t log sigmoid(y) - (1 - t) log(1 - sigmoid(y))", TargetKind::binary,
     elementwise<Real, kBinaryCrossEntropy>, curve_each<Real, kBinaryCrossEntropyCurve>, predict_each<Real, kSigmoid>},
    {"poisson", "exp(y) - t y", TargetKind::counts, elementwise<Real, kPoisson>, curve_each<Real, kPoissonCurve>,
     predict_each<Real, kExp>},
};

// The rows with the fast passes of this processor put in.
template <class Real>
std::vector<Loss<Real>> with_fast_passes() {
  std::vector<Loss<Real>> rows(std::begin(kLosses<Real>), std::end(kLosses<Real>));
  for (const kernels::FastLoss<Real>& fast : kernels::simd<Real>().losses) {
    const auto row = std::ranges::find(rows, fast.name, &Loss<Real>::name);
    assert(row != rows.end());
    row->evaluate = fast.evaluate;
  }
  return rows;
}

}  // namespace

template <class Real>
std::span<const Loss<Real>> losses() {
  static const std::vector<Loss<Real>> rows = with_fast_passes<Real>();
  return rows;
}

template <class Real>
std::span<const Loss<Real>> reference_losses() {
  return kLosses<Real>;
}

template <class Real>
const Loss<Real>& find_loss(std::string_view name) {
  for (const auto& loss : losses<Real>())
    if (loss.name == name) return loss;
  throw Error(Fault::usage, unknown_name("loss", name, loss_names()));
}

std::vector<std::string> loss_names() {
  std::vector<std::string> names;
  for (const auto& loss : kLosses<double>) names.emplace_back(loss.name);
  return names;
}

template <class Real>
void check_targets(const Loss<Real>& loss, ConstMatrixView<Real> t, std::size_t outputs) {
  if (loss.targets != TargetKind::classes) return;
  for (std::size_t i = 0; i < t.rows; ++i)
    if (!(t(i, 0) >= 0 && t(i, 0) < static_cast<Real>(outputs) && t(i, 0) == std::floor(t(i, 0))))
      throw Error(Fault::data, "target {} of row {} is not the index of one of {} classes", t(i, 0), i + 1, outputs);
}

template std::span<const Loss<float>> losses();
template std::span<const Loss<double>> losses();
template std::span<const Loss<float>> reference_losses();
template std::span<const Loss<double>> reference_losses();
template const Loss<float>& find_loss(std::string_view);
template const Loss<double>& find_loss(std::string_view);
template void check_targets(const Loss<float>&, ConstMatrixView<float>, std::size_t);
template void check_targets(const Loss<double>&, ConstMatrixView<double>, std::size_t);

}  // namespace descent
