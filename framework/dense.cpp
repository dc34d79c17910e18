#include "framework/dense.hpp"

#include "framework/aligned.hpp"
#include "framework/kernels/products.hpp"
#include "framework/kernels/simd.hpp"
#include "framework/tangent.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace descent {
namespace {

// The three products for one batch size.
template <class Real>
class DensePlan final : public LayerPlan<Real> {
 public:
  DensePlan(std::size_t rows, std::size_t in, std::size_t out, const Activation<Real>& activation, bool bias)
      : in_(in),
        out_(out),
        activation_(activation),
        bias_(bias),
        forward_(Form::plain, {rows, out, in, in, out, out}),
        gradient_(Form::transposed, {in, out, rows, in, out, out}),
        input_gradient_(Form::right_transposed, {rows, in, out, out, out, in}),
        bias_gradient_(out) {}

  void forward(ConstParams<Real> w, const ConstMatrixView<Real>& x, const MatrixView<Real>& y,
               const MatrixView<Real>& kept) override {
    assert(x.stride == in_ && y.stride == out_);
    forward_(x.data, w.data(), y.data, bias_ ? w.data() + in_ * out_ : nullptr);
    activation_.forward(y, kept);
  }

  void backward(ConstParams<Real> w, const ConstMatrixView<Real>& x, const ConstMatrixView<Real>& y,
                const ConstMatrixView<Real>& kept, const MatrixView<Real>& dy, const MatrixView<Real>& dx,
                const GradientUse<Real>& use) override {
    assert(x.stride == in_ && dy.stride == out_);
    const MatrixView<Real> dz = dy;
    std::ranges::fill(bias_gradient_, Real(0));
    activation_.backward(activation_.derivative_needs_input ? kept : y, dz, bias_ ? bias_gradient_.data() : nullptr);
    if (!dx.empty()) {  // before the weights may move
      assert(dx.stride == in_);
      input_gradient_(dz.data, w.data(), dx.data);
    }
    use_gradient(w, x, dz, use);
  }

  // z_dot = x V + b_dot + x_dot W
  void tangent_forward(ConstParams<Real> w, ConstParams<Real> v, const TangentPass<Real>& pass,
                       const MatrixView<Real>& y_dot) override {
    tangent_.start(activation_, activation_.derivative_needs_input ? pass.kept : pass.y);
    const MatrixView<Real> z_dot = tangent_.z_dot();
    forward_(pass.x.data, v.data(), z_dot.data, bias_ ? v.data() + in_ * out_ : nullptr);
    if (!pass.x_dot.empty()) {
      forward_(pass.x_dot.data, w.data(), y_dot.data);
      add(y_dot, z_dot);
    }
    tangent_.push_forward(y_dot);
  }

  // With dz and its change dz_dot: dW_dot = xᵀ dz_dot + x_dotᵀ dz, dx_dot = dz_dot Wᵀ + dz Vᵀ.
  void tangent_backward(ConstParams<Real> w, ConstParams<Real> v, const TangentPass<Real>& pass,
                        const MatrixView<Real>& dy, const MatrixView<Real>& dy_dot, const MatrixView<Real>& dx,
                        const MatrixView<Real>& dx_dot, Params<Real> dw_dot) override {
    tangent_.pull_back(dy, dy_dot);
    gradient_.add(pass.x.data, dy_dot.data, dw_dot.data());
    if (!pass.x_dot.empty()) gradient_.add(pass.x_dot.data, dy.data, dw_dot.data());
    if (bias_) add_column_sums(dy_dot, dw_dot.data() + in_ * out_);
    if (dx.empty()) return;
    input_gradient_(dy.data, v.data(), dx.data);
    input_gradient_(dy_dot.data, w.data(), dx_dot.data);
    add(dx, dx_dot);
    input_gradient_(dy.data, w.data(), dx.data);
  }

 private:
  void use_gradient(ConstParams<Real> w, const ConstMatrixView<Real>& x, const MatrixView<Real>& dz,
                    const GradientUse<Real>& use) {
    using Kind = typename GradientUse<Real>::Kind;
    const std::size_t biases = bias_ ? out_ : 0;
    Real* to = use.to.data();
    Real* to_bias = to + in_ * out_;
    switch (use.kind) {
      case Kind::overwrite:
        gradient_(x.data, dz.data, to);
        std::copy_n(bias_gradient_.data(), biases, to_bias);
        break;
      case Kind::add:
        gradient_.add(x.data, dz.data, to);
        for (std::size_t j = 0; j < biases; ++j) to_bias[j] += bias_gradient_[j];
        break;
      case Kind::move:
        gradient_.move(x.data, dz.data, w.data(), use.scale, to, *use.check);
        kernels::simd<Real>().move(w.data() + in_ * out_, bias_gradient_.data(), use.scale, to_bias, biases,
                                   *use.check);
        break;
    }
  }

  using Form = typename kernels::Product<Real>::Form;
  std::size_t in_, out_;
  const Activation<Real>& activation_;
  bool bias_;
  kernels::Product<Real> forward_, gradient_, input_gradient_;
  AlignedVector<Real> bias_gradient_;  // (O)
  ActivationTangent<Real> tangent_;
};

}  // namespace

template <class Real>
Dense<Real>::Dense(std::size_t in, std::size_t out, const Activation<Real>& activation, const Initializer& initializer,
                   double scale, bool bias)
    : in_(in), out_(out), activation_(activation), initializer_(initializer), scale_(scale), bias_(bias) {
  assert(in > 0 && out > 0);
}

template <class Real>
std::vector<ParameterBlock> Dense<Real>::blocks() const {
  std::vector<ParameterBlock> blocks{{"weight", 0, in_, out_, true}};
  if (bias_) blocks.push_back({"bias", in_ * out_, 1, out_, false});
  return blocks;
}

template <class Real>
std::string Dense<Real>::describe() const {
  return fmt::format("dense {} -> {}, {}{}", in_, out_, activation_.name, bias_ ? "" : ", no bias");
}

template <class Real>
void Dense<Real>::initialize(Params<Real> w, Rng& rng) const {
  Matrix<double> start = zeros<double>(in_, out_);
  initializer_.fill(view(start), scale_, rng);
  const auto end = std::transform(start.begin(), start.end(), w.begin(), [](double x) { return Real(x); });
  std::fill(end, w.end(), Real(0));
}

template <class Real>
std::size_t Dense<Real>::kept_width() const {
  return activation_.derivative_needs_input ? out_ : 0;
}

template <class Real>
std::unique_ptr<LayerPlan<Real>> Dense<Real>::plan(std::size_t rows) const {
  return std::make_unique<DensePlan<Real>>(rows, in_, out_, activation_, bias_);
}

template class Dense<float>;
template class Dense<double>;

}  // namespace descent
