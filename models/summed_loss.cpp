#include "models/summed_loss.hpp"

#include "framework/error.hpp"
#include "framework/kernels/product_parts.hpp"
#include "framework/kernels/simd.hpp"
#include "framework/kernels/threads.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace descent {
namespace {

template <class Range>
bool all_finite(const Range& numbers) {
  return std::ranges::all_of(numbers, [](auto x) { return std::isfinite(x); });
}

}  // namespace

template <class Real>
SummedLoss<Real>::SummedLoss(const Network<Real>& network, const Loss<Real>& loss, TrainingRows<Real> rows)
    : network_(network), loss_(loss), rows_(std::move(rows)), work_(network) {
  const std::size_t n = rows_.inputs.shape(0);
  const std::size_t targets = loss.targets == TargetKind::classes ? 1 : network.outputs();
  if (n == 0) throw Error(Fault::usage, "a summed loss needs at least one row");
  if (rows_.inputs.shape(1) != network.inputs())
    throw Error(Fault::usage, "the rows have {} inputs, but the network takes {}", rows_.inputs.shape(1),
                network.inputs());
  if (rows_.targets.shape(0) != n || rows_.targets.shape(1) != targets)
    throw Error(Fault::usage, "the targets are ({}, {}), but {} with {} outputs over {} rows needs ({}, {})",
                rows_.targets.shape(0), rows_.targets.shape(1), loss.name, network.outputs(), n, n, targets);
  if (!rows_.names.empty() && rows_.names.size() != n)
    throw Error(Fault::usage, "{} names for {} rows", rows_.names.size(), n);
  check_targets(loss, view(std::as_const(rows_.targets)), network.outputs());
  if (FeatureMajorPass<Real>::suits(network, loss))
    feature_major_.emplace(network, loss, view(std::as_const(rows_.inputs)), view(std::as_const(rows_.targets)));
}

template <class Real>
bool SummedLoss<Real>::by_features(Terms batch) const {
  return feature_major_ && feature_major_->pays(batch.empty() ? terms() : batch.size());
}

template <class Real>
void SummedLoss<Real>::reserve(std::size_t rows, bool gathered) {
  rows = std::min(rows, kRowsPerBlock);
  work_.reserve(rows);
  if (gathered && gathered_t_.size() < rows * rows_.targets.shape(1)) {
    gathered_x_.resize(rows * rows_.inputs.shape(1));
    gathered_t_.resize(rows * rows_.targets.shape(1));
  }
}

template <class Real>
typename SummedLoss<Real>::Block SummedLoss<Real>::block(Terms batch, std::size_t first, std::size_t count) {
  const ConstMatrixView<Real> inputs = view(std::as_const(rows_.inputs));
  const ConstMatrixView<Real> targets = view(std::as_const(rows_.targets));
  if (batch.empty()) return {inputs.rows_at(first, count), targets.rows_at(first, count)};
  const MatrixView<Real> x(gathered_x_.data(), count, inputs.cols);
  const MatrixView<Real> t(gathered_t_.data(), count, targets.cols);
  gather(batch.subspan(first, count), x, t);
  return {x, t};
}

// Threads that share the large products of a step share its rows too.
template <class Real>
kernels::Cut SummedLoss<Real>::rows_of_threads(std::size_t rows) const {
  constexpr std::size_t kWorthSharing = 1 << 15;  // numbers
  const std::size_t columns = rows_.inputs.shape(1);
  const bool shared = columns >= kernels::kHalvesFrom && rows * columns >= kWorthSharing;
  return {rows, shared ? kernels::threads() : 1, 1};
}

template <class Real>
void SummedLoss<Real>::gather(Terms rows, const MatrixView<Real>& x, const MatrixView<Real>& t) const {
  struct Shared {
    ConstMatrixView<Real> from;
    Terms rows;
    MatrixView<Real> to;
    kernels::Cut parts;
  } shared{view(rows_.inputs), rows, x, rows_of_threads(rows.size())};
  const auto gather_part = [](void* context, std::size_t part) {
    const Shared& all = *static_cast<Shared*>(context);
    const auto [first, count] = all.parts[part];
    kernels::simd<Real>().gather(all.from, all.rows.data() + first, all.to.rows_at(first, count));
  };
  kernels::share(shared.parts.parts(), gather_part, &shared);
  kernels::simd<Real>().gather(view(rows_.targets), rows.data(), t);
}

