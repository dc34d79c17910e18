// L(w) and its gradient for narrow networks, with activations feature by feature: (features, rows).
//
// Row by row, a layer of 3 units uses 3 of a vector's 16 lanes; here the lanes are rows of the batch. The gradient of
// the weights then is a sum over lanes, taken once a batch, which only pays where there are few weights. Outputs and
// ∂L/∂z are those of Network up to rounding, gradients are sums in another order.
#pragma once

#include "framework/aligned.hpp"
#include "framework/loss.hpp"
#include "models/network.hpp"

#include <cstddef>
#include <memory>
#include <vector>

namespace descent {

template <class Real>
class FeatureMajorPass {
 public:
  // Of the rows x (N, d) and t (N, k). All must outlive it; the rows must not change. Only for what it `serves`.
  FeatureMajorPass(const Network<Real>& network, const Loss<Real>& loss, ConstMatrixView<Real> x,
                   ConstMatrixView<Real> t);
  FeatureMajorPass(const FeatureMajorPass&) = delete;
  FeatureMajorPass& operator=(const FeatureMajorPass&) = delete;
  ~FeatureMajorPass();

  // Dense layers only, at most 128 outputs; over classes, cross-entropy.
  static bool serves(const Network<Real>& network, const Loss<Real>& loss);
  // One that it serves, with few weights, which leaves many lanes idle when it goes row by row.
  static bool suits(const Network<Real>& network, const Loss<Real>& loss);
  // Whether it is faster than Network for batches of so many rows. Never where the config names a kernel library.
  bool pays(std::size_t rows) const;

  // Σ of the loss over the rows `batch`, all of them where it is empty.
  double value(ConstParams<Real> w, Terms batch);
  // The same sum; overwrites g (n) with its gradient.
  double value_and_gradient(ConstParams<Real> w, Params<Real> g, Terms batch);

 private:
  struct Plan;
  Plan& plan(std::size_t columns);
  void load(Plan& plan, Terms batch, std::size_t first, std::size_t count) const;
  double forward(Plan& plan, ConstParams<Real> w, const MatrixView<Real>& dy) const;
  template <class Take>
  void backward(Plan& plan, ConstParams<Real> w, Take take) const;
  template <class Visit>
  void for_each_chunk(Terms batch, Visit visit);

  const Network<Real>& network_;
  const Loss<Real>& loss_;
  ConstMatrixView<Real> x_, t_;
  std::vector<std::unique_ptr<Plan>> plans_;
  AlignedVector<Real> sums_;  // (n, lanes): the gradient before its lanes are added up
};

extern template class FeatureMajorPass<float>;
extern template class FeatureMajorPass<double>;

}  // namespace descent
