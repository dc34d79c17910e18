#include "trainers/starts.hpp"

#include "framework/error.hpp"
#include "tests/trainers/search_suite.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <numeric>

namespace descent {
namespace {

RunFromStart<double> lbfgs() {
  return [](Objective<double>& f, Params<double> w) {
    const auto direction = make_direction<double>("lbfgs");
    const auto step_size = make_line_search<double>("wolfe");
    return minimize<double>(f, w, *direction, *step_size,
                            {.epochs = 500, .gradient_tolerance = 1e-9, .settled_epochs = 5, .loss_bound = 1e9});
  };
}

TEST(Starts, HimmelblauHasFourBasins) {
  support::Formula<double> f(support::problem("himmelblau"));
  const Basins all = minimize_from_starts<double>(f, cube(2, -5, 5), lbfgs(), {.starts = 60});
  ASSERT_EQ(all.basins.size(), 4u);
  std::vector<std::size_t> numbers;
  for (const Basin& b : all.basins) {
    EXPECT_NEAR(b.value, 0, 1e-15);
    EXPECT_LE(support::distance(b.w, support::problem("himmelblau")), 1e-6);
    EXPECT_TRUE(b.inside);
    numbers.insert(numbers.end(), b.starts.begin(), b.starts.end());
  }
  std::sort(numbers.begin(), numbers.end());
  std::vector<std::size_t> each(60);
  std::iota(each.begin(), each.end(), 0u);
  EXPECT_EQ(numbers, each) << "every start is in one basin";
}

TEST(Starts, TheBestMinimumComesFirst) {
  const support::Problem& p = support::problem("styblinski-tang");
  support::Formula<double> f(p);
  const Basins all = minimize_from_starts<double>(f, cube(2, -5, 5), lbfgs(), {.starts = 40});
  ASSERT_EQ(all.basins.size(), 4u);
  EXPECT_LE(support::distance(all.basins[0].w, p), 1e-6);
  for (std::size_t k = 1; k < 4; ++k) EXPECT_LE(all.basins[k - 1].value, all.basins[k].value);
}

TEST(Starts, OneSeedDecidesAndMoreStartsOnlyAdd) {
  support::Formula<double> f(support::problem("himmelblau"));
  const auto starts = [&](std::size_t count, std::uint64_t seed) {
    return minimize_from_starts<double>(f, cube(2, -5, 5), lbfgs(), {.starts = count, .seed = seed}).from;
  };
  const auto five = starts(5, 1), nine = starts(9, 1);
  EXPECT_TRUE(std::equal(five.begin(), five.end(), nine.begin()));
  EXPECT_NE(five, starts(5, 2));
}

TEST(Starts, RunsWithoutAnEndAreInNoBasin) {
  support::Formula<double> f(support::problem("sphere"));
  std::size_t calls = 0;
  const RunFromStart<double> run = [&](Objective<double>& g, Params<double> w) {
    const auto direction = make_direction<double>("steepest");
    const double gamma = calls == 0 ? 3 : calls == 1 ? 1e-9 : 0.5;
    ++calls;
    const auto step_size = make_schedule<double>({.learning_rate = gamma});
    return minimize<double>(g, w, *direction, *step_size, {.epochs = 3000});
  };
  const Basins all = minimize_from_starts<double>(f, cube(3, -1, 1), run, {.starts = 4});
  EXPECT_EQ(all.diverged, (std::vector<std::size_t>{0}));
  EXPECT_EQ(all.unfinished, (std::vector<std::size_t>{1}));
  ASSERT_EQ(all.basins.size(), 1u);
  EXPECT_EQ(all.basins[0].starts, (std::vector<std::size_t>{2, 3}));
}

void expect_same(const Basins& a, const Basins& b) {
  EXPECT_EQ(a.from, b.from);
  EXPECT_EQ(a.diverged, b.diverged);
  EXPECT_EQ(a.unfinished, b.unfinished);
  ASSERT_EQ(a.basins.size(), b.basins.size());
  for (std::size_t k = 0; k < a.basins.size(); ++k) {
    EXPECT_EQ(a.basins[k].w, b.basins[k].w);
    EXPECT_EQ(a.basins[k].value, b.basins[k].value);
    EXPECT_EQ(a.basins[k].starts, b.basins[k].starts);
  }
}

TEST(Starts, GoOnBehindThoseThatHaveAnEnd) {
  support::Formula<double> f(support::problem("himmelblau"));
  constexpr std::size_t kStarts = 9;
  std::size_t calls = 0, stopped_in = kStarts + 1;
  const RunFromStart<double> run = [&](Objective<double>& g, Params<double> w) {
    const auto direction = make_direction<double>("lbfgs");
    const auto step_size = make_line_search<double>("wolfe");
    const std::atomic<bool> interrupt = ++calls == stopped_in;
    return minimize<double>(g, w, *direction, *step_size,
                            {.epochs = calls == 4 ? 2u : 500u,  // one is not finished
                             .gradient_tolerance = 1e-9,
                             .interrupt = &interrupt});
  };
  const Basins whole = minimize_from_starts<double>(f, cube(2, -5, 5), run, {.starts = kStarts});
  EXPECT_EQ(whole.unfinished, (std::vector<std::size_t>{3}));
  for (std::size_t done = 0; done < kStarts; ++done) {
    StartEnds ends(kStarts, 2), kept(kStarts, 2);
    calls = 0;
    stopped_in = done + 1;
    const Basins part = minimize_from_starts<double>(f, cube(2, -5, 5), run, {.starts = kStarts, .ends = &ends});
    EXPECT_EQ(ends.done(), done);
    EXPECT_EQ(calls, done + 1) << "none is begun behind an interrupted one";
    EXPECT_EQ(part.from, whole.from);
    EXPECT_EQ(part.unfinished.size(), kStarts - done + (done > 3));
    restore(kept.state(), take(Position(), ends.state()));
    calls = done;
    stopped_in = kStarts + 1;
    expect_same(minimize_from_starts<double>(f, cube(2, -5, 5), run, {.starts = kStarts, .ends = &kept}), whole);
    EXPECT_EQ(calls, kStarts) << "no start is minimised twice";
  }
}

TEST(Starts, EndBehindARunWithoutAnEnd) {
  support::Formula<double> f(support::problem("himmelblau"));
  StartEnds ends(4, 2);
  double seconds = 0;
  const RunFromStart<double> run = [&](Objective<double>& g, Params<double> w) -> std::optional<Report> {
    if (ends.done() == 2) return std::nullopt;
    const std::optional<Report> report = lbfgs()(g, w);
    seconds += report->seconds;
    return report;
  };
  const Basins all = minimize_from_starts<double>(f, cube(2, -5, 5), run, {.starts = 4, .ends = &ends});
  EXPECT_EQ(ends.done(), 2u);
  EXPECT_EQ(ends.seconds(), seconds);
  EXPECT_GT(seconds, 0);
  EXPECT_EQ(all.unfinished, (std::vector<std::size_t>{2, 3}));
}

TEST(Starts, RefusesWhatIsNone) {
  support::Formula<double> f(support::problem("sphere"));
  EXPECT_THROW(minimize_from_starts<double>(f, cube(3, 1, -1), lbfgs()), Error);
  EXPECT_THROW(minimize_from_starts<double>(f, cube(3, -1, 1), lbfgs(), {.starts = 0}), Error);
}

TEST(Box, HaltonsSequenceIsTheKnownOne) {
  std::vector<double> u(2);
  halton(0, u);
  EXPECT_DOUBLE_EQ(u[0], 0.5);
  EXPECT_DOUBLE_EQ(u[1], 1.0 / 3);
  halton(5, u);  // 6 = 110₂ = 20₃
  EXPECT_DOUBLE_EQ(u[0], 0.375);
  EXPECT_DOUBLE_EQ(u[1], 2.0 / 9);
}

}  // namespace
}  // namespace descent
