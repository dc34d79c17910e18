// The hot passes over activations and weights, compiled for several instruction sets; the best one for
// this processor is chosen when the program starts.
//
// Each has a slow twin written as its definition: the rows of framework/activation.cpp and
// framework/loss.cpp, and kernels::reference below. Tests compare them for every variant that the
// processor can run.
#pragma once

#include "framework/kernels/cut.hpp"
#include "framework/kernels/directions.hpp"
#include "framework/tensor.hpp"

#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace descent::kernels {

// z (B, O) copied to kept (B, O) unless that is empty; then z = φ(z).
template <class Real>
using ActivationForward = void (*)(const MatrixView<Real>& z, const MatrixView<Real>& kept);

// dy (B, O) becomes dz = dy · φ′, with φ′ from `from` (B, O); bias_gradient (O) += its column sums,
// unless that is null.
template <class Real>
using ActivationBackward = void (*)(const ConstMatrixView<Real>& from, const MatrixView<Real>& dy, Real* bias_gradient);

// A loss as in framework/loss.hpp: returns Σ, writes ∂Σ/∂y unless dy is empty.
template <class Real>
using LossEvaluate = double (*)(const ConstMatrixView<Real>& y, const ConstMatrixView<Real>& t,
                                const MatrixView<Real>& dy);

template <class Real>
struct FastActivation {
  std::string_view name;  // of the row in framework/activation.cpp
  ActivationForward<Real> forward;
  ActivationBackward<Real> backward;
};

template <class Real>
struct FastLoss {
  std::string_view name;  // of the row in framework/loss.cpp
  LossEvaluate<Real> evaluate;
};

// Collects whether everything written was finite, a lane each: the sum of x · 0 over all x, 0 or NaN.
template <class Real>
struct FiniteCheck {
  alignas(64) Real lanes[64 / sizeof(Real)] = {};
  bool passed() const {
    int failed = 0;
    for (const Real lane : lanes) failed |= lane != 0;
    return failed == 0;
  }
};

// What a product does with terms in which a is 0. looked_for: it passes over them if a is_sparse.
enum class Zeros { multiplied, looked_for, passed_over };

// c (m, n) = a b, or with its variants below.
// No two of c, a, b, start and scratch overlap; w, where given, overlaps none of them, or is c of an aᵀ b.
template <class Real>
struct ProductCall {
  std::size_t m, n, k;
  bool transposed;  // aᵀ b: a (k, m) instead of (m, k)
  const Real* a;
  std::size_t a_stride;
  const Real* b;
  std::size_t b_stride;
  Real* c;
  std::size_t c_stride;
  bool right_transposed = false;  // a bᵀ: b (n, k) instead of (k, n); needs scratch, and a as it stands
  bool adds = false;              // c += a b
  const Real* start = nullptr;    // (n): every row of c begins with it instead of 0
  // c = w + scale (a b), w laid out as c: what `move` would make of the product, bit for bit. All that is
  // written passes through `check`.
  const Real* w = nullptr;
  Real scale = 0;
  FiniteCheck<Real>* check = nullptr;
  Real* scratch = nullptr;  // product_scratch() numbers, or null: no panels are copied

  // By plan_product: columns of c in vectors, rows in tiles, whether b is copied, and what becomes of zeros.
  Split columns = {}, rows = {};
  bool copies = false;
  Zeros zeros = Zeros::multiplied;
};

// Products that pass over zeros of a: what of b the nearest cache holds beside the rest, 32 KiB, and from what size on
// lists of what is not 0 can be worth their while.
template <class Real>
struct SparsePanel {
  static constexpr std::size_t kTerms = 64, kVectors = 8, kMostColumns = kVectors * 64 / sizeof(Real);
  static constexpr std::size_t kFewestRows = 16, kFewestTerms = 32,
                               kFewestColumns = kVectors * 16 / sizeof(Real);  // of the narrowest vectors
};

