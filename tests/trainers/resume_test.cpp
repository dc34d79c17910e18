// A run that is stopped anywhere and continued is the run that never stopped.
#include "framework/error.hpp"
#include "framework/text.hpp"
#include "tests/support/allocations.hpp"
#include "tests/support/problems.hpp"
#include "tests/trainers/run.hpp"
#include "trainers/early_stopping.hpp"
#include "trainers/line_search.hpp"
#include "trainers/minimize.hpp"
#include "trainers/snapshot.hpp"
#include "trainers/step_table.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>

namespace descent {
namespace {

// Keeps the state after every step, or after every `every`-th.
template <class Real>
class Album final : public Checkpointer<Real> {
 public:
  explicit Album(std::size_t every = 1) : every_(every) {}
  bool wants(const Position& position) override { return position.ended != nullptr || position.steps % every_ == 0; }
  void keep(const Position& position, const State<Real>& state) override {
    positions.push_back(position);
    snapshots.push_back(take(position, state));
  }
  std::vector<Position> positions;
  std::vector<Snapshot<Real>> snapshots;

 private:
  std::size_t every_;
};

template <class Real>
struct Setting {
  std::string direction = "steepest", schedule = "constant", search = {};
  double rate = 1e-3;
  std::size_t epochs = 20, batch_size = 8;
  std::size_t patience = 3;
  LossLog log = LossLog::exact;
  bool restore_best = true;
};

template <class Real>
struct Outcome {
  std::vector<Real> w;
  Report report;
  std::vector<EpochRecord> records;
};

// Everything of a run made anew, as another process would.
template <class Real>
Outcome<Real> run(const Setting<Real>& setting, Album<Real>* album, const Snapshot<Real>* from) {
  support::LeastSquares<Real> f(50, 6, 0.1, 1);
  Outcome<Real> outcome;
  outcome.w.assign(6, Real(1));
  const auto direction = make_direction<Real>(setting.direction);
  const auto step_size = setting.search.empty() ? make_schedule<Real>({.name = setting.schedule,
                                                                       .learning_rate = setting.rate,
                                                                       .warmup_epochs = 2,
                                                                       .epochs = static_cast<double>(setting.epochs),
                                                                       .every = 4,
                                                                       .patience = 2,
                                                                       .min_delta = 1})
                                                : make_line_search<Real>(setting.search, {.minimum = 0});
  // Rises after a while, so that early stopping has something to remember.
  Options<Real> options{.epochs = setting.epochs, .batch_size = setting.batch_size, .loss_log = setting.log};
  options.monitors = {{"bowl", [](ConstParams<Real> w) { return std::abs(static_cast<double>(w[0]) - 0.8); }}};
  options.checkpointer = album;
  options.resume = from;
  History<Real> history;
  EarlyStopping<Real> early(
      {.monitor = 1, .name = "bowl", .patience = setting.patience, .restore_best = setting.restore_best});
  const std::vector<Observer<Real>*> observers = {&history, &early};
  outcome.report = minimize<Real>(f, outcome.w, *direction, *step_size, options, observers);
  outcome.records = std::move(history.records);
  return outcome;
}

bool same_bits(double a, double b) { return std::memcmp(&a, &b, sizeof a) == 0 || (std::isnan(a) && std::isnan(b)); }

bool same(const EpochRecord& a, const EpochRecord& b) {
  return a.epoch == b.epoch && a.step == b.step && a.terms == b.terms && a.batch_size == b.batch_size &&
         same_bits(a.loss, b.loss) && a.running == b.running && same_bits(a.gradient_norm, b.gradient_norm) &&
         same_bits(a.gamma, b.gamma) && std::ranges::equal(a.figures, b.figures, same_bits);
}

bool same(const Report& a, const Report& b) {
  const Evaluations &x = a.evaluations, &y = b.evaluations;
  return a.reason == b.reason && a.sentence == b.sentence && a.epochs == b.epochs && a.steps == b.steps &&
         a.kept_epoch == b.kept_epoch && same_bits(a.loss, b.loss) && same_bits(a.gradient_norm, b.gradient_norm) &&
         x.values == y.values && x.gradients == y.gradients && x.hessian_vectors == y.hessian_vectors &&
         x.value_terms == y.value_terms && x.gradient_terms == y.gradient_terms;
}

// How many of the snapshots lead to the same end; all of them should.
template <class Real>
void expect_resumable(const Setting<Real>& setting, std::size_t every, std::size_t at_least) {
  Album<Real> album(every);
  const Outcome<Real> whole = run<Real>(setting, &album, nullptr);
  const std::string name = setting.direction + ", " + (setting.search.empty() ? setting.schedule : setting.search) +
                           ", B = " + std::to_string(setting.batch_size);
  ASSERT_GE(album.snapshots.size(), at_least + 1) << name << ": " << whole.report.sentence;
  ASSERT_TRUE(album.snapshots.back().ended);
  std::size_t equal = 0;
  for (std::size_t i = 0; i < album.snapshots.size(); ++i) {
    const Outcome<Real> rest = run<Real>(setting, nullptr, &album.snapshots[i]);
    // The first record of the rest is the last one before it.
    const std::size_t epochs = album.positions[i].epochs;
    const bool rows = rest.records.size() == whole.records.size() - epochs &&
                      std::equal(rest.records.begin(), rest.records.end(), whole.records.begin() + epochs,
                                 [](const auto& a, const auto& b) { return same(a, b); });
    const bool bits = std::memcmp(rest.w.data(), whole.w.data(), rest.w.size() * sizeof(Real)) == 0;
    equal += rows && bits && same(rest.report, whole.report);
  }
  EXPECT_EQ(equal, album.snapshots.size()) << name << ": " << whole.report.sentence;
}

TEST(Resume, AfterEachOf200StepsWithAdamCosineAndEarlyStopping) {
  const Setting<float> setting{.direction = "adam", .schedule = "cosine", .rate = 0.03, .epochs = 60, .patience = 26};
  Album<float> album;
  const Outcome<float> whole = run<float>(setting, &album, nullptr);
  ASSERT_EQ(whole.report.reason, Reason::early_stopping);
  ASSERT_GE(whole.report.steps, 200u);
  ASSERT_LT(whole.report.kept_epoch, whole.report.epochs);
  expect_resumable<float>(setting, 1, 200);
}

TEST(Resume, ServesEveryDirectionWithEverySchedule) {
  for (const std::string& direction : direction_names())
    for (const std::string& schedule : schedule_names())
      for (const std::size_t batch_size : {0u, 8u}) {
        const std::size_t every = batch_size == 0 ? 1 : 5;
        expect_resumable<double>({direction, schedule, "", 1e-3, 12, batch_size, 100}, every, 8);
        expect_resumable<float>({direction, schedule, "", 1e-3, 12, batch_size, 100, LossLog::running}, every, 8);
      }
}

TEST(Resume, ServesEveryDirectionWithEveryLineSearch) {
  for (const std::string& direction : direction_names())
    for (const std::string& search : line_search_names())
      for (const std::size_t batch_size : {0u, 8u}) {
        const std::size_t at_least = batch_size == 0 ? 1 : 8;
        expect_resumable<double>({direction, "", search, 0, 12, batch_size, 100}, batch_size == 0 ? 1 : 5, at_least);
      }
}

// The step that is taken back when a run diverges may be one from before the snapshot.
TEST(Resume, TellsADivergenceInTheSameWordsAndTakesTheSameStepBack) {
  for (const double rate : {0.5, 0.7, 1.0, 1e3, 1e6})
    for (const std::size_t batch_size : {0u, 8u}) {
      const Setting<float> setting{.direction = "momentum",
                                   .rate = rate,
                                   .epochs = 400,
                                   .batch_size = batch_size,
                                   .patience = 1000,
                                   .restore_best = false};
      Album<float> album;
      const Outcome<float> whole = run<float>(setting, &album, nullptr);
      ASSERT_EQ(whole.report.reason, Reason::diverged);
      ASSERT_LT(whole.report.steps, album.snapshots.size() + (rate > 1 ? 1 : 0)) << "no step was taken back";
      expect_resumable<float>(setting, 1, 1);
    }
}

TEST(Resume, GoesOnBeyondTheEpochBudgetOfTheRunBefore) {
  Setting<double> setting{.direction = "momentum", .epochs = 10, .patience = 100};
  Album<double> album;
  run<double>(setting, &album, nullptr);
  ASSERT_EQ(album.snapshots.back().ended->reason, Reason::epoch_budget);
  setting.epochs = 25;
  const Outcome<double> more = run<double>(setting, nullptr, &album.snapshots.back());
  const Outcome<double> whole = run<double>(setting, nullptr, nullptr);
  EXPECT_EQ(more.w, whole.w);
  EXPECT_TRUE(same(more.report, whole.report)) << more.report.sentence << '\n' << whole.report.sentence;

  setting.epochs = 10;
  const Outcome<double> none = run<double>(setting, nullptr, &album.snapshots.back());
  EXPECT_EQ(none.report.reason, Reason::epoch_budget);
  EXPECT_EQ(none.report.epochs, 10u);
}

TEST(Resume, DoesNotRaiseARunThatStoppedEarly) {
  Setting<double> setting{.direction = "adam", .schedule = "cosine", .rate = 0.03, .epochs = 60, .patience = 26};
  Album<double> album;
  const Outcome<double> whole = run<double>(setting, &album, nullptr);
  ASSERT_EQ(whole.report.reason, Reason::early_stopping);
  setting.epochs = 200;
  const Outcome<double> again = run<double>(setting, nullptr, &album.snapshots.back());
  EXPECT_EQ(again.w, whole.w);
  EXPECT_TRUE(same(again.report, whole.report)) << again.report.sentence << '\n' << whole.report.sentence;
}

TEST(Resume, TakesASnapshotBeforeTheBestWeightsAreBroughtBack) {
  const Setting<double> setting{.direction = "momentum", .rate = 3e-3, .epochs = 30, .patience = 1000};
  Album<double> album;
  const Outcome<double> whole = run<double>(setting, &album, nullptr);
  ASSERT_NE(whole.report.kept_epoch, whole.report.epochs);
  EXPECT_EQ(album.snapshots.back().vectors.front().first, "w");
  EXPECT_NE(album.snapshots.back().vectors.front().second, whole.w);
}

TEST(Resume, RefusesASnapshotOfAnotherRun) {
  const Setting<double> setting{.direction = "momentum"};
  Album<double> album;
  run<double>(setting, &album, nullptr);
  const auto message = [&](Setting<double> other) {
    try {
      run<double>(other, nullptr, &album.snapshots.front());
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::data);
      return std::string(error.what());
    }
    return std::string("no error");
  };
  EXPECT_EQ(message({.direction = "adam"}),
            "the checkpoint has no 'direction.m'; it belongs to a run with other settings");
  EXPECT_EQ(message({.direction = "momentum", .batch_size = 0}),
            "the checkpoint has no 'gradient'; it belongs to a run with other settings");
  Snapshot<double> wider = album.snapshots.front();
  wider.vectors.front().second.push_back(0);
  album.snapshots.front() = wider;
  EXPECT_EQ(message(setting), "the checkpoint has 7 numbers in 'w', and this run 6");
}

// What a ring is entered by, and what stands for a verdict, must be something that the run could have left.
TEST(Resume, RefusesNumbersThatNoRunLeaves) {
  const auto refusal = [](auto run, Snapshot<double> snapshot, const std::string& name, double value) {
    const auto found = std::ranges::find(
        snapshot.numbers, name, [](const auto& number) -> const auto& { return number.first; });
    EXPECT_NE(found, snapshot.numbers.end()) << name;
    found->second = value;
    try {
      run(snapshot);
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::data);
      return std::string(error.what());
    }
    return std::string("no error");
  };
  const auto refusal_of = [&](const Setting<double>& setting, const std::string& name, double value) {
    Album<double> album;
    run<double>(setting, &album, nullptr);
    return refusal([&](const Snapshot<double>& from) { run<double>(setting, nullptr, &from); }, album.snapshots[3],
                   name, value);
  };
  const Setting<double> lbfgs{.direction = "lbfgs", .search = "barzilai_borwein", .batch_size = 0};
  for (const double pairs : {11.0, 1e18, -1.0, 0.5, std::nan("")})
    EXPECT_EQ(refusal_of(lbfgs, "direction.1", pairs),
              "the number 'direction.1' of a checkpoint must be a count of at most 10, got " + shortest(pairs));
  EXPECT_EQ(refusal_of(lbfgs, "direction.1", 10), "no error");
  EXPECT_EQ(refusal_of(lbfgs, "direction.2", 10),
            "the number 'direction.2' of a checkpoint must be a count of at most 9, got 10");
  EXPECT_EQ(refusal_of(lbfgs, "step_size.2", -1), "the number 'step_size.2' of a checkpoint must be a count, got -1");
  EXPECT_EQ(refusal_of(lbfgs, "has_gamma", 2), "the number 'has_gamma' of a checkpoint must be 0 or 1, got 2");
}

