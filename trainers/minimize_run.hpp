// One minimisation from its start to its report; for minimize.cpp, which walks through it.
#pragma once

#include "framework/aligned.hpp"
#include "trainers/batches.hpp"
#include "trainers/minimize.hpp"
#include "trainers/progress.hpp"
#include "trainers/sentences.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace descent {

// The state of one minimisation. Three buffers take turns to hold the weights: an update writes w + γ d into the
// oldest one. When it is found that the step before led to where not all is finite, the weights before that one are
// still there, although the update that found it has written already.
//
// Steps in one pass move the weights in place, which keeps one array less in the caches, but for one step of many: from
// the weights before that one, those of every later step can be had again.
template <class Real>
class Minimization {
 public:
  Minimization(Objective<Real>& objective, Params<Real> w, Direction<Real>& direction, StepSize<Real>& step_size,
               const Options<Real>& options, std::span<Observer<Real>* const> observers);
  ~Minimization() { hand_back(); }  // also when an observer throws
  Minimization(const Minimization&) = delete;
  Minimization& operator=(const Minimization&) = delete;

  bool ended() const { return stop_.has_value(); }

  void start();           // where w is, or where the snapshot was taken
  bool open_step();       // picks the batch; false: the run has ended (interrupt and time are looked at here)
  bool evaluate_batch();  // f and g of the batch at w; false: f is not finite, the run has ended
  void choose_direction();
  void choose_length();  // may end the run: no step lowers f
  void move();           // w ← w + γ d
  // Where nobody looks at the gradient of a batch, it need not be kept: all of the above at once.
  bool steps_in_one_pass() const { return in_one_pass_; }
  void step_in_one_pass();
  bool at_epoch_end() const { return !ended() && p_.step_in_epoch == batches_.count(); }
  void close_epoch();  // value (and gradient) over all terms, observers, stop tests

  // To whoever keeps snapshots.
  void offer_checkpoint() {
    if (options_.checkpointer != nullptr) ask_checkpointer();
  }

  Report finish();

 private:
  struct PastStep {  // in one pass
    std::size_t epoch, batch;
    double gamma;
  };

  void evaluate_start();
  void ask_checkpointer();
  void resume(const Snapshot<Real>& snapshot);
  State<Real> state();
  State<Real> observer_state();
  bool exact() const { return batches_.whole() || options_.loss_log == LossLog::exact; }
  bool wants_gradient() const { return batches_.whole() || (exact() && options_.log_gradient_norm); }
  double epoch_now() const {
    return static_cast<double>(p_.epochs) +
           static_cast<double>(p_.step_in_epoch) / static_cast<double>(batches_.count());
  }
  double seconds() const {
    return seconds_before_ + std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
  }
  Evaluations evaluations() const;
  std::string what_is_wrong() const;

  DirectionContext<Real> here() { return {objective_, batch_, now_, g_, p_.f, p_.steps}; }
  void go_steepest();
  double length();
  void step_by(double gamma) {
    p_.gamma = gamma;
    p_.has_gamma = true;
  }
  void notice_step();
  void arrive();
  void count_step() {
    ++p_.steps;
    ++p_.step_in_epoch;
  }
  bool evaluate_everything();
  void fill_record();
  void stop(Reason reason, std::string sentence) { stop_ = Stop{reason, std::move(sentence)}; }
  void diverge(std::size_t step, std::string terms, std::string what, std::string place);
  void fail_to_move();
  void stop_without_step();
  void stop_if_settled_or_unbounded();
  void step_back();
  bool may_move_in_place() const;
  void recall(bool now_too);
  void step_again(const PastStep& step, Params<Real> to);
  void hand_back();

  Objective<Real>& objective_;
  Direction<Real>& direction_;
  StepSize<Real>& step_size_;
  const Options<Real>& options_;
  std::span<Observer<Real>* const> observers_;
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  double seconds_before_ = 0;  // of the run that is resumed
  Evaluations others_asked_;   // asked of the objective by others
  Batches batches_;
  const bool watched_;  // an observer wants the steps

  Params<Real> w_;                                  // (n), the caller's
  AlignedVector<Real> first_, second_, third_, g_;  // (n) each; no first_ where w_ starts on a cache line
  AlignedVector<Real> d_;                           // (n); empty where nobody looks at it
  const bool in_one_pass_;
  const std::size_t most_in_place_;
  Params<Real> now_, next_, before_;  // first_ or w_, second_ and third_, in turns
  std::vector<PastStep> since_;       // steps in one pass that led from before_ to now_; none: it was another one
  std::size_t recalled_ = 0;          // steps that had been taken when some were last taken again
  LineFunction<Real> line_;           // f along d_, for step sizes that look
  double slope_ = Progress::kNaN;     // gᵀd, where somebody looks
  bool is_steepest_ = false;          // d_ was replaced by −g
  Terms batch_;                       // of the current step; empty: all terms
  Progress p_;
  double step_loss_ = Progress::kNaN, step_norm_ = Progress::kNaN;  // L and ‖∇L‖ before the last step of a full batch
  std::optional<Stop> stop_;
  std::string place_;  // of the first number that is not finite
};

}  // namespace descent
