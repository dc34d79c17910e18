#include "trainers/minimize.hpp"

#include "framework/error.hpp"
#include "framework/kernels/simd.hpp"
#include "framework/text.hpp"
#include "trainers/batches.hpp"
#include "trainers/check_options.hpp"
#include "trainers/dot.hpp"
#include "trainers/finite.hpp"
#include "trainers/sentences.hpp"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <cmath>
#include <optional>
#include <utility>

namespace descent {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// The state of one minimisation. Two buffers take turns to hold the weights: an update writes w + γ d into
// the other one, so the weights before it are still there when the new ones turn out not to be finite.
template <class Real>
class Run {
 public:
  Run(Objective<Real>& objective, Params<Real> w, Direction<Real>& direction, StepSize<Real>& step_size,
      const Options<Real>& options, std::span<Observer<Real>* const> observers);
  ~Run() { hand_back(); }  // also when an observer throws
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  bool ended() const { return stop_.has_value(); }

  void evaluate_start();
  bool open_step();       // picks the batch; false: the run has ended (interrupt and time are looked at here)
  bool evaluate_batch();  // f and g of the batch at w; false: f is not finite, the run has ended
  void choose_direction();
  void choose_length();  // may end the run: no step lowers f
  void move();           // w ← w + γ d
  // Where nobody looks at the gradient of a batch, it need not be kept: all of the above at once.
  bool steps_in_one_pass() const { return in_one_pass_; }
  void step_in_one_pass();
  bool at_epoch_end() const { return !ended() && in_epoch_ == batches_.count(); }
  void close_epoch();  // value (and gradient) over all terms, observers, stop tests

  Report finish();

 private:
  bool exact() const { return batches_.whole() || options_.loss_log == LossLog::exact; }
  bool wants_gradient() const { return batches_.whole() || (exact() && options_.log_gradient_norm); }
  double epoch_now() const {
    return static_cast<double>(epochs_) + static_cast<double>(in_epoch_) / static_cast<double>(batches_.count());
  }
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count(); }
  std::string what_is_wrong() const;

  void go_steepest();
  double length();
  void notice_step();
  void arrive();
  bool evaluate_everything();
  void fill_record();
  void stop_if_converged();
  void stop(Reason reason, std::string sentence) { stop_ = Stop{reason, std::move(sentence)}; }
  void diverge(std::size_t step, std::string terms, std::string what, std::string place);
  void fail_to_move();
  void stop_without_step();
  void stop_if_settled_or_unbounded();
  void step_back();
  void hand_back();

  Objective<Real>& objective_;
  Direction<Real>& direction_;
  StepSize<Real>& step_size_;
  const Options<Real>& options_;
  std::span<Observer<Real>* const> observers_;
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  const Evaluations before_;
  Batches batches_;
  const bool watched_;  // an observer wants the steps

  Params<Real> w_;               // (n), the caller's
  std::vector<Real> other_, g_;  // (n) each
  std::vector<Real> d_;          // (n); empty where the direction is −g and nobody looks at it
  const bool in_one_pass_;
  Params<Real> now_, next_;                     // w_ and other_, in turns
  LineFunction<Real> line_;                     // f along d_, for step sizes that look
  double slope_ = kNaN;                         // gᵀd, where somebody looks
  bool is_steepest_ = false;                    // d_ was replaced by −g
  Terms batch_;                                 // of the current step; empty: all terms
  double f_ = kNaN;                             // L of the batch evaluated last
  double norm_ = kNaN;                          // ‖∇L‖ over all terms where it was evaluated last
  double running_ = 0;                          // Σ of the batch values of this epoch
  std::optional<double> gamma_;                 // of the last update
  double previous_loss_ = kNaN;                 // of the epoch before record_
  double step_loss_ = kNaN, step_norm_ = kNaN;  // L and ‖∇L‖ before the last step of a full batch
  double start_loss_ = kNaN, tolerance_ = 0;    // L at the start; ‖∇L‖ that ends the run
  double last_gain_ = kNaN;                     // −γ gᵀd of the last step
  std::size_t settled_ = 0;                     // epochs in a row in which L hardly changed
  std::size_t epochs_ = 0, steps_ = 0, in_epoch_ = 0;
  EpochRecord record_;
  std::optional<Stop> stop_;
  std::string place_;  // of the first number that is not finite
};

