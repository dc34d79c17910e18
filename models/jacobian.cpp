#include "models/jacobian.hpp"

#include <algorithm>
#include <vector>

namespace descent {
namespace {

template <class Real>
using Kind = typename GradientUse<Real>::Kind;

// ∂L/∂y where L is output k summed over the rows.
template <class Real>
void choose_output(MatrixView<Real> dy, std::size_t k) {
  std::fill_n(dy.data, dy.rows * dy.cols, Real(0));
  for (std::size_t i = 0; i < dy.rows; ++i) dy(i, k) = Real(1);
}

}  // namespace

template <class Real>
Matrix<Real> weight_jacobian(const Network<Real>& network, ConstParams<Real> w, ConstMatrixView<Real> x) {
  const std::size_t outputs = network.outputs(), n = network.parameters();
  Matrix<Real> jacobian = zeros<Real>(x.rows * outputs, n);
  Workspace<Real> work(network);
  work.reserve(1);
  for (std::size_t i = 0; i < x.rows; ++i) {
    const ConstMatrixView<Real> row = x.rows_at(i, 1);
    network.forward(w, row, work, true);
    for (std::size_t k = 0; k < outputs; ++k) {
      choose_output(work.output_gradient(1), k);
      network.backward(w, row, work, {Kind<Real>::overwrite, view(jacobian).row(i * outputs + k)});
    }
  }
  return jacobian;
}

template <class Real>
Matrix<Real> input_jacobian(const Network<Real>& network, ConstParams<Real> w, ConstMatrixView<Real> x) {
  const std::size_t outputs = network.outputs();
  Matrix<Real> jacobian = zeros<Real>(x.rows * outputs, x.cols), dx = zeros<Real>(x.rows, x.cols);
  std::vector<Real> unused(network.parameters());
  Workspace<Real> work(network);
  work.reserve(x.rows);
  network.forward(w, x, work, true);
  for (std::size_t k = 0; k < outputs; ++k) {
    choose_output(work.output_gradient(x.rows), k);
    network.backward(w, x, work, {Kind<Real>::overwrite, unused}, view(dx));
    for (std::size_t i = 0; i < x.rows; ++i)
      std::ranges::copy(view(dx).row(i), view(jacobian).row(i * outputs + k).begin());
  }
  return jacobian;
}

template Matrix<float> weight_jacobian(const Network<float>&, ConstParams<float>, ConstMatrixView<float>);
template Matrix<double> weight_jacobian(const Network<double>&, ConstParams<double>, ConstMatrixView<double>);
template Matrix<float> input_jacobian(const Network<float>&, ConstParams<float>, ConstMatrixView<float>);
template Matrix<double> input_jacobian(const Network<double>&, ConstParams<double>, ConstMatrixView<double>);

}  // namespace descent