// Room for the copies of b's panels and of a tile's columns of a, or for one panel and the lists, with sums aside where
// weights may move in place; of every instruction set.
template <class Real>
constexpr std::size_t product_scratch(std::size_t m, std::size_t n, std::size_t k, bool transposed) {
  using Panel = SparsePanel<Real>;
  const std::size_t copies = (n + 64) * k;
  if (m < Panel::kFewestRows || k < Panel::kFewestTerms || n < Panel::kFewestColumns) return copies;
  const std::size_t blocks = transposed ? (k + Panel::kTerms - 1) / Panel::kTerms : 1;
  const std::size_t words = blocks * m * (Panel::kTerms + 1);  // of 4 bytes: where they are, and how many
  const std::size_t sums = transposed ? m * Panel::kMostColumns : 0;
  return std::max(copies, Panel::kTerms * (Panel::kMostColumns + blocks * m) + sums + words * 4 / sizeof(Real) + 1);
}

// Passes over batches that stand feature by feature: matrices (features, C) whose columns are rows of the batch, C a
// multiple of `lanes`, contiguous.
template <class Real>
struct FeatureMajorKernels {
  std::size_t lanes;  // in a vector

  // Column i of to (d, C) = row indices[i] of from, or row i where indices is null; from column `count` ≥ 1 on, the
  // last of them again.
  void (*gather_transposed)(const ConstMatrixView<Real>& from, const std::uint32_t* indices, std::size_t count,
                            const MatrixView<Real>& to);
  // sums (m, n, lanes) = the products of a (m, C) and bᵀ, b (n, C), each spread over lanes that are still to be added
  // up; or += where `adds`.
  void (*spread_dots)(const ConstMatrixView<Real>& a, const ConstMatrixView<Real>& b, bool adds, Real* sums);
  // to (n) = the sums of the lanes of sums (n, lanes).
  void (*collect_dots)(const Real* sums, std::size_t n, Real* to);
  // to (m, n) = a bᵀ: the two above in one. The faster way for the few columns of a small batch.
  void (*dots)(const ConstMatrixView<Real>& a, const ConstMatrixView<Real>& b, Real* to);
  // The loss of that name: y (K, rows), K ≤ 128, and dy likewise unless empty, both with vectors that may be read but
  // count for nothing behind their last column; labels (rows).
  double (*cross_entropy)(const ConstMatrixView<Real>& y, const Real* labels, const MatrixView<Real>& dy);
};

template <class Real>
struct SimdKernels {
  std::string_view instructions;  // "avx512", "avx2", "baseline"
  std::span<const FastActivation<Real>> activations;
  std::span<const FastLoss<Real>> losses;

  // How to cut a product of these sizes and strides; for all calls to come.
  void (*plan_product)(ProductCall<Real>& call);
  void (*product)(const ProductCall<Real>& call);
  // Whether to pass over zeros is faster, by a sample of a.
  bool (*is_sparse)(const ProductCall<Real>& call);
  // next (n) = w + scale v, rounded once where the instruction set can, through `check`. The arrays do not overlap, but
  // next may be w.
  void (*move)(const Real* w, const Real* v, Real scale, Real* next, std::size_t n, FiniteCheck<Real>& check);
  // The directions of kernels/directions.hpp, with the bits of their definitions.
  void (*momentum)(const Real* g, std::size_t n, Real mu, bool looks_ahead, Real* v, const DirectionUse<Real>& use);
  void (*scaled_by_root)(const Real* g, std::size_t n, Real keep, Real add, Real epsilon, Real* v,
                         const DirectionUse<Real>& use);
  void (*adam)(const Real* g, const Real* w, std::size_t n, const AdamStep<Real>& step, Real* m, Real* v,
               const DirectionUse<Real>& use);
  // out (blocks, 4) = Philox4x32-10 of the counters (counter[0] + i, counter[1], counter[2], counter[3]); blocks is a
  // multiple of 16.
  void (*philox)(const std::uint32_t* key, const std::uint32_t* counter, std::size_t blocks, std::uint32_t* out);
  // Row i of to (rows, d, contiguous) = row indices[i] of from.
  void (*gather)(const ConstMatrixView<Real>& from, const std::uint32_t* indices, const MatrixView<Real>& to);
  FeatureMajorKernels<Real> feature_major;
};

// The best for this processor, or what the environment variable DESCENT_SIMD names ("avx512", "avx2", "baseline"): then
// a processor gives the bits of one that has less. Throws Error(usage) where it has not what is named.
template <class Real>
const SimdKernels<Real>& simd();

// All that this processor can run, the best first.
template <class Real>
std::vector<const SimdKernels<Real>*> simd_variants();

}  // namespace descent::kernels
