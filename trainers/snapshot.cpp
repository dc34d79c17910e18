#include "trainers/snapshot.hpp"

#include "framework/error.hpp"
#include "framework/text.hpp"

#include <algorithm>

namespace descent {
namespace {

template <class Entries>
const auto& find(const Entries& entries, const std::string& name) {
  const auto found = std::ranges::find(
      entries, name, [](const auto& entry) -> const auto& { return entry.first; });
  if (found == entries.end())
    throw Error(Fault::data, "the checkpoint has no '{}'; it belongs to a run with other settings", printable(name));
  return found->second;
}

}  // namespace

bool can_go_on(Reason reason) {
  return reason == Reason::interrupted || reason == Reason::epoch_budget || reason == Reason::time_budget;
}

template <class Real>
Snapshot<Real> take(const Position& position, const State<Real>& state) {
  Snapshot<Real> snapshot;
  if (position.ended != nullptr) snapshot.ended = *position.ended;
  for (const auto& vector : state.vectors)
    snapshot.vectors.emplace_back(vector.name, std::vector<Real>(vector.values.begin(), vector.values.end()));
  for (const auto& number : state.numbers) snapshot.numbers.emplace_back(number.name, number.get());
  return snapshot;
}

template <class Real>
void restore(const State<Real>& state, const Snapshot<Real>& snapshot) {
  for (const auto& vector : state.vectors) {
    const std::vector<Real>& kept = find(snapshot.vectors, vector.name);
    if (kept.size() != vector.values.size())
      throw Error(Fault::data, "the checkpoint has {} numbers in '{}', and this run {}", kept.size(),
                  printable(vector.name), vector.values.size());
    std::ranges::copy(kept, vector.values.begin());
  }
  for (const auto& number : state.numbers) number.set(find(snapshot.numbers, number.name));
}

template Snapshot<float> take(const Position&, const State<float>&);
template Snapshot<double> take(const Position&, const State<double>&);
template void restore(const State<float>&, const Snapshot<float>&);
template void restore(const State<double>&, const Snapshot<double>&);

}  // namespace descent
