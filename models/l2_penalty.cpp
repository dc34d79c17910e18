#include "models/l2_penalty.hpp"

#include <cmath>

namespace descent {

template <class Real>
std::vector<Range> weight_matrices(const Network<Real>& network) {
  std::vector<Range> ranges;
  for (const NetworkBlock& named : network.blocks())
    if (named.block.is_matrix) ranges.push_back({named.block.offset, named.block.rows * named.block.cols});
  return ranges;
}

template <class Real>
double L2Penalty<Real>::share(Terms batch) const {
  return batch.empty() ? 1 : static_cast<double>(batch.size()) / static_cast<double>(terms());
}

template <class Real>
double L2Penalty<Real>::penalty(ConstParams<Real> w, Terms batch) const {
  double squares = 0;
  for (const Range& range : penalised_)
    for (const Real x : w.subspan(range.first, range.count)) squares += static_cast<double>(x) * x;
  return share(batch) * lambda_ * squares / 2;
}

template <class Real>
double L2Penalty<Real>::do_value(ConstParams<Real> w, Terms batch) {
  return inner_.value(w, batch) + penalty(w, batch);
}

template <class Real>
double L2Penalty<Real>::do_value_and_gradient(ConstParams<Real> w, Params<Real> g, Terms batch) {
  const double value = inner_.value_and_gradient(w, g, batch);
  const Real factor = static_cast<Real>(share(batch) * lambda_);
  for (const Range& range : penalised_)
    for (std::size_t j = range.first; j < range.first + range.count; ++j) g[j] += factor * w[j];
  return value + penalty(w, batch);
}

template <class Real>
void L2Penalty<Real>::do_hessian_vector(ConstParams<Real> w, ConstParams<Real> v, Params<Real> hv, Terms batch) {
  inner_.hessian_vector(w, v, hv, batch);
  const Real factor = static_cast<Real>(share(batch) * lambda_);
  for (const Range& range : penalised_)
    for (std::size_t j = range.first; j < range.first + range.count; ++j) hv[j] += factor * v[j];
}

template <class Real>
std::string L2Penalty<Real>::do_explain_nonfinite(ConstParams<Real> w, Terms batch) {
  const std::string found = inner_.explain_nonfinite(w, batch);
  return found.empty() && !std::isfinite(penalty(w, batch)) ? "the L2 penalty" : found;
}

template std::vector<Range> weight_matrices(const Network<float>&);
template std::vector<Range> weight_matrices(const Network<double>&);
template class L2Penalty<float>;
template class L2Penalty<double>;

}  // namespace descent
