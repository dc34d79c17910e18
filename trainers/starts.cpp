#include "trainers/starts.hpp"

#include "framework/error.hpp"
#include "framework/random.hpp"
#include "framework/text.hpp"

#include <algorithm>
#include <cmath>

namespace descent {
namespace {

bool same_end(const Basin& basin, const std::vector<double>& w, double value, const Box& box, double same) {
  if (std::abs(basin.value - value) > 1e-6 * (1 + std::abs(value))) return false;
  for (std::size_t i = 0; i < w.size(); ++i)
    if (!(std::abs(basin.w[i] - w[i]) <= same * box.width(i))) return false;
  return true;
}

void add_end(Basins& all, std::vector<double> w, const Report& report, std::size_t number, const Box& box,
             double same) {
  for (Basin& basin : all.basins) {
    if (!same_end(basin, w, report.loss, box, same)) continue;
    basin.starts.push_back(number);
    if (report.loss < basin.value) {
      basin.w = std::move(w);
      basin.value = report.loss;
      basin.report = report;
    }
    return;
  }
  all.basins.push_back({std::move(w), report.loss, report, {number}, true});
}

}  // namespace

template <class Real>
Basins minimize_from_starts(Objective<Real>& objective, const Box& box, const RunFromStart<Real>& run,
                            const StartsOptions& options) {
  const std::size_t n = objective.dimension();
  box.check(n);
  if (options.starts == 0) throw Error(Fault::usage, "starts = 0 must be at least 1");
  if (!(options.same > 0 && options.same < 1))
    throw Error(Fault::usage, "same = {} must be in (0, 1)", shortest(options.same));
  Basins all;
  for (std::size_t k = 0; k < options.starts; ++k) {
    Rng rng(options.seed, Purpose::start, 0, static_cast<std::uint32_t>(k));
    std::vector<Real> w(n);
    for (std::size_t i = 0; i < n; ++i) w[i] = static_cast<Real>(rng.uniform(box.low[i], box.high[i]));
    all.from.emplace_back(w.begin(), w.end());
    const Report report = run(objective, w);
    if (report.status() == Status::diverged)
      all.diverged.push_back(k);
    else if (report.status() != Status::converged)
      all.unfinished.push_back(k);
    else
      add_end(all, {w.begin(), w.end()}, report, k, box, options.same);
  }
  for (Basin& basin : all.basins) basin.inside = box.contains(basin.w);
  std::stable_sort(all.basins.begin(), all.basins.end(),
                   [](const Basin& a, const Basin& b) { return a.value < b.value; });
  return all;
}

template Basins minimize_from_starts(Objective<float>&, const Box&, const RunFromStart<float>&, const StartsOptions&);
template Basins minimize_from_starts(Objective<double>&, const Box&, const RunFromStart<double>&, const StartsOptions&);

}  // namespace descent
