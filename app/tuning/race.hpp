// Whom a sweep trains how far. It reads records and trains nothing, so that the same records decide the same, whoever
// made them in whatever order.
//
// The winner is the arm that comes first within 1 % of the best figure of all (or to train.loss_target), by the median
// of its seeds. To find it without training every arm in full:
//
// 1. Rounds. All arms train a twelfth of the epochs, half of them a quarter, and of these as many all epochs as 36 % of
//    what the exhaustive sweep trains pay for. The seeds name who goes on, in turn: each the arm that has the best
//    figure with it, then the second best and so on. What is best with one seed only may yet come first; a median would
//    not show it. A third of the places go to the next larger γ instead, as short runs favour small ones: Wu, Ren, Liao
//    & Grosse, "Understanding short-horizon bias in stochastic meta-optimization", ICLR 2018.
// 2. Then who came first is trained in full, as is who came as early; and who was left behind before that time until
//    then, in the order of their ranks while 38 % last.
//
// Arms go on where they stood, so that a round costs what it adds to the one before. The rounds are those of successive
// halving: Jamieson & Talwalkar, "Non-stochastic best arm identification and hyperparameter optimization", AISTATS
// 2016.
#pragma once

#include "app/tuning/tune_trial.hpp"

#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace descent {

struct Stretch {
  std::size_t arm = 0, epochs = 0;  // train it until it has so many in all
};

// How an arm looks after what it has trained.
struct Standing {
  double converged = 0;  // share of its seeds that stayed finite and got below their start
  // Epochs to the target, median over seeds; infinite: not yet.
  double arrival = std::numeric_limits<double>::infinity();
  double figure = std::numeric_limits<double>::infinity();  // the best of its epochs, median over seeds
  std::size_t epochs = 0;                                   // trained, the most of its seeds
};

class Race {
 public:
  struct Options {
    std::size_t seeds = 1;
    std::size_t epochs = 1;   // in full
    bool halving = true;      // false: every arm in full
    bool has_target = false;  // trials end at train.loss_target
  };

  // changes[i]: of arm i. Arms of a change stand together, γ ascending.
  Race(std::vector<std::string> changes, const Options& options);

  // What to train next: all of it, then next() again. Empty: the race is over.
  std::vector<Stretch> next();
  void enter(std::size_t arm, std::size_t seed, TrialRecord record) { records_[arm][seed] = std::move(record); }
  // Where it has ended, there is nothing left to train.
  const TrialRecord& record(std::size_t arm, std::size_t seed) const { return records_[arm][seed]; }

  // The rest as of the last next().

  // None where no arm converged with any seed.
  std::optional<std::size_t> leader() const { return leader_; }
  const Standing& standing(std::size_t arm) const { return standings_[arm]; }
  double target() const { return target_; }  // NaN with train.loss_target, and where most seeds of all arms failed
  std::size_t trained() const;               // epochs of all trials
  std::size_t rounds() const { return rounds_.size(); }
  std::size_t rounds_of(std::size_t arm) const;  // how many of them it has trained; all: in full

 private:
  using Arms = std::vector<std::size_t>;

  void judge();
  void judge_arm(std::size_t arm);
  double epochs_to_target(std::size_t arm) const;
  bool is_before(std::size_t a, std::size_t b) const;
  std::size_t best_figure(const Arms& arms) const;
  Arms converging(const Arms& arms) const;
  Arms go_on() const;
  std::size_t places() const;
  Arms named_by_seeds() const;
  Arms larger_rates(const Arms& chosen) const;
  std::vector<Stretch> settle();
  bool has_ended(std::size_t arm) const;
  double in_full() const;
  std::vector<Stretch> hand_out(const std::vector<Stretch>& stretches);

  std::vector<std::string> changes_;
  Options options_;
  std::vector<std::size_t> rounds_;                // epochs at their ends, the last in full
  std::size_t round_ = 0;                          // begun
  Arms alive_;                                     // in the rounds
  std::vector<std::vector<TrialRecord>> records_;  // [arm][seed]
  std::vector<std::size_t> asked_;                 // epochs of each arm
  std::vector<Standing> standings_;
  double target_ = std::numeric_limits<double>::quiet_NaN();
  std::optional<std::size_t> leader_;
};

}  // namespace descent
