// Arrays: xtensor containers that own, and plain views for kernels that do not.
//
// This is the only header that names xtensor's paths (they moved between releases).
// Containers are made with `zeros<Real>(rows, cols)` or `from_shape`; braces around a size would
// make a list of values, not a length.
#pragma once

#include "framework/aligned.hpp"

#if __has_include(<xtensor/xtensor.hpp>)
#include <xtensor/xtensor.hpp>
#else
#include <xtensor/containers/xtensor.hpp>
#endif

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

namespace descent {

// The flat vector of all weights, w (n), and its gradient (n).
template <class Real>
using Params = std::span<Real>;
template <class Real>
using ConstParams = std::span<const Real>;

// Which terms (rows) of a sum take part, by index and in this order. Empty: all of them, in order.
using Terms = std::span<const std::uint32_t>;

// Owns a row-major matrix (rows, cols) or vector (n).
template <class Real>
using Matrix = xt::xtensor<Real, 2, xt::layout_type::row_major, AlignedAllocator<Real>>;
template <class Real>
using Vector = xt::xtensor<Real, 1, xt::layout_type::row_major, AlignedAllocator<Real>>;

template <class Real>
Matrix<Real> zeros(std::size_t rows, std::size_t cols) {
  Matrix<Real> m = Matrix<Real>::from_shape({rows, cols});
  m.fill(Real(0));
  return m;
}

// A row-major matrix that somebody else owns: element (i, j) is data[i * stride + j].
template <class Element>
struct MatrixView {
  Element* data = nullptr;
  std::size_t rows = 0;
  std::size_t cols = 0;
  std::size_t stride = 0;

  MatrixView() = default;
  MatrixView(Element* d, std::size_t r, std::size_t c) : data(d), rows(r), cols(c), stride(c) {}
  MatrixView(Element* d, std::size_t r, std::size_t c, std::size_t s) : data(d), rows(r), cols(c), stride(s) {}

  // A view of mutable elements serves wherever constant ones are asked for.
  template <class Other>
  requires std::is_same_v<const Other, Element> MatrixView(const MatrixView<Other>& m)
      : data(m.data), rows(m.rows), cols(m.cols), stride(m.stride) {}

  Element& operator()(std::size_t i, std::size_t j) const {
    assert(i < rows && j < cols);
    return data[i * stride + j];
  }
  std::span<Element> row(std::size_t i) const {
    assert(i < rows);
    return {data + i * stride, cols};
  }
  MatrixView rows_at(std::size_t first, std::size_t count) const {
    assert(first + count <= rows);
    return {data + first * stride, count, cols, stride};
  }
  bool empty() const { return data == nullptr; }
};
template <class Real>
using ConstMatrixView = MatrixView<const Real>;

template <class Real>
MatrixView<Real> view(Matrix<Real>& m) {
  return {m.data(), m.shape(0), m.shape(1)};
}
template <class Real>
ConstMatrixView<Real> view(const Matrix<Real>& m) {
  return {m.data(), m.shape(0), m.shape(1)};
}

}  // namespace descent
