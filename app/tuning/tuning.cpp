#include "app/tuning/tuning.hpp"

#include "app/config/optimizer_choice.hpp"
#include "app/config/reader.hpp"
#include "app/config/setting_change.hpp"
#include "app/config/tune.hpp"
#include "app/config/writer.hpp"
#include "app/curvature/curvature_objective.hpp"
#include "app/curvature/sharpness.hpp"
#include "app/experiment/data_checksum.hpp"
#include "app/tuning/sweep.hpp"
#include "framework/error.hpp"
#include "framework/random.hpp"
#include "framework/text.hpp"
#include "trainers/lanczos.hpp"
#include "trainers/probe.hpp"
#include "trainers/range_rules.hpp"

#include <algorithm>
#include <cmath>

namespace descent {
namespace {

constexpr double kWithoutLimit = 0.01;                // in the middle of what methods that rescale the gradient take
constexpr double kBelow = 100, kAbove = 30;           // how far the sweep goes from the limit
constexpr double kAboveGuess = 100;                   // where there is none
constexpr double kSameRate = 0.025;                   // rates nearer than this, as a share, are one
constexpr double kTestBelow = 1e4, kTestAbove = 100;  // and the range test

// Kept trials go on only with the rows that they were trained on.
void refuse_other_data(const Experiment& experiment, const TrialStore& store) {
  if (!store.find) return;
  const std::string name = "data", now = data_checksum(experiment), entry = '"' + now + '"';
  const auto kept = store.find(name);
  if (!kept) return store.add(name, entry);
  if (*kept != entry)
    throw Error(Fault::data,
                "the data is not what it was when this tuning began: its checksum is {}, not {}; bring back the data, "
                "or start a new tuning",
                now, kept->substr(1, kept->size() - 2));
}

class Measurements {
 public:
  Measurements(const Experiment& experiment, Tuning& tuning)
      : config_(experiment.config),
        tuning_(tuning),
        curvature_(experiment),
        w_(starting_weights(experiment)),
        direction_(make_direction<double>(config_.optimizer.name, direction_options(config_.optimizer))) {
    tuning_.batch = batch_rows(experiment);
    batches_ = static_cast<double>(curvature_.rows()) / static_cast<double>(tuning_.batch);
  }

  void measure_curvature() {
    tuning_.lambda_max = extreme_eigenvalues(curvature_.objective(), w_, {.largest_only = true}).lambda_max;
    const auto product = stable_product(config_.optimizer.name, config_.optimizer.momentum);
    if (!product) {
      tuning_.limit_remark =
          fmt::format("2/λmax does not apply to {}, which rescales the gradient", config_.optimizer.name);
    } else if (!(tuning_.lambda_max > 0) || !std::isfinite(tuning_.lambda_max)) {
      tuning_.limit_remark = "there is no limit: λmax is not positive";
    } else {
      tuning_.limit = *product / tuning_.lambda_max * batches_;
      tuning_.limit_remark = fmt::format("{:.4g}/λmax{}", *product, batches_ > 1 ? " · N/B" : "");
    }
    ProbeOptions options{.guess = guess() / batches_, .steps = static_cast<std::size_t>(config_.tune.probe_steps)};
    const Probe found = probe<double>(curvature_.objective(), w_, *direction_, options);
    if (found.gamma > 0 && found.bracketed) tuning_.probe = found.gamma;
  }

  void test_range() {
    const RateGrid& grid = config_.tune.learning_rate;
    RangeTestOptions options{.low = grid.low > 0 ? grid.low : guess() / kTestBelow,
                             .high = grid.high > 0 ? grid.high : guess() * kTestAbove,
                             .steps = static_cast<std::size_t>(config_.tune.range_steps),
                             .batch_size = static_cast<std::size_t>(config_.train.batch_size),
                             .shuffle = config_.train.shuffle,
                             .seed = static_cast<std::uint64_t>(config_.run.seed)};
    tuning_.range = range_test<double>(curvature_.objective(), w_, *direction_, options);
  }

  double guess() const {
    if (!std::isnan(tuning_.limit)) return tuning_.limit;
    const bool rescales = !stable_product(config_.optimizer.name, config_.optimizer.momentum);
    return rescales ? kWithoutLimit : batches_ / static_cast<double>(curvature_.rows());
  }
  double highest() const { return guess() * (std::isnan(tuning_.limit) ? kAboveGuess : kAbove); }
  double batches() const { return batches_; }  // N/B

