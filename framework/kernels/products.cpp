#include "framework/kernels/products.hpp"

#include "framework/error.hpp"
#include "framework/kernels/blas_threads.hpp"
#include "framework/kernels/threads.hpp"
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

std::atomic<Backend> chosen{Backend::automatic};

struct Named {
  std::string_view name;
  Backend backend;
};
constexpr Named kBackends[] = {{"auto", Backend::automatic},
                               {"tiles", Backend::tiles},
                               {"libxsmm", Backend::libxsmm},
                               {"openblas", Backend::openblas},
                               {"reference", Backend::reference}};

blasint as_int(std::size_t n) {
  assert(n <= static_cast<std::size_t>(std::numeric_limits<blasint>::max()));
  return static_cast<blasint>(n);
}

template <class Real>
void gemm(CBLAS_TRANSPOSE op_a, CBLAS_TRANSPOSE op_b, const typename Product<Real>::Shape& s, const Real* a,
          const Real* b, Real beta, Real* c) {
  use_one_blas_thread();
  if constexpr (std::is_same_v<Real, float>)
    cblas_sgemm(CblasRowMajor, op_a, op_b, as_int(s.m), as_int(s.n), as_int(s.k), 1, a, as_int(s.a_stride), b,
                as_int(s.b_stride), beta, c, as_int(s.c_stride));
  else
    cblas_dgemm(CblasRowMajor, op_a, op_b, as_int(s.m), as_int(s.n), as_int(s.k), 1, a, as_int(s.a_stride), b,
                as_int(s.b_stride), beta, c, as_int(s.c_stride));
}

template <class Real>
void by_definition(typename Product<Real>::Form form, const typename Product<Real>::Shape& s, const Real* a,
                   const Real* b, Real* c, bool add) {
  const ConstMatrixView<Real> right(b, s.k, s.n, s.b_stride);
  const MatrixView<Real> out(c, s.m, s.n, s.c_stride);
  using Form = typename Product<Real>::Form;
  assert(form == Form::transposed || !add);
  if (form == Form::right_transposed)
    return reference::product_transposed<Real>({a, s.m, s.k, s.a_stride}, {b, s.n, s.k, s.b_stride}, out);
  if (form == Form::plain) return reference::product<Real>({a, s.m, s.k, s.a_stride}, right, out);
  if (!add)
    for (std::size_t i = 0; i < s.m; ++i) std::ranges::fill(out.row(i), Real(0));
  reference::add_transposed_product<Real>({a, s.k, s.m, s.a_stride}, right, out);
}

#ifdef DESCENT_WITH_LIBXSMM
// LIBXSMM is column-major: what we call c = a b, it calls cᵀ = bᵀ aᵀ, on the same memory. Its first
// operand (our b) may not be transposed, its second (our a) may; a right factor that is comes here as a copy.
template <class Real>
auto compile(typename Product<Real>::Form form, const typename Product<Real>::Shape& s, bool add) {
  using Form = typename Product<Real>::Form;
  const libxsmm_blasint m = as_int(s.n), n = as_int(s.m), k = as_int(s.k);
  const libxsmm_blasint lda = as_int(form == Form::right_transposed ? s.n : s.b_stride), ldb = as_int(s.a_stride),
                        ldc = as_int(s.c_stride);
  const Real alpha = 1, beta = add ? 1 : 0;
  const int flags = form == Form::transposed ? LIBXSMM_GEMM_FLAG_TRANS_B : LIBXSMM_GEMM_FLAG_NONE;
  const int prefetch = LIBXSMM_GEMM_PREFETCH_NONE;
  if constexpr (std::is_same_v<Real, float>)
    return libxsmm_smmdispatch(m, n, k, &lda, &ldb, &ldc, &alpha, &beta, &flags, &prefetch);
  else
    return libxsmm_dmmdispatch(m, n, k, &lda, &ldb, &ldc, &alpha, &beta, &flags, &prefetch);
}
#endif

// From this many multiply-adds on (float32; half of them in float64) OpenBLAS, which also cuts its operands to fit
// the second cache, is the faster one; with few terms to a sum it never is. See benchmarks/README.md.
constexpr double kLargeProduct = 1 << 29;
constexpr std::size_t kManyTerms = 128;

template <class Real>
Backend fastest(const typename Product<Real>::Shape& s) {
  const double size = static_cast<double>(s.m * s.n) * static_cast<double>(s.k) * (sizeof(Real) / sizeof(float));
  return size >= kLargeProduct && s.k >= kManyTerms ? Backend::openblas : Backend::tiles;
}

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
    if (named.backend == Backend::libxsmm) {
      std::vector<std::string> others = backend_names();
      std::erase(others, name);
      throw Error(Fault::runtime,
                  "this program was built without LIBXSMM; install libxsmm-dev and build it again, or take another "
                  "kernel library: {}",
                  join(others));
    }
#endif
    chosen = named.backend;
    return;
  }
  throw Error(Fault::usage, "{}", unknown_name("kernel library", name, backend_names()));
}

Backend backend() { return chosen; }

