#include "models/unit_statistics.hpp"

#include "framework/activation.hpp"
#include "models/summed_loss.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <map>
#include <optional>

namespace descent {
namespace {

// Whether φ is all but constant far out on both sides.
bool levels_off(const Activation<double>& activation) {
  double far[] = {-50, 50}, from[] = {-50, 50}, first[2], second[2];
  activation.apply({far, 1, 2});
  const double* what = activation.derivative_needs_input ? from : far;
  activation.derivatives({what, 1, 2}, {first, 1, 2}, {second, 1, 2});
  return std::abs(first[0]) < kFlatSlope && std::abs(first[1]) < kFlatSlope;
}

// The counts of one layer's units while rows go by.
class Counter {
 public:
  Counter(std::size_t layer, const std::string& activation, std::size_t units)
      : layer_(layer),
        activation_(find_activation<double>(activation)),
        levels_off_(levels_off(activation_)),
        zero_(units),
        flat_(units) {}

  // y (B, units), and what φ′ is computed from.
  void add(ConstMatrixView<double> y, ConstMatrixView<double> from) {
    Matrix<double> first = zeros<double>(y.rows, y.cols), second = zeros<double>(y.rows, y.cols);
    activation_.derivatives(from, view(first), view(second));
    for (std::size_t i = 0; i < y.rows; ++i)
      for (std::size_t j = 0; j < y.cols; ++j) {
        zero_[j] += y(i, j) == 0 && first(i, j) == 0;
        flat_[j] += std::abs(first(i, j)) < kFlatSlope;
        squares_ += y(i, j) * y(i, j);
      }
    rows_ += y.rows;
  }

  bool needs_input() const { return activation_.derivative_needs_input; }

  LayerStatistics statistics() const {
    LayerStatistics found{layer_, std::string(activation_.name), zero_.size(), {}, {}, 0};
    const double rows = static_cast<double>(rows_);
    for (std::size_t j = 0; j < zero_.size(); ++j) {
      if (zero_[j] == rows_)
        found.dead.push_back(j);
      else if (levels_off_ && static_cast<double>(flat_[j]) >= kFlatShare * rows)
        found.saturated.push_back(j);
    }
    found.size = std::sqrt(squares_ / (rows * static_cast<double>(zero_.size())));
    return found;
  }

 private:
  std::size_t layer_;
  const Activation<double>& activation_;
  bool levels_off_;
  std::vector<std::size_t> zero_, flat_;
  std::size_t rows_ = 0;
  double squares_ = 0;
};

// A layer's matrix and bias in w.
struct DenseWeights {
  std::size_t layer;
  MatrixView<const double> weight;  // (I, O)
  ConstParams<double> bias;         // (O) or empty
};

std::vector<DenseWeights> dense_layers(const Network<double>& network, ConstParams<double> w) {
  std::vector<DenseWeights> found;
  for (const NetworkBlock& named : network.blocks()) {
    const auto& block = named.block;
    if (block.is_matrix)
      found.push_back({named.layer, {w.data() + block.offset, block.rows, block.cols}, {}});
    else
      found.back().bias = w.subspan(block.offset, block.cols);
  }
  return found;
}

// All that the loss sees of unit j: the weights into it, its bias, the weights out of it.
std::vector<double> weights_around(const DenseWeights& layer, const DenseWeights& next, std::size_t j) {
  std::vector<double> all;
  for (std::size_t i = 0; i < layer.weight.rows; ++i) all.push_back(layer.weight(i, j));
  if (!layer.bias.empty()) all.push_back(layer.bias[j]);
  const auto out = next.weight.row(j);
  all.insert(all.end(), out.begin(), out.end());
  return all;
}

}  // namespace

std::vector<LayerStatistics> unit_statistics(const NetworkSpec& spec, ConstParams<double> w,
                                             ConstMatrixView<double> x) {
  const Network<double> network(spec);
  assert(x.rows > 0 && x.cols == network.inputs() && w.size() == network.parameters());
  Workspace<double> work(network);
  work.reserve(std::min(x.rows, kRowsPerBlock));
  std::vector<Counter> counters;
  for (std::size_t l = 0; l < spec.layers.size(); ++l)
    counters.emplace_back(l, spec.layers[l].activation, network.layers()[l]->out());
  for (std::size_t first = 0; first < x.rows; first += kRowsPerBlock) {
    const std::size_t count = std::min(kRowsPerBlock, x.rows - first);
    const ConstMatrixView<double> block = x.rows_at(first, count);
    network.forward(w, block, work, true);
    for (std::size_t l = 0; l < counters.size(); ++l) {
      const ConstMatrixView<double> y = work.output(l, count);
      ConstMatrixView<double> from = y;
      if (counters[l].needs_input()) {
        // A dense layer keeps z; an activation by itself has it from the layer before.
        from = work.kept(l, count);
        if (from.empty()) from = l == 0 ? block : ConstMatrixView<double>(work.output(l - 1, count));
      }
      counters[l].add(y, from);
    }
  }
  std::vector<LayerStatistics> statistics;
  for (const Counter& counter : counters) statistics.push_back(counter.statistics());
  return statistics;
}

std::vector<EqualUnits> equal_units(const NetworkSpec& spec, ConstParams<double> w) {
  const Network<double> network(spec);
  assert(w.size() == network.parameters());
  const std::vector<DenseWeights> layers = dense_layers(network, w);
  std::vector<EqualUnits> found;
  for (std::size_t l = 0; l + 1 < layers.size(); ++l) {
    std::map<std::vector<double>, std::vector<std::size_t>> groups;
    for (std::size_t j = 0; j < layers[l].weight.cols; ++j)
      groups[weights_around(layers[l], layers[l + 1], j)].push_back(j);
    std::vector<EqualUnits> equal;
    for (auto& [weights, units] : groups)
      if (units.size() > 1) equal.push_back({layers[l].layer, std::move(units)});
    std::ranges::sort(equal, {}, [](const EqualUnits& group) { return group.units.front(); });
    found.insert(found.end(), equal.begin(), equal.end());
  }
  return found;
}

}  // namespace descent
