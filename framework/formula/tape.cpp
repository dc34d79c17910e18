// The sweeps. Each is written once for W lanes and compiled for one and for kBlock of them.
#include "framework/formula/tape.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace descent::formula {
namespace {

// First and second derivatives of aᵇ.
struct PowerSlopes {
  double a, b, aa, ab, bb;
};

Slopes slopes_in_base(double a, double b, double f) {
  if (b == 0) return {0, 0};
  const double first = a != 0 ? b * (f / a) : b * std::pow(a, b - 1);
  if (b == 1) return {first, 0};
  return {first, a != 0 ? (b - 1) * (first / a) : b * (b - 1) * std::pow(a, b - 2)};
}

// With 0^b = 0 for all b > 0, whatever the logarithm says.
Slopes slopes_in_exponent(double a, double b, double f) {
  if (a == 0 && b > 0) return {0, 0};
  const double log = std::log(a);
  return {f * log, f * log * log};
}

PowerSlopes power_slopes(double a, double b, double f) {
  const Slopes base = slopes_in_base(a, b, f), exponent = slopes_in_exponent(a, b, f);
  const double cross = a == 0 && b > 1 ? 0 : (a != 0 ? f / a : std::pow(a, b - 1)) + base.first * std::log(a);
  return {base.first, exponent.first, base.second, cross, exponent.second};
}

}  // namespace

template <std::size_t W>
void Tape::forward_lanes(Work& work) const {
  double* const values = work.value_.data();
  double* y = values + (constants_.size() + names_.size()) * W;
  for (const Instruction& instruction : program_) {
    const double* const a = values + instruction.a * W;
    const double* const b = values + instruction.b * W;
    const auto each = [&](auto f) {
      for (std::size_t k = 0; k < W; ++k) y[k] = f(a[k], b[k]);
    };
    switch (instruction.op) {
      case Op::add:
        each([](double u, double v) { return u + v; });
        break;
      case Op::subtract:
        each([](double u, double v) { return u - v; });
        break;
      case Op::multiply:
        each([](double u, double v) { return u * v; });
        break;
      case Op::divide:
        each([](double u, double v) { return u / v; });
        break;
      case Op::negate:
        each([](double u, double) { return -u; });
        break;
      case Op::call:
        each([f = instruction.function->value](double u, double) { return f(u); });
        break;
      case Op::minimum:
      case Op::maximum:
        each(instruction.function->value2);
        break;
      case Op::power:
      case Op::power_of_base:
      case Op::power_of_exponent:
        each([](double u, double v) { return std::pow(u, v); });
        break;
    }
    y += W;
  }
}

// ā += ∂y/∂a ȳ for each instruction, last to first.
template <std::size_t W>
void Tape::reverse_lanes(Work& work) const {
  const double* const values = work.value_.data();
  double* const adjoints = work.adjoint_.data();
  for (std::size_t i = program_.size(); i-- > 0;) {
    const Instruction& instruction = program_[i];
    if (!instruction.active) continue;
    const std::size_t slot = (constants_.size() + names_.size() + i) * W;
    const double *y = values + slot, *dy = adjoints + slot;
    const double *a = values + instruction.a * W, *b = values + instruction.b * W;
    double *da = adjoints + instruction.a * W, *db = adjoints + instruction.b * W;
    const auto each = [&](auto f) {
      for (std::size_t k = 0; k < W; ++k) f(k);
    };
    switch (instruction.op) {
      case Op::add:
        each([&](std::size_t k) { da[k] += dy[k]; });
        each([&](std::size_t k) { db[k] += dy[k]; });
        break;
      case Op::subtract:
        each([&](std::size_t k) { da[k] += dy[k]; });
        each([&](std::size_t k) { db[k] -= dy[k]; });
        break;
      case Op::multiply:
        each([&](std::size_t k) { da[k] += b[k] * dy[k]; });
        each([&](std::size_t k) { db[k] += a[k] * dy[k]; });
        break;
      case Op::divide:
        each([&](std::size_t k) { da[k] += dy[k] / b[k]; });
        each([&](std::size_t k) { db[k] -= dy[k] * y[k] / b[k]; });
        break;
      case Op::negate:
        each([&](std::size_t k) { da[k] -= dy[k]; });
        break;
      case Op::call:
        each([&](std::size_t k) { da[k] += instruction.function->slopes(a[k], y[k]).first * dy[k]; });
        break;
      case Op::minimum:
        each([&](std::size_t k) { (a[k] < b[k] ? da : db)[k] += dy[k]; });
        break;
      case Op::maximum:
        each([&](std::size_t k) { (a[k] > b[k] ? da : db)[k] += dy[k]; });
        break;
      case Op::power_of_base:
        each([&](std::size_t k) { da[k] += slopes_in_base(a[k], b[k], y[k]).first * dy[k]; });
        break;
      case Op::power_of_exponent:
        each([&](std::size_t k) { db[k] += slopes_in_exponent(a[k], b[k], y[k]).first * dy[k]; });
        break;
      case Op::power:
        each([&](std::size_t k) { da[k] += slopes_in_base(a[k], b[k], y[k]).first * dy[k]; });
        each([&](std::size_t k) { db[k] += slopes_in_exponent(a[k], b[k], y[k]).first * dy[k]; });
        break;
    }
  }
}

