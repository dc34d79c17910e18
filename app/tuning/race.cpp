#include "app/tuning/race.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

namespace descent {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kClose = 0.01;  // of the fall from the start to the best figure: near enough to have arrived
constexpr double kFirstRound = 1.0 / 12, kSecondRound = 1.0 / 4;  // of all epochs
constexpr double kSecondPlaces = 0.5;                             // of the arms
constexpr double kLastPlaces = 0.36, kAtMost = 0.38;              // of the epochs of all arms in full
constexpr std::size_t kLargerRates = 3;                           // one place in so many
constexpr double kLost = 9;                                       // times the start's size above it: will diverge

// Of an even number the larger of the two in the middle, not their mean: who has the best figure has then met it with
// more than half of its seeds, and so arrived.
double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

double best_of(const TrialRecord& record) {
  double best = kInfinity;
  for (std::size_t i = 1; i < record.figures.size(); ++i)
    if (record.figures[i] < best) best = record.figures[i];  // never true of NaN
  return best;
}

// Of a fall from infinity any share is infinite; there it is a share of the figure. NaN where nobody has one.
double near(double figure, double start) {
  if (!std::isfinite(figure)) return std::numeric_limits<double>::quiet_NaN();
  return figure + kClose * (std::isfinite(start) ? start - figure : std::abs(figure));
}

template <class Container>
bool contains(const Container& all, const typename Container::value_type& one) {
  return std::ranges::find(all, one) != all.end();
}

}  // namespace

Race::Race(std::vector<std::string> changes, const Options& options)
    : changes_(std::move(changes)),
      options_(options),
      alive_(changes_.size()),
      records_(changes_.size(), std::vector<TrialRecord>(options.seeds)),
      asked_(changes_.size()),
      standings_(changes_.size()) {
  std::iota(alive_.begin(), alive_.end(), std::size_t{0});
  for (const double share : {kFirstRound, kSecondRound}) {
    const auto end = static_cast<std::size_t>(std::max(1L, std::lround(share * static_cast<double>(options.epochs))));
    if (options.halving && end < options.epochs && !contains(rounds_, end)) rounds_.push_back(end);
  }
  rounds_.push_back(options.epochs);
}

std::vector<Stretch> Race::next() {
  if (round_ > 0) {
    judge();
    alive_ = converging(alive_);
    if (!leader_) return {};
    // Who has arrived at train.loss_target before the others' epochs were up cannot be overtaken by them.
    const bool has_arrived = options_.has_target && standings_[*leader_].arrival < kInfinity;
    if (has_arrived || alive_.empty()) round_ = rounds_.size();
  }
  if (round_ == rounds_.size()) return settle();
  if (round_ > 0) alive_ = go_on();
  std::vector<Stretch> stretches;
  for (const std::size_t i : alive_) stretches.push_back({i, rounds_[round_]});
  ++round_;
  return hand_out(stretches);
}

std::vector<Stretch> Race::hand_out(const std::vector<Stretch>& stretches) {
  for (const Stretch& stretch : stretches) asked_[stretch.arm] = stretch.epochs;
  return stretches;
}

std::size_t Race::trained() const {
  std::size_t epochs = 0;
  for (const auto& seeds : records_)
    for (const TrialRecord& record : seeds) epochs += record.epochs;
  return epochs;
}

bool Race::has_ended(std::size_t arm) const { return std::ranges::all_of(records_[arm], &TrialRecord::ended); }

std::size_t Race::rounds_of(std::size_t arm) const {
  if (std::ranges::all_of(records_[arm], &TrialRecord::reached)) return rounds_.size();
  return static_cast<std::size_t>(std::ranges::count_if(rounds_, [&](std::size_t end) { return end <= asked_[arm]; }));
}

// What all arms in full would train, as far as it can be told.
double Race::in_full() const {
  std::size_t epochs = 0;
  for (const auto& seeds : records_)
    for (const TrialRecord& record : seeds) {
      const double start = record.figures.front();
      const bool lasts = !record.ended && best_of(record) < start + kLost * std::abs(start);
      epochs += lasts ? options_.epochs : record.epochs;
    }
  return static_cast<double>(epochs);
}