template <class Real>
Run<Real>::Run(Objective<Real>& objective, Params<Real> w, Direction<Real>& direction, StepSize<Real>& step_size,
               const Options<Real>& options, std::span<Observer<Real>* const> observers)
    : objective_(objective),
      direction_(direction),
      step_size_(step_size),
      options_(options),
      observers_(observers),
      before_(objective.evaluations()),
      batches_(objective.terms(), options.batch_size, options.shuffle, options.seed),
      watched_(std::any_of(observers.begin(), observers.end(), [](const auto* o) { return o->wants_steps(); })),
      w_(w),
      other_(w.size()),
      g_(w.size()),
      d_(direction.is_negative_gradient() && !step_size.looks_at_direction() && !watched_ ? 0 : w.size()),
      in_one_pass_(d_.empty() && !batches_.whole() && objective.moves_in_one_pass(batches_.size())),
      now_(w_),
      next_(other_),
      line_(objective) {
  check_options(options, w.size(), objective, batches_.whole());
  check_methods(objective, direction, step_size);
  if (watched_ && !batches_.whole())
    throw Error(Fault::usage, "steps are observed one by one only on a full batch; use batch_size 0");
  record_.terms = objective.terms();
  record_.batch_size = batches_.size();
  record_.running = !exact();
  record_.figures.resize(options.monitors.size());
  direction_.start(w.size());
  step_size_.start(w.size());
  if (step_size_.needs_descent()) line_.start(w.size());
}

// Sets f_ and norm_ to what the log knows at the end of an epoch. False: a number is not finite.
template <class Real>
bool Run<Real>::evaluate_everything() {
  norm_ = kNaN;
  if (batches_.whole() && line_.has_gradient()) {  // the line search was here
    f_ = line_.last_value();
    g_.swap(line_.last_gradient());
    line_.forget();
    norm_ = norm<Real>(g_);
    return std::isfinite(f_) && (std::isfinite(norm_) || all_finite<Real>(g_));
  }
  if (wants_gradient()) {
    f_ = objective_.value_and_gradient(now_, g_);
    norm_ = norm<Real>(g_);
    return std::isfinite(f_) && (std::isfinite(norm_) || all_finite<Real>(g_));
  }
  f_ = exact() ? objective_.value(now_) : running_;
  return std::isfinite(f_);
}

template <class Real>
void Run<Real>::evaluate_start() {
  running_ = kNaN;  // no batch was seen yet
  const bool finite = evaluate_everything() || !exact();
  start_loss_ = f_;
  tolerance_ = options_.gradient_tolerance;
  if (options_.relative_gradient_tolerance > 0)
    tolerance_ = std::max(tolerance_, options_.relative_gradient_tolerance * norm_);
  fill_record();
  for (Observer<Real>* observer : observers_) observer->on_start(record_, now_);
  if (!finite) return diverge(0, "", what_is_wrong(), objective_.explain_nonfinite(now_));
  stop_if_converged();
  if (!ended() && options_.epochs == 0)
    stop(Reason::epoch_budget, epoch_budget_text(0, kNaN, record_.loss, record_.gradient_norm));
}

template <class Real>
bool Run<Real>::open_step() {
  if (ended()) return false;
  if (in_epoch_ == batches_.count()) in_epoch_ = 0;
  if (options_.interrupt != nullptr && options_.interrupt->load(std::memory_order_relaxed))
    stop(Reason::interrupted, fmt::format("interrupted in epoch {}, before step {}", epochs_ + 1, steps_ + 1));
  else if (std::isfinite(options_.seconds) && seconds() > options_.seconds)
    stop(Reason::time_budget, fmt::format("reached the time budget ({} s) in epoch {}, before step {}",
                                          shortest(options_.seconds), epochs_ + 1, steps_ + 1));
  if (ended()) return false;
  if (in_epoch_ == 0) {
    batches_.start_epoch(epochs_ + 1);
    running_ = 0;
  }
  batch_ = batches_.at(in_epoch_);
  return true;
}