// ẏ = ∂y/∂a ȧ + ∂y/∂b ḃ. Keeps the slopes of what has one argument that counts.
template <std::size_t W>
void Tape::tangent_lanes(Work& work) const {
  const double* const values = work.value_.data();
  double* const tangents = work.tangent_.data();
  for (std::size_t i = 0; i < program_.size(); ++i) {
    const Instruction& instruction = program_[i];
    const std::size_t slot = (constants_.size() + names_.size() + i) * W;
    const double* y = values + slot;
    double* ty = tangents + slot;
    Slopes* slopes = work.slopes_.data() + i * W;
    const double *a = values + instruction.a * W, *b = values + instruction.b * W;
    const double *ta = tangents + instruction.a * W, *tb = tangents + instruction.b * W;
    const auto each = [&](auto f) {
      for (std::size_t k = 0; k < W; ++k) ty[k] = f(k);
    };
    if (!instruction.active) {
      each([](std::size_t) { return 0.0; });
      continue;
    }
    switch (instruction.op) {
      case Op::add:
        each([&](std::size_t k) { return ta[k] + tb[k]; });
        break;
      case Op::subtract:
        each([&](std::size_t k) { return ta[k] - tb[k]; });
        break;
      case Op::multiply:
        each([&](std::size_t k) { return ta[k] * b[k] + a[k] * tb[k]; });
        break;
      case Op::divide:
        each([&](std::size_t k) { return (ta[k] - y[k] * tb[k]) / b[k]; });
        break;
      case Op::negate:
        each([&](std::size_t k) { return -ta[k]; });
        break;
      case Op::call:
        each([&](std::size_t k) { return (slopes[k] = instruction.function->slopes(a[k], y[k])).first * ta[k]; });
        break;
      case Op::minimum:
        each([&](std::size_t k) { return a[k] < b[k] ? ta[k] : tb[k]; });
        break;
      case Op::maximum:
        each([&](std::size_t k) { return a[k] > b[k] ? ta[k] : tb[k]; });
        break;
      case Op::power_of_base:
        each([&](std::size_t k) { return (slopes[k] = slopes_in_base(a[k], b[k], y[k])).first * ta[k]; });
        break;
      case Op::power_of_exponent:
        each([&](std::size_t k) { return (slopes[k] = slopes_in_exponent(a[k], b[k], y[k])).first * tb[k]; });
        break;
      case Op::power:
        each([&](std::size_t k) {
          const PowerSlopes p = power_slopes(a[k], b[k], y[k]);
          return p.a * ta[k] + p.b * tb[k];
        });
        break;
    }
  }
}

