// Stops when a monitored figure has made no progress, and brings back the best weights.
//
// Prechelt, "Early stopping — but when?", 1998.
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
  std::size_t patience = 10;  // epochs without progress before stopping
  double min_delta = 0;       // progress is a change by more than this
  bool restore_best = true;
};

template <class Real>
class EarlyStopping final : public Observer<Real> {
 public:
  explicit EarlyStopping(EarlyStoppingOptions options);
  void on_start(const EpochRecord& record, ConstParams<Real> w) override;
  std::optional<Stop> on_epoch(const EpochRecord& record, ConstParams<Real> w) override;
  void on_end(Report& report, Params<Real> w) override;

 private:
  EarlyStoppingOptions options_;
  double best_ = 0;
  EpochRecord best_record_;
  std::vector<Real> best_w_;
};

extern template class EarlyStopping<float>;
extern template class EarlyStopping<double>;

}  // namespace descent
