// Who watches a minimisation, and may end it.
#pragma once

#include "framework/tensor.hpp"
#include "trainers/report.hpp"
#include "trainers/state.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace descent {

struct Stop {
  Reason reason;
  std::string sentence;
};

// One step w ← w + γ d of a full batch, seen when everything at its end is known. Views are valid during the call.
template <class Real>
struct StepView {
  Objective<Real>& objective;
  std::size_t step = 0;        // from 1
  ConstParams<Real> from, to;  // (n) each: w before and after
  ConstParams<Real> d;         // (n): the direction
  ConstParams<Real> gradient;  // (n): ∇L at `to`
  double loss_from = 0, loss_to = 0;
  double norm_from = 0, norm_to = 0;  // ‖∇L‖
  double gamma = 0;
  double slope = 0;         // ∇Lᵀd at `from`
  std::string_view remark;  // the step size's
};

template <class Real>
class Observer {
 public:
  virtual ~Observer() = default;
  // The record of epoch 0, before the first step. In a resumed run, that of the last epoch before it: what state()
  // shows is filled in afterwards.
  virtual void on_start(const EpochRecord&, ConstParams<Real> /*w*/) {}
  // Whether on_step is to be called: before on_epoch, once a step; a full batch is needed then.
  virtual bool wants_steps() const { return false; }
  virtual void on_step(const StepView<Real>&) {}
  virtual std::optional<Stop> on_epoch(const EpochRecord&, ConstParams<Real> /*w*/) { return std::nullopt; }
  // May change w (restore the best) and then says so in the report.
  virtual void on_end(Report&, Params<Real> /*w*/) {}
  // What a checkpoint must keep: everything that decides about stops or weights. Its sizes are fixed by on_start.
  virtual State<Real> state() { return {}; }
  // In a resumed run, when state() has been filled in.
  virtual void on_resume() {}
};

// Keeps every record.
template <class Real>
class History final : public Observer<Real> {
 public:
  void on_start(const EpochRecord& record, ConstParams<Real>) override { records.push_back(record); }
  std::optional<Stop> on_epoch(const EpochRecord& record, ConstParams<Real>) override {
    records.push_back(record);
    return std::nullopt;
  }
  std::vector<EpochRecord> records;  // records[k] is epoch k; of a resumed run, the k-th since
};

}  // namespace descent
