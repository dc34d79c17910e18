#include "framework/dense.hpp"

#include "framework/kernels/elementwise.hpp"
#include "framework/kernels/products.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace descent {

template <class Real>
Dense<Real>::Dense(std::size_t in, std::size_t out, const Activation<Real>& activation,
                   const Initializer& initializer, double scale, bool bias)
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
void Dense<Real>::forward(ConstParams<Real> w, ConstMatrixView<Real> x, MatrixView<Real> y,
                          MatrixView<Real> kept) const {
  kernels::product(x, weights(w), y);
  if (bias_) kernels::add_to_rows(w.subspan(in_ * out_), y);
  if (!kept.empty()) kernels::copy<Real>(y, kept);
  activation_.apply(y);
}

template <class Real>
void Dense<Real>::backward(ConstParams<Real> w, ConstMatrixView<Real> x, ConstMatrixView<Real> y,
                           ConstMatrixView<Real> kept, MatrixView<Real> dy, MatrixView<Real> dx,
                           Params<Real> dw) const {
  const MatrixView<Real> dz = dy;
  activation_.pull_back(activation_.derivative_needs_input ? kept : y, dz);
  kernels::add_transposed_product<Real>(x, dz, {dw.data(), in_, out_});
  if (bias_) kernels::add_column_sums<Real>(dz, dw.subspan(in_ * out_));
  if (!dx.empty()) kernels::product_transposed<Real>(dz, weights(w), dx);
}

template class Dense<float>;
template class Dense<double>;

}  // namespace descent