template <class Real>
Product<Real>::Product(Form form, const Shape& shape) : form_(form), shape_(shape), backend_(chosen) {
  if (backend_ == Backend::automatic) backend_ = fastest<Real>(shape);
#ifdef DESCENT_WITH_LIBXSMM
  if (backend_ == Backend::libxsmm) {
    overwriting_ = reinterpret_cast<Compiled>(compile<Real>(form, shape, false));
    if (form == Form::transposed) adding_ = reinterpret_cast<Compiled>(compile<Real>(form, shape, true));
    if (form == Form::right_transposed) scratch_.resize(shape.n * shape.k);
  }
#endif
  if (backend_ != Backend::tiles) return;
  // T with one column: c and b are vectors, and cᵀ = bᵀ a has full rows.
  const bool flips = form == Form::transposed && shape.n == 1 && shape.b_stride == 1 && shape.c_stride == 1;
  call_.m = flips ? 1 : shape.m;
  call_.n = flips ? shape.m : shape.n;
  call_.k = shape.k;
  call_.transposed = form == Form::transposed && !flips;
  call_.right_transposed = form == Form::right_transposed;
  flips_ = flips;
  call_.a_stride = flips ? shape.k : shape.a_stride;
  call_.b_stride = flips ? shape.a_stride : shape.b_stride;
  call_.c_stride = flips ? shape.m : shape.c_stride;
  if (const Sharing sharing = sharing_of(call_, flips, threads()); sharing.cuts()) {
    parts_.emplace(call_, sharing);
    return;
  }
  scratch_.resize(product_scratch<Real>(call_.m, call_.n, call_.k, call_.transposed));
  call_.scratch = scratch_.data();
  simd<Real>().plan_product(call_);
}

template <class Real>
void Product<Real>::multiply(const Real* a, const Real* b, Real* c) {
  call_.a = flips_ ? b : a;
  call_.b = flips_ ? a : b;
  call_.c = c;
  parts_ ? parts_->multiply(call_) : simd<Real>().product(call_);
}

// By one of the libraries, or by definition.
template <class Real>
void Product<Real>::elsewhere(const Real* a, const Real* b, Real* c, bool add) {
  if (const Compiled compiled = add ? adding_ : overwriting_) {
    if (form_ == Form::right_transposed) {
      for (std::size_t j = 0; j < shape_.n; ++j)
        for (std::size_t l = 0; l < shape_.k; ++l) scratch_[l * shape_.n + j] = b[j * shape_.b_stride + l];
      b = scratch_.data();
    }
    return compiled(b, a, c);  // the factors change places
  }
  if (backend_ == Backend::reference) return by_definition<Real>(form_, shape_, a, b, c, add);
  gemm<Real>(form_ == Form::transposed ? CblasTrans : CblasNoTrans,
             form_ == Form::right_transposed ? CblasTrans : CblasNoTrans, shape_, a, b, add ? 1 : 0, c);
}

template <class Real>
void Product<Real>::operator()(const Real* a, const Real* b, Real* c, const Real* start) {
  assert(start == nullptr || form_ != Form::transposed);
  if (backend_ == Backend::tiles) {
    call_.adds = false;
    call_.start = start;
    call_.w = nullptr;
    return multiply(a, b, c);
  }
  elsewhere(a, b, c, false);
  if (start == nullptr) return;
  for (std::size_t i = 0; i < shape_.m; ++i)
    for (std::size_t j = 0; j < shape_.n; ++j) c[i * shape_.c_stride + j] += start[j];
}

template <class Real>
void Product<Real>::add(const Real* a, const Real* b, Real* c) {
  if (backend_ != Backend::tiles) return elsewhere(a, b, c, true);
  call_.adds = true;
  call_.start = call_.w = nullptr;
  multiply(a, b, c);
}

template <class Real>
void Product<Real>::move(const Real* a, const Real* b, const Real* w, Real scale, Real* next,
                         FiniteCheck<Real>& check) {
  if (backend_ == Backend::tiles) {
    call_.adds = false;
    call_.start = nullptr;
    call_.w = w;
    call_.scale = scale;
    call_.check = &check;
    return multiply(a, b, next);
  }
  assert(shape_.c_stride == shape_.n);
  scratch_.resize(shape_.m * shape_.n);
  elsewhere(a, b, scratch_.data(), false);
  simd<Real>().move(w, scratch_.data(), scale, next, scratch_.size(), check);
}

template <class Real>
void product(ConstMatrixView<Real> x, ConstMatrixView<Real> w, MatrixView<Real> y) {
  assert(x.rows == y.rows && x.cols == w.rows && w.cols == y.cols);
  Product<Real> plan(Product<Real>::Form::plain, {y.rows, y.cols, x.cols, x.stride, w.stride, y.stride});
  plan(x.data, w.data, y.data);
}

template <class Real>
void add_transposed_product(ConstMatrixView<Real> x, ConstMatrixView<Real> dy, MatrixView<Real> dw) {
  assert(x.rows == dy.rows && x.cols == dw.rows && dy.cols == dw.cols);
  Product<Real> plan(Product<Real>::Form::transposed, {dw.rows, dw.cols, x.rows, x.stride, dy.stride, dw.stride});
  plan.add(x.data, dy.data, dw.data);
}

template <class Real>
void product_transposed(ConstMatrixView<Real> dy, ConstMatrixView<Real> w, MatrixView<Real> dx) {
  assert(dy.rows == dx.rows && dy.cols == w.cols && w.rows == dx.cols);
  Product<Real> plan(Product<Real>::Form::right_transposed,
                     {dx.rows, dx.cols, dy.cols, dy.stride, w.stride, dx.stride});
  plan(dy.data, w.data, dx.data);
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
