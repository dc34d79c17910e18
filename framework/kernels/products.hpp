// The three matrix products of a dense layer.
//
// Shapes: x (B, I), w (I, O), y (B, O), row-major with any stride ≥ the columns. Operands do not
// overlap. Bits do not depend on the number of threads, nor, by tiles, those of a row on the rows beside it. Sums of
// 256 terms and more over the columns of x are taken in halves by tiles, see product_parts.hpp.
#pragma once

#include "framework/aligned.hpp"
#include "framework/kernels/product_parts.hpp"
#include "framework/kernels/simd.hpp"
#include "framework/tensor.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace descent::kernels {

// Who computes a product. tiles: framework/kernels/tile_products.hpp. automatic: whoever is fastest for the
// shape, by the figures in benchmarks/README.md. reference: the definition in three loops.
enum class Backend { automatic, tiles, libxsmm, openblas, reference };

std::vector<std::string> backend_names();
// For everything made from now on. Throws Error(usage) for an unknown name, Error(runtime) where the
// program was built without it.
void set_backend(std::string_view name);
Backend backend();

// One of the products for fixed shapes and strides: made once, called often, allocates nothing. Tiles look at each call
// whether a is full of zeros, as relu and pictures leave them, and if so pass over terms that are 0 times b: numbers
// change by that only where b is not finite.
template <class Real>
class Product {
 public:
  enum class Form {
    plain,             // a b   with a (m, k), b (k, n)
    transposed,        // aᵀ b  with a (k, m), b (k, n)
    right_transposed,  // a bᵀ  with a (m, k), b (n, k)
  };
  struct Shape {
    std::size_t m, n, k;
    std::size_t a_stride, b_stride, c_stride;
  };

  Product(Form form, const Shape& shape);

  // c (m, n) = the product, every row of it begun with `start` (n) instead of 0 unless that is null, as it is where the
  // product is transposed.
  void operator()(const Real* a, const Real* b, Real* c, const Real* start = nullptr);
  // c += the product, which is transposed.
  void add(const Real* a, const Real* b, Real* c);
  // next = w + scale · the product, both laid out as c; `check` sees all that is written. The bits are
  // those of the product, which is transposed, and SimdKernels::move after each other. next may be w.
  void move(const Real* a, const Real* b, const Real* w, Real scale, Real* next, FiniteCheck<Real>& check);

 private:
  using Compiled = void (*)(const Real*, const Real*, Real*, ...);
  void multiply(const Real* a, const Real* b, Real* c);
  void elsewhere(const Real* a, const Real* b, Real* c, bool add);

  Form form_;
  Shape shape_;
  Backend backend_;
  Compiled overwriting_ = nullptr, adding_ = nullptr;  // LIBXSMM's code, if that is the backend
  AlignedVector<Real> scratch_;
  ProductCall<Real> call_ = {};              // for the tiles
  std::optional<ProductParts<Real>> parts_;  // of it: for several threads, or sums in halves
  bool flips_ = false;                       // the call is cᵀ = bᵀ a
};

// y = x w
template <class Real>
void product(ConstMatrixView<Real> x, ConstMatrixView<Real> w, MatrixView<Real> y);

// dw (I, O) += xᵀ dy
template <class Real>
void add_transposed_product(ConstMatrixView<Real> x, ConstMatrixView<Real> dy, MatrixView<Real> dw);

// dx (B, I) = dy wᵀ
template <class Real>
void product_transposed(ConstMatrixView<Real> dy, ConstMatrixView<Real> w, MatrixView<Real> dx);

// The definitions, in three loops: what the fast ones are tested against.
namespace reference {

template <class Real>
void product(ConstMatrixView<Real> x, ConstMatrixView<Real> w, MatrixView<Real> y) {
  for (std::size_t i = 0; i < x.rows; ++i)
    for (std::size_t j = 0; j < w.cols; ++j) {
      Real sum = 0;
      for (std::size_t k = 0; k < x.cols; ++k) sum += x(i, k) * w(k, j);
      y(i, j) = sum;
    }
}

template <class Real>
void add_transposed_product(ConstMatrixView<Real> x, ConstMatrixView<Real> dy, MatrixView<Real> dw) {
  for (std::size_t i = 0; i < x.cols; ++i)
    for (std::size_t j = 0; j < dy.cols; ++j) {
      Real sum = 0;
      for (std::size_t k = 0; k < x.rows; ++k) sum += x(k, i) * dy(k, j);
      dw(i, j) += sum;
    }
}

template <class Real>
void product_transposed(ConstMatrixView<Real> dy, ConstMatrixView<Real> w, MatrixView<Real> dx) {
  for (std::size_t i = 0; i < dy.rows; ++i)
    for (std::size_t j = 0; j < w.rows; ++j) {
      Real sum = 0;
      for (std::size_t k = 0; k < dy.cols; ++k) sum += dy(i, k) * w(j, k);
      dx(i, j) = sum;
    }
}

}  // namespace reference
}  // namespace descent::kernels
