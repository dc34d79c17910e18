// The objective of training: L(w) = Σᵢ E(f_w(xᵢ), tᵢ), the sum over the rows, with its gradient.
#pragma once

#include "framework/kernels/cut.hpp"
#include "framework/kernels/fetch_ahead.hpp"
#include "framework/kernels/simd.hpp"
#include "framework/loss.hpp"
#include "framework/objective.hpp"
#include "models/feature_major.hpp"
#include "models/network.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace descent {

// Rows that go through the network together: enough for the products to run at full speed, few enough
// for the activations of a small network to stay in the cache. A fixed number, so that sums have the
// same bits wherever they are taken.
inline constexpr std::size_t kRowsPerBlock = 256;

// Rows ready for a network of precision Real.
template <class Real>
struct TrainingRows {
  Matrix<Real> inputs;               // (N, d)
  Matrix<Real> targets;              // (N, k), as the loss wants them
  std::vector<std::uint32_t> names;  // N, the number of each row in its source, for messages; may be empty
};

template <class Real>
class SummedLoss final : public Objective<Real> {
 public:
  // `network` must outlive the objective. Throws Error(usage) where shapes do not fit together,
  // Error(data) for a class index that is none.
  SummedLoss(const Network<Real>& network, const Loss<Real>& loss, TrainingRows<Real> rows);

  std::size_t dimension() const override { return network_.parameters(); }
  std::size_t terms() const override { return rows_.inputs.shape(0); }
  bool has_hessian() const override { return true; }
  bool flushes_subnormals() const override { return true; }
  void expect(Terms batch) override { expected_ = batch; }
  bool moves_in_one_pass(std::size_t batch_size) const override { return batch_size <= kRowsPerBlock; }

  // Overwrites gv (n) with the product of the Gauss–Newton matrix Σᵢ Jᵢᵀ (∂²E/∂y²) Jᵢ with v (n), J = ∂f_w(xᵢ)/∂w.
  // What the Hessian is where the network is linear in w or fits exactly; never indefinite where E is convex in y.
  // Schraudolph, "Fast curvature matrix-vector products", Neural Computation 14, 2002.
  void gauss_newton_vector(ConstParams<Real> w, ConstParams<Real> v, Params<Real> gv, Terms batch = {});

 private:
  // A block of the rows asked for: their inputs and targets, gathered only when they are scattered.
  struct Block {
    ConstMatrixView<Real> x, t;
  };

  double do_value(ConstParams<Real> w, Terms batch) override;
  double do_value_and_gradient(ConstParams<Real> w, Params<Real> g, Terms batch) override;
  double do_value_and_move(ConstParams<Real> w, Real scale, Params<Real> next, Terms batch, bool& finite) override;
  void do_hessian_vector(ConstParams<Real> w, ConstParams<Real> v, Params<Real> hv, Terms batch) override;
  std::string do_explain_nonfinite(ConstParams<Real> w, Terms batch) override;

  class FetchExpected;

  kernels::Cut rows_of_threads(std::size_t rows) const;
  void gather(Terms rows, const MatrixView<Real>& x, const MatrixView<Real>& t) const;
  void reserve(std::size_t rows, bool gathered);
  Block block(Terms batch, std::size_t first, std::size_t count);
  template <class Visit>
  void for_each_block(Terms batch, Visit visit);
  bool by_features(Terms batch) const;  // by feature_major_
  std::string row_name(Terms batch, std::size_t i) const;
  std::string explain_block(ConstParams<Real> w, Terms batch, std::size_t first, const Block& block);

  const Network<Real>& network_;
  const Loss<Real>& loss_;
  TrainingRows<Real> rows_;
  Workspace<Real> work_;
  std::optional<FeatureMajorPass<Real>> feature_major_;  // where it suits the network
  AlignedVector<Real> gathered_x_, gathered_t_, gradient_;
  Terms expected_;
  std::vector<kernels::FetchAhead> fetch_ahead_of_helpers_;
};

extern template class SummedLoss<float>;
extern template class SummedLoss<double>;

}  // namespace descent
