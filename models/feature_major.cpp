#include "models/feature_major.hpp"

#include "framework/dense.hpp"
#include "framework/kernels/products.hpp"
#include "framework/kernels/simd.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace descent {
namespace {

constexpr std::size_t kRowsInChunk = 256;  // all activations of a chunk stay in the near caches
constexpr std::size_t kVectorsAtOnce = 2;  // of columns, up to which sums are taken without a stop in memory

std::size_t in_whole_vectors(std::size_t rows, std::size_t lanes) { return (rows + lanes - 1) / lanes * lanes; }

}  // namespace

// For chunks of so many columns: where the activations are, and the products that make them. Matrices are (features,
// columns); the inputs of a layer have a row of ones below, by which its bias is one more row of its weights.
template <class Real>
struct FeatureMajorPass<Real>::Plan {
  using Matrix = MatrixView<Real>;
  struct Layer {
    const Activation<Real>& activation;
    std::size_t offset;  // of its weights in w
    kernels::Product<Real> forward, backward;
    ConstMatrixView<Real> inputs;      // with the ones, unless there is no bias
    Matrix outputs, kept, dz;          // as a single row, for passes that go element by element
    ConstMatrixView<Real> slopes;      // what φ′ is made from
    ConstMatrixView<Real> dz_by_unit;  // dz, (units, columns)
    Real* dx;                          // dz of the layer below
  };

  Plan(const Network<Real>& network, std::size_t targets, std::size_t c) : columns(c) {
    std::size_t widest = 0, size = (network.inputs() + 1) * c;
    for (const auto& layer : network.layers()) {
      size += (layer->out() + 1 + layer->kept_width()) * c;
      widest = std::max(widest, layer->out());
    }
    memory.assign(size + (2 * widest + targets) * c, Real(1));
    Real* free = memory.data();
    const auto take = [&](std::size_t features) { return std::exchange(free, free + features * c); };
    labels = {take(targets), targets, c};
    Real* const dz[] = {take(widest), take(widest)};
    Real* inputs = take(network.inputs() + 1);
    x = {inputs, network.inputs(), c};
    std::size_t offset = 0;
    for (std::size_t l = 0; l < network.layers().size(); ++l) {
      const auto& dense = dynamic_cast<const Dense<Real>&>(*network.layers()[l]);
      add(dense, offset, inputs, take(dense.out() + 1), dense.kept_width() > 0 ? take(dense.out()) : nullptr, dz[l % 2],
          dz[(l + 1) % 2]);
      inputs = layers.back().outputs.data;
      offset += dense.parameters();
    }
    y = {inputs, network.outputs(), c, c};
    dy = {layers.back().dz.data, network.outputs(), c, c};
  }

  void add(const Dense<Real>& dense, std::size_t offset, Real* inputs, Real* outputs, Real* kept, Real* dz, Real* dx) {
    using Form = typename kernels::Product<Real>::Form;
    const std::size_t in = dense.in(), out = dense.out(), with_ones = in + (dense.has_bias() ? 1 : 0), c = columns;
    const Matrix flat(outputs, 1, out * c);
    const Matrix flat_kept = kept == nullptr ? Matrix() : Matrix(kept, 1, out * c);
    layers.push_back({dense.activation(),
                      offset,
                      {Form::transposed, {out, c, with_ones, out, c, c}},
                      {Form::plain, {in, c, out, out, c, c}},
                      Matrix(inputs, with_ones, c),
                      flat,
                      flat_kept,
                      Matrix(dz, 1, out * c),
                      kept == nullptr ? flat : flat_kept,
                      Matrix(dz, out, c),
                      dx});
  }

  // So many of the columns count.
  void choose_rows(std::size_t rows) {
    y.cols = dy.cols = labels.cols = rows;
    if (rows == columns) return;
    for (std::size_t k = 0; k < dy.rows; ++k) std::fill_n(dy.data + k * columns + rows, columns - rows, Real(0));
  }

  std::size_t columns;
  AlignedVector<Real> memory;
  std::vector<Layer> layers;
  Matrix x, labels;  // where a chunk's rows are loaded to
  Matrix y, dy;
  bool holds_whole_batch = false;  // the rows in x and labels are all that there are
};

template <class Real>
FeatureMajorPass<Real>::FeatureMajorPass(const Network<Real>& network, const Loss<Real>& loss, ConstMatrixView<Real> x,
                                         ConstMatrixView<Real> t)
    : network_(network), loss_(loss), x_(x), t_(t) {
  assert(serves(network, loss));
}

template <class Real>
FeatureMajorPass<Real>::~FeatureMajorPass() = default;

template <class Real>
bool FeatureMajorPass<Real>::serves(const Network<Real>& network, const Loss<Real>& loss) {
  constexpr std::size_t kMostClasses = 128;  // of the kernel
  const bool has_kernel = loss.targets != TargetKind::classes || loss.name == "cross_entropy";
  return has_kernel && network.outputs() <= kMostClasses &&
         std::ranges::all_of(network.layers(), [](const auto& layer) { return layer->kind() == "dense"; });
}