 private:
  const Config& config_;
  Tuning& tuning_;
  CurvatureObjective curvature_;
  std::vector<double> w_;
  std::unique_ptr<Direction<double>> direction_;
  double batches_ = 1;
};

// What the range test suggests, and what other libraries' rules read off its curve, is tried as well, where it is among
// the rates: the answer is none the worse for it.
void add_suggestions(std::vector<double>& rates, const std::optional<RangeTest>& range) {
  if (!range) return;
  const double low = rates.front(), high = rates.back();
  std::vector<double> suggested = steepest_by_rules_in_use(range->points);
  suggested.insert(suggested.end(), {range->steepest, range->valley, range->minimum_tenth});
  for (const double gamma : suggested) {
    const auto same = [&](double rate) { return std::abs(std::log(rate / gamma)) < kSameRate; };
    if (gamma >= low && gamma <= high && std::ranges::none_of(rates, same)) rates.push_back(three_digits(gamma));
  }
  std::ranges::sort(rates);
}

void recommend_by_sweep(Tuning& tuning, std::size_t chosen) {
  const Arm& arm = tuning.arms[chosen];
  tuning.recommended = arm.gamma;
  tuning.best = arm.config;
  const std::string target =
      std::isfinite(arm.config.train.loss_target)
          ? fmt::format("the loss {}", shortest(arm.config.train.loss_target))
          : fmt::format("within 1 % of the fall to the best {}, {:.4g} per row", tuning.figure, tuning.target);
  tuning.reason = std::isnan(arm.to_target)
                      ? fmt::format("no γ reached the target; this one had the best {}, {:.4g} per row, of {} trials",
                                    tuning.figure, arm.figure, tuning.arms.size())
                      : fmt::format("of {} trials it came first, after {:.4g} epochs, to {}", tuning.arms.size(),
                                    arm.to_target, target);
  if (!arm.change.empty()) tuning.reason += ", with " + arm.change;
  if (!std::isnan(tuning.limit)) tuning.reason += fmt::format("; {:.2g} times the limit", arm.gamma / tuning.limit);
}

void recommend_without_sweep(Tuning& tuning, const Config& config, double batches) {
  tuning.best = config;
  if (!std::isnan(tuning.limit)) {
    const double proved = tuning.probe ? *tuning.probe * batches : tuning.limit;
    tuning.recommended = three_digits(std::min(tuning.limit, proved) / 2);
    tuning.reason = proved < tuning.limit ? "half of the largest γ that the probe saw going down"
                                          : "half the stability limit, where the sharpest direction is solved at once";
  } else if (tuning.range && !std::isnan(tuning.range->valley)) {
    tuning.recommended = three_digits(tuning.range->valley);
    tuning.reason = "the middle of the longest fall of the range test";
  } else {
    tuning.reason = "neither the curvature nor the range test says anything; turn tune.sweep on";
    return;
  }
  tuning.best.optimizer.learning_rate = tuning.recommended;
}

void refuse_line_search(const OptimizerConfig& optimizer) {
  const std::string search = chosen_line_search(optimizer);
  if (search.empty()) return;
  throw Error(
      Fault::config,
      "optimizer.line_search: the line search {} finds γ in every step{}, so there is no learning rate to tune; "
      "train as it is, or set optimizer.line_search = \"none\"",
      search, optimizer.line_search == "auto" ? fmt::format(" of {}", optimizer.name) : "");
}

}  // namespace

std::vector<double> sweep_rates(const RateGrid& grid, double lowest, double highest, std::uint64_t seed) {
  const double low = grid.low > 0 ? grid.low : lowest, high = grid.high > 0 ? grid.high : highest;
  const auto points = static_cast<std::size_t>(grid.points);
  std::vector<double> rates = grid.list;
  if (rates.empty() && !grid.random) rates = even_in_log(low, high, points);
  // A tuning has no random starts, whose numbers these are else.
  Rng rng(seed, Purpose::start);
  while (rates.size() < points && grid.random && grid.list.empty())
    rates.push_back(three_digits(low * std::pow(high / low, rng.uniform())));
  std::ranges::sort(rates);
  rates.erase(std::unique(rates.begin(), rates.end()), rates.end());
  return rates;
}

std::vector<std::vector<std::string>> variations(const std::vector<Variation>& vary) {
  std::vector<std::vector<std::string>> all = {{}};
  for (const Variation& variation : vary) {
    std::vector<std::vector<std::string>> next;
    for (const auto& before : all)
      for (const std::string& value : variation.values) {
        next.push_back(before);
        next.back().push_back(fmt::format("{}={}", variation.path, value));
      }
    all = std::move(next);
  }
  return all;
}

Tuning tune(const Config& given, const TrialStore& store, const std::atomic<bool>& interrupt,
            const std::function<Experiment(const Config&)>& make) {
  const Config config = with_absolute_paths(given);
  Tuning tuning;
  Experiment experiment = make(config);
  refuse_line_search(config.optimizer);
  experiment.test.reset();
  refuse_other_data(experiment, store);
  tuning.figure = experiment.validation ? "val_loss" : "loss";
  Measurements measurements(experiment, tuning);
  if (config.tune.curvature) measurements.measure_curvature();
  if (config.tune.range_test) measurements.test_range();
  if (!config.tune.sweep) {
    recommend_without_sweep(tuning, config, measurements.batches());
    return tuning;
  }
  auto rates = sweep_rates(config.tune.learning_rate, measurements.guess() / kBelow, measurements.highest(),
                           static_cast<std::uint64_t>(config.run.seed));
  if (config.tune.learning_rate.list.empty()) add_suggestions(rates, tuning.range);
  for (const auto& changes : variations(config.tune.vary)) {
    const Config base = changes.empty() ? config : changed(config, changes);
    refuse_line_search(base.optimizer);
    for (const double gamma : rates) {
      tuning.arms.push_back({.gamma = gamma, .change = join(changes), .config = base});
      tuning.arms.back().config.optimizer.learning_rate = gamma;
    }
  }
  const auto chosen = sweep(tuning, config, store, interrupt, make);
  if (tuning.interrupted) return tuning;
  if (chosen)
    recommend_by_sweep(tuning, *chosen);
  else
    tuning.reason = "every trial diverged or made no progress; let tune.learning_rate begin lower";
  return tuning;
}

}  // namespace descent
