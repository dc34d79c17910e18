#include "models/network.hpp"

#include "framework/activation_layer.hpp"
#include "framework/dense.hpp"
#include "framework/error.hpp"
#include "framework/memory.hpp"
#include "framework/text.hpp"

#include <algorithm>
#include <array>
#include <cassert>

namespace descent {
namespace {

template <class Real>
struct LayerKind {
  std::string_view name;
  std::unique_ptr<const Layer<Real>> (*make)(std::size_t in, const LayerSpec& spec);
};

template <class Real>
std::unique_ptr<const Layer<Real>> make_dense(std::size_t in, const LayerSpec& spec) {
  if (spec.units == 0) throw Error(Fault::config, "a dense layer needs units ≥ 1");
  const auto& activation = find_activation<Real>(spec.activation);
  const std::string_view name = spec.initializer == "auto" ? activation.default_initializer : spec.initializer;
  return std::make_unique<Dense<Real>>(in, spec.units, activation, find_initializer(name), spec.initializer_scale,
                                       spec.bias);
}

template <class Real>
std::unique_ptr<const Layer<Real>> make_activation(std::size_t in, const LayerSpec& spec) {
  return std::make_unique<ActivationLayer<Real>>(in, find_activation<Real>(spec.activation));
}

template <class Real>
constexpr LayerKind<Real> kLayerKinds[] = {
    {"dense", make_dense<Real>},
    {"activation", make_activation<Real>},
};

template <class Real>
const LayerKind<Real>& find_kind(const std::string& name) {
  for (const auto& kind : kLayerKinds<Real>)
    if (kind.name == name) return kind;
  throw Error(Fault::config, unknown_name("layer kind", name, layer_kinds()));
}

// The weights, their gradient, two states of an optimiser and a spare point must fit.
template <class Real>
void refuse_absurd_size(std::size_t in, std::size_t out, std::size_t so_far) {
  constexpr std::size_t kVectors = 5;
  auto total = checked_product(in, out);
  if (total) total = checked_sum(*total, out);
  if (total) total = checked_sum(*total, so_far);
  auto bytes = total ? checked_product(*total, kVectors * sizeof(Real)) : std::nullopt;
  if (!bytes || *bytes > physical_memory())
    throw Error(
        Fault::config,
        "the network is too large for this machine: a layer of {} x {} weights needs more than its {:.1f} GiB of "
        "memory; use fewer units",
        in, out, static_cast<double>(physical_memory()) / (1 << 30));
}

// What Workspace::reserve is about to allocate must fit.
template <class Real>
void refuse_absurd_width(std::span<const std::unique_ptr<const Layer<Real>>> layers, std::size_t rows) {
  constexpr std::size_t kGradients = 2;
  std::optional<std::size_t> width = 0;
  std::size_t widest = 0;
  for (const auto& layer : layers) {
    if (width) width = checked_sum(*width, layer->out());
    if (width) width = checked_sum(*width, layer->kept_width());
    widest = std::max(widest, layer->out());
  }
  for (std::size_t i = 0; i < kGradients; ++i)
    if (width) width = checked_sum(*width, widest);
  const auto numbers = width ? checked_product(*width, rows) : std::nullopt;
  const auto bytes = numbers ? checked_product(*numbers, sizeof(Real)) : std::nullopt;
  if (!bytes || *bytes > physical_memory())
    throw Error(Fault::config,
                "the network is too wide for this machine: the outputs of its layers for {} rows need more than its "
                "{:.1f} GiB of memory; use fewer units",
                rows, static_cast<double>(physical_memory()) / (1 << 30));
}

}  // namespace

std::vector<std::string> layer_kinds() {
  std::vector<std::string> names;
  for (const auto& kind : kLayerKinds<double>) names.emplace_back(kind.name);
  return names;
}

template <class Real>
Network<Real>::Network(const NetworkSpec& spec) : inputs_(spec.inputs), outputs_(spec.inputs), offsets_{0} {
  if (spec.inputs == 0) throw Error(Fault::config, "a network needs at least one input");
  if (spec.layers.empty()) throw Error(Fault::config, "a network needs at least one layer");
  for (const LayerSpec& layer : spec.layers) {
    if (layer.kind == "dense") refuse_absurd_size<Real>(outputs_, layer.units, offsets_.back());
    layers_.push_back(find_kind<Real>(layer.kind).make(outputs_, layer));
    offsets_.push_back(offsets_.back() + layers_.back()->parameters());
    outputs_ = layers_.back()->out();
  }
}

template <class Real>
std::vector<NetworkBlock> Network<Real>::blocks() const {
  std::vector<NetworkBlock> all;
  for (std::size_t l = 0; l < layers_.size(); ++l)
    for (ParameterBlock block : layers_[l]->blocks()) {
      block.offset += offsets_[l];
      all.push_back({fmt::format("layers.{}.{}", l, block.name), l, block});
    }
  return all;
}

template <class Real>
ConstParams<Real> Network<Real>::slice(ConstParams<Real> w, std::size_t l) const {
  return w.subspan(offsets_[l], offsets_[l + 1] - offsets_[l]);
}

template <class Real>
Params<Real> Network<Real>::slice(Params<Real> w, std::size_t l) const {
  return w.subspan(offsets_[l], offsets_[l + 1] - offsets_[l]);
}

template <class Real>
void Network<Real>::initialize(Params<Real> w, std::uint64_t seed) const {
  assert(w.size() == parameters());
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    Rng rng(seed, Purpose::initialize, 0, static_cast<std::uint32_t>(l));
    layers_[l]->initialize(slice(w, l), rng);
  }
}

