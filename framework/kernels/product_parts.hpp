// A product in parts: for threads that share it, and for sums that are taken in halves.
//
// What travels between the caches of two processors costs a multiple of what stays, so a thread should meet the same
// numbers again in every product of a layer with weights w (I, O), inputs x and derivatives dz:
//
//   I ≥ kHalvesFrom   it has half of the rows of w: x w is cut by terms, xᵀ dz by rows, dz wᵀ by columns. Of x it
//                     needs half of the columns.
//   O ≥ kColumnsFrom  it has some of the columns of w: x w and xᵀ dz are cut by columns.
//   otherwise         it has some of the rows of the batch, or of w in xᵀ dz.
//
// Nobody adds to lines that lie between the lines of another thread: processors fetch neighbours unasked, and take them
// away from each other. Parts by columns have a c of their own, which is copied when it is finished.
//
// Whether sums are taken in halves depends on their length alone, and a single thread takes them so too: bits do not
// depend on the number of threads, nor those of a row on the rows beside it.
#pragma once

#include "framework/aligned.hpp"
#include "framework/kernels/simd.hpp"

#include <cstddef>
#include <vector>

namespace descent::kernels {

inline constexpr std::size_t kHalvesFrom = 256;   // terms of a sum
inline constexpr std::size_t kColumnsFrom = 256;  // columns of c

// Into how many parts a product is cut, along each of its three sizes, and for how many threads.
struct Sharing {
  std::size_t threads = 1, terms = 1, rows = 1, columns = 1;
  bool cuts() const { return terms * rows * columns > 1; }
};

// By the rules above, for at most so many threads; a single one where the product is too small to be shared. `flipped`:
// the call stands for xᵀ dz of a single unit, as dzᵀ x.
template <class Real>
Sharing sharing_of(const ProductCall<Real>& whole, bool flipped, std::size_t threads);

template <class Real>
class ProductParts {
 public:
  // For the sizes and strides of `whole`. Its terms are cut into at most two parts, kHalvesFrom or more of them, and
  // only where it has no w.
  ProductParts(const ProductCall<Real>& whole, const Sharing& sharing);

  // `whole` as it was, with its operands.
  void multiply(const ProductCall<Real>& whole);

 private:
  struct Part {
    ProductCall<Real> call;
    std::size_t row, column, term;         // where it begins
    AlignedVector<Real> scratch{}, own{};  // own: in place of c
    Real* to = nullptr;                    // where it stands in c
    std::size_t to_stride = 0;
    FiniteCheck<Real> check{};
  };

  void add_part(const ProductCall<Real>& whole, Range terms, Range rows, Range columns);
  void give(Part& part, const ProductCall<Real>& whole, Zeros zeros) const;
  void multiply_in_turn();
  void share_out();

  bool in_turn_;  // by a single thread
  Zeros zeros_ = Zeros::multiplied;
  std::vector<Part> parts_;
};

}  // namespace descent::kernels