template <class Real>
bool Run<Real>::evaluate_batch() {
  if (batches_.whole()) return true;  // known since the end of the last epoch
  f_ = objective_.value_and_gradient(now_, g_, batch_);
  running_ += f_;
  if (std::isfinite(f_)) return true;  // move() looks at the gradient
  diverge(steps_ + 1, rows_text(batch_, options_.term_names), what_is_wrong(),
          objective_.explain_nonfinite(now_, batch_));
  step_back();
  return false;
}

template <class Real>
void Run<Real>::choose_direction() {
  is_steepest_ = direction_.is_negative_gradient();
  if (d_.empty()) return;
  direction_.compute({objective_, batch_, now_, g_, f_, steps_}, d_);
  if (!step_size_.needs_descent() && !watched_) return;
  slope_ = dot<Real>(g_, d_);
  if (step_size_.needs_descent() && !(slope_ < 0)) go_steepest();
}

template <class Real>
void Run<Real>::go_steepest() {
  if (!is_steepest_) direction_.restart();
  is_steepest_ = true;
  std::transform(g_.begin(), g_.end(), d_.begin(), [](Real g) { return -g; });
  slope_ = dot<Real>(g_, d_);
}

template <class Real>
double Run<Real>::length() {
  StepContext<Real> context{objective_, batch_, now_, g_, d_, f_, steps_, epoch_now(), batches_.count()};
  if (!step_size_.needs_descent()) return step_size_.length(context);
  if (!(slope_ < 0 && std::isfinite(slope_))) return std::isfinite(slope_) ? 0 : 1;  // 1: move() finds what is wrong
  line_.aim(now_, d_, next_, batch_, f_, slope_, batches_.whole());
  context.line = &line_;
  context.natural_step = !is_steepest_ && direction_.has_natural_step();
  return step_size_.length(context);
}

template <class Real>
void Run<Real>::choose_length() {
  gamma_ = length();
  step_loss_ = f_;
  step_norm_ = norm_;
  if (!step_size_.needs_descent()) return;
  if (*gamma_ == 0 && !is_steepest_) {
    go_steepest();
    gamma_ = length();
  }
  if (*gamma_ == 0 && batches_.whole()) return stop_without_step();
  last_gain_ = -*gamma_ * slope_;
}

// Near the lowest value of f that the precision can tell, where the last step was to gain no more than f is
// rounded by, or a change of √ε in w would not; else the line search has met something else than a smooth f.
template <class Real>
void Run<Real>::stop_without_step() {
  const double epsilon = static_cast<double>(std::numeric_limits<Real>::epsilon());
  const bool gained_nothing = last_gain_ <= 1e4 * epsilon * std::max(std::abs(f_), std::abs(start_loss_));
  const bool gains_nothing =
      norm_ * std::sqrt(epsilon) * std::max(1.0, norm<Real>(now_)) <= 1e4 * epsilon * std::abs(f_);
  if (!step_size_.at_minimum() && !gained_nothing && !gains_nothing)
    return stop(Reason::no_descent, no_descent_text(steps_, norm_));
  stop(Reason::precision_limit, precision_limit_text(steps_, step_size_.at_minimum(), f_, norm_));
}

