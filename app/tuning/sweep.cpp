#include "app/tuning/sweep.hpp"

#include "app/tuning/tune_trial.hpp"
#include "framework/kernels/products.hpp"
#include "framework/kernels/threads.hpp"
#include "framework/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <exception>
#include <limits>
#include <mutex>
#include <system_error>
#include <thread>
#include <tuple>

namespace descent {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kClose = 0.01;  // of the fall from the start to the best figure: near enough to have arrived

std::string to_text(const TrialRecord& record) {
  return nlohmann::json({{"epochs", record.epochs},
                         {"diverged", record.diverged},
                         {"reached", record.reached},
                         {"figures", record.figures}})
      .dump();
}

std::optional<TrialRecord> from_text(const std::string& text) {
  const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  try {
    TrialRecord record;
    record.epochs = json.at("epochs");
    record.diverged = json.at("diverged");
    record.reached = json.at("reached");
    for (const nlohmann::json& figure : json.at("figures"))  // null: was not finite
      record.figures.push_back(figure.is_number() ? figure.get<double>() : kInfinity);
    if (record.figures.empty()) return std::nullopt;  // a trial has one of its start
    return record;
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
}

// task(i) for i < count on so many threads, or as many as the machine grants. Throws what the first task, by number,
// threw.
void in_parallel(std::size_t threads, std::size_t count, const std::function<void(std::size_t)>& task) {
  std::atomic<std::size_t> next{0};
  std::vector<std::exception_ptr> failures(count);
  const auto work = [&] {
    for (std::size_t i = next++; i < count; i = next++) {
      try {
        task(i);
      } catch (...) {
        failures[i] = std::current_exception();
      }
    }
  };
  std::vector<std::jthread> crew;
  try {
    for (std::size_t k = 1; k < std::min(threads, count); ++k) crew.emplace_back(work);
  } catch (const std::system_error&) {
  }
  work();
  crew.clear();
  for (const std::exception_ptr& failure : failures)
    if (failure) std::rethrow_exception(failure);
}

// Behind the largest seed comes 0.
std::int64_t seed_behind(std::int64_t seed, std::size_t k) {
  constexpr std::uint64_t kLargest = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>((static_cast<std::uint64_t>(seed) + k) & kLargest);
}

double best_of(const std::vector<double>& figures) {
  double best = kInfinity;
  for (std::size_t i = 1; i < figures.size(); ++i)
    if (figures[i] < best) best = figures[i];  // never true of NaN
  return best;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

double or_nan(double x) { return std::isfinite(x) ? x : std::numeric_limits<double>::quiet_NaN(); }
double or_infinity(double x) { return std::isnan(x) ? kInfinity : x; }

class Sweep {
 public:
  Sweep(Tuning& tuning, const Config& config, const TrialStore& store, const std::atomic<bool>& interrupt,
        const std::function<Experiment(const Config&)>& make)
      : tuning_(tuning),
        config_(config),
        store_(store),
        interrupt_(interrupt),
        make_(make),
        seeds_(static_cast<std::size_t>(config.tune.seeds)),
        has_target_(std::isfinite(config.train.loss_target)),
        records_(tuning.arms.size(), std::vector<TrialRecord>(seeds_)) {}

  std::optional<std::size_t> run() {
    kernels::set_backend(config_.run.kernels);
    kernels::set_threads(1);
    std::vector<std::size_t> alive(tuning_.arms.size());
    for (std::size_t i = 0; i < alive.size(); ++i) alive[i] = i;
    for (const std::size_t epochs : rounds()) {
      train(alive, epochs);
      if (tuning_.interrupted) return std::nullopt;
      std::erase_if(alive, [&](std::size_t i) { return tuning_.arms[i].converged == 0; });
      if (alive.empty()) break;
      const std::size_t best = best_figure(alive);
      if (!has_target_) aim_at(best, alive);
      std::ranges::sort(alive, {}, [&](std::size_t i) { return rank(i); });
      survivors_ = alive;
      // Who has arrived before the others' epochs were up cannot be overtaken.
      if (has_target_ && !std::isnan(tuning_.arms[alive.front()].to_target)) break;
      alive = finalists(alive, best);
    }
    return choose();
  }

 private:
  std::vector<std::size_t> rounds() const {
    const auto epochs = static_cast<std::size_t>(config_.train.epochs);
    const std::size_t first = std::max<std::size_t>(1, epochs / 7);
    return config_.tune.halving && first < epochs ? std::vector{first, epochs} : std::vector{epochs};
  }

  // Of `ranked` arms, 22 %. With the seventh of the epochs before them that is 36 % of all arms in full. Half of the
  // places go to the first in rank, the others to the next larger rates: short runs favour small ones, see
  // app/tuning.hpp.
  std::vector<std::size_t> finalists(const std::vector<std::size_t>& ranked, std::size_t best) const {
    const std::size_t places = std::max<std::size_t>(1, (22 * ranked.size() + 50) / 100);
    std::vector<std::size_t> chosen(ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>((places + 1) / 2));
    const auto missing = [&](std::size_t i) { return std::ranges::find(chosen, i) == chosen.end(); };
    for (const std::size_t i : larger_rates(ranked, chosen))
      if (chosen.size() < places) chosen.push_back(i);
    for (const std::size_t i : ranked)
      if (chosen.size() < places && missing(i)) chosen.push_back(i);
    if (missing(best)) chosen.back() = best;  // what the others are measured by
    return chosen;
  }

  // Arms with the change of a chosen one and γ above all chosen of that change, ascending; those of the change in front
  // first.
  std::vector<std::size_t> larger_rates(const std::vector<std::size_t>& ranked,
                                        const std::vector<std::size_t>& chosen) const {
    std::vector<std::string> changes;
    for (const std::size_t i : chosen)
      if (std::ranges::find(changes, tuning_.arms[i].change) == changes.end())
        changes.push_back(tuning_.arms[i].change);
    std::vector<std::size_t> larger;
    for (const std::string& change : changes) {
      double most = 0;
      for (const std::size_t i : chosen)
        if (tuning_.arms[i].change == change) most = std::max(most, tuning_.arms[i].gamma);
      const auto begin = static_cast<std::ptrdiff_t>(larger.size());
      for (const std::size_t i : ranked) {
        const Arm& arm = tuning_.arms[i];
        if (arm.change == change && arm.gamma > most) larger.push_back(i);
      }
      std::sort(larger.begin() + begin, larger.end());  // arms of a change stand in the order of γ
    }
    return larger;
  }

  void train(const std::vector<std::size_t>& alive, std::size_t epochs) {
    std::mutex guard;
    std::size_t done = 0;
    const std::size_t processors = std::max(1u, std::thread::hardware_concurrency());
    const std::size_t jobs = config_.tune.jobs > 0 ? static_cast<std::size_t>(config_.tune.jobs) : processors;
    in_parallel(jobs, alive.size() * seeds_, [&](std::size_t k) {
      const std::size_t i = alive[k / seeds_], seed = k % seeds_;
      Config config = tuning_.arms[i].config;
      config.run.seed = seed_behind(config.run.seed, seed);
      const std::string name =
          fmt::format("{}|{}|{}|{}", tuning_.arms[i].change, shortest(tuning_.arms[i].gamma), config.run.seed, epochs);
      std::optional<TrialRecord> record;
      if (store_.find) {
        const std::scoped_lock lock(guard);
        if (const auto text = store_.find(name)) record = from_text(*text);
      }
      const bool known = record.has_value();
      if (!known) {
        if (interrupt_) {
          record = TrialRecord{.interrupted = true};
        } else {
          Experiment experiment = make_(config);
          experiment.test.reset();
          record = run_trial(experiment, epochs, interrupt_);
        }
      }
      const std::scoped_lock lock(guard);
      records_[i][seed] = std::move(*record);
      if (records_[i][seed].interrupted) return;
      if (!known && store_.add) store_.add(name, to_text(records_[i][seed]));
      if (store_.progress) store_.progress(++done, alive.size() * seeds_);
    });
    for (const std::size_t i : alive) summarise(i);
  }

  void summarise(std::size_t i) {
    Arm& arm = tuning_.arms[i];
    std::vector<double> best, to_target;
    std::size_t converged = 0;
    arm.epochs = 0;
    ++arm.rounds;
    for (const TrialRecord& record : records_[i]) {
      tuning_.interrupted = tuning_.interrupted || record.interrupted;
      if (record.interrupted) return;
      tuning_.epochs += record.epochs;
      arm.epochs = std::max(arm.epochs, record.epochs);
      best.push_back(record.diverged ? kInfinity : best_of(record.figures));
      to_target.push_back(record.reached ? static_cast<double>(record.epochs) : kInfinity);
      converged += !record.diverged && best.back() < record.figures.front() ? 1 : 0;
    }
    arm.converged = static_cast<double>(converged) / static_cast<double>(seeds_);
    arm.figure = or_nan(median(best));
    if (has_target_) arm.to_target = or_nan(median(to_target));
  }

  std::tuple<double, double, double> rank(std::size_t i) const {
    const Arm& arm = tuning_.arms[i];
    return {-arm.converged, or_infinity(arm.to_target), or_infinity(arm.figure)};
  }

  // Epochs until the arm's figure was at the target, median over seeds.
  double epochs_to(double target, std::size_t i) const {
    std::vector<double> epochs;
    for (const TrialRecord& record : records_[i]) {
      const auto at = std::ranges::find_if(record.figures, [&](double figure) { return figure <= target; });
      epochs.push_back(
          record.diverged || at == record.figures.end() ? kInfinity : static_cast<double>(at - record.figures.begin()));
    }
    return or_nan(median(epochs));
  }

  std::size_t best_figure(const std::vector<std::size_t>& arms) const {
    return *std::ranges::min_element(arms, {}, [&](std::size_t i) {
      return std::pair(-tuning_.arms[i].converged, or_infinity(tuning_.arms[i].figure));
    });
  }

  // What all of `arms` race for: to come near to the figure of the best.
  void aim_at(std::size_t best, const std::vector<std::size_t>& arms) {
    std::vector<double> starts;
    for (const TrialRecord& record : records_[best]) starts.push_back(record.figures.front());
    const double figure = tuning_.arms[best].figure;
    tuning_.target = figure + kClose * (median(starts) - figure);
    for (const std::size_t i : arms) tuning_.arms[i].to_target = epochs_to(tuning_.target, i);
  }

  std::optional<std::size_t> choose() {
    if (survivors_.empty()) return std::nullopt;
    if (has_target_) {
      tuning_.target = config_.train.loss_target;
    } else {
      std::vector<std::size_t> all(tuning_.arms.size());
      for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
      aim_at(best_figure(survivors_), all);
    }
    return *std::ranges::min_element(survivors_, {}, [&](std::size_t i) { return rank(i); });
  }

  Tuning& tuning_;
  const Config& config_;
  const TrialStore& store_;
  const std::atomic<bool>& interrupt_;
  const std::function<Experiment(const Config&)>& make_;
  std::size_t seeds_;
  bool has_target_;
  std::vector<std::vector<TrialRecord>> records_;  // [arm][seed], of the last round
  std::vector<std::size_t> survivors_;             // of the last round
};

std::string verdict(const Arm& arm, bool is_chosen, std::size_t last_round) {
  if (is_chosen) return "chosen";
  if (arm.converged == 0) return std::isnan(arm.figure) ? "diverged" : "no progress";
  if (arm.converged < 1) return fmt::format("failed with {:.0f} % of the seeds", 100 * (1 - arm.converged));
  return arm.rounds < last_round ? "cut" : "";
}

}  // namespace

std::optional<std::size_t> sweep(Tuning& tuning, const Config& config, const TrialStore& store,
                                 const std::atomic<bool>& interrupt,
                                 const std::function<Experiment(const Config&)>& make) {
  const auto chosen = Sweep(tuning, config, store, interrupt, make).run();
  tuning.exhaustive_epochs =
      tuning.arms.size() * static_cast<std::size_t>(config.train.epochs) * static_cast<std::size_t>(config.tune.seeds);
  std::size_t last_round = 0;
  for (const Arm& arm : tuning.arms) last_round = std::max(last_round, arm.rounds);
  for (std::size_t i = 0; i < tuning.arms.size(); ++i)
    tuning.arms[i].verdict = verdict(tuning.arms[i], chosen == i, last_round);
  return chosen;
}

}  // namespace descent
