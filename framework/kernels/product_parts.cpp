#include "framework/kernels/product_parts.hpp"

#include "framework/kernels/fetch_ahead.hpp"
#include "framework/kernels/threads.hpp"

#include <algorithm>
#include <cassert>

namespace descent::kernels {

// What the threads have in common must travel between their caches first. Where each has its own half of the weights'
// rows, that is less, and fewer multiply-adds are worth a second thread.
template <class Real>
Sharing sharing_of(const ProductCall<Real>& whole, bool flipped, std::size_t threads) {
  const bool plain = !whole.transposed && !whole.right_transposed && !flipped;
  const std::size_t weight_rows = plain ? whole.k : whole.transposed ? whole.m : whole.n;
  const bool has_halves = weight_rows >= kHalvesFrom;
  const double size = static_cast<double>(whole.m * whole.n) * static_cast<double>(whole.k);
  const std::size_t at_once = size >= (has_halves ? 1 << 20 : 1 << 22) ? threads : 1;
  if (plain && whole.n > 1 && has_halves) return {at_once, 2, std::max<std::size_t>(1, at_once / 2), 1};
  if (whole.n >= kColumnsFrom && !(whole.transposed && has_halves)) return {at_once, 1, 1, at_once};
  return {at_once, 1, at_once, 1};
}

template <class Real>
ProductParts<Real>::ProductParts(const ProductCall<Real>& whole, const Sharing& sharing)
    : in_turn_(sharing.threads == 1) {
  constexpr std::size_t kLine = 64 / sizeof(Real);
  assert(sharing.terms == 1 || (sharing.terms == 2 && whole.k >= kHalvesFrom));
  const Cut terms(whole.k, sharing.terms, kLine), rows(whole.m, sharing.rows, 1),
      columns(whole.n, sharing.columns, kLine);
  for (std::size_t t = 0; t < terms.parts(); ++t)
    for (std::size_t i = 0; i < rows.parts(); ++i)
      for (std::size_t j = 0; j < columns.parts(); ++j) add_part(whole, terms[t], rows[i], columns[j]);
  ProductCall<Real> planned = whole;
  planned.scratch = parts_.front().scratch.data();
  simd<Real>().plan_product(planned);
  zeros_ = planned.zeros;
}

template <class Real>
void ProductParts<Real>::add_part(const ProductCall<Real>& whole, Range terms, Range rows, Range columns) {
  Part& part = parts_.emplace_back(Part{whole, rows.begin, columns.begin, terms.begin});
  ProductCall<Real>& call = part.call;
  call.m = rows.length;
  call.n = columns.length;
  call.k = terms.length;
  // Zeros are treated as those of the whole.
  part.scratch.resize(product_scratch<Real>(whole.m, whole.n, call.k, whole.transposed));
  call.scratch = part.scratch.data();
  const bool shares_lines = columns.length < whole.n && whole.m > 1 && !whole.transposed;
  if (part.term > 0 || (shares_lines && !in_turn_)) {
    if (!in_turn_) call.c_stride = call.n;
    part.own.resize(call.m * call.c_stride);
  }
  simd<Real>().plan_product(call);
}

template <class Real>
void ProductParts<Real>::give(Part& part, const ProductCall<Real>& whole, Zeros zeros) const {
  ProductCall<Real>& call = part.call;
  const std::size_t in_c = part.row * whole.c_stride + part.column;
  part.check = {};
  part.to = whole.c + in_c;
  part.to_stride = whole.c_stride;
  call.zeros = zeros;
  call.a = whole.a + (whole.transposed ? part.term * whole.a_stride + part.row : part.row * whole.a_stride + part.term);
  call.b = whole.b + (whole.right_transposed ? part.column * whole.b_stride + part.term
                                             : part.term * whole.b_stride + part.column);
  call.c = part.own.empty() ? part.to : part.own.data();
  call.check = &part.check;
  const bool begins = part.term == 0;
  call.adds = begins && whole.adds;
  assert(!call.adds || part.own.empty());
  call.start = begins && whole.start != nullptr ? whole.start + part.column : nullptr;
  call.w = begins && whole.w != nullptr ? whole.w + in_c : nullptr;
  call.scale = whole.scale;
}

// Of two halves the second comes first, and the first ends as a move of weights does: c = own + 1 · sum.
template <class Real>
void ProductParts<Real>::multiply_in_turn() {
  Part& first = parts_.front();
  if (parts_.size() == 2) {
    simd<Real>().product(parts_[1].call);
    first.call.w = parts_[1].own.data();
    first.call.scale = 1;
  }
  simd<Real>().product(first.call);
}

template <class Real>
void ProductParts<Real>::multiply(const ProductCall<Real>& whole) {
  // For all parts alike: passed over or multiplied, a zero may differ in its sign.
  const Zeros zeros =
      zeros_ == Zeros::looked_for && simd<Real>().is_sparse(whole) ? Zeros::passed_over : Zeros::multiplied;
  for (Part& part : parts_) give(part, whole, zeros);
  in_turn_ ? multiply_in_turn() : share_out();
  for (const Part& part : parts_) {
    if (part.term > 0 && !in_turn_)
      for (std::size_t i = 0; i < part.call.m; ++i)
        for (std::size_t j = 0; j < part.call.n; ++j) part.to[i * part.to_stride + j] += part.own[i * part.call.n + j];
    if (whole.w == nullptr) continue;
    for (std::size_t lane = 0; lane < std::size(part.check.lanes); ++lane)
      whole.check->lanes[lane] += part.check.lanes[lane];
  }
}

template <class Real>
void ProductParts<Real>::share_out() {
  struct Shared {
    std::vector<Part>& parts;
    std::span<FetchAhead> ahead;
  } shared{parts_, fetch_ahead_of_helpers};
  const auto compute = [](void* context, std::size_t i) {
    const Shared& all = *static_cast<Shared*>(context);
    const Part& part = all.parts[i];
    const Fetching fetching(i < all.ahead.size() && i + 1 < all.parts.size() ? &all.ahead[i] : nullptr);
    simd<Real>().product(part.call);
    if (part.own.empty() || part.term > 0) return;
    for (std::size_t row = 0; row < part.call.m; ++row)
      std::copy_n(part.own.data() + row * part.call.n, part.call.n, part.to + row * part.to_stride);
  };
  share(parts_.size(), compute, &shared);
}

template Sharing sharing_of(const ProductCall<float>&, bool, std::size_t);
template Sharing sharing_of(const ProductCall<double>&, bool, std::size_t);
template class ProductParts<float>;
template class ProductParts<double>;

}  // namespace descent::kernels