// The reverse sweep and its tangent: of ā += p ȳ it is ā˙ += p ȳ˙ + ṗ ȳ.
template <std::size_t W>
void Tape::curvature_lanes(Work& work) const {
  const double *const values = work.value_.data(), *const tangents = work.tangent_.data();
  double *const adjoints = work.adjoint_.data(), *const curved = work.adjoint_tangent_.data();
  for (std::size_t i = program_.size(); i-- > 0;) {
    const Instruction& instruction = program_[i];
    if (!instruction.active) continue;
    const std::size_t slot = (constants_.size() + names_.size() + i) * W, ia = instruction.a * W,
                      ib = instruction.b * W;
    const double *y = values + slot, *ty = tangents + slot, *dy = adjoints + slot, *cy = curved + slot;
    const double *a = values + ia, *b = values + ib, *ta = tangents + ia, *tb = tangents + ib;
    double *da = adjoints + ia, *db = adjoints + ib, *ca = curved + ia, *cb = curved + ib;
    const Slopes* slopes = work.slopes_.data() + i * W;
    const auto each = [&](auto f) {
      for (std::size_t k = 0; k < W; ++k) f(k);
    };
    // ȳ and ȳ˙ reach an operand through the slope p, whose tangent is tp.
    const auto pass = [](double* d, double* c, double p, double tp, double dy, double cy) {
      *d += p * dy;
      *c += p * cy + tp * dy;
    };
    switch (instruction.op) {
      case Op::add:
        each([&](std::size_t k) { pass(da + k, ca + k, 1, 0, dy[k], cy[k]); });
        each([&](std::size_t k) { pass(db + k, cb + k, 1, 0, dy[k], cy[k]); });
        break;
      case Op::subtract:
        each([&](std::size_t k) { pass(da + k, ca + k, 1, 0, dy[k], cy[k]); });
        each([&](std::size_t k) { pass(db + k, cb + k, -1, 0, dy[k], cy[k]); });
        break;
      case Op::multiply:
        each([&](std::size_t k) { pass(da + k, ca + k, b[k], tb[k], dy[k], cy[k]); });
        each([&](std::size_t k) { pass(db + k, cb + k, a[k], ta[k], dy[k], cy[k]); });
        break;
      case Op::divide:
        each([&](std::size_t k) {
          const double p = 1 / b[k], tp = -p * p * tb[k];
          pass(da + k, ca + k, p, tp, dy[k], cy[k]);
          pass(db + k, cb + k, -y[k] * p, -ty[k] * p - y[k] * tp, dy[k], cy[k]);
        });
        break;
      case Op::negate:
        each([&](std::size_t k) { pass(da + k, ca + k, -1, 0, dy[k], cy[k]); });
        break;
      case Op::minimum:
      case Op::maximum:
        each([&](std::size_t k) {
          const bool first = instruction.op == Op::minimum ? a[k] < b[k] : a[k] > b[k];
          pass((first ? da : db) + k, (first ? ca : cb) + k, 1, 0, dy[k], cy[k]);
        });
        break;
      case Op::call:
      case Op::power_of_base:
        each([&](std::size_t k) { pass(da + k, ca + k, slopes[k].first, slopes[k].second * ta[k], dy[k], cy[k]); });
        break;
      case Op::power_of_exponent:
        each([&](std::size_t k) { pass(db + k, cb + k, slopes[k].first, slopes[k].second * tb[k], dy[k], cy[k]); });
        break;
      case Op::power:
        each([&](std::size_t k) {
          const PowerSlopes p = power_slopes(a[k], b[k], y[k]);
          pass(da + k, ca + k, p.a, p.aa * ta[k] + p.ab * tb[k], dy[k], cy[k]);
          pass(db + k, cb + k, p.b, p.ab * ta[k] + p.bb * tb[k], dy[k], cy[k]);
        });
        break;
    }
  }
}

Tape::Work::Work(const Tape& tape, Lanes lanes)
    : width_(lanes == Lanes::one ? 1 : kBlock),
      first_variable_(tape.constants_.size()),
      value_((tape.constants_.size() + tape.names_.size() + tape.program_.size()) * width_),
      tangent_(value_.size()),
      adjoint_(value_.size()),
      adjoint_tangent_(value_.size()),
      slopes_(tape.program_.size() * width_) {
  for (std::size_t k = 0; k < tape.constants_.size(); ++k)
    std::fill_n(value_.begin() + static_cast<std::ptrdiff_t>(k * width_), width_, tape.constants_[k]);
}

void Tape::forward(Work& work) const { work.width_ == 1 ? forward_lanes<1>(work) : forward_lanes<kBlock>(work); }