// One pass moves and checks: a gradient or direction that is not finite gives such a weight too.
template <class Real>
void Run<Real>::move() {
  const Real gamma = static_cast<Real>(*gamma_);
  const bool along_gradient = d_.empty();
  const Real* v = along_gradient ? g_.data() : d_.data();
  const bool known = line_.has_weights(*gamma_);  // next_ holds w + γ d already
  if (!known) {
    kernels::FiniteCheck<Real> check;
    kernels::simd<Real>().move(now_.data(), v, along_gradient ? -gamma : gamma, next_.data(), now_.size(), check);
    if (!check.passed()) return fail_to_move();
  }
  if (!known || !batches_.whole()) line_.forget();
  arrive();
}

template <class Real>
void Run<Real>::arrive() {
  std::swap(now_, next_);
  ++steps_;
  ++in_epoch_;
}

// The same bits as the four calls one after the other, without a gradient that goes to memory and back.
template <class Real>
void Run<Real>::step_in_one_pass() {
  const double gamma = length();
  bool finite = false;
  f_ = objective_.value_and_move(now_, -static_cast<Real>(gamma), next_, batch_, finite);
  if (!std::isfinite(f_) || !finite) {
    // What went wrong is told by the long way.
    if (!evaluate_batch()) return;
    gamma_ = gamma;
    return move();
  }
  running_ += f_;
  gamma_ = gamma;
  arrive();
}

template <class Real>
void Run<Real>::fail_to_move() {
  if (all_finite<Real>(g_)) {
    const std::size_t i = first_nonfinite<Real>(next_);
    return diverge(steps_ + 1, rows_text(batch_, options_.term_names),
                   fmt::format("weight {} became {}", i, rounded(next_[i])), "");
  }
  const std::string what = what_is_wrong(), place = objective_.explain_nonfinite(now_, batch_);
  diverge(steps_ + 1, rows_text(batch_, options_.term_names), what, place);
  step_back();
}

template <class Real>
void Run<Real>::close_epoch() {
  if (!evaluate_everything()) {
    const std::string terms = batches_.whole() ? "" : fmt::format("all {} rows", record_.terms);
    diverge(steps_, terms, what_is_wrong(), objective_.explain_nonfinite(now_));
    return step_back();
  }
  ++epochs_;
  previous_loss_ = record_.loss;
  fill_record();
  if (watched_) notice_step();
  step_size_.epoch_ended(record_);
  std::optional<Stop> asked;
  for (Observer<Real>* observer : observers_) {
    std::optional<Stop> wish = observer->on_epoch(record_, now_);
    if (wish && !asked) asked = std::move(wish);
  }
  stop_if_converged();
  if (!ended()) stop_if_settled_or_unbounded();
  if (!ended()) stop_ = std::move(asked);
  if (!ended() && epochs_ == options_.epochs)
    stop(Reason::epoch_budget, epoch_budget_text(epochs_, previous_loss_, record_.loss, record_.gradient_norm));
}

template <class Real>
void Run<Real>::fill_record() {
  record_.epoch = epochs_;
  record_.step = steps_;
  record_.loss = f_;
  record_.gradient_norm = norm_;
  record_.gamma = gamma_.value_or(0);
  for (std::size_t i = 0; i < options_.monitors.size(); ++i) record_.figures[i] = options_.monitors[i].value(now_);
  record_.seconds = seconds();
}

template <class Real>
void Run<Real>::stop_if_converged() {
  if (record_.gradient_norm <= options_.gradient_tolerance || (epochs_ > 0 && record_.gradient_norm <= tolerance_))
    return stop(Reason::gradient_small, gradient_small_text(epochs_, norm_, tolerance_));
  if (record_.loss <= options_.loss_target)
    stop(Reason::target_reached, target_reached_text(epochs_, record_.running, record_.loss, options_.loss_target));
}

