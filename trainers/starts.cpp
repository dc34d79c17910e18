#include "trainers/starts.hpp"

#include "framework/error.hpp"
#include "framework/random.hpp"
#include "framework/text.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace descent {
namespace {

bool same_end(const Basin& basin, ConstParams<double> w, double value, const Box& box, double same) {
  if (std::abs(basin.value - value) > 1e-6 * (1 + std::abs(value))) return false;
  for (std::size_t i = 0; i < w.size(); ++i)
    if (!(std::abs(basin.w[i] - w[i]) <= same * box.width(i))) return false;
  return true;
}

void add_to_basins(Basins& all, ConstParams<double> w, double value, std::size_t number, const Box& box, double same) {
  for (Basin& basin : all.basins) {
    if (!same_end(basin, w, value, box, same)) continue;
    basin.starts.push_back(number);
    if (value < basin.value) {
      basin.w.assign(w.begin(), w.end());
      basin.value = value;
    }
    return;
  }
  all.basins.push_back({{w.begin(), w.end()}, value, {number}, true});
}

void sort_ends(Basins& all, const StartEnds& ends, const Box& box, double same) {
  for (std::size_t k = 0; k < ends.starts(); ++k) {
    if (k >= ends.done() || ends.status(k) == Status::stopped)
      all.unfinished.push_back(k);
    else if (ends.status(k) == Status::diverged)
      all.diverged.push_back(k);
    else
      add_to_basins(all, ends.w(k), ends.value(k), k, box, same);
  }
  for (Basin& basin : all.basins) basin.inside = box.contains(basin.w);
  std::stable_sort(all.basins.begin(), all.basins.end(),
                   [](const Basin& a, const Basin& b) { return a.value < b.value; });
}

}  // namespace

void StartEnds::add(ConstParams<double> w, const Report& report) {
  assert(!complete() && w.size() == n_ && report.status() != Status::interrupted);
  std::ranges::copy(w, w_.begin() + static_cast<std::ptrdiff_t>(done_ * n_));
  values_[done_] = report.loss;
  statuses_[done_] = static_cast<double>(report.status());
  seconds_ += report.seconds;
  ++done_;
}

State<double> StartEnds::state() {
  return {{{"w", w_}, {"values", values_}, {"statuses", statuses_}}, {{"done", &done_}, {"seconds", &seconds_}}};
}

template <class Real>
Basins minimize_from_starts(Objective<Real>& objective, const Box& box, const RunFromStart<Real>& run,
                            const StartsOptions& options) {
  const std::size_t n = objective.dimension();
  box.check(n);
  if (options.starts == 0) throw Error(Fault::usage, "starts = 0 must be at least 1");
  if (!(options.same > 0 && options.same < 1))
    throw Error(Fault::usage, "same = {} must be in (0, 1)", shortest(options.same));
  StartEnds fresh(options.starts, n);
  StartEnds& ends = options.ends != nullptr ? *options.ends : fresh;
  assert(ends.starts() == options.starts);
  Basins all;
  for (std::size_t k = 0; k < options.starts; ++k) {
    Rng rng(options.seed, Purpose::start, 0, static_cast<std::uint32_t>(k));
    std::vector<double>& from = all.from.emplace_back(n);
    for (std::size_t i = 0; i < n; ++i) from[i] = static_cast<Real>(rng.uniform(box.low[i], box.high[i]));
  }
  while (!ends.complete()) {
    const std::vector<double>& from = all.from[ends.done()];
    std::vector<Real> w(from.begin(), from.end());
    const std::optional<Report> report = run(objective, w);
    if (!report || report->status() == Status::interrupted) break;
    ends.add(std::vector<double>(w.begin(), w.end()), *report);
  }
  sort_ends(all, ends, box, options.same);
  return all;
}

template Basins minimize_from_starts(Objective<float>&, const Box&, const RunFromStart<float>&, const StartsOptions&);
template Basins minimize_from_starts(Objective<double>&, const Box&, const RunFromStart<double>&, const StartsOptions&);

}  // namespace descent