template <class Real>
MatrixView<Real> Network<Real>::forward(ConstParams<Real> w, const ConstMatrixView<Real>& x, Workspace<Real>& work,
                                        bool keep) const {
  assert(w.size() == parameters() && x.cols == inputs_ && x.rows <= work.rows());
  auto& plans = work.plans(x.rows);
  ConstMatrixView<Real> input = x;
  MatrixView<Real> output;
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    output = work.output(l, x.rows);
    plans[l]->forward(slice(w, l), input, output, keep ? work.kept(l, x.rows) : MatrixView<Real>());
    input = output;
  }
  return output;
}

template <class Real>
void Network<Real>::backward(ConstParams<Real> w, const ConstMatrixView<Real>& x, Workspace<Real>& work,
                             const GradientUse<Real>& use, const MatrixView<Real>& dx_first) const {
  assert(w.size() == parameters() && use.to.size() == parameters());
  auto& plans = work.plans(x.rows);
  MatrixView<Real> dy = work.output_gradient(x.rows);
  for (std::size_t l = layers_.size(); l-- > 0;) {
    const ConstMatrixView<Real> input = l == 0 ? x : work.output(l - 1, x.rows);
    MatrixView<Real> dx = dx_first;
    if (l > 0) dx = MatrixView<Real>(work.next_gradient_.data(), x.rows, layers_[l]->in());
    plans[l]->backward(slice(w, l), input, work.output(l, x.rows), work.kept(l, x.rows), dy, dx,
                       use.slice(offsets_[l], offsets_[l + 1] - offsets_[l]));
    dy = dx;
    std::swap(work.gradient_, work.next_gradient_);
  }
}

template <class Real>
MatrixView<Real> Network<Real>::tangent_forward(ConstParams<Real> w, ConstParams<Real> v,
                                                const ConstMatrixView<Real>& x, Workspace<Real>& work) const {
  assert(w.size() == parameters() && v.size() == parameters());
  work.reserve_changes();
  auto& plans = work.plans(x.rows);
  for (std::size_t l = 0; l < layers_.size(); ++l)
    plans[l]->tangent_forward(slice(w, l), slice(v, l), work.tangent_pass(l, x), work.change(l, x.rows));
  return work.change(layers_.size() - 1, x.rows);
}

