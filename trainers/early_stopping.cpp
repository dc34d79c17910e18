#include "trainers/early_stopping.hpp"

#include "framework/error.hpp"
#include "framework/text.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

namespace descent {

template <class Real>
EarlyStopping<Real>::EarlyStopping(EarlyStoppingOptions options) : options_(std::move(options)) {
  if (!(options_.min_delta >= 0 && std::isfinite(options_.min_delta)))
    throw Error(Fault::usage, "early stopping: min_delta = {} must be in [0, inf)", shortest(options_.min_delta));
}

template <class Real>
double EarlyStopping<Real>::figure(const EpochRecord& record) const {
  return options_.monitor == 0 ? record.loss : record.figures[options_.monitor - 1];
}

template <class Real>
void EarlyStopping<Real>::keep(const EpochRecord& record, ConstParams<Real> w) {
  has_best_ = true;
  best_ = figure(record);
  waited_ = 0;
  best_record_ = record;
  if (keeps()) best_w_.assign(w.begin(), w.end());
}

template <class Real>
void EarlyStopping<Real>::on_start(const EpochRecord& record, ConstParams<Real> w) {
  if (options_.monitor > record.figures.size())
    throw Error(Fault::usage, "early stopping watches monitor {} ('{}'), but the run has {}", options_.monitor,
                printable(options_.name), record.figures.size());
  has_best_ = false;
  waited_ = 0;
  best_ = 0;
  best_record_ = record;  // makes room for its figures
  if (keeps()) best_w_.assign(w.begin(), w.end());
  if (std::isfinite(figure(record))) keep(record, w);
}

template <class Real>
std::optional<Stop> EarlyStopping<Real>::on_epoch(const EpochRecord& record, ConstParams<Real> w) {
  const double seen = figure(record);
  const double gain = options_.maximize ? seen - best_ : best_ - seen;
  if (std::isfinite(seen) && (!has_best_ || gain > options_.min_delta)) {
    keep(record, w);
    return std::nullopt;
  }
  if (++waited_ < options_.patience) return std::nullopt;
  std::string sentence =
      fmt::format("{} made no progress for {} epoch{}", options_.name, waited_, waited_ == 1 ? "" : "s");
  if (!has_best_)
    sentence += ": it was never a finite number";
  else if (!options_.restore_best)
    sentence += fmt::format(" (the best was {:.6g} in epoch {})", options_.sign * best_, best_record_.epoch);
  return Stop{Reason::early_stopping, std::move(sentence)};
}

template <class Real>
void EarlyStopping<Real>::on_end(Report& report, Params<Real> w) {
  if (!options_.restore_best || !has_best_) return;
  assert(best_w_.size() == w.size());
  std::copy(best_w_.begin(), best_w_.end(), w.begin());
  report.loss = best_record_.loss;
  report.gradient_norm = best_record_.gradient_norm;
  report.kept_epoch = best_record_.epoch;
  if (best_record_.step != report.steps)
    report.sentence += fmt::format("; kept the weights of epoch {}, the best {} {:.6g}", best_record_.epoch,
                                   options_.name, options_.sign * best_);
}

template <class Real>
State<Real> EarlyStopping<Real>::state() {
  State<Real> state{{}, {{"waited", &waited_}, {"has_best", &has_best_}, {"best", &best_}}};
  if (keeps()) state.vectors.push_back({"best_w", best_w_});
  state.add("best", {{}, numbers_of(best_record_)});
  return state;
}

template class EarlyStopping<float>;
template class EarlyStopping<double>;

}  // namespace descent
