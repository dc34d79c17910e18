#include "app/tuning.hpp"

#include "app/config_reader.hpp"
#include "app/config_syntax.hpp"
#include "app/config_writer.hpp"
#include "app/curvature_objective.hpp"
#include "app/optimizer_choice.hpp"
#include "app/setting_change.hpp"
#include "app/sharpness.hpp"
#include "app/sweep.hpp"
#include "framework/error.hpp"
#include "framework/random.hpp"
#include "framework/text.hpp"
#include "trainers/lanczos.hpp"
#include "trainers/probe.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>

namespace descent {
namespace {

constexpr double kWithoutLimit = 0.01;                // in the middle of what methods that rescale the gradient take
constexpr double kBelow = 100, kAbove = 30;           // how far the sweep goes from the limit
constexpr double kTestBelow = 1e4, kTestAbove = 100;  // and the range test

class Measurements {
 public:
  Measurements(const Experiment& experiment, Tuning& tuning)
      : experiment_(experiment),
        config_(experiment.config),
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
    RangeTestOptions options{.low = config_.tune.low > 0 ? config_.tune.low : guess() / kTestBelow,
                             .high = config_.tune.high > 0 ? config_.tune.high : guess() * kTestAbove,
                             .steps = static_cast<std::size_t>(config_.tune.range_steps),
                             .batch_size = static_cast<std::size_t>(config_.train.batch_size),
                             .shuffle = config_.train.shuffle,
                             .seed = static_cast<std::uint64_t>(config_.run.seed)};
    if (options.low >= options.high) options.high = options.low * kTestAbove * kTestBelow;
    tuning_.range = range_test<double>(curvature_.objective(), w_, *direction_, options);
  }

  double guess() const {
    if (!std::isnan(tuning_.limit)) return tuning_.limit;
    const bool rescales = !stable_product(config_.optimizer.name, config_.optimizer.momentum);
    return rescales ? kWithoutLimit : batches_ / static_cast<double>(curvature_.rows());
  }
  double batches() const { return batches_; }  // N/B

 private:
  const Experiment& experiment_;
  const Config& config_;
  Tuning& tuning_;
  CurvatureObjective curvature_;
  std::vector<double> w_;
  std::unique_ptr<Direction<double>> direction_;
  double batches_ = 1;
};

// What the range test suggests is tried as well, where it is among the rates: the answer is none the worse for it.
void add_suggestions(std::vector<double>& rates, const std::optional<RangeTest>& range) {
  if (!range) return;
  const double low = rates.front(), high = rates.back();
  for (const double gamma : {range->steepest, range->valley, range->minimum_tenth})
    if (gamma >= low && gamma <= high) rates.push_back(three_digits(gamma));
  std::ranges::sort(rates);
  rates.erase(std::unique(rates.begin(), rates.end()), rates.end());
}

void recommend_by_sweep(Tuning& tuning, std::size_t chosen) {
  const Arm& arm = tuning.arms[chosen];
  tuning.recommended = arm.gamma;
  tuning.best = arm.config;
  const std::string target =
      std::isfinite(arm.config.train.loss_target)
          ? fmt::format("reached the loss {}", shortest(arm.config.train.loss_target))
          : fmt::format("came within 1 % of the best {} ({:.4g} per row)", tuning.figure, arm.figure);
  tuning.reason =
      std::isnan(arm.to_target)
          ? fmt::format("no γ reached the target; this one had the best {}, {:.4g} per row, of {} trials",
                        tuning.figure, arm.figure, tuning.arms.size())
          : fmt::format("of {} trials it {} first, after {:.4g} epochs", tuning.arms.size(), target, arm.to_target);
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

}  // namespace

std::vector<double> sweep_rates(const TuneConfig& config, double guess, std::uint64_t seed) {
  double low = config.low, high = config.high;
  if (low == 0) low = high > 0 ? std::min(guess / kBelow, high / kBelow) : guess / kBelow;
  if (high == 0) high = std::max(guess * kAbove, low * kAbove);
  const auto points = static_cast<std::size_t>(config.points);
  // A tuning has no random starts, whose numbers these are else.
  Rng rng(seed, Purpose::start);
  std::vector<double> rates;
  for (std::size_t i = 0; i < points; ++i) {
    const double even = points == 1 ? 0.5 : static_cast<double>(i) / static_cast<double>(points - 1);
    rates.push_back(three_digits(low * std::pow(high / low, config.random ? rng.uniform() : even)));
  }
  std::ranges::sort(rates);
  return rates;
}

std::vector<std::vector<std::string>> variations(const std::vector<std::string>& vary) {
  std::vector<std::vector<std::string>> all = {{}};
  for (const std::string& entry : vary) {
    const std::size_t equals = entry.find('=');
    const std::string key = entry.substr(0, equals);
    const toml::table parsed = parse_toml_value(equals == std::string::npos ? "" : entry.substr(equals + 1));
    const toml::array* values = parsed.get("v")->as_array();
    if (values == nullptr || values->empty() || key == "optimizer.learning_rate" || key.starts_with("tune."))
      throw Error(Fault::config,
                  "tune.vary: '{}' is no list of values of another setting; write it like model.hidden=[[8], [16]] "
                  "(γ itself has tune.low, tune.high and tune.points)",
                  printable(entry));
    std::vector<std::vector<std::string>> next;
    for (const auto& before : all)
      for (const toml::node& value : *values) {
        std::ostringstream text;
        value.visit([&](const auto& v) { text << v; });
        next.push_back(before);
        next.back().push_back(key + "=" + text.str());
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
  experiment.test.reset();
  tuning.figure = experiment.validation ? "val_loss" : "loss";
  Measurements measurements(experiment, tuning);
  if (config.tune.curvature) measurements.measure_curvature();
  if (config.tune.range_test) measurements.test_range();
  if (!config.tune.sweep) {
    recommend_without_sweep(tuning, config, measurements.batches());
    return tuning;
  }
  auto rates = sweep_rates(config.tune, measurements.guess(), static_cast<std::uint64_t>(config.run.seed));
  add_suggestions(rates, tuning.range);
  for (const auto& changes : variations(config.tune.vary)) {
    const Config base = changes.empty() ? config : changed(config, changes);
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
    tuning.reason = "every trial diverged or made no progress; set a smaller tune.low";
  return tuning;
}

}  // namespace descent
