#include "framework/activation_layer.hpp"

#include "framework/kernels/elementwise.hpp"

#include <fmt/format.h>

namespace descent {

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
void ActivationLayer<Real>::forward(ConstParams<Real>, ConstMatrixView<Real> x, MatrixView<Real> y,
                                    MatrixView<Real>) const {
  kernels::copy<Real>(x, y);
  activation_.apply(y);
}

template <class Real>
void ActivationLayer<Real>::backward(ConstParams<Real>, ConstMatrixView<Real> x, ConstMatrixView<Real> y,
                                     ConstMatrixView<Real>, MatrixView<Real> dy, MatrixView<Real> dx,
                                     Params<Real>) const {
  if (dx.empty()) return;
  activation_.pull_back(activation_.derivative_needs_input ? x : y, dy);
  kernels::copy<Real>(dy, dx);
}

template class ActivationLayer<float>;
template class ActivationLayer<double>;

}  // namespace descent
