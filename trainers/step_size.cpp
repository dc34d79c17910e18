#include "trainers/step_size.hpp"

#include "framework/error.hpp"
#include "framework/text.hpp"
#include "trainers/constants.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numbers>

namespace descent {
namespace {

constexpr std::string_view kEverySchedule = "learning_rate min_learning_rate warmup_epochs";

constexpr Bound<ScheduleOptions> kBounds[] = {
    {"learning_rate", &ScheduleOptions::learning_rate, 0, Edge::open},
    {"min_learning_rate", &ScheduleOptions::min_learning_rate, 0, Edge::closed},
    {"warmup_epochs", &ScheduleOptions::warmup_epochs, 0, Edge::closed},
    {"epochs", &ScheduleOptions::epochs, 0, Edge::open},
    {"factor", &ScheduleOptions::factor, 0, Edge::open, 1, Edge::closed},
    {"every", &ScheduleOptions::every, 0, Edge::open},
    {"min_delta", &ScheduleOptions::min_delta, 0, Edge::closed},
};

double constant(const ScheduleOptions& o, double, double) { return o.learning_rate; }

double step(const ScheduleOptions& o, double t, double) {
  return o.learning_rate * std::pow(o.factor, std::floor(t / o.every));
}

double exponential(const ScheduleOptions& o, double t, double) {
  return o.learning_rate * std::pow(o.factor, t / o.every);
}

double inverse_time(const ScheduleOptions& o, double t, double) { return o.learning_rate / (1 + t / o.every); }

double cosine(const ScheduleOptions& o, double t, double) {
  const double done = std::min(1.0, t / (o.epochs - o.warmup_epochs));
  const double part = (1 + std::cos(std::numbers::pi * done)) / 2;
  return o.min_learning_rate + (o.learning_rate - o.min_learning_rate) * part;
}

double reduce_on_plateau(const ScheduleOptions& o, double, double drops) {
  return o.learning_rate * std::pow(o.factor, drops);
}

constexpr ScheduleRow kSchedules[] = {
    {"constant", "learning_rate", "", constant},
    {"step", "learning_rate factor^floor(t / every)", "factor every", step},
    {"exponential", "learning_rate factor^(t / every)", "factor every", exponential},
    // Robbins & Monro, "A stochastic approximation method", 1951: Σγ = ∞ and Σγ² < ∞.
    {"inverse_time", "learning_rate / (1 + t / every)", "every", inverse_time},
    // Loshchilov & Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017; one half wave.
    {"cosine", "min_learning_rate + (learning_rate - min_learning_rate) (1 + cos(pi t / (epochs - warmup_epochs))) / 2",
     "epochs", cosine},
    // As ReduceLROnPlateau of Keras: patience epochs in a row without progress, then one drop.
    {"reduce_on_plateau", "learning_rate factor^(plateaus so far)", "factor patience min_delta monitor maximize",
     reduce_on_plateau, true},
};

template <class Real>
class Schedule final : public StepSize<Real> {
 public:
  Schedule(const ScheduleRow& row, const ScheduleOptions& options) : row_(row), options_(options) { start(0); }

  void start(std::size_t) override {
    drops_ = waited_ = 0;
    best_ = std::numeric_limits<double>::quiet_NaN();
  }

  bool looks_at_direction() const override { return false; }
  double length(const StepContext<Real>& context) override {
    return std::max(options_.min_learning_rate, unbounded(context));
  }

  void epoch_ended(const EpochRecord& record) override {
    if (!row_.watches) return;
    if (options_.monitor > record.figures.size())
      throw Error(Fault::usage, "{} watches monitor {}, but the run has {}", row_.name, options_.monitor,
                  record.figures.size());
    const double seen = options_.monitor == 0 ? record.loss : record.figures[options_.monitor - 1];
    if (is_progress(options_.maximize ? -seen : seen)) {
      best_ = options_.maximize ? -seen : seen;
      waited_ = 0;
    } else if (static_cast<double>(record.epoch) > options_.warmup_epochs &&
               ++waited_ >= static_cast<double>(options_.patience)) {
      ++drops_;
      waited_ = 0;
    }
  }

  std::vector<StateValue> state() override {
    return row_.watches ? std::vector<StateValue>{&drops_, &waited_, &best_} : std::vector<StateValue>{};
  }

 private:
  bool is_progress(double figure) const {
    return std::isfinite(figure) && (std::isnan(best_) || figure < best_ - options_.min_delta);
  }

  double unbounded(const StepContext<Real>& context) const {
    const double warmup = options_.warmup_epochs;
    if (context.epoch < warmup) {
      const double reached = context.epoch + 1 / static_cast<double>(context.steps_per_epoch);
      return options_.learning_rate * std::min(1.0, reached / warmup);
    }
    return row_.gamma(options_, context.epoch - warmup, drops_);
  }

  const ScheduleRow& row_;
  ScheduleOptions options_;
  double drops_, waited_;  // plateaus so far; epochs since the last progress or drop
  double best_;            // the figure, negated when larger is better; NaN: none yet
};

void check(const ScheduleRow& row, const ScheduleOptions& options) {
  check_constants<ScheduleOptions>(row.name, kEverySchedule, options, kBounds);
  check_constants<ScheduleOptions>(row.name, row.constants, options, kBounds);
  if (options.min_learning_rate > options.learning_rate)
    throw Error(Fault::usage, "{}: min_learning_rate = {} must be at most learning_rate = {}", row.name,
                shortest(options.min_learning_rate), shortest(options.learning_rate));
  if (is_listed("epochs", row.constants) && options.epochs <= options.warmup_epochs)
    throw Error(Fault::usage, "{}: epochs = {} must be more than warmup_epochs = {}", row.name,
                shortest(options.epochs), shortest(options.warmup_epochs));
}

}  // namespace

std::span<const ScheduleRow> schedules() { return kSchedules; }

std::vector<std::string> schedule_names() {
  std::vector<std::string> names;
  for (const ScheduleRow& row : kSchedules) names.emplace_back(row.name);
  return names;
}

template <class Real>
std::unique_ptr<StepSize<Real>> make_schedule(const ScheduleOptions& options) {
  for (const ScheduleRow& row : kSchedules) {
    if (row.name != options.name) continue;
    check(row, options);
    return std::make_unique<Schedule<Real>>(row, options);
  }
  throw Error(Fault::usage, unknown_name("schedule", options.name, schedule_names()));
}

template std::unique_ptr<StepSize<float>> make_schedule(const ScheduleOptions&);
template std::unique_ptr<StepSize<double>> make_schedule(const ScheduleOptions&);

}  // namespace descent
