// The learning rate of a config, found three ways with one answer.
//
// 1. Curvature: λmax of the summed loss L at the starting weights. On a quadratic, steepest descent converges for
//    γ < 2/λmax and diverges beyond (momentum μ: 2 (1 + μ)/λmax, Nesterov's 2 (1 + μ)/((1 + 2 μ) λmax)). Batches of B
//    rows of N hold B/N of the curvature on average, so their limit is N/B times that. Confirmed by trainers/probe.hpp.
// 2. The range test of trainers/range_test.hpp. What it suggests, and what the rules of trainers/range_rules.hpp read
//    off its curve, is tried by the sweep.
// 3. A sweep. Who of the arms trains how far is decided by race.hpp: few of them in full.
//
// Training and validation rows only: nobody reads the test rows.
#pragma once

#include "app/experiment/experiment.hpp"
#include "trainers/range_test.hpp"

#include <atomic>
#include <cstddef>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace descent {

struct Arm {
  double gamma = 0;
  std::string change;      // "model.hidden=[8]"; "" for the config as it stands
  Config config;           // with both
  std::size_t rounds = 0;  // whose epochs it has trained; see race.hpp
  std::size_t epochs = 0;  // trained, the most of its seeds
  double converged = 0;    // share of its seeds that stayed finite and got below their start
  double to_target = std::numeric_limits<double>::quiet_NaN();  // epochs, median over seeds; NaN: not reached
  double figure = std::numeric_limits<double>::quiet_NaN();     // the best of its epochs, median over seeds
  std::string verdict = {};                                     // "chosen", "diverged", "cut", …
};

struct Tuning {
  double lambda_max = std::numeric_limits<double>::quiet_NaN();
  double limit = std::numeric_limits<double>::quiet_NaN();  // of γ for the method and batches of the config
  std::size_t batch = 0;                                    // rows in a step
  std::string limit_remark;                                 // what the limit is, or why there is none
  std::optional<double> probe;                              // the largest γ that goes down with all rows in a step
  std::optional<RangeTest> range;
  std::vector<Arm> arms;  // in the order of the trials: changes first, γ ascending within
  std::string figure;     // "val_loss" or "loss", per row
  double target = std::numeric_limits<double>::quiet_NaN();       // of to_target; train.loss_target where that is given
  std::size_t epochs = 0, exhaustive_epochs = 0;                  // trained, and what all arms in full would have been
  double recommended = std::numeric_limits<double>::quiet_NaN();  // NaN: nothing can be recommended
  std::string reason;                                             // one sentence
  Config best;                                                    // with the recommended γ
  bool interrupted = false;
};

// What a sweep keeps so that another one can go on: results by name, and the checksum of the data as "data". Called by
// several threads, one at a time.
struct TrialStore {
  std::function<std::optional<std::string>(const std::string& name)> find;  // may be empty
  std::function<void(const std::string& name, const std::string& result)> add;
  std::function<void(std::size_t done, std::size_t of)> progress;
};

// γ of the sweep, ascending, to three digits unless given as a list; from lowest to highest where the grid has no ends.
std::vector<double> sweep_rates(const RateGrid& grid, double lowest, double highest, std::uint64_t seed);

// All combinations of the settings' values, each as "model.hidden=[8]"; { } where there are no settings.
std::vector<std::vector<std::string>> variations(const std::vector<Variation>& vary);

// Uses config.tune. Throws what prepare, and reading a changed config, throw; Error(config) where a line search finds
// γ, Error(data) where the store began with other data. `make` is prepare; another one for tests.
Tuning tune(const Config& config, const TrialStore& store, const std::atomic<bool>& interrupt,
            const std::function<Experiment(const Config&)>& make = prepare);

}  // namespace descent
