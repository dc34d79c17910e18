#include "tests/support/allocations.hpp"
#include "tests/support/problems.hpp"
#include "tests/trainers/run.hpp"
#include "trainers/early_stopping.hpp"
#include "trainers/line_search.hpp"
#include "trainers/minimize.hpp"

#include <gtest/gtest.h>

#include <array>
#include <memory>

namespace descent {
namespace {

// Notes the count at the end of every epoch.
template <class Real>
class Meter final : public Observer<Real> {
 public:
  std::optional<Stop> on_epoch(const EpochRecord& record, ConstParams<Real>) override {
    if (record.epoch < counts.size()) counts[record.epoch] = support::allocations();
    last_step = record.step;
    return std::nullopt;
  }
  std::array<std::size_t, 200> counts{};
  std::size_t last_step = 0;
};

// A line search on a loss that it cannot minimise in 120 steps.
template <class Real>
void expect_none_searching(const std::string& direction, const std::string& search, std::size_t batch_size) {
  support::LeastSquares<Real> f(50, 6, 0.1, 1);
  std::vector<Real> w(6, Real(3));
  Meter<Real> meter;
  const auto way = make_direction<Real>(direction);
  const auto step_size = make_line_search<Real>(search, {.initial_step = 1e-7, .max_step = 1e-5, .minimum = 0});
  const std::vector<Observer<Real>*> observers = {&meter};
  const Report report = minimize<Real>(f, w, *way, *step_size, {.epochs = 120, .batch_size = batch_size}, observers);
  ASSERT_EQ(report.epochs, 120u) << direction << " " << search << ": " << report.sentence;
  EXPECT_EQ(meter.counts[119] - meter.counts[2], 0u) << direction << ", " << search << ", B = " << batch_size;
}

template <class Real>
void expect_none(const std::string& direction, const std::string& schedule, std::size_t batch_size) {
  support::LeastSquares<Real> f(50, 6, 0.1, 1);
  std::vector<Real> w(6);
  Meter<Real> meter;
  EarlyStopping<Real> early({.monitor = 1, .patience = 1000});
  support::Method method{direction, {.name = schedule, .learning_rate = 1e-3, .warmup_epochs = 2}, {}};
  Options<Real> options{.epochs = 120, .batch_size = batch_size};
  options.monitors = {{"w0", [](ConstParams<Real> at) { return static_cast<double>(at[0]); }}};
  const Report report = support::descend(f, w, method, options, {&meter, &early});
  ASSERT_EQ(report.epochs, 120u) << report.sentence;
  ASSERT_GE(meter.last_step, 120u);
  EXPECT_EQ(meter.counts[119] - meter.counts[1], 0u) << direction << ", " << schedule << ", B = " << batch_size;
}

TEST(MinimizeAllocations, AStepInSteadyStateAllocatesNothing) {
  if (!support::counts_allocations()) GTEST_SKIP() << "AddressSanitizer owns operator new";
  for (const std::string& direction : direction_names())
    for (const std::string& schedule : schedule_names())
      for (const std::size_t batch_size : {0u, 8u}) {
        expect_none<double>(direction, schedule, batch_size);
        expect_none<float>(direction, schedule, batch_size);
      }
}

TEST(MinimizeAllocations, ALineSearchAllocatesNothing) {
  if (!support::counts_allocations()) GTEST_SKIP() << "AddressSanitizer owns operator new";
  for (const std::string& direction : direction_names())
    for (const std::string& search : line_search_names())
      for (const std::size_t batch_size : {0u, 8u}) {
        expect_none_searching<double>(direction, search, batch_size);
        expect_none_searching<float>(direction, search, batch_size);
      }
}

TEST(MinimizeAllocations, TheCounterCounts) {
  if (!support::counts_allocations()) GTEST_SKIP() << "AddressSanitizer owns operator new";
  const std::size_t before = support::allocations();
  const auto one = std::make_unique<std::vector<double>>(100);
  EXPECT_EQ(support::allocations() - before, 2u);
  EXPECT_EQ(one->size(), 100u);
}

}  // namespace
}  // namespace descent