template <class Real>
void Run<Real>::stop_if_settled_or_unbounded() {
  // A line search whose step is below what the weights resolve.
  if (batches_.whole() && step_size_.needs_descent() && std::equal(now_.begin(), now_.end(), next_.begin()))
    return stop_without_step();
  const double bound = options_.loss_bound * (1 + std::abs(start_loss_));
  if (record_.loss > bound) return stop(Reason::diverged, loss_bound_text(epochs_, record_.loss, start_loss_, *gamma_));
  if (record_.loss < -bound) return stop(Reason::unbounded, unbounded_text(epochs_, record_.loss));
  const double change = std::abs(record_.loss - previous_loss_);
  settled_ = change <= options_.loss_tolerance * std::abs(record_.loss) ? settled_ + 1 : 0;
  if (options_.settled_epochs > 0 && settled_ >= options_.settled_epochs)
    stop(Reason::loss_settled, loss_settled_text(epochs_, settled_, options_.loss_tolerance, record_.gradient_norm));
}

template <class Real>
void Run<Real>::notice_step() {
  const StepView<Real> step{
      objective_, steps_, next_, now_, d_, g_, step_loss_, f_, step_norm_, norm_, *gamma_, slope_, step_size_.remark()};
  for (Observer<Real>* observer : observers_)
    if (observer->wants_steps()) observer->on_step(step);
}

// Which of f_ and g_ is not finite.
template <class Real>
std::string Run<Real>::what_is_wrong() const {
  if (!std::isfinite(f_)) return fmt::format("the loss is {}", rounded(f_));
  const std::size_t i = first_nonfinite<Real>(g_);
  assert(i < g_.size());
  return fmt::format("entry {} of the gradient is {}", i, rounded(g_[i]));
}

template <class Real>
void Run<Real>::diverge(std::size_t step, std::string terms, std::string what, std::string place) {
  place_ = place;
  stop(Reason::diverged,
       diverged_text({epochs_ + 1, step, std::move(terms), std::move(what), std::move(place), gamma_}));
}

// Takes the last update back: what was evaluated before it was finite. Not across the end of an epoch
// whose loss was logged: the weights kept are those of that log.
template <class Real>
void Run<Real>::step_back() {
  const bool logged = in_epoch_ == 0 && epochs_ > 0 && exact();
  if (steps_ == 0 || logged) return;
  std::swap(now_, next_);
  --steps_;
}

template <class Real>
void Run<Real>::hand_back() {
  if (now_.data() != w_.data()) std::copy(now_.begin(), now_.end(), w_.begin());
  now_ = w_;
  next_ = other_;
}

template <class Real>
Report Run<Real>::finish() {
  hand_back();
  Report report;
  report.reason = stop_->reason;
  report.sentence = stop_->sentence;
  report.place = place_;
  report.epochs = report.kept_epoch = epochs_;
  report.steps = steps_;
  report.loss = record_.loss;
  report.gradient_norm = record_.gradient_norm;
  report.seconds = seconds();
  const Evaluations& after = objective_.evaluations();
  report.evaluations = {after.values - before_.values, after.gradients - before_.gradients,
                        after.hessian_vectors - before_.hessian_vectors, after.value_terms - before_.value_terms,
                        after.gradient_terms - before_.gradient_terms};
  for (Observer<Real>* observer : observers_) observer->on_end(report, w_);
  return report;
}

}  // namespace

template <class Real>
Report minimize(Objective<Real>& objective, Params<Real> w, Direction<Real>& direction, StepSize<Real>& step_size,
                const Options<Real>& options, std::span<Observer<Real>* const> observers) {
  Run<Real> run(objective, w, direction, step_size, options, observers);
  run.evaluate_start();
  while (run.open_step()) {
    if (run.steps_in_one_pass()) {
      run.step_in_one_pass();
    } else if (run.evaluate_batch()) {
      run.choose_direction();
      run.choose_length();
      if (!run.ended()) run.move();
    }
    if (run.at_epoch_end()) run.close_epoch();
  }
  return run.finish();
}

template Report minimize(Objective<float>&, Params<float>, Direction<float>&, StepSize<float>&, const Options<float>&,
                         std::span<Observer<float>* const>);
template Report minimize(Objective<double>&, Params<double>, Direction<double>&, StepSize<double>&,
                         const Options<double>&, std::span<Observer<double>* const>);

}  // namespace descent
