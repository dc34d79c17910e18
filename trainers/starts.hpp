// Minimising from many random starts: which basins there are, and the best minimum.
#pragma once

#include "framework/objective.hpp"
#include "trainers/box.hpp"
#include "trainers/report.hpp"
#include "trainers/state.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace descent {

// One run: moves w from its start. Mostly a call of minimize with a new direction and step size. Nothing where it came
// to no end, and none is to be begun behind it.
template <class Real>
using RunFromStart = std::function<std::optional<Report>(Objective<Real>& objective, Params<Real> w)>;

// How the runs from the first starts ended, for all of `starts` in n variables in the end.
class StartEnds {
 public:
  StartEnds(std::size_t starts, std::size_t n) : n_(n), w_(starts * n), values_(starts), statuses_(starts) {}

  std::size_t starts() const { return values_.size(); }
  std::size_t done() const { return done_; }
  bool complete() const { return done() == starts(); }
  ConstParams<double> w(std::size_t k) const { return ConstParams<double>(w_).subspan(k * n_, n_); }
  double value(std::size_t k) const { return values_[k]; }
  Status status(std::size_t k) const { return static_cast<Status>(statuses_[k]); }
  double seconds() const { return seconds_; }  // of the runs to them

  void add(ConstParams<double> w, const Report& report);
  State<double> state();  // all of it, for a checkpoint

 private:
  std::size_t n_, done_ = 0;
  double seconds_ = 0;
  std::vector<double> w_, values_, statuses_;  // (starts, n), (starts), (starts)
};

struct StartsOptions {
  std::size_t starts = 20;
  std::uint64_t seed = 1;
  // Two ends are one when they are so close, relative to the box's width along each variable, and their values within
  // 1e-6 (1 + |f|).
  double same = 1e-3;
  // Where not null: of so many starts, some of whose ends are there already. The runs go on behind them, and what they
  // end at is added.
  StartEnds* ends = nullptr;
};

// The starts that ended at one place.
struct Basin {
  std::vector<double> w;  // the end with the lowest value
  double value = 0;
  std::vector<std::size_t> starts;  // numbers of the runs, ascending
  bool inside = true;               // whether w lies in the box
};

struct Basins {
  std::vector<Basin> basins;              // by value: the first is the best
  std::vector<std::vector<double>> from;  // where run i started
  std::vector<std::size_t> diverged;      // runs without an end: diverged or unbounded
  std::vector<std::size_t> unfinished;    // runs that stopped before they converged, or were not begun; in no basin
};

// Start i is uniform in the box, of the Rng (seed, Purpose::start, 0, i): the first k are the same whatever `starts`
// is. A run counts when it ends with Status::converged; an interrupted one has no end.
// Throws Error(usage) for a wrong box or no starts.
template <class Real>
Basins minimize_from_starts(Objective<Real>& objective, const Box& box, const RunFromStart<Real>& run,
                            const StartsOptions& options = {});

}  // namespace descent