template <class Real>
bool FeatureMajorPass<Real>::suits(const Network<Real>& network, const Loss<Real>& loss) {
  constexpr std::size_t kMostWeights = 1024;  // whose sums stay in the nearest cache
  constexpr double kLanesUsed = 0.6;          // by products row by row, up to which this is faster
  if (network.parameters() > kMostWeights || !serves(network, loss)) return false;
  const std::size_t lanes = kernels::simd<Real>().feature_major.lanes;
  std::size_t multiplied = 0, in_lanes = 0;
  for (const auto& layer : network.layers()) {
    const std::size_t in = layer->in(), out = layer->out();
    multiplied += in * out;
    in_lanes += out == 1 ? in : in * in_whole_vectors(out, lanes);  // a single column has a way of its own
  }
  return static_cast<double>(multiplied) <= kLanesUsed * static_cast<double>(in_lanes);
}

template <class Real>
bool FeatureMajorPass<Real>::pays(std::size_t rows) const {
  return kernels::backend() == kernels::Backend::automatic && 4 * rows >= kernels::simd<Real>().feature_major.lanes;
}

template <class Real>
typename FeatureMajorPass<Real>::Plan& FeatureMajorPass<Real>::plan(std::size_t columns) {
  for (const auto& plan : plans_)
    if (plan->columns == columns) return *plan;
  return *plans_.emplace_back(std::make_unique<Plan>(network_, t_.cols, columns));
}

template <class Real>
void FeatureMajorPass<Real>::load(Plan& plan, Terms batch, std::size_t first, std::size_t count) const {
  const auto gather = kernels::simd<Real>().feature_major.gather_transposed;
  const bool whole = batch.empty() && count == x_.rows;
  plan.choose_rows(count);
  if (whole && plan.holds_whole_batch) return;
  plan.holds_whole_batch = whole;
  const MatrixView<Real> labels(plan.labels.data, t_.cols, plan.columns);
  if (batch.empty()) {
    gather(x_.rows_at(first, count), nullptr, count, plan.x);
    gather(t_.rows_at(first, count), nullptr, count, labels);
  } else {
    gather(x_, batch.data() + first, count, plan.x);
    gather(t_, batch.data() + first, count, labels);
  }
}

// The loss of the rows that are loaded; writes ∂L/∂y to dy unless that is empty.
template <class Real>
double FeatureMajorPass<Real>::forward(Plan& plan, ConstParams<Real> w, const MatrixView<Real>& dy) const {
  for (auto& layer : plan.layers) {
    layer.forward(w.data() + layer.offset, layer.inputs.data, layer.outputs.data);
    layer.activation.forward(layer.outputs, layer.kept);
  }
  if (loss_.targets == TargetKind::classes)
    return kernels::simd<Real>().feature_major.cross_entropy(plan.y, plan.labels.data, dy);
  return loss_.evaluate(plan.y, plan.labels, dy);
}

// After forward: take(layer) for every layer of the plan once its dz is known; its gradient is inputs dzᵀ.
template <class Real>
template <class Take>
void FeatureMajorPass<Real>::backward(Plan& plan, ConstParams<Real> w, Take take) const {
  for (std::size_t l = plan.layers.size(); l-- > 0;) {
    auto& layer = plan.layers[l];
    layer.activation.backward(layer.slopes, layer.dz, nullptr);
    take(layer);
    if (l > 0) layer.backward(w.data() + layer.offset, layer.dz.data, layer.dx);
  }
}

template <class Real>
template <class Visit>
void FeatureMajorPass<Real>::for_each_chunk(Terms batch, Visit visit) {
  const std::size_t rows = batch.empty() ? x_.rows : batch.size();
  const kernels::Split chunks = kernels::Split::into(rows, kRowsInChunk);
  Plan& plan = this->plan(in_whole_vectors(chunks.size, kernels::simd<Real>().feature_major.lanes));
  chunks.for_each([&](std::size_t first, std::size_t count) {
    load(plan, batch, first, count);
    visit(plan, first == 0, first + count == rows);
  });
}

template <class Real>
double FeatureMajorPass<Real>::value(ConstParams<Real> w, Terms batch) {
  double loss = 0;
  for_each_chunk(batch, [&](Plan& plan, bool, bool) { loss += forward(plan, w, {}); });
  return loss;
}

template <class Real>
double FeatureMajorPass<Real>::value_and_gradient(ConstParams<Real> w, Params<Real> g, Terms batch) {
  const kernels::FeatureMajorKernels<Real>& kernels = kernels::simd<Real>().feature_major;
  double loss = 0;
  for_each_chunk(batch, [&](Plan& plan, bool is_first, bool is_last) {
    loss += forward(plan, w, plan.dy);
    using Layer = typename Plan::Layer;
    if (is_first && is_last && plan.columns <= kVectorsAtOnce * kernels.lanes)
      return backward(plan, w,
                      [&](Layer& layer) { kernels.dots(layer.inputs, layer.dz_by_unit, g.data() + layer.offset); });
    sums_.resize(g.size() * kernels.lanes);
    backward(plan, w, [&](Layer& layer) {
      kernels.spread_dots(layer.inputs, layer.dz_by_unit, !is_first, sums_.data() + layer.offset * kernels.lanes);
    });
    if (is_last) kernels.collect_dots(sums_.data(), g.size(), g.data());
  });
  return loss;
}

template class FeatureMajorPass<float>;
template class FeatureMajorPass<double>;

}  // namespace descent