template <class Real>
template <class Visit>
void SummedLoss<Real>::for_each_block(Terms batch, Visit visit) {
  const std::size_t rows = batch.empty() ? terms() : batch.size();
  reserve(rows, !batch.empty());
  for (std::size_t first = 0; first < rows; first += kRowsPerBlock) {
    const std::size_t count = std::min(kRowsPerBlock, rows - first);
    visit(first, block(batch, first, count));
  }
}

// While it lives, products fetch the expected rows.
template <class Real>
class SummedLoss<Real>::FetchExpected {
 public:
  explicit FetchExpected(SummedLoss& loss) {
    constexpr std::size_t kFarBytes = 1 << 21;  // what is smaller stays in the near caches from epoch to epoch
    const Terms rows = std::exchange(loss.expected_, Terms());
    if (rows.empty() || loss.rows_.inputs.size() * sizeof(Real) < kFarBytes) return;
    const auto table = [](const Matrix<Real>& m) {
      const std::size_t bytes = m.shape(1) * sizeof(Real);
      return kernels::FetchAhead::Table{reinterpret_cast<const char*>(m.data()), bytes, bytes};
    };
    const kernels::Cut parts = loss.rows_of_threads(rows.size());
    const auto fetch = [&](std::size_t part) {
      const std::uint32_t* begin = rows.data() + parts[part].begin;
      return kernels::FetchAhead{
          {table(loss.rows_.inputs), table(loss.rows_.targets)}, begin, begin + parts[part].length};
    };
    auto& helpers = loss.fetch_ahead_of_helpers_;
    helpers.clear();
    for (std::size_t part = 0; part + 1 < parts.parts(); ++part) helpers.push_back(fetch(part));
    kernels::fetch_ahead_of_helpers = helpers;
    kernels::fetch_ahead = fetch(parts.parts() - 1);
  }
  ~FetchExpected() {
    kernels::fetch_ahead.rows = kernels::fetch_ahead.end;
    kernels::fetch_ahead_of_helpers = {};
  }
  FetchExpected(const FetchExpected&) = delete;
  FetchExpected& operator=(const FetchExpected&) = delete;
};

template <class Real>
double SummedLoss<Real>::do_value(ConstParams<Real> w, Terms batch) {
  if (by_features(batch)) return feature_major_->value(w, batch);
  double sum = 0;
  for_each_block(batch, [&](std::size_t, const Block& rows) {
    const MatrixView<Real> y = network_.forward(w, rows.x, work_, false);
    sum += loss_.evaluate(y, rows.t, {});
  });
  return sum;
}

template <class Real>
double SummedLoss<Real>::do_value_and_gradient(ConstParams<Real> w, Params<Real> g, Terms batch) {
  const FetchExpected fetches(*this);
  if (by_features(batch)) return feature_major_->value_and_gradient(w, g, batch);
  double sum = 0;
  for_each_block(batch, [&](std::size_t first, const Block& rows) {
    const MatrixView<Real> y = network_.forward(w, rows.x, work_, true);
    sum += loss_.evaluate(y, rows.t, work_.output_gradient(rows.x.rows));
    using Kind = typename GradientUse<Real>::Kind;
    network_.backward(w, rows.x, work_, {first == 0 ? Kind::overwrite : Kind::add, g});
  });
  return sum;
}

template <class Real>
double SummedLoss<Real>::do_value_and_move(ConstParams<Real> w, Real scale, Params<Real> next, Terms batch,
                                           bool& finite) {
  assert(batch.size() <= kRowsPerBlock && !batch.empty());
  const FetchExpected fetches(*this);
  kernels::FiniteCheck<Real> check;
  double sum = 0;
  if (by_features(batch)) {
    gradient_.resize(w.size());
    sum = feature_major_->value_and_gradient(w, gradient_, batch);
    if (std::isfinite(sum)) kernels::simd<Real>().move(w.data(), gradient_.data(), scale, next.data(), w.size(), check);
  } else {
    for_each_block(batch, [&](std::size_t, const Block& rows) {
      const MatrixView<Real> y = network_.forward(w, rows.x, work_, true);
      sum = loss_.evaluate(y, rows.t, work_.output_gradient(rows.x.rows));
      if (std::isfinite(sum)) network_.backward(w, rows.x, work_, {GradientUse<Real>::Kind::move, next, scale, &check});
    });
  }
  finite = std::isfinite(sum) && check.passed();
  return sum;
}