void Tape::reverse(Work& work, std::size_t output) const {
  std::ranges::fill(work.adjoint_, 0.0);
  std::ranges::fill(work.lanes(work.adjoint_, results_[output]), 1.0);
  work.width_ == 1 ? reverse_lanes<1>(work) : reverse_lanes<kBlock>(work);
}

void Tape::tangent(Work& work) const { work.width_ == 1 ? tangent_lanes<1>(work) : tangent_lanes<kBlock>(work); }

void Tape::curvature(Work& work, std::size_t output) const {
  std::ranges::fill(work.adjoint_, 0.0);
  std::ranges::fill(work.adjoint_tangent_, 0.0);
  std::ranges::fill(work.lanes(work.adjoint_, results_[output]), 1.0);
  work.width_ == 1 ? curvature_lanes<1>(work) : curvature_lanes<kBlock>(work);
}

void Tape::load(std::span<const double> x, Work& work) const {
  assert(work.width_ == 1 && x.size() == names_.size());
  std::ranges::copy(x, work.value_.begin() + static_cast<std::ptrdiff_t>(constants_.size()));
}

double Tape::value(std::span<const double> x, Work& work) const {
  load(x, work);
  forward_lanes<1>(work);
  return work.value_[results_[0]];
}

void Tape::values(std::span<const double> x, std::span<double> y, Work& work) const {
  load(x, work);
  forward_lanes<1>(work);
  for (std::size_t i = 0; i < results_.size(); ++i) y[i] = work.value_[results_[i]];
}

double Tape::gradient(std::span<const double> x, std::span<double> g, Work& work) const {
  const double f = value(x, work);
  reverse(work, 0);
  for (std::size_t k = 0; k < names_.size(); ++k) g[k] = active_ >> k & 1 ? work.adjoint(k)[0] : 0;
  return f;
}

void Tape::jacobian(std::span<const double> x, MatrixView<double> j, Work& work) const {
  load(x, work);
  forward_lanes<1>(work);
  for (std::size_t i = 0; i < results_.size(); ++i) {
    reverse(work, i);
    for (std::size_t k = 0; k < names_.size(); ++k) j(i, k) = active_ >> k & 1 ? work.adjoint(k)[0] : 0;
  }
}

void Tape::hessian_vector(std::span<const double> x, std::span<const double> v, std::span<double> hv,
                          Work& work) const {
  load(x, work);
  forward_lanes<1>(work);
  for (std::size_t k = 0; k < names_.size(); ++k) work.tangent(k)[0] = active_ >> k & 1 ? v[k] : 0;
  tangent_lanes<1>(work);
  curvature(work, 0);
  for (std::size_t k = 0; k < names_.size(); ++k) hv[k] = active_ >> k & 1 ? work.adjoint_tangent(k)[0] : 0;
}

void Tape::hessian(std::span<const double> x, MatrixView<double> h, Work& work) const {
  load(x, work);
  forward_lanes<1>(work);
  const std::size_t n = names_.size();
  for (std::size_t j = 0; j < n; ++j) {
    for (std::size_t k = 0; k < n; ++k) work.tangent(k)[0] = k == j && (active_ >> k & 1) ? 1 : 0;
    tangent_lanes<1>(work);
    curvature(work, 0);
    for (std::size_t i = 0; i < n; ++i) h(i, j) = active_ >> i & 1 ? work.adjoint_tangent(i)[0] : 0;
  }
}

void Tape::values(std::span<const Column> columns, std::size_t points, MatrixView<double> y, Work& work) const {
  assert(work.width_ == kBlock && columns.size() == names_.size() && y.rows == results_.size() && y.cols == points);
  for (std::size_t first = 0; first < points; first += kBlock) {
    const std::size_t count = std::min(kBlock, points - first);
    for (std::size_t k = 0; k < columns.size(); ++k) {
      const std::span<double> lanes = work.variable(k);
      for (std::size_t p = 0; p < kBlock; ++p)  // the last block repeats its last point
        lanes[p] = columns[k].data[(first + std::min(p, count - 1)) * columns[k].step];
    }
    forward_lanes<kBlock>(work);
    for (std::size_t i = 0; i < results_.size(); ++i)
      std::copy_n(work.output(*this, i).begin(), count, y.row(i).begin() + static_cast<std::ptrdiff_t>(first));
  }
}

}  // namespace descent::formula