TEST(Resume, RefusesATableOfStepsThatNoRunLeaves) {
  const auto table = [](Album<double>* album, const Snapshot<double>* from) {
    support::LeastSquares<double> f(50, 6, 0.1, 1);
    std::vector<double> w(6, 1);
    StepTable steps({.keep = 3});
    Options<double> options{.epochs = 5};
    options.checkpointer = album;
    options.resume = from;
    support::descend(f, w, support::steepest(1e-3), options, {&steps});
  };
  Album<double> album;
  table(&album, nullptr);
  const auto refusal = [&](std::size_t at, double value) {
    Snapshot<double> snapshot = album.snapshots[1];
    std::ranges::find(snapshot.vectors, "observer.0.rows", &std::pair<std::string, std::vector<double>>::first)
        ->second[at] = value;
    try {
      table(nullptr, &snapshot);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  EXPECT_EQ(refusal(0, 1), "no error");
  EXPECT_EQ(refusal(0, -1), "the number 'step of a row' of a checkpoint must be a count, got -1");
  EXPECT_EQ(refusal(1, 6), "the number 'verdict of a step' of a checkpoint must be a count of at most 5, got 6");
}

TEST(Resume, AskingForNoCheckpointAllocatesNothing) {
  if (!support::counts_allocations()) GTEST_SKIP() << "AddressSanitizer owns operator new";
  class Never final : public Checkpointer<double> {
   public:
    bool wants(const Position& position) override {
      counts.at(position.steps) = support::allocations();
      return false;
    }
    void keep(const Position&, const State<double>&) override { FAIL(); }
    std::array<std::size_t, 1000> counts{};
  } never;
  support::LeastSquares<double> f(50, 6, 0.1, 1);
  std::vector<double> w(6);
  Options<double> options{.epochs = 100, .batch_size = 8};
  options.checkpointer = &never;
  support::descend(f, w, support::momentum(1e-3), options);
  ASSERT_GT(never.counts[690], 0u);
  EXPECT_EQ(never.counts[690] - never.counts[10], 0u);
}

}  // namespace
}  // namespace descent
