// Each step of a full-batch run with a verdict on its length: for tables a person reads.
#pragma once

#include "trainers/observer.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace descent {

// The length of a step, judged by the quadratic that agrees with f at both of its ends and with its slope at the first:
//   f(w + γ d) = f(w) + γ gᵀd (1 − q/2).
// q = γ · curvature compares the step with that quadratic's lowest point, which is at q = 1; 2 is where f is back at
// its start. With d = −g on a quadratic, the curvature is gᵀHg/gᵀg, at most λmax.
enum class StepVerdict {
  too_small,   // q < 0.2, or below 0 (f curves down: the further the better), while γ λmax < 0.2 where it applies
  good,        // f fell, and q ≤ 2
  overshoots,  // f rose: q > 2
  bounces,     // f is where it was although its slope promised much less: q = 2
  uphill,      // gᵀd ≥ 0: the direction does not lead down (momentum), whatever γ
  settled,     // f changed by no more than it is rounded by (32 ε |f|)
};
std::string_view to_string(StepVerdict verdict);  // "too small", …

struct StepRecord {
  std::size_t step = 0;   // from 1; row 0 is the start
  std::vector<double> w;  // (n) after the step
  double f = 0;
  double gradient_norm = 0;
  double gamma = 0;
  double predicted = 0;  // decrease of the straight line, −γ gᵀd; γ ‖∇f‖² for d = −g
  double actual = 0;     // f before − f after
  // q above, 2 (1 − actual / predicted); where f is only rounding, the change of the slope along d instead. NaN in row
  // 0.
  double gamma_curvature = 0;
  double gamma_lambda = 0;  // γ λmax of the Hessian at the step's start; NaN where it is not known
  StepVerdict verdict = StepVerdict::settled;
  std::string remark;  // the step size's, mostly ""

  double ratio() const { return actual / predicted; }
  // "too small", "good", "overshoots: f rose because γ·curvature = 2.4 > 2"; "" in row 0.
  std::string text() const;
};

struct StepTableOptions {
  std::size_t keep = 1000;  // the first so many rows are kept, and the last one in `last`
  std::size_t most_weights =
      16;  // λmax is computed at every step up to so many weights, if there are second derivatives
};

class StepTable final : public Observer<double> {
 public:
  explicit StepTable(const StepTableOptions& options = {}) : options_(options) {}

  bool wants_steps() const override { return true; }
  void on_start(const EpochRecord& record, ConstParams<double> w) override;
  void on_step(const StepView<double>& step) override;
  // All but the remarks.
  State<double> state() override;
  void on_resume() override;

  std::vector<StepRecord> rows;  // rows[k] is step k, the start first
  StepRecord last;
  std::size_t overshoots = 0;  // steps with that verdict
  double largest_gamma_lambda = 0;

 private:
  StepTableOptions options_;
  std::vector<double> packed_;  // rows and last as numbers, for a checkpoint
  std::size_t packed_rows_ = 0;
};

// The verdict by the rules above. `plain`: d is −g, so that λmax bounds the curvature that γ meets.
StepVerdict judge(const StepRecord& record, double rounding, bool plain);

}  // namespace descent