void Race::judge() {
  for (std::size_t i = 0; i < records_.size(); ++i) judge_arm(i);
  Arms all(records_.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  const Arms converged = converging(all);
  leader_.reset();
  if (converged.empty()) return;
  if (!options_.has_target) {
    const std::size_t best = best_figure(converged);
    std::vector<double> starts;
    for (const TrialRecord& record : records_[best]) starts.push_back(record.figures.front());
    target_ = near(standings_[best].figure, median(starts));
  }
  for (const std::size_t i : all) standings_[i].arrival = epochs_to_target(i);
  leader_ = *std::ranges::min_element(converged, [&](std::size_t a, std::size_t b) { return is_before(a, b); });
}

void Race::judge_arm(std::size_t arm) {
  Standing& standing = standings_[arm];
  std::vector<double> best;
  std::size_t converged = 0;
  standing.epochs = 0;
  for (const TrialRecord& record : records_[arm]) {
    standing.epochs = std::max(standing.epochs, record.epochs);
    best.push_back(record.diverged ? kInfinity : best_of(record));
    converged += best.back() < record.figures.front() ? 1 : 0;
  }
  standing.converged = static_cast<double>(converged) / static_cast<double>(options_.seeds);
  standing.figure = median(best);
}

double Race::epochs_to_target(std::size_t arm) const {
  std::vector<double> epochs;
  for (const TrialRecord& record : records_[arm]) {
    const auto at = std::ranges::find_if(record.figures, [&](double figure) { return figure <= target_; });
    const bool arrived = options_.has_target ? record.reached : !record.diverged && at != record.figures.end();
    const auto when = options_.has_target ? record.epochs : static_cast<std::size_t>(at - record.figures.begin());
    epochs.push_back(arrived ? static_cast<double>(when) : kInfinity);
  }
  return median(epochs);
}

bool Race::is_before(std::size_t a, std::size_t b) const {
  const auto rank = [&](std::size_t i) {
    const Standing& standing = standings_[i];
    return std::tuple(-standing.converged, standing.arrival, standing.figure);
  };
  return rank(a) < rank(b);
}

std::size_t Race::best_figure(const Arms& arms) const {
  return *std::ranges::min_element(
      arms, {}, [&](std::size_t i) { return std::pair(-standings_[i].converged, standings_[i].figure); });
}

Race::Arms Race::converging(const Arms& arms) const {
  Arms some;
  std::ranges::copy_if(arms, std::back_inserter(some), [&](std::size_t i) { return standings_[i].converged > 0; });
  return some;
}

// Those of alive_ who are in the next round.
Race::Arms Race::go_on() const {
  const std::size_t places = this->places();
  if (places >= alive_.size()) return alive_;
  const Arms named = named_by_seeds();
  Arms chosen(named.begin(), named.begin() + static_cast<std::ptrdiff_t>(places - places / kLargerRates));
  for (const std::size_t i : larger_rates(chosen))
    if (chosen.size() < places) chosen.push_back(i);
  for (const std::size_t i : named)
    if (chosen.size() < places && !contains(chosen, i)) chosen.push_back(i);
  const std::size_t best = best_figure(alive_);
  if (!contains(chosen, best)) chosen.back() = best;  // what the others are measured by
  std::ranges::sort(chosen);
  return chosen;
}

std::size_t Race::places() const {
  const auto full = static_cast<double>(options_.epochs), seeds = static_cast<double>(options_.seeds);
  const double left = full - static_cast<double>(rounds_[round_ - 1]);
  const double places = round_ + 1 == rounds_.size()
                            ? (kLastPlaces * in_full() - static_cast<double>(trained())) / (seeds * left)
                            : std::round(kSecondPlaces * in_full() / (seeds * full));
  return static_cast<std::size_t>(std::max(1.0, places));
}

// All of alive_, in the order in which the seeds, in turn, name them.
Race::Arms Race::named_by_seeds() const {
  std::vector<Arms> lists(options_.seeds, alive_);
  for (std::size_t seed = 0; seed < options_.seeds; ++seed)
    std::ranges::stable_sort(lists[seed], {}, [&](std::size_t i) {
      const TrialRecord& record = records_[i][seed];
      return std::pair(record.reached ? static_cast<double>(record.epochs) : kInfinity,
                       record.diverged ? kInfinity : best_of(record));
    });
  Arms named;
  for (std::size_t k = 0; k < alive_.size(); ++k)
    for (const Arms& list : lists)
      if (!contains(named, list[k])) named.push_back(list[k]);
  return named;
}

// Of alive_ those with the change of a chosen arm and γ above all chosen of that change, ascending; those of the change
// in front first.
Race::Arms Race::larger_rates(const Arms& chosen) const {
  std::vector<std::string> changes;
  for (const std::size_t i : chosen)
    if (!contains(changes, changes_[i])) changes.push_back(changes_[i]);
  Arms larger;
  for (const std::string& change : changes) {
    std::size_t most = 0;
    for (const std::size_t i : chosen)
      if (changes_[i] == change) most = std::max(most, i);
    for (const std::size_t i : alive_)
      if (changes_[i] == change && i > most) larger.push_back(i);
  }
  return larger;
}

// After the rounds: what could still change who is first. Trials that end on the way cost less than is counted here.
std::vector<Stretch> Race::settle() {
  if (asked_[*leader_] < options_.epochs && !has_ended(*leader_)) return hand_out({{*leader_, options_.epochs}});
  const double arrival = standings_[*leader_].arrival;
  if (arrival == kInfinity) return {};
  Arms all(records_.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  Arms ranked = converging(all);
  std::ranges::stable_sort(ranked, [&](std::size_t a, std::size_t b) { return is_before(a, b); });
  const double most = kAtMost * in_full();
  auto cost = static_cast<double>(trained());
  std::vector<Stretch> stretches;
  for (const std::size_t i : ranked) {
    const double when = standings_[i].arrival;
    const std::size_t end = when == arrival     ? options_.epochs
                            : when == kInfinity ? static_cast<std::size_t>(std::ceil(arrival))
                                                : 0;
    if (end <= asked_[i] || has_ended(i)) continue;
    const auto price = static_cast<double>((end - asked_[i]) * options_.seeds);
    if (cost + price > most) continue;
    cost += price;
    stretches.push_back({i, end});
  }
  return hand_out(stretches);
}

}  // namespace descent
