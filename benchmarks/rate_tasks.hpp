// Ten tasks on which `descent tune` is compared with a dense sweep and with other libraries' rules.
//
// The rules are read off the curve of our range test, from their published descriptions: fastai's «valley» (the middle
// of the longest fall), «steep» (least dL/d log γ) and «minimum» (a tenth of γ at the least loss), without the first
// tenth and the last five points; Lightning's (least difference, without the first ten points and the last) and
// torch-lr-finder's (the same without the first ten and the last five).
#pragma once

#include "app/config/reader.hpp"
#include "app/tuning/tune_trial.hpp"
#include "app/tuning/tuning.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <tuple>
#include <vector>

namespace descent::rates {

struct Task {
  const char* name;
  const char* data;  // TOML of [data]; {} is the folder of the data sets
  const char* rest;
  int epochs;
};

inline constexpr int kSeeds = 3;

inline constexpr Task kTasks[] = {
    {"iris", "path = \"{}/iris.csv\"", "[train]\nbatch_size = 16\n", 60},
    {"digits", "path = \"{}/digits.csv.gz\"\ntarget = \"digit\"",
     "[train]\nloss = \"cross_entropy\"\n[model]\nhidden = [32]\nactivation = \"relu\"\n", 12},
    {"xor", "generator = \"xor\"\nstandardize = false", "[train]\nbatch_size = \"full\"\n[model]\nhidden = [8]\n", 900},
    {"moons", "generator = \"moons\"\nnoise = 0.1", "[train]\nbatch_size = 32\n", 100},
    {"spirals", "generator = \"spirals\"", "[train]\nbatch_size = 32\n[model]\nhidden = [32, 32]\n", 400},
    {"sine", "generator = \"sine\"", "[train]\nbatch_size = 16\n", 150},
    {"linear", "generator = \"linear\"", "[train]\nbatch_size = \"full\"\n[model]\nhidden = []\n", 90},
    {"iris, full, momentum", "path = \"{}/iris.csv\"",
     "[train]\nbatch_size = \"full\"\n[optimizer]\nname = \"momentum\"\n", 180},
    {"sine, adam", "generator = \"sine\"", "[train]\nbatch_size = 16\n[optimizer]\nname = \"adam\"\n", 100},
    {"moons, full, relu", "generator = \"moons\"\nnoise = 0.1",
     "[train]\nbatch_size = \"full\"\n[model]\nhidden = [16, 16]\nactivation = \"relu\"\n", 270},
};

struct Rival {
  std::string name;
  double gamma = 0;
  double steps = 0;  // infinite: not reached
};

struct Comparison {
  double limit = 0, gamma = 0, best_gamma = 0;
  double steps = 0, best_steps = 0;  // in epochs
  double share = 0;                  // of the epochs of all arms in full
  std::vector<Rival> rivals;
};

inline double steepest_between(const std::vector<RangePoint>& p, std::size_t first, std::size_t behind, bool per_log) {
  double best = INFINITY, gamma = std::nan("");
  for (std::size_t i = first; i + behind < p.size(); ++i) {
    if (i == 0 || i + 1 >= p.size()) continue;
    double slope = (p[i + 1].loss - p[i - 1].loss) / 2;
    if (per_log) slope = (p[i + 1].loss - p[i].loss) / std::log(p[i + 1].gamma / p[i].gamma);
    if (slope < best) best = slope, gamma = p[i].gamma;
  }
  return gamma;
}

inline double fastai_valley(const std::vector<RangePoint>& p) {
  std::vector<std::size_t> length(p.size(), 1);
  std::size_t end = 0;
  for (std::size_t i = 0; i < p.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j)
      if (p[i].loss < p[j].loss) length[i] = std::max(length[i], length[j] + 1);
    if (length[i] > length[end]) end = i;
  }
  const std::size_t start = end + 1 - std::min(end + 1, length[end]);
  return p.empty() ? std::nan("") : p[start + (end - start) / 3 + (end - start) / 6].gamma;
}

