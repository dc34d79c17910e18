#include "framework/activation_layer.hpp"

#include "framework/kernels/copy.hpp"
#include "framework/tangent.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace descent {
namespace {

template <class Real>
class ActivationPlan final : public LayerPlan<Real> {
 public:
  explicit ActivationPlan(const Activation<Real>& activation) : activation_(activation) {}

  void forward(ConstParams<Real>, const ConstMatrixView<Real>& x, const MatrixView<Real>& y,
               const MatrixView<Real>&) override {
    kernels::copy<Real>(x, y);
    activation_.apply(y);
  }
  void backward(ConstParams<Real>, const ConstMatrixView<Real>& x, const ConstMatrixView<Real>& y,
                const ConstMatrixView<Real>&, const MatrixView<Real>& dy, const MatrixView<Real>& dx,
                const GradientUse<Real>&) override {
    if (dx.empty()) return;
    activation_.pull_back(activation_.derivative_needs_input ? x : y, dy);
    kernels::copy<Real>(dy, dx);
  }

  void tangent_forward(ConstParams<Real>, ConstParams<Real>, const TangentPass<Real>& pass,
                       const MatrixView<Real>& y_dot) override {
    tangent_.start(activation_, activation_.derivative_needs_input ? pass.x : pass.y);
    if (pass.x_dot.empty())
      std::fill_n(tangent_.z_dot().data, y_dot.rows * y_dot.cols, Real(0));
    else
      kernels::copy<Real>(pass.x_dot, tangent_.z_dot());
    tangent_.push_forward(y_dot);
  }
  void tangent_backward(ConstParams<Real>, ConstParams<Real>, const TangentPass<Real>&, const MatrixView<Real>& dy,
                        const MatrixView<Real>& dy_dot, const MatrixView<Real>& dx, const MatrixView<Real>& dx_dot,
                        Params<Real>) override {
    if (dx.empty()) return;
    tangent_.pull_back(dy, dy_dot);
    kernels::copy<Real>(dy, dx);
    kernels::copy<Real>(dy_dot, dx_dot);
  }

 private:
  const Activation<Real>& activation_;
  ActivationTangent<Real> tangent_;
};

}  // namespace

template <class Real>
ActivationLayer<Real>::ActivationLayer(std::size_t width, const Activation<Real>& activation)
    : width_(width), activation_(activation) {
  assert(width > 0);
}

template <class Real>
std::string ActivationLayer<Real>::describe() const {
  return fmt::format("activation {}, {}", width_, activation_.name);
}

template <class Real>
std::unique_ptr<LayerPlan<Real>> ActivationLayer<Real>::plan(std::size_t) const {
  return std::make_unique<ActivationPlan<Real>>(activation_);
}

template class ActivationLayer<float>;
template class ActivationLayer<double>;

}  // namespace descent
