// What happens around the steps: the start, the end of an epoch, stops, snapshots, the report. The steps themselves
// stand in minimize.cpp; nothing here calls them.
#include "trainers/minimize_run.hpp"

#include "framework/error.hpp"
#include "framework/text.hpp"
#include "trainers/check_options.hpp"
#include "trainers/finite.hpp"
#include "trainers/sentences.hpp"
#include "trainers/stop_tests.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace descent {
namespace {

// Steps that are taken in place in a row: as many may have to be taken again for the checkpoint that a run leaves when
// it is interrupted, which is to take a second at most.
std::size_t most_in_place(std::size_t weights, std::size_t rows) {
  constexpr double kMost = 64, kWork = std::size_t{1} << 32;  // weights times rows
  return static_cast<std::size_t>(
      std::clamp(kWork / (static_cast<double>(weights) * static_cast<double>(rows)), 1.0, kMost));
}

}  // namespace

template <class Real>
Minimization<Real>::Minimization(Objective<Real>& objective, Params<Real> w, Direction<Real>& direction,
                                 StepSize<Real>& step_size, const Options<Real>& options,
                                 std::span<Observer<Real>* const> observers)
    : objective_(objective),
      direction_(direction),
      step_size_(step_size),
      options_(options),
      observers_(observers),
      others_asked_(objective.evaluations()),
      batches_(objective.terms(), options.batch_size, options.shuffle, options.seed),
      watched_(std::any_of(observers.begin(), observers.end(), [](const auto* o) { return o->wants_steps(); })),
      w_(w),
      first_(starts_on_line(w.data()) ? 0 : w.size()),
      second_(w.size()),
      third_(w.size()),
      g_(w.size()),
      d_(direction.moves_in_one_pass() && !step_size.looks_at_direction() && !watched_ ? 0 : w.size()),
      in_one_pass_(direction.is_negative_gradient() && d_.empty() && !batches_.whole() &&
                   objective.moves_in_one_pass(batches_.size())),
      most_in_place_(most_in_place(w.size(), batches_.size())),
      now_(first_.empty() ? w_ : Params<Real>(first_)),
      next_(second_),
      before_(third_),
      line_(objective) {
  check_options(options, w.size(), objective, batches_.whole());
  check_methods(objective, direction, step_size);
  if (!first_.empty()) std::ranges::copy(w_, first_.begin());
  if (watched_ && !batches_.whole())
    throw Error(Fault::usage, "steps are observed one by one only on a full batch; use batch_size 0");
  p_.record.terms = objective.terms();
  p_.record.batch_size = batches_.size();
  p_.record.running = !exact();
  p_.record.figures.resize(options.monitors.size());
  if (in_one_pass_) since_.reserve(most_in_place_);
  direction_.start(w.size());
  step_size_.start(w.size());
  if (step_size_.needs_descent()) line_.start(w.size());
}

