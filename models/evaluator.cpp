#include "models/evaluator.hpp"

#include "framework/error.hpp"
#include "framework/kernels/subnormals.hpp"

#include <algorithm>

namespace descent {

template <class Real>
TrainingRows<Real> training_rows(const Dataset& data) {
  return {xt::cast<Real>(data.inputs), xt::cast<Real>(data.targets), data.rows};
}

template <class Real>
Evaluator<Real>::Evaluator(const Network<Real>& network, const Loss<Real>& loss, const Encoding& encoding,
                           const Dataset& data)
    : network_(network),
      loss_(loss),
      encoding_(encoding),
      rows_(training_rows<Real>(data)),
      truth_(data.targets),
      predicted_(zeros<double>(data.size(), network.outputs())),
      work_(network) {
  if (data.inputs.shape(1) != network.inputs())
    throw Error(Fault::data, "the data has {} inputs, but the network takes {}", data.inputs.shape(1),
                network.inputs());
  if (truth_.shape(1) > 0) encoding.decode_targets(view(truth_));
  work_.reserve(std::min(kRowsPerBlock, data.size()));
}

template <class Real>
double Evaluator<Real>::pass(ConstParams<Real> w, bool with_loss) {
  const kernels::FlushSubnormals flush(true);  // as trainings do
  const ConstMatrixView<Real> inputs = view(std::as_const(rows_.inputs));
  const ConstMatrixView<Real> targets = view(std::as_const(rows_.targets));
  double sum = 0;
  for (std::size_t first = 0; first < inputs.rows; first += kRowsPerBlock) {
    const std::size_t count = std::min(kRowsPerBlock, inputs.rows - first);
    const MatrixView<Real> y = network_.forward(w, inputs.rows_at(first, count), work_, false);
    if (with_loss) sum += loss_.evaluate(y, targets.rows_at(first, count), {});
    loss_.predict(y);
    for (std::size_t i = 0; i < count; ++i) std::ranges::copy(y.row(i), view(predicted_).row(first + i).begin());
  }
  encoding_.decode_targets(view(predicted_));
  return sum;
}

template <class Real>
const Matrix<double>& Evaluator<Real>::predict(ConstParams<Real> w) {
  pass(w, false);
  return predicted_;
}

template <class Real>
Evaluation Evaluator<Real>::evaluate(ConstParams<Real> w) {
  const std::size_t targets = loss_.targets == TargetKind::classes ? 1 : network_.outputs();
  if (rows_.targets.shape(1) != targets)
    throw Error(Fault::data, "the data has {} targets, but {} over {} outputs needs {}", rows_.targets.shape(1),
                loss_.name, network_.outputs(), targets);
  check_targets(loss_, view(std::as_const(rows_.targets)), network_.outputs());
  Evaluation result;
  result.loss = pass(w, true);
  measure(encoding_.target_kind, view(std::as_const(predicted_)), view(std::as_const(truth_)), result);
  return result;
}

template TrainingRows<float> training_rows(const Dataset&);
template TrainingRows<double> training_rows(const Dataset&);
template class Evaluator<float>;
template class Evaluator<double>;

}  // namespace descent