template <class Real>
void SummedLoss<Real>::do_hessian_vector(ConstParams<Real> w, ConstParams<Real> v, Params<Real> hv, Terms batch) {
  std::ranges::fill(hv, Real(0));
  for_each_block(batch, [&](std::size_t, const Block& rows) {
    const MatrixView<Real> y = network_.forward(w, rows.x, work_, true);
    const MatrixView<Real> y_dot = network_.tangent_forward(w, v, rows.x, work_);
    loss_.evaluate(y, rows.t, work_.output_gradient(rows.x.rows));
    loss_.curve(y, rows.t, y_dot, work_.output_gradient_change(rows.x.rows));
    network_.tangent_backward(w, v, rows.x, work_, hv);
  });
}

template <class Real>
void SummedLoss<Real>::gauss_newton_vector(ConstParams<Real> w, ConstParams<Real> v, Params<Real> gv, Terms batch) {
  assert(w.size() == dimension() && v.size() == dimension() && gv.size() == dimension());
  for_each_block(batch, [&](std::size_t first, const Block& rows) {
    const MatrixView<Real> y = network_.forward(w, rows.x, work_, true);
    const MatrixView<Real> y_dot = network_.tangent_forward(w, v, rows.x, work_);
    loss_.curve(y, rows.t, y_dot, work_.output_gradient(rows.x.rows));
    using Kind = typename GradientUse<Real>::Kind;
    network_.backward(w, rows.x, work_, {first == 0 ? Kind::overwrite : Kind::add, gv});
  });
}

template <class Real>
std::string SummedLoss<Real>::row_name(Terms batch, std::size_t i) const {
  const std::size_t row = batch.empty() ? i : batch[i];
  return fmt::format("data row {}", (rows_.names.empty() ? row : rows_.names[row]) + 1);
}

// Looks for the first number that is not finite in the order in which numbers are made.
template <class Real>
std::string SummedLoss<Real>::explain_block(ConstParams<Real> w, Terms batch, std::size_t first, const Block& rows) {
  for (std::size_t i = 0; i < rows.x.rows; ++i) {
    if (!all_finite(rows.x.row(i))) return fmt::format("an input of {}", row_name(batch, first + i));
    if (!all_finite(rows.t.row(i))) return fmt::format("a target of {}", row_name(batch, first + i));
  }
  const MatrixView<Real> y = network_.forward(w, rows.x, work_, false);
  for (std::size_t l = 0; l < network_.layers().size(); ++l) {
    const MatrixView<Real> output = work_.output(l, rows.x.rows);
    for (std::size_t i = 0; i < output.rows; ++i)
      if (!all_finite(output.row(i)))
        return fmt::format("the output of layer {} ({}) for {}", l, network_.layers()[l]->describe(),
                           row_name(batch, first + i));
  }
  const MatrixView<Real> dy = work_.output_gradient(rows.x.rows);
  for (std::size_t i = 0; i < y.rows; ++i) {
    const double loss = loss_.evaluate(y.rows_at(i, 1), rows.t.rows_at(i, 1), dy.rows_at(i, 1));
    if (!std::isfinite(loss) || !all_finite(dy.row(i)))
      return fmt::format("the {} loss of {}", loss_.name, row_name(batch, first + i));
  }
  return {};
}

template <class Real>
std::string SummedLoss<Real>::do_explain_nonfinite(ConstParams<Real> w, Terms batch) {
  for (const NetworkBlock& named : network_.blocks()) {
    const auto& block = named.block;
    if (!all_finite(w.subspan(block.offset, block.rows * block.cols)))
      return fmt::format("{} of layer {} ({})", block.name, named.layer, network_.layers()[named.layer]->describe());
  }
  std::string found;
  for_each_block(batch, [&](std::size_t first, const Block& rows) {
    if (found.empty()) found = explain_block(w, batch, first, rows);
  });
  if (!found.empty()) return found;

  std::vector<Real> g(w.size());
  do_value_and_gradient(w, g, batch);
  for (const NetworkBlock& named : network_.blocks()) {
    const auto& block = named.block;
    if (!all_finite(std::span(g).subspan(block.offset, block.rows * block.cols)))
      return fmt::format("the gradient of the {} of layer {} ({})", block.name, named.layer,
                         network_.layers()[named.layer]->describe());
  }
  return {};
}

template class SummedLoss<float>;
template class SummedLoss<double>;

}  // namespace descent
