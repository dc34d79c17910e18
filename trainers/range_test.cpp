#include "trainers/range_test.hpp"

#include "framework/error.hpp"
#include "framework/kernels/subnormals.hpp"
#include "framework/text.hpp"
#include "trainers/batches.hpp"

#include <algorithm>
#include <cmath>

namespace descent {
namespace {

void check(const RangeTestOptions& options) {
  if (!(options.low > 0) || !(options.low < options.high) || !std::isfinite(options.high))
    throw Error(Fault::usage, "range test: expected 0 < low < high, got low = {} and high = {}", shortest(options.low),
                shortest(options.high));
  if (options.steps < 2) throw Error(Fault::usage, "range test: steps must be at least 2, got {}", options.steps);
  if (!(options.stop_factor > 0))
    throw Error(Fault::usage, "range test: stop_factor must be > 0, got {}", shortest(options.stop_factor));
}

// Positions of the longest subsequence of falling losses: its first and last.
std::pair<std::size_t, std::size_t> longest_fall(const std::vector<RangePoint>& points) {
  std::vector<std::size_t> length(points.size(), 1), first(points.size());
  std::size_t best = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    first[i] = i;
    for (std::size_t j = 0; j < i; ++j)
      if (points[i].loss < points[j].loss && length[j] + 1 > length[i]) {
        length[i] = length[j] + 1;
        first[i] = first[j];
      }
    if (length[i] > length[best]) best = i;
  }
  return {first[best], best};
}

}  // namespace

void suggest(RangeTest& test) {
  const std::vector<RangePoint>& points = test.points;
  if (points.size() < kFewestRangePoints) {
    test.remark =
        fmt::format("only {} of its steps are finite, too few to say anything; start at a smaller γ", points.size());
    return;
  }
  const auto lowest = std::ranges::min_element(points, {}, &RangePoint::loss);
  if (!(lowest->loss < test.start)) {
    test.remark = "the loss never fell below its start; start at a smaller γ";
    return;
  }
  test.minimum_tenth = lowest->gamma / 10;
  const auto [from, to] = longest_fall(points);
  test.valley = std::sqrt(points[from].gamma * points[to].gamma);
  double best = 0;
  for (std::size_t i = 0; i + 1 < points.size(); ++i) {
    const double slope = (points[i + 1].loss - points[i].loss) / std::log(points[i + 1].gamma / points[i].gamma);
    if (slope >= best) continue;
    best = slope;
    test.steepest = points[i].gamma;
  }
}

template <class Real>
RangeTest range_test(Objective<Real>& objective, ConstParams<Real> w0, Direction<Real>& direction,
                     const RangeTestOptions& options) {
  check(options);
  const kernels::FlushSubnormals flush(objective.flushes_subnormals());
  const std::size_t n = objective.dimension();
  std::vector<Real> w(w0.begin(), w0.end()), g(n), d(n);
  Batches batches(objective.terms(), options.batch_size, options.shuffle, options.seed);
  const auto batch_of = [&](std::size_t step) {
    if (step % batches.count() == 0) batches.start_epoch(step / batches.count() + 1);
    return batches.at(step % batches.count());
  };

  RangeTest test;
  direction.start(n);
  double loss = test.start = objective.value(w);
  double lowest = loss;
  const double ratio = std::log(options.high / options.low) / static_cast<double>(options.steps - 1);
  test.diverged = !std::isfinite(loss);
  for (std::size_t step = 0; step < options.steps && !test.diverged; ++step) {
    const double gamma = options.low * std::exp(ratio * static_cast<double>(step));
    const Terms batch = batch_of(step);
    const double f = objective.value_and_gradient(w, g, batch);
    direction.compute({.objective = objective, .batch = batch, .w = w, .g = g, .f = f, .step = step}, d);
    for (std::size_t i = 0; i < n; ++i) w[i] += static_cast<Real>(gamma) * d[i];
    loss = objective.value(w);
    test.diverged = !std::isfinite(loss);
    if (test.diverged) break;
    lowest = std::min(lowest, loss);
    test.points.push_back({gamma, loss});
    const double unit = std::max(test.start - lowest, 0.01 * std::abs(test.start));
    test.diverged = loss > lowest + options.stop_factor * unit;
  }
  direction.start(n);
  suggest(test);
  return test;
}

template RangeTest range_test(Objective<float>&, ConstParams<float>, Direction<float>&, const RangeTestOptions&);
template RangeTest range_test(Objective<double>&, ConstParams<double>, Direction<double>&, const RangeTestOptions&);

}  // namespace descent
