// Fully connected layer with an elementwise activation: Y = φ(X W + b).
#pragma once

#include "framework/activation.hpp"
#include "framework/initializer.hpp"
#include "framework/layer.hpp"

namespace descent {

// Its slice of w is W (I, O), row-major, followed by b (O) unless the layer has no bias.
template <class Real>
class Dense final : public Layer<Real> {
 public:
  // `scale` goes to the initializer. The tables' rows must outlive the layer; they are static.
  Dense(std::size_t in, std::size_t out, const Activation<Real>& activation, const Initializer& initializer,
        double scale = 1, bool bias = true);

  std::size_t in() const override { return in_; }
  std::size_t out() const override { return out_; }
  const Activation<Real>& activation() const { return activation_; }
  bool has_bias() const { return bias_; }
  std::vector<ParameterBlock> blocks() const override;
  std::string kind() const override { return "dense"; }
  std::string describe() const override;
  void initialize(Params<Real> w, Rng& rng) const override;
  std::size_t kept_width() const override;
  std::unique_ptr<LayerPlan<Real>> plan(std::size_t rows) const override;

 private:
  std::size_t in_, out_;
  const Activation<Real>& activation_;
  const Initializer& initializer_;
  double scale_;
  bool bias_;
};

extern template class Dense<float>;
extern template class Dense<double>;

}  // namespace descent
