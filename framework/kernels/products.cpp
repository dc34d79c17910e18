#include "framework/kernels/products.hpp"

#include <cblas.h>

#include <limits>

namespace descent::kernels {
namespace {

// OpenBLAS takes the number of threads from the environment unless told; sums would change with it.
const bool kOneThread = [] {
  openblas_set_num_threads(1);
  return true;
}();

blasint as_int(std::size_t n) {
  assert(n <= static_cast<std::size_t>(std::numeric_limits<blasint>::max()));
  return static_cast<blasint>(n);
}

// c (m, n) = op(a) op(b) + beta c with inner length k.
template <class Real>
void gemm(CBLAS_TRANSPOSE op_a, CBLAS_TRANSPOSE op_b, std::size_t m, std::size_t n, std::size_t k,
          ConstMatrixView<Real> a, ConstMatrixView<Real> b, Real beta, MatrixView<Real> c) {
  assert(kOneThread);
  if constexpr (std::is_same_v<Real, float>)
    cblas_sgemm(CblasRowMajor, op_a, op_b, as_int(m), as_int(n), as_int(k), 1, a.data, as_int(a.stride), b.data,
                as_int(b.stride), beta, c.data, as_int(c.stride));
  else
    cblas_dgemm(CblasRowMajor, op_a, op_b, as_int(m), as_int(n), as_int(k), 1, a.data, as_int(a.stride), b.data,
                as_int(b.stride), beta, c.data, as_int(c.stride));
}

}  // namespace

template <class Real>
void product(ConstMatrixView<Real> x, ConstMatrixView<Real> w, MatrixView<Real> y) {
  assert(x.rows == y.rows && x.cols == w.rows && w.cols == y.cols);
  gemm<Real>(CblasNoTrans, CblasNoTrans, x.rows, w.cols, x.cols, x, w, 0, y);
}

template <class Real>
void add_transposed_product(ConstMatrixView<Real> x, ConstMatrixView<Real> dy, MatrixView<Real> dw) {
  assert(x.rows == dy.rows && x.cols == dw.rows && dy.cols == dw.cols);
  gemm<Real>(CblasTrans, CblasNoTrans, x.cols, dy.cols, x.rows, x, dy, 1, dw);
}

template <class Real>
void product_transposed(ConstMatrixView<Real> dy, ConstMatrixView<Real> w, MatrixView<Real> dx) {
  assert(dy.rows == dx.rows && dy.cols == w.cols && w.rows == dx.cols);
  gemm<Real>(CblasNoTrans, CblasTrans, dy.rows, w.rows, dy.cols, dy, w, 0, dx);
}

template void product(ConstMatrixView<float>, ConstMatrixView<float>, MatrixView<float>);
template void product(ConstMatrixView<double>, ConstMatrixView<double>, MatrixView<double>);
template void add_transposed_product(ConstMatrixView<float>, ConstMatrixView<float>, MatrixView<float>);
template void add_transposed_product(ConstMatrixView<double>, ConstMatrixView<double>, MatrixView<double>);
template void product_transposed(ConstMatrixView<float>, ConstMatrixView<float>, MatrixView<float>);
template void product_transposed(ConstMatrixView<double>, ConstMatrixView<double>, MatrixView<double>);

}  // namespace descent::kernels
