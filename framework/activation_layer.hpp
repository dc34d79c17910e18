// An activation on its own, for stacks that put it elsewhere than behind a dense layer: y = φ(x).
#pragma once

#include "framework/activation.hpp"
#include "framework/layer.hpp"

namespace descent {

template <class Real>
class ActivationLayer final : public Layer<Real> {
 public:
  ActivationLayer(std::size_t width, const Activation<Real>& activation);

  std::size_t in() const override { return width_; }
  std::size_t out() const override { return width_; }
  std::vector<ParameterBlock> blocks() const override { return {}; }
  std::string kind() const override { return "activation"; }
  std::string describe() const override;
  void initialize(Params<Real>, Rng&) const override {}
  std::unique_ptr<LayerPlan<Real>> plan(std::size_t rows) const override;

 private:
  std::size_t width_;
  const Activation<Real>& activation_;
};

extern template class ActivationLayer<float>;
extern template class ActivationLayer<double>;

}  // namespace descent
