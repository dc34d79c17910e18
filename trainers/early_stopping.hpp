// Stops when a monitored figure has made no progress, and brings back the best weights.
//
// Prechelt, "Early stopping — but when?", 1998. Progress and patience are counted as Keras counts them:
// progress is a figure better than the best one by more than min_delta, and becomes the best; NaN never is.
// Epoch 0, the start, is the first candidate where its figure is finite.
#pragma once

#include "trainers/observer.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace descent {

struct EarlyStoppingOptions {
  std::size_t monitor = 0;    // 0: the loss; i: the i-th monitor of Options::monitors, from 1
  std::string name = "loss";  // what to call it in the sentence
  bool maximize = false;      // larger is better (accuracy)
  double sign = 1;            // −1: sentences give the figure's opposite, f where −f is minimised
  std::size_t patience = 10;  // stop at this many epochs in a row without progress; 0 counts as 1
  double min_delta = 0;       // progress is a change by more than this; ≥ 0
  // Whatever ends the run (the epoch budget, an interrupt, divergence), it ends at the best weights, and
  // the report's loss, gradient_norm, kept_epoch and sentence speak of those.
  bool restore_best = true;
  bool keep_best = false;  // keeps the best weights for best_weights(), whether they are brought back or not
};

template <class Real>
class EarlyStopping final : public Observer<Real> {
 public:
  // Throws Error(usage) when min_delta is negative or NaN; on_start does when there is no such monitor.
  explicit EarlyStopping(EarlyStoppingOptions options);
  void on_start(const EpochRecord& record, ConstParams<Real> w) override;
  std::optional<Stop> on_epoch(const EpochRecord& record, ConstParams<Real> w) override;
  void on_end(Report& report, Params<Real> w) override;
  State<Real> state() override;

  // Of the best epoch so far; empty without restore_best or keep_best, or where no figure was finite yet.
  ConstParams<Real> best_weights() const { return has_best_ ? ConstParams<Real>(best_w_) : ConstParams<Real>(); }
  const EpochRecord& best_record() const { return best_record_; }

 private:
  bool keeps() const { return options_.restore_best || options_.keep_best; }
  double figure(const EpochRecord& record) const;
  void keep(const EpochRecord& record, ConstParams<Real> w);

  EarlyStoppingOptions options_;
  std::size_t waited_ = 0;  // epochs since the best
  bool has_best_ = false;   // a finite figure was seen
  double best_ = 0;
  EpochRecord best_record_;
  std::vector<Real> best_w_;  // (n), meaningful where has_best_; empty unless keeps()
};

extern template class EarlyStopping<float>;
extern template class EarlyStopping<double>;

}  // namespace descent
