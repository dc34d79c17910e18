#include "trainers/minimize.hpp"

#include "framework/error.hpp"
#include "framework/kernels/simd.hpp"
#include "framework/text.hpp"
#include "trainers/batches.hpp"
#include "trainers/check_options.hpp"
#include "trainers/dot.hpp"
#include "trainers/finite.hpp"
#include "trainers/progress.hpp"
#include "trainers/sentences.hpp"
#include "trainers/stop_tests.hpp"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <cmath>
#include <optional>
#include <utility>

namespace descent {
namespace {

constexpr double kNaN = Progress::kNaN;

// The state of one minimisation. Three buffers take turns to hold the weights: an update writes w + γ d into the
// oldest one. When it is found that the step before led to where not all is finite, the weights before that one are
// still there, although the update that found it has written already.
template <class Real>
class Run {
 public:
  Run(Objective<Real>& objective, Params<Real> w, Direction<Real>& direction, StepSize<Real>& step_size,
      const Options<Real>& options, std::span<Observer<Real>* const> observers);
  ~Run() { hand_back(); }  // also when an observer throws
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

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

  void offer_checkpoint();  // to whoever keeps snapshots

  Report finish();

 private:
  void evaluate_start();
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

  void go_steepest();
  double length();
  void step_by(double gamma) {
    p_.gamma = gamma;
    p_.has_gamma = true;
  }
  void notice_step();
  void arrive();
  bool evaluate_everything();
  void fill_record();
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
  double seconds_before_ = 0;  // of the run that is resumed
  Evaluations others_asked_;   // asked of the objective by others
  Batches batches_;
  const bool watched_;  // an observer wants the steps

