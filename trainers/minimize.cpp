#include "trainers/minimize.hpp"

#include "framework/error.hpp"
#include "framework/kernels/simd.hpp"
#include "framework/kernels/subnormals.hpp"
#include "framework/text.hpp"
#include "trainers/dot.hpp"
#include "trainers/finite.hpp"
#include "trainers/minimize_run.hpp"
#include "trainers/sentences.hpp"

#include <algorithm>
#include <cmath>

namespace descent {

template <class Real>
bool Minimization<Real>::open_step() {
  if (ended()) return false;
  if (p_.step_in_epoch == batches_.count()) p_.step_in_epoch = 0;
  if (options_.interrupt != nullptr && options_.interrupt->load(std::memory_order_relaxed))
    stop(Reason::interrupted, fmt::format("interrupted in epoch {}, before step {}", p_.epochs + 1, p_.steps + 1));
  else if (std::isfinite(options_.seconds) && options_.seconds_before + seconds() > options_.seconds)
    stop(Reason::time_budget, fmt::format("reached the time budget ({} s) in epoch {}, before step {}",
                                          shortest(options_.seconds), p_.epochs + 1, p_.steps + 1));
  if (ended()) return false;
  if (p_.step_in_epoch == 0) {
    batches_.start_epoch(p_.epochs + 1);
    p_.running = 0;
  }
  batch_ = batches_.at(p_.step_in_epoch);
  if (p_.step_in_epoch + 1 < batches_.count()) objective_.expect(batches_.at(p_.step_in_epoch + 1));
  return true;
}

template <class Real>
bool Minimization<Real>::evaluate_batch() {
  if (batches_.whole()) return true;  // known since the end of the last epoch
  p_.f = objective_.value_and_gradient(now_, g_, batch_);
  p_.running += p_.f;
  if (std::isfinite(p_.f)) return true;  // move() looks at the gradient
  diverge(p_.steps + 1, rows_text(batch_, options_.term_names), what_is_wrong(),
          objective_.explain_nonfinite(now_, batch_));
  step_back();
  return false;
}

template <class Real>
void Minimization<Real>::choose_direction() {
  is_steepest_ = direction_.is_negative_gradient();
  if (d_.empty()) return;
  direction_.compute(here(), d_);
  if (!step_size_.needs_descent() && !watched_) return;
  slope_ = dot<Real>(g_, d_);
  if (step_size_.needs_descent() && !(slope_ < 0)) go_steepest();
}

template <class Real>
void Minimization<Real>::go_steepest() {
  if (!is_steepest_) direction_.restart();
  is_steepest_ = true;
  std::transform(g_.begin(), g_.end(), d_.begin(), [](Real g) { return -g; });
  slope_ = dot<Real>(g_, d_);
}

template <class Real>
double Minimization<Real>::length() {
  StepContext<Real> context{objective_, batch_, now_, g_, d_, p_.f, p_.steps, epoch_now(), batches_.count()};
  if (!step_size_.needs_descent()) return step_size_.length(context);
  if (!(slope_ < 0 && std::isfinite(slope_))) return std::isfinite(slope_) ? 0 : 1;  // 1: move() finds what is wrong
  line_.aim(now_, d_, next_, batch_, p_.f, slope_, batches_.whole());
  context.line = &line_;
  context.natural_step = !is_steepest_ && direction_.has_natural_step();
  return step_size_.length(context);
}

template <class Real>
void Minimization<Real>::choose_length() {
  step_by(length());
  step_loss_ = p_.f;
  step_norm_ = p_.norm;
  if (!step_size_.needs_descent()) return;
  if (p_.gamma == 0 && !is_steepest_) {
    go_steepest();
    step_by(length());
  }
  if (p_.gamma == 0 && batches_.whole()) return stop_without_step();
  p_.last_gain = -p_.gamma * slope_;
}

// One pass moves and checks: a gradient or direction that is not finite gives such a weight too.
template <class Real>
void Minimization<Real>::move() {
  const Real gamma = static_cast<Real>(p_.gamma);
  const bool known = line_.has_weights(p_.gamma);  // next_ holds w + γ d already
  if (!known && d_.empty()) {
    if (!direction_.move(here(), gamma, next_)) return fail_to_move();
  } else if (!known) {
    kernels::FiniteCheck<Real> check;
    kernels::simd<Real>().move(now_.data(), d_.data(), gamma, next_.data(), now_.size(), check);
    if (!check.passed()) return fail_to_move();
  }
  if (!known || !batches_.whole()) line_.forget();
  arrive();
}

template <class Real>
void Minimization<Real>::arrive() {
  std::swap(before_, now_);  // the oldest gives its place to the next step's weights
  std::swap(now_, next_);
  since_.clear();
  count_step();
}

// The same bits as the four calls one after the other, without a gradient that goes to memory and back.
template <class Real>
void Minimization<Real>::step_in_one_pass() {
  const double gamma = length();
  const bool in_place = may_move_in_place();
  bool finite = false;
  p_.f = objective_.value_and_move(now_, -static_cast<Real>(gamma), in_place ? now_ : next_, batch_, finite);
  if (!std::isfinite(p_.f) || !finite) {
    if (in_place && std::isfinite(p_.f)) recall(true);
    // What went wrong is told by the long way.
    if (!evaluate_batch()) return;
    step_by(gamma);
    return move();
  }
  p_.running += p_.f;
  step_by(gamma);
  const PastStep step{batches_.epoch(), p_.step_in_epoch, gamma};
  in_place ? count_step() : arrive();
  since_.push_back(step);
}

template <class Real>
void Minimization<Real>::fail_to_move() {
  if (all_finite<Real>(g_)) {
    const std::size_t i = first_nonfinite<Real>(next_);
    return diverge(p_.steps + 1, rows_text(batch_, options_.term_names),
                   fmt::format("weight {} became {}", i, rounded(next_[i])), "");
  }
  const std::string what = what_is_wrong(), place = objective_.explain_nonfinite(now_, batch_);
  const std::string rows = rows_text(batch_, options_.term_names);
  diverge(p_.steps + 1, rows, what, place);
  step_back();
}

template <class Real>
Report minimize(Objective<Real>& objective, Params<Real> w, Direction<Real>& direction, StepSize<Real>& step_size,
                const Options<Real>& options, std::span<Observer<Real>* const> observers) {
  const kernels::FlushSubnormals flush(objective.flushes_subnormals());
  objective.expect({});  // nothing of a run that an exception ended
  Minimization<Real> run(objective, w, direction, step_size, options, observers);
  run.start();
  while (run.open_step()) {
    if (run.steps_in_one_pass()) {
      run.step_in_one_pass();
    } else if (run.evaluate_batch()) {
      run.choose_direction();
      run.choose_length();
      if (!run.ended()) run.move();
    }
    if (run.at_epoch_end()) run.close_epoch();
    if (!run.ended()) run.offer_checkpoint();
  }
  run.offer_checkpoint();
  return run.finish();
}

template Report minimize(Objective<float>&, Params<float>, Direction<float>&, StepSize<float>&, const Options<float>&,
                         std::span<Observer<float>* const>);
template Report minimize(Objective<double>&, Params<double>, Direction<double>&, StepSize<double>&,
                         const Options<double>&, std::span<Observer<double>* const>);

}  // namespace descent
