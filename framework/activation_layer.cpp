#include "framework/activation_layer.hpp"

#include "framework/kernels/copy.hpp"

#include <fmt/format.h>

namespace descent {
namespace {

template <class Real>
class ActivationPlan final : public LayerPlan<Real> {
 public:
  explicit ActivationPlan(const Activation<Real>& activation) : activation_(activation) {}

  void forward(ConstParams<Real>, ConstMatrixView<Real> x, MatrixView<Real> y, MatrixView<Real>) override {
    kernels::copy<Real>(x, y);
    activation_.apply(y);
  }
  void backward(ConstParams<Real>, ConstMatrixView<Real> x, ConstMatrixView<Real> y, ConstMatrixView<Real>,
                MatrixView<Real> dy, MatrixView<Real> dx, const GradientUse<Real>&) override {
    if (dx.empty()) return;
    activation_.pull_back(activation_.derivative_needs_input ? x : y, dy);
    kernels::copy<Real>(dy, dx);
  }

 private:
  const Activation<Real>& activation_;
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