// Sets p_.f and p_.norm to what the log knows at the end of an epoch. False: a number is not finite.
template <class Real>
bool Minimization<Real>::evaluate_everything() {
  p_.norm = Progress::kNaN;
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
void Minimization<Real>::start() {
  if (options_.resume == nullptr) return evaluate_start();
  resume(*options_.resume);
  if (const std::optional<Ending>& ended = options_.resume->ended; ended && !can_go_on(ended->reason)) {
    place_ = ended->place;
    return stop(ended->reason, ended->sentence);
  }
  if (p_.epochs >= options_.epochs)
    stop(Reason::epoch_budget, epoch_budget_text(p_.epochs, p_.previous_loss, p_.record.loss, p_.record.gradient_norm));
}

template <class Real>
void Minimization<Real>::evaluate_start() {
  p_.running = Progress::kNaN;  // no batch was seen yet
  const bool finite = evaluate_everything() || !exact();
  p_.start_loss = p_.f;
  p_.tolerance = options_.gradient_tolerance;
  if (options_.relative_gradient_tolerance > 0)
    p_.tolerance = std::max(p_.tolerance, options_.relative_gradient_tolerance * p_.norm);
  fill_record();
  for (Observer<Real>* observer : observers_) observer->on_start(p_.record, now_);
  // The loss need not show it: products pass over terms that are multiplied by 0, and relu(−∞) = 0. Steps check theirs.
  if (!all_finite<Real>(now_)) {
    const std::size_t i = first_nonfinite<Real>(now_);
    return diverge(0, "", fmt::format("weight {} is {}", i, rounded(now_[i])), objective_.explain_nonfinite(now_));
  }
  if (!finite) return diverge(0, "", what_is_wrong(), objective_.explain_nonfinite(now_));
  stop_ = converged(p_, options_);
  if (!ended() && options_.epochs == 0)
    stop(Reason::epoch_budget, epoch_budget_text(0, Progress::kNaN, p_.record.loss, p_.record.gradient_norm));
}

template <class Real>
void Minimization<Real>::stop_without_step() {
  stop_ = no_step<Real>(p_, now_, step_size_.at_minimum());
}

template <class Real>
void Minimization<Real>::close_epoch() {
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
void Minimization<Real>::fill_record() {
  p_.record.epoch = p_.epochs;
  p_.record.step = p_.steps;
  p_.record.loss = p_.f;
  p_.record.gradient_norm = p_.norm;
  p_.record.gamma = p_.gamma;
  for (std::size_t i = 0; i < options_.monitors.size(); ++i) p_.record.figures[i] = options_.monitors[i].value(now_);
  p_.record.seconds = seconds();
}

template <class Real>
void Minimization<Real>::stop_if_settled_or_unbounded() {
  // A line search whose step is below what the weights resolve.
  if (batches_.whole() && step_size_.needs_descent() && std::equal(now_.begin(), now_.end(), before_.begin()))
    return stop_without_step();
  stop_ = settled_or_unbounded(p_, options_);
}

template <class Real>
void Minimization<Real>::notice_step() {
  const StepView<Real> step{objective_,         p_.steps, before_,    now_,    d_,       g_,
                            step_loss_,         p_.f,     step_norm_, p_.norm, p_.gamma, slope_,
                            step_size_.remark()};
  for (Observer<Real>* observer : observers_)
    if (observer->wants_steps()) observer->on_step(step);
}

// Which of p_.f and g_ is not finite.
template <class Real>
std::string Minimization<Real>::what_is_wrong() const {
  if (!std::isfinite(p_.f)) return fmt::format("the loss is {}", rounded(p_.f));
  const std::size_t i = first_nonfinite<Real>(g_);
  assert(i < g_.size());
  return fmt::format("entry {} of the gradient is {}", i, rounded(g_[i]));
}

template <class Real>
void Minimization<Real>::diverge(std::size_t step, std::string terms, std::string what, std::string place) {
  place_ = place;
  stop(Reason::diverged, diverged_text({p_.epochs + 1, step, std::move(terms), std::move(what), std::move(place),
                                        p_.has_gamma ? std::optional(p_.gamma) : std::nullopt}));
}

// Takes the last update back: what was evaluated before it was finite. Not across the end of an epoch
// whose loss was logged: the weights kept are those of that log.
template <class Real>
void Minimization<Real>::step_back() {
  const bool logged = p_.step_in_epoch == 0 && p_.epochs > 0 && exact();
  if (p_.steps == 0 || logged) return;
  recall(false);
  std::swap(now_, before_);
  since_.clear();
  --p_.steps;
}

// What may have to be taken again stays a small part of what was taken.
template <class Real>
bool Minimization<Real>::may_move_in_place() const {
  constexpr std::size_t kPart = 16;
  return !since_.empty() && since_.size() < std::min(most_in_place_, (p_.steps - recalled_) / kPart);
}

// to ← the weights that this step makes of before_: the same bits once more.
template <class Real>
void Minimization<Real>::step_again(const PastStep& step, Params<Real> to) {
  if (batches_.epoch() != step.epoch) batches_.start_epoch(step.epoch);
  bool finite = false;
  objective_.value_and_move(before_, -static_cast<Real>(step.gamma), to, batches_.at(step.batch), finite);
  assert(finite);
}

// before_ ← the weights before the last step. now_too: now_, over which a step that failed has written, ← those after
// it. Nobody counts what is evaluated for it.
template <class Real>
void Minimization<Real>::recall(bool now_too) {
  const Evaluations asked = objective_.evaluations();
  const std::size_t epoch = batches_.epoch();
  for (; since_.size() > 1; since_.erase(since_.begin())) step_again(since_.front(), before_);
  if (now_too) step_again(since_.front(), now_);
  if (batches_.epoch() != epoch) batches_.start_epoch(epoch);
  others_asked_ += objective_.evaluations() - asked;
  recalled_ = p_.steps;
}

template <class Real>
void Minimization<Real>::hand_back() {
  if (now_.data() != w_.data()) std::copy(now_.begin(), now_.end(), w_.begin());
  now_ = w_;
  next_ = second_;
  before_ = third_;
}

template <class Real>
Evaluations Minimization<Real>::evaluations() const {
  return objective_.evaluations() - others_asked_;
}

// All but what the observers keep.
template <class Real>
State<Real> Minimization<Real>::state() {
  State<Real> state{{{"w", now_}, {"w.before", before_}}, numbers_of(p_)};
  if (batches_.whole()) state.vectors.push_back({"gradient", g_});
  state.add("direction", {direction_.state(), numbers_of(direction_.numbers())});
  state.add("step_size", {step_size_.vectors(), numbers_of(step_size_.state())});
  return state;
}

template <class Real>
State<Real> Minimization<Real>::observer_state() {
  State<Real> state;
  for (std::size_t i = 0; i < observers_.size(); ++i) state.add(fmt::format("observer.{}", i), observers_[i]->state());
  return state;
}

template <class Real>
void Minimization<Real>::resume(const Snapshot<Real>& snapshot) {
  restore(state(), snapshot);
  if (p_.step_in_epoch > batches_.count() || p_.record.terms != objective_.terms())
    throw Error(Fault::data, "the checkpoint belongs to a run with other rows or another batch size");
  if (p_.step_in_epoch > 0 && p_.step_in_epoch < batches_.count()) batches_.start_epoch(p_.epochs + 1);
  recalled_ = p_.steps;
  seconds_before_ = p_.seconds;
  others_asked_ += evaluations() - p_.evaluations;
  for (Observer<Real>* observer : observers_) observer->on_start(p_.record, now_);
  restore(observer_state(), snapshot);
  for (Observer<Real>* observer : observers_) observer->on_resume();
}

template <class Real>
void Minimization<Real>::ask_checkpointer() {
  std::optional<Ending> ending;
  if (ended()) ending = Ending{stop_->reason, stop_->sentence, place_};
  const Position position{p_.epochs, p_.steps, p_.step_in_epoch, batches_.count(), ending ? &*ending : nullptr};
  if (!options_.checkpointer->wants(position)) return;
  p_.seconds = seconds();
  p_.evaluations = evaluations();
  recall(false);
  State<Real> all = state();
  all.add(observer_state());
  options_.checkpointer->keep(position, all);
}

template <class Real>
Report Minimization<Real>::finish() {
  hand_back();
  Report report;
  report.reason = stop_->reason;
  report.sentence = stop_->sentence;
  report.place = place_;
  report.epochs = report.kept_epoch = p_.epochs;
  report.steps = p_.steps;
  report.loss = p_.record.loss;
  report.gradient_norm = p_.record.gradient_norm;
  report.seconds = seconds();
  report.evaluations = evaluations();
  for (Observer<Real>* observer : observers_) observer->on_end(report, w_);
  return report;
}

template class Minimization<float>;
template class Minimization<double>;

}  // namespace descent