template <class Real>
void Network<Real>::tangent_backward(ConstParams<Real> w, ConstParams<Real> v, const ConstMatrixView<Real>& x,
                                     Workspace<Real>& work, Params<Real> hv) const {
  assert(hv.size() == parameters());
  auto& plans = work.plans(x.rows);
  MatrixView<Real> dy = work.output_gradient(x.rows), dy_dot = work.output_gradient_change(x.rows);
  for (std::size_t l = layers_.size(); l-- > 0;) {
    MatrixView<Real> dx, dx_dot;
    if (l > 0) {
      dx = {work.next_gradient_.data(), x.rows, layers_[l]->in()};
      dx_dot = {work.next_gradient_change_.data(), x.rows, layers_[l]->in()};
    }
    plans[l]->tangent_backward(slice(w, l), slice(v, l), work.tangent_pass(l, x), dy, dy_dot, dx, dx_dot, slice(hv, l));
    dy = dx;
    dy_dot = dx_dot;
    std::swap(work.gradient_, work.next_gradient_);
    std::swap(work.gradient_change_, work.next_gradient_change_);
  }
}

template <class Real>
std::string Network<Real>::describe() const {
  std::string table = fmt::format("{:>5}  {:<40}{:>12}\n", "layer", "", "weights");
  for (std::size_t l = 0; l < layers_.size(); ++l)
    table += fmt::format("{:>5}  {:<40}{:>12}\n", l, layers_[l]->describe(), layers_[l]->parameters());
  return table + fmt::format("{:>5}  {:<40}{:>12}\n", "", fmt::format("{} inputs, {} outputs", inputs_, outputs_),
                             parameters());
}

template <class Real>
void Workspace<Real>::reserve(std::size_t rows) {
  if (rows <= rows_) return;
  const auto layers = network_->layers();
  refuse_absurd_width<Real>(layers, rows);
  outputs_.resize(layers.size());
  kept_.resize(layers.size());
  widths_.resize(layers.size());
  kept_widths_.resize(layers.size());
  for (std::size_t l = 0; l < layers.size(); ++l) {
    widths_[l] = layers[l]->out();
    kept_widths_[l] = layers[l]->kept_width();
    outputs_[l].resize(rows * widths_[l]);
    kept_[l].resize(rows * kept_widths_[l]);
  }
  const std::size_t widest = *std::ranges::max_element(widths_);
  gradient_.resize(rows * widest);
  next_gradient_.resize(rows * widest);
  rows_ = rows;
}

template <class Real>
typename Workspace<Real>::Plans& Workspace<Real>::plans(std::size_t rows) {
  for (auto& [planned, plans] : plans_)
    if (planned == rows) return plans;
  Plans plans;
  for (const auto& layer : network_->layers()) plans.push_back(layer->plan(rows));
  return plans_.emplace_back(rows, std::move(plans)).second;
}

template <class Real>
MatrixView<Real> Workspace<Real>::output(std::size_t l, std::size_t rows) {
  return {outputs_[l].data(), rows, widths_[l]};
}

template <class Real>
MatrixView<Real> Workspace<Real>::kept(std::size_t l, std::size_t rows) {
  if (kept_widths_[l] == 0) return {};
  return {kept_[l].data(), rows, kept_widths_[l]};
}

template <class Real>
MatrixView<Real> Workspace<Real>::output_gradient(std::size_t rows) {
  return {gradient_.data(), rows, network_->outputs()};
}

template <class Real>
MatrixView<Real> Workspace<Real>::output_gradient_change(std::size_t rows) {
  return {gradient_change_.data(), rows, network_->outputs()};
}

template <class Real>
MatrixView<Real> Workspace<Real>::change(std::size_t l, std::size_t rows) {
  return {changes_[l].data(), rows, widths_[l]};
}

template <class Real>
TangentPass<Real> Workspace<Real>::tangent_pass(std::size_t l, const ConstMatrixView<Real>& x) {
  const std::size_t rows = x.rows;
  if (l == 0) return {x, output(0, rows), kept(0, rows), {}};
  return {output(l - 1, rows), output(l, rows), kept(l, rows), change(l - 1, rows)};
}

template <class Real>
void Workspace<Real>::reserve_changes() {
  if (gradient_change_.size() == gradient_.size()) return;
  changes_.resize(outputs_.size());
  for (std::size_t l = 0; l < outputs_.size(); ++l) changes_[l].resize(outputs_[l].size());
  gradient_change_.resize(gradient_.size());
  next_gradient_change_.resize(gradient_.size());
}

template class Network<float>;
template class Network<double>;
template class Workspace<float>;
template class Workspace<double>;

}  // namespace descent
