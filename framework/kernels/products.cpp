#include "framework/kernels/products.hpp"

#include "framework/aligned.hpp"
#include "framework/error.hpp"
#include "framework/kernels/simd.hpp"
#include "framework/text.hpp"

#include <cblas.h>
#ifdef DESCENT_WITH_LIBXSMM
#include <libxsmm.h>
#endif

#include <algorithm>
#include <atomic>
#include <limits>

namespace descent::kernels {
namespace {

// OpenBLAS takes the number of threads from the environment unless told; sums would change with it.
const bool kOneThread = [] {
  openblas_set_num_threads(1);
  return true;
}();

std::atomic<Backend> chosen{Backend::automatic};

struct Named {
  std::string_view name;
  Backend backend;
};
constexpr Named kBackends[] = {{"auto", Backend::automatic},
                               {"libxsmm", Backend::libxsmm},
                               {"openblas", Backend::openblas},
                               {"reference", Backend::reference}};

blasint as_int(std::size_t n) {
  assert(n <= static_cast<std::size_t>(std::numeric_limits<blasint>::max()));
  return static_cast<blasint>(n);
}

template <class Real>
void gemm(CBLAS_TRANSPOSE op_a, const typename Product<Real>::Shape& s, const Real* a, const Real* b, Real beta,
          Real* c) {
  assert(kOneThread);
  if constexpr (std::is_same_v<Real, float>)
    cblas_sgemm(CblasRowMajor, op_a, CblasNoTrans, as_int(s.m), as_int(s.n), as_int(s.k), 1, a, as_int(s.a_stride), b,
                as_int(s.b_stride), beta, c, as_int(s.c_stride));
  else
    cblas_dgemm(CblasRowMajor, op_a, CblasNoTrans, as_int(s.m), as_int(s.n), as_int(s.k), 1, a, as_int(s.a_stride), b,
                as_int(s.b_stride), beta, c, as_int(s.c_stride));
}

template <class Real>
void by_definition(typename Product<Real>::Form form, const typename Product<Real>::Shape& s, const Real* a,
                   const Real* b, Real* c) {
  using Form = typename Product<Real>::Form;
  const ConstMatrixView<Real> right(b, s.k, s.n, s.b_stride);
  const MatrixView<Real> out(c, s.m, s.n, s.c_stride);
  if (form == Form::plain) return reference::product<Real>({a, s.m, s.k, s.a_stride}, right, out);
  if (form == Form::transposed)
    for (std::size_t i = 0; i < s.m; ++i) std::ranges::fill(out.row(i), Real(0));
  reference::add_transposed_product<Real>({a, s.k, s.m, s.a_stride}, right, out);
}

// From about here on OpenBLAS, which copies its operands into panels, is the faster one; see
// benchmarks/README.md.
constexpr std::size_t kLargestForLibxsmm = std::size_t{1} << 27;  // m · n · k

#ifdef DESCENT_WITH_LIBXSMM
// LIBXSMM is column-major: what we call c = a b, it calls cᵀ = bᵀ aᵀ, on the same memory. Its first
// operand (our b) may not be transposed, its second (our a) may.
template <class Real>
auto compile(typename Product<Real>::Form form, const typename Product<Real>::Shape& s) {
  using Form = typename Product<Real>::Form;
  const libxsmm_blasint m = as_int(s.n), n = as_int(s.m), k = as_int(s.k);
  const libxsmm_blasint lda = as_int(s.b_stride), ldb = as_int(s.a_stride), ldc = as_int(s.c_stride);
  const Real alpha = 1, beta = form == Form::transposed_add ? 1 : 0;
  const int flags = form == Form::plain ? LIBXSMM_GEMM_FLAG_NONE : LIBXSMM_GEMM_FLAG_TRANS_B;
  const int prefetch = LIBXSMM_GEMM_PREFETCH_NONE;
  if constexpr (std::is_same_v<Real, float>)
    return libxsmm_smmdispatch(m, n, k, &lda, &ldb, &ldc, &alpha, &beta, &flags, &prefetch);
  else
    return libxsmm_dmmdispatch(m, n, k, &lda, &ldb, &ldc, &alpha, &beta, &flags, &prefetch);
}
#endif

}  // namespace

std::vector<std::string> backend_names() {
  std::vector<std::string> names;
  for (const Named& named : kBackends) names.emplace_back(named.name);
  return names;
}

void set_backend(std::string_view name) {
  for (const Named& named : kBackends) {
    if (named.name != name) continue;
#ifndef DESCENT_WITH_LIBXSMM
    if (named.backend == Backend::libxsmm) throw Error(Fault::runtime, "this program was built without LIBXSMM");
#endif
    chosen = named.backend;
    return;
  }
  throw Error(Fault::usage, "{}", unknown_name("kernel library", name, backend_names()));
}

template <class Real>
Product<Real>::Product(Form form, const Shape& shape) : form_(form), shape_(shape), backend_(chosen) {
  if (backend_ == Backend::reference || backend_ == Backend::openblas) return;
#ifdef DESCENT_WITH_LIBXSMM
  if (backend_ == Backend::libxsmm || shape.m * shape.n * shape.k <= kLargestForLibxsmm)
    compiled_ = reinterpret_cast<Compiled>(compile<Real>(form, shape));
#endif
  backend_ = compiled_ != nullptr ? Backend::libxsmm : Backend::openblas;
}

template <class Real>
void Product<Real>::operator()(const Real* a, const Real* b, Real* c) const {
  if (compiled_ != nullptr) return compiled_(b, a, c);  // column-major: the factors change places
  if (backend_ == Backend::reference) return by_definition<Real>(form_, shape_, a, b, c);
  gemm<Real>(form_ == Form::plain ? CblasNoTrans : CblasTrans, shape_, a, b, form_ == Form::transposed_add ? 1 : 0, c);
}

template <class Real>
void product(ConstMatrixView<Real> x, ConstMatrixView<Real> w, MatrixView<Real> y) {
  assert(x.rows == y.rows && x.cols == w.rows && w.cols == y.cols);
  Product<Real>(Product<Real>::Form::plain, {y.rows, y.cols, x.cols, x.stride, w.stride, y.stride})(x.data, w.data,
                                                                                                    y.data);
}

template <class Real>
void add_transposed_product(ConstMatrixView<Real> x, ConstMatrixView<Real> dy, MatrixView<Real> dw) {
  assert(x.rows == dy.rows && x.cols == dw.rows && dy.cols == dw.cols);
  Product<Real>(Product<Real>::Form::transposed_add, {dw.rows, dw.cols, x.rows, x.stride, dy.stride, dw.stride})(
      x.data, dy.data, dw.data);
}

template <class Real>
void product_transposed(ConstMatrixView<Real> dy, ConstMatrixView<Real> w, MatrixView<Real> dx) {
  assert(dy.rows == dx.rows && dy.cols == w.cols && w.rows == dx.cols);
  AlignedVector<Real> transposed(w.rows * w.cols);
  for (std::size_t i = 0; i < w.rows; ++i)
    for (std::size_t j = 0; j < w.cols; ++j) transposed[j * w.rows + i] = w(i, j);
  Product<Real>(Product<Real>::Form::plain, {dx.rows, dx.cols, dy.cols, dy.stride, w.rows, dx.stride})(
      dy.data, transposed.data(), dx.data);
}

template class Product<float>;
template class Product<double>;
template void product(ConstMatrixView<float>, ConstMatrixView<float>, MatrixView<float>);
template void product(ConstMatrixView<double>, ConstMatrixView<double>, MatrixView<double>);
template void add_transposed_product(ConstMatrixView<float>, ConstMatrixView<float>, MatrixView<float>);
template void add_transposed_product(ConstMatrixView<double>, ConstMatrixView<double>, MatrixView<double>);
template void product_transposed(ConstMatrixView<float>, ConstMatrixView<float>, MatrixView<float>);
template void product_transposed(ConstMatrixView<double>, ConstMatrixView<double>, MatrixView<double>);

}  // namespace descent::kernels
