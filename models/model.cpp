#include "models/model.hpp"

#include "framework/error.hpp"
#include "models/checksum.hpp"
#include "models/evaluator.hpp"

#include <bit>

namespace descent {
namespace {

// Calls f with a network of the model's precision and its weights.
template <class F>
auto with_network(const Model& model, F f) {
  const auto run = [&]<class Real>() {
    const Network<Real> network(model.network);
    const std::vector<Real> w(model.weights.begin(), model.weights.end());
    return f(network, ConstParams<Real>(w));
  };
  return model.precision == Precision::float32 ? run.template operator()<float>() : run.template operator()<double>();
}

}  // namespace

std::string_view to_string(Precision precision) { return precision == Precision::float32 ? "float32" : "float64"; }

Matrix<double> predict(const Model& model, const Dataset& data) {
  return with_network(model, [&]<class Real>(const Network<Real>& network, ConstParams<Real> w) {
    return Evaluator<Real>(network, find_loss<Real>(model.loss), model.encoding, data).predict(w);
  });
}

Evaluation evaluate(const Model& model, const Dataset& data) {
  return with_network(model, [&]<class Real>(const Network<Real>& network, ConstParams<Real> w) {
    return Evaluator<Real>(network, find_loss<Real>(model.loss), model.encoding, data).evaluate(w);
  });
}

std::string weights_hash(const Model& model) { return weights_hash(model.weights, model.precision); }

std::string weights_hash(std::span<const double> weights, Precision precision) {
  Fnv1a hash;
  for (const double x : weights) {
    if (precision == Precision::float32)
      hash.add(std::bit_cast<std::uint32_t>(static_cast<float>(x)));
    else
      hash.add(std::bit_cast<std::uint64_t>(x));
  }
  return hash.text();
}

}  // namespace descent