  Params<Real> w_;                        // (n), the caller's
  std::vector<Real> second_, third_, g_;  // (n) each
  std::vector<Real> d_;                   // (n); empty where the direction is −g and nobody looks at it
  const bool in_one_pass_;
  Params<Real> now_, next_, before_;  // w_, second_ and third_, in turns
  LineFunction<Real> line_;           // f along d_, for step sizes that look
  double slope_ = kNaN;               // gᵀd, where somebody looks
  bool is_steepest_ = false;          // d_ was replaced by −g
  Terms batch_;                       // of the current step; empty: all terms
  Progress p_;
  double step_loss_ = kNaN, step_norm_ = kNaN;  // L and ‖∇L‖ before the last step of a full batch
  std::optional<Stop> stop_;
};

template <class Real>
Run<Real>::Run(Objective<Real>& objective, Params<Real> w, Direction<Real>& direction, StepSize<Real>& step_size,
               const Options<Real>& options, std::span<Observer<Real>* const> observers)
    : objective_(objective),
      direction_(direction),
      step_size_(step_size),
      options_(options),
      observers_(observers),
      others_asked_(objective.evaluations()),
      batches_(objective.terms(), options.batch_size, options.shuffle, options.seed),
      watched_(std::any_of(observers.begin(), observers.end(), [](const auto* o) { return o->wants_steps(); })),
      w_(w),
      second_(w.size()),
      third_(w.size()),
      g_(w.size()),
      d_(direction.is_negative_gradient() && !step_size.looks_at_direction() && !watched_ ? 0 : w.size()),
      in_one_pass_(d_.empty() && !batches_.whole() && objective.moves_in_one_pass(batches_.size())),
      now_(w_),
      next_(second_),
      before_(third_),
      line_(objective) {
  check_options(options, w.size(), objective, batches_.whole());
  check_methods(objective, direction, step_size);
  if (watched_ && !batches_.whole())
    throw Error(Fault::usage, "steps are observed one by one only on a full batch; use batch_size 0");
  p_.record.terms = objective.terms();
  p_.record.batch_size = batches_.size();
  p_.record.running = !exact();
  p_.record.figures.resize(options.monitors.size());
  direction_.start(w.size());
  step_size_.start(w.size());
  if (step_size_.needs_descent()) line_.start(w.size());
}

// Sets p_.f and p_.norm to what the log knows at the end of an epoch. False: a number is not finite.
template <class Real>
bool Run<Real>::evaluate_everything() {
  p_.norm = kNaN;
  if (batches_.whole() && line_.has_gradient()) {  // the line search was here
    p_.f = line_.last_value();
    g_.swap(line_.last_gradient());
    line_.forget();
    p_.norm = norm<Real>(g_);
    return std::isfinite(p_.f) && (std::isfinite(p_.norm) || all_finite<Real>(g_));
  }
  if (wants_gradient()) {
    p_.f = objective_.value_and_gradient(now_, g_);
    p_.norm = norm<Real>(g_);
    return std::isfinite(p_.f) && (std::isfinite(p_.norm) || all_finite<Real>(g_));
  }
  p_.f = exact() ? objective_.value(now_) : p_.running;
  return std::isfinite(p_.f);
}

template <class Real>
void Run<Real>::start() {
  if (options_.resume == nullptr) return evaluate_start();
  resume(*options_.resume);
  if (p_.epochs >= options_.epochs)
    stop(Reason::epoch_budget, epoch_budget_text(p_.epochs, p_.previous_loss, p_.record.loss, p_.record.gradient_norm));
}

template <class Real>
void Run<Real>::evaluate_start() {
  p_.running = kNaN;  // no batch was seen yet
  const bool finite = evaluate_everything() || !exact();
  p_.start_loss = p_.f;
  p_.tolerance = options_.gradient_tolerance;
  if (options_.relative_gradient_tolerance > 0)
    p_.tolerance = std::max(p_.tolerance, options_.relative_gradient_tolerance * p_.norm);
  fill_record();
  for (Observer<Real>* observer : observers_) observer->on_start(p_.record, now_);
  if (!finite) return diverge(0, "", what_is_wrong(), objective_.explain_nonfinite(now_));
  stop_ = converged(p_, options_);
  if (!ended() && options_.epochs == 0)
    stop(Reason::epoch_budget, epoch_budget_text(0, kNaN, p_.record.loss, p_.record.gradient_norm));
}

template <class Real>
bool Run<Real>::open_step() {
  if (ended()) return false;
  if (p_.step_in_epoch == batches_.count()) p_.step_in_epoch = 0;
  if (options_.interrupt != nullptr && options_.interrupt->load(std::memory_order_relaxed))
    stop(Reason::interrupted, fmt::format("interrupted in epoch {}, before step {}", p_.epochs + 1, p_.steps + 1));
  else if (std::isfinite(options_.seconds) && seconds() > options_.seconds)
    stop(Reason::time_budget, fmt::format("reached the time budget ({} s) in epoch {}, before step {}",
                                          shortest(options_.seconds), p_.epochs + 1, p_.steps + 1));
  if (ended()) return false;
  if (p_.step_in_epoch == 0) {
    batches_.start_epoch(p_.epochs + 1);
    p_.running = 0;
  }
  batch_ = batches_.at(p_.step_in_epoch);
  return true;
}

template <class Real>
bool Run<Real>::evaluate_batch() {
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
void Run<Real>::choose_direction() {
  is_steepest_ = direction_.is_negative_gradient();
  if (d_.empty()) return;
  direction_.compute({objective_, batch_, now_, g_, p_.f, p_.steps}, d_);
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
  StepContext<Real> context{objective_, batch_, now_, g_, d_, p_.f, p_.steps, epoch_now(), batches_.count()};
  if (!step_size_.needs_descent()) return step_size_.length(context);
  if (!(slope_ < 0 && std::isfinite(slope_))) return std::isfinite(slope_) ? 0 : 1;  // 1: move() finds what is wrong
  line_.aim(now_, d_, next_, batch_, p_.f, slope_, batches_.whole());
  context.line = &line_;
  context.natural_step = !is_steepest_ && direction_.has_natural_step();
  return step_size_.length(context);
}

template <class Real>
void Run<Real>::choose_length() {
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

template <class Real>
void Run<Real>::stop_without_step() {
  stop_ = no_step<Real>(p_, now_, step_size_.at_minimum());
}

// One pass moves and checks: a gradient or direction that is not finite gives such a weight too.
template <class Real>
void Run<Real>::move() {
  const Real gamma = static_cast<Real>(p_.gamma);
  const bool along_gradient = d_.empty();
  const Real* v = along_gradient ? g_.data() : d_.data();
  const bool known = line_.has_weights(p_.gamma);  // next_ holds w + γ d already
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
  std::swap(before_, now_);  // the oldest gives its place to the next step's weights
  std::swap(now_, next_);
  ++p_.steps;
  ++p_.step_in_epoch;
}

// The same bits as the four calls one after the other, without a gradient that goes to memory and back.
template <class Real>
void Run<Real>::step_in_one_pass() {
  const double gamma = length();
  bool finite = false;
  p_.f = objective_.value_and_move(now_, -static_cast<Real>(gamma), next_, batch_, finite);
  if (!std::isfinite(p_.f) || !finite) {
    // What went wrong is told by the long way.
    if (!evaluate_batch()) return;
    step_by(gamma);
    return move();
  }
  p_.running += p_.f;
  step_by(gamma);
  arrive();
}

template <class Real>
void Run<Real>::fail_to_move() {
  if (all_finite<Real>(g_)) {
    const std::size_t i = first_nonfinite<Real>(next_);
    return diverge(p_.steps + 1, rows_text(batch_, options_.term_names),
                   fmt::format("weight {} became {}", i, rounded(next_[i])), "");
  }
  const std::string what = what_is_wrong(), place = objective_.explain_nonfinite(now_, batch_);
  diverge(p_.steps + 1, rows_text(batch_, options_.term_names), what, place);
  step_back();
}

template <class Real>
void Run<Real>::close_epoch() {
  if (!evaluate_everything()) {
    const std::string terms = batches_.whole() ? "" : fmt::format("all {} rows", p_.record.terms);
    diverge(p_.steps, terms, what_is_wrong(), objective_.explain_nonfinite(now_));
    return step_back();
  }
  ++p_.epochs;
  p_.previous_loss = p_.record.loss;
  fill_record();
  if (watched_) notice_step();
  step_size_.epoch_ended(p_.record);
  std::optional<Stop> asked;
  for (Observer<Real>* observer : observers_) {
    std::optional<Stop> wish = observer->on_epoch(p_.record, now_);
    if (wish && !asked) asked = std::move(wish);
  }
  stop_ = converged(p_, options_);
  if (!ended()) stop_if_settled_or_unbounded();
  if (!ended()) stop_ = std::move(asked);
  if (!ended() && p_.epochs == options_.epochs)
    stop(Reason::epoch_budget, epoch_budget_text(p_.epochs, p_.previous_loss, p_.record.loss, p_.record.gradient_norm));
}

template <class Real>
void Run<Real>::fill_record() {
  p_.record.epoch = p_.epochs;
  p_.record.step = p_.steps;
  p_.record.loss = p_.f;
  p_.record.gradient_norm = p_.norm;
  p_.record.gamma = p_.gamma;
  for (std::size_t i = 0; i < options_.monitors.size(); ++i) p_.record.figures[i] = options_.monitors[i].value(now_);
  p_.record.seconds = seconds();
}

template <class Real>
void Run<Real>::stop_if_settled_or_unbounded() {
  // A line search whose step is below what the weights resolve.
  if (batches_.whole() && step_size_.needs_descent() && std::equal(now_.begin(), now_.end(), before_.begin()))
    return stop_without_step();
  stop_ = settled_or_unbounded(p_, options_);
}

template <class Real>
void Run<Real>::notice_step() {
  const StepView<Real> step{objective_,         p_.steps, before_,    now_,    d_,       g_,
                            step_loss_,         p_.f,     step_norm_, p_.norm, p_.gamma, slope_,
                            step_size_.remark()};
  for (Observer<Real>* observer : observers_)
    if (observer->wants_steps()) observer->on_step(step);
}

// Which of p_.f and g_ is not finite.
template <class Real>
std::string Run<Real>::what_is_wrong() const {
  if (!std::isfinite(p_.f)) return fmt::format("the loss is {}", rounded(p_.f));
  const std::size_t i = first_nonfinite<Real>(g_);
  assert(i < g_.size());
  return fmt::format("entry {} of the gradient is {}", i, rounded(g_[i]));
}

template <class Real>
void Run<Real>::diverge(std::size_t step, std::string terms, std::string what, std::string place) {
  stop(Reason::diverged, diverged_text({p_.epochs + 1, step, std::move(terms), std::move(what), std::move(place),
                                        p_.has_gamma ? std::optional(p_.gamma) : std::nullopt}));
}

// Takes the last update back: what was evaluated before it was finite. Not across the end of an epoch
// whose loss was logged: the weights kept are those of that log.
template <class Real>
void Run<Real>::step_back() {
  const bool logged = p_.step_in_epoch == 0 && p_.epochs > 0 && exact();
  if (p_.steps == 0 || logged) return;
  std::swap(now_, before_);
  --p_.steps;
}

template <class Real>
void Run<Real>::hand_back() {
  if (now_.data() != w_.data()) std::copy(now_.begin(), now_.end(), w_.begin());
  now_ = w_;
  next_ = second_;
  before_ = third_;
}

template <class Real>
Evaluations Run<Real>::evaluations() const {
  const Evaluations& after = objective_.evaluations();
  return {after.values - others_asked_.values, after.gradients - others_asked_.gradients,
          after.hessian_vectors - others_asked_.hessian_vectors, after.value_terms - others_asked_.value_terms,
          after.gradient_terms - others_asked_.gradient_terms};
}

// All but what the observers keep.
template <class Real>
State<Real> Run<Real>::state() {
  State<Real> state{{{"w", now_}, {"w.before", before_}}, numbers_of(p_)};
  if (batches_.whole()) state.vectors.push_back({"gradient", g_});
  state.add("direction", {direction_.state(), numbers_of(direction_.numbers())});
  state.add("step_size", {step_size_.vectors(), numbers_of(step_size_.state())});
  return state;
}

template <class Real>
State<Real> Run<Real>::observer_state() {
  State<Real> state;
  for (std::size_t i = 0; i < observers_.size(); ++i) state.add(fmt::format("observer.{}", i), observers_[i]->state());
  return state;
}

template <class Real>
void Run<Real>::resume(const Snapshot<Real>& snapshot) {
  restore(state(), snapshot);
  if (p_.step_in_epoch > batches_.count() || p_.record.terms != objective_.terms())
    throw Error(Fault::data, "the checkpoint belongs to a run with other rows or another batch size");
  if (p_.step_in_epoch > 0 && p_.step_in_epoch < batches_.count()) batches_.start_epoch(p_.epochs + 1);
  seconds_before_ = p_.seconds;
  const Evaluations now = evaluations(), &spent = p_.evaluations;
  others_asked_.values += now.values - spent.values;
  others_asked_.gradients += now.gradients - spent.gradients;
  others_asked_.hessian_vectors += now.hessian_vectors - spent.hessian_vectors;
  others_asked_.value_terms += now.value_terms - spent.value_terms;
  others_asked_.gradient_terms += now.gradient_terms - spent.gradient_terms;
  for (Observer<Real>* observer : observers_) observer->on_start(p_.record, now_);
  restore(observer_state(), snapshot);
}

template <class Real>
void Run<Real>::offer_checkpoint() {
  if (options_.checkpointer == nullptr) return;
  Position position{p_.epochs, p_.steps, p_.step_in_epoch, batches_.count(), std::nullopt};
  if (ended()) position.ended = stop_->reason;
  if (!options_.checkpointer->wants(position)) return;
  p_.seconds = seconds();
  p_.evaluations = evaluations();
  State<Real> all = state();
  all.add(observer_state());
  options_.checkpointer->keep(position, all);
}

template <class Real>
Report Run<Real>::finish() {
  hand_back();
  Report report;
  report.reason = stop_->reason;
  report.sentence = stop_->sentence;
  report.epochs = report.kept_epoch = p_.epochs;
  report.steps = p_.steps;
  report.loss = p_.record.loss;
  report.gradient_norm = p_.record.gradient_norm;
  report.seconds = seconds();
  report.evaluations = evaluations();
  for (Observer<Real>* observer : observers_) observer->on_end(report, w_);
  return report;
}

}  // namespace

template <class Real>
Report minimize(Objective<Real>& objective, Params<Real> w, Direction<Real>& direction, StepSize<Real>& step_size,
                const Options<Real>& options, std::span<Observer<Real>* const> observers) {
  Run<Real> run(objective, w, direction, step_size, options, observers);
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
