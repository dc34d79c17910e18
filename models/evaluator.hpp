// A network on fixed rows: predictions, loss and metrics at any weights. Training, `evaluate` and
// `predict` all come here, so their figures agree to the last bit.
#pragma once

#include "datasets/encoding.hpp"
#include "framework/loss.hpp"
#include "models/metrics.hpp"
#include "models/network.hpp"
#include "models/summed_loss.hpp"

namespace descent {

// The rows of a data set in the precision of training.
template <class Real>
TrainingRows<Real> training_rows(const Dataset& data);

template <class Real>
class Evaluator {
 public:
  // The references must outlive the evaluator; `data` is copied. Throws Error(data) when it has not as
  // many inputs as the network.
  Evaluator(const Network<Real>& network, const Loss<Real>& loss, const Encoding& encoding, const Dataset& data);

  // What a person reads, (N, K): class probabilities, or numbers in the units of the data.
  const Matrix<double>& predict(ConstParams<Real> w);

  // Loss and metrics. Throws Error(data) unless the data has the targets of the loss.
  Evaluation evaluate(ConstParams<Real> w);

 private:
  double pass(ConstParams<Real> w, bool with_loss);

  const Network<Real>& network_;
  const Loss<Real>& loss_;
  const Encoding& encoding_;
  TrainingRows<Real> rows_;
  Matrix<double> truth_;      // targets in the units of the data
  Matrix<double> predicted_;  // (N, K)
  Workspace<Real> work_;
};

extern template class Evaluator<float>;
extern template class Evaluator<double>;

}  // namespace descent