inline std::vector<Rival> rival_rates(const RangeTest& test) {
  const std::vector<RangePoint>& all = test.points;
  std::vector<RangePoint> kept;
  const std::size_t first = all.size() / 10, last = all.size() > 5 ? all.size() - 5 : 0;
  for (std::size_t i = first; i < last; ++i) kept.push_back(all[i]);
  const auto lowest = std::ranges::min_element(kept, {}, &RangePoint::loss);
  return {{"fastai valley", fastai_valley(kept)},
          {"fastai steep", steepest_between(kept, 0, 0, true)},
          {"fastai minimum", lowest == kept.end() ? std::nan("") : lowest->gamma / 10},
          {"Lightning", steepest_between(all, 10, 1, false)},
          {"torch-lr-finder", steepest_between(all, 10, 5, false)}};
}

inline Config config_of(const Task& task, const std::string& datasets) {
  std::string data = task.data;
  if (const auto at = data.find("{}"); at != std::string::npos) data.replace(at, 2, datasets);
  Config config = parse_config(fmt::format("[data]\n{}\n{}", data, task.rest), "task.toml").config;
  config.train.epochs = task.epochs;
  config.tune.seeds = kSeeds;
  return config;
}

// The sweep against the same one without halving, which trains every arm in full.
struct Halving {
  Arm picked, winner;     // as the sweep of each saw them
  std::size_t place = 0;  // of the picked γ among all arms in full: 1 is the winner
  double share = 0;       // of the epochs that all arms in full trained
};

inline Halving compare_halving(Config config) {
  const std::atomic<bool> never{false};
  const auto chosen = [](const Tuning& tuning) {
    return *std::ranges::find(tuning.arms, std::string("chosen"), &Arm::verdict);
  };
  const Tuning cut = tune(config, {}, never);
  config.tune.halving = false;
  const Tuning full = tune(config, {}, never);
  Halving result{chosen(cut), chosen(full), 1, static_cast<double>(cut.epochs) / static_cast<double>(full.epochs)};
  const auto rank = [](const Arm& arm) {
    const auto last = [](double x) { return std::isnan(x) ? INFINITY : x; };
    return std::tuple(-arm.converged, last(arm.to_target), last(arm.figure));
  };
  const auto same = std::ranges::find(full.arms, result.picked.gamma, &Arm::gamma);
  for (const Arm& arm : full.arms) result.place += rank(arm) < rank(*same) ? 1 : 0;
  result.picked = *same;
  return result;
}

inline Comparison compare(const Task& task, const std::string& datasets) {
  const std::atomic<bool> never{false};
  Config config = config_of(task, datasets);
  const auto trained = [&](double gamma, int seed) {
    Config one = config;
    one.optimizer.learning_rate = gamma;
    one.run.seed += seed;
    return Trial().train(prepare(one), static_cast<std::size_t>(task.epochs), never);
  };
  const auto steps = [&](double gamma) {  // the median over the seeds, as epochs
    std::vector<double> epochs;
    for (int seed = 0; seed < kSeeds && gamma > 0; ++seed) {
      const TrialRecord record = trained(gamma, seed);
      epochs.push_back(record.reached ? static_cast<double>(record.epochs) : INFINITY);
    }
    std::ranges::sort(epochs);
    return epochs.empty() ? double(INFINITY) : epochs[epochs.size() / 2];
  };
  config.tune.sweep = false;
  Tuning measured = tune(config, {}, never);
  const double middle = std::isnan(measured.limit) ? 0.01 : measured.limit;
  std::vector<double> dense;
  for (int i = 0; i < 60; ++i) dense.push_back(middle * std::pow(10, -3 + 5.0 * i / 59));

  double best = INFINITY, start = 0;
  for (const double gamma : dense) {
    const TrialRecord record = trained(gamma, 0);
    start = record.figures.front();
    if (!record.diverged) best = std::min(best, *std::ranges::min_element(record.figures));
  }
  const double rows = static_cast<double>(prepare(config).train.size());
  config.train.loss_target = rows * (best + 0.05 * (start - best));

  Comparison c;
  c.limit = measured.limit;
  c.best_steps = INFINITY;
  for (const double gamma : dense)
    if (const double s = steps(gamma); s < c.best_steps) c.best_steps = s, c.best_gamma = gamma;
  c.rivals = rival_rates(*measured.range);
  for (Rival& rival : c.rivals) rival.steps = steps(rival.gamma);
  config.tune.sweep = true;
  const Tuning tuned = tune(config, {}, never);
  c.gamma = tuned.recommended;
  c.steps = steps(c.gamma);
  c.share = static_cast<double>(tuned.epochs) / static_cast<double>(tuned.exhaustive_epochs);
  return c;
}

}  // namespace descent::rates
