#include "app/tuning/sweep.hpp"

#include "app/tuning/race.hpp"
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

namespace descent {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr std::size_t kMostBytes = std::size_t{1} << 30;  // for where all trials stand

std::string to_text(const TrialRecord& record) {
  return nlohmann::json({{"epochs", record.epochs},
                         {"diverged", record.diverged},
                         {"reached", record.reached},
                         {"ended", record.ended},
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
    record.ended = json.at("ended");
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

double or_nan(double x) { return std::isfinite(x) ? x : std::numeric_limits<double>::quiet_NaN(); }

std::vector<std::string> changes_of(const std::vector<Arm>& arms) {
  std::vector<std::string> changes;
  changes.reserve(arms.size());
  for (const Arm& arm : arms) changes.push_back(arm.change);
  return changes;
}

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
        trials_(tuning.arms.size() * seeds_, Trial(kMostBytes / std::max<std::size_t>(1, tuning.arms.size() * seeds_))),
        race_(changes_of(tuning.arms), {.seeds = seeds_,
                                        .epochs = static_cast<std::size_t>(config.train.epochs),
                                        .halving = config.tune.halving,
                                        .has_target = std::isfinite(config.train.loss_target)}) {}

  std::optional<std::size_t> run() {
    kernels::set_backend(config_.run.kernels);
    kernels::set_threads(1);
    for (auto stretches = race_.next(); !stretches.empty(); stretches = race_.next()) {
      train(stretches);
      if (tuning_.interrupted) return std::nullopt;
    }
    for (std::size_t i = 0; i < tuning_.arms.size(); ++i) describe(i);
    tuning_.epochs = race_.trained();
    tuning_.target = std::isfinite(config_.train.loss_target) ? config_.train.loss_target : race_.target();
    return race_.leader();
  }

 private:
  void train(const std::vector<Stretch>& stretches) {
    std::vector<std::pair<Stretch, std::size_t>> tasks;  // with the seed
    for (const Stretch& stretch : stretches)
      for (std::size_t seed = 0; seed < seeds_; ++seed)
        if (!race_.record(stretch.arm, seed).ended) tasks.emplace_back(stretch, seed);
    std::mutex guard;
    std::size_t done = 0;
    const std::size_t jobs =
        config_.tune.jobs > 0 ? static_cast<std::size_t>(config_.tune.jobs) : kernels::processors();
    in_parallel(jobs, tasks.size(), [&](std::size_t k) {
      const auto& [stretch, seed] = tasks[k];
      const auto [i, epochs] = stretch;
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
          record = trials_[i * seeds_ + seed].train(experiment, epochs, interrupt_);
        }
      }
      const std::scoped_lock lock(guard);
      tuning_.interrupted = tuning_.interrupted || record->interrupted;
      if (record->interrupted) return;
      if (!known && store_.add) store_.add(name, to_text(*record));
      race_.enter(i, seed, std::move(*record));
      if (store_.progress) store_.progress(++done, tasks.size());
    });
  }

  void describe(std::size_t i) {
    const Standing& standing = race_.standing(i);
    Arm& arm = tuning_.arms[i];
    arm.rounds = race_.rounds_of(i);
    arm.epochs = standing.epochs;
    arm.converged = standing.converged;
    arm.to_target = or_nan(standing.arrival);
    arm.figure = or_nan(standing.figure);
  }

  Tuning& tuning_;
  const Config& config_;
  const TrialStore& store_;
  const std::atomic<bool>& interrupt_;
  const std::function<Experiment(const Config&)>& make_;
  std::size_t seeds_;
  std::vector<Trial> trials_;  // [arm][seed]
  Race race_;
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
