#include "datasets/problems.hpp"

#include <algorithm>
#include <tuple>

namespace descent {

void Problems::report() {
  if (list_.empty()) return;
  std::stable_sort(list_.begin(), list_.end(), [](const Problem& a, const Problem& b) {
    return std::tie(a.place.line, a.place.column) < std::tie(b.place.line, b.place.column);
  });
  std::string text;
  for (std::size_t i = 0; i < std::min(list_.size(), kMost); ++i) {
    if (i > 0) text += '\n';
    text += to_string(list_[i].place) + ": " + list_[i].message;
  }
  if (full()) text += "\n… and more";
  throw Error(Fault::data, text);
}

}  // namespace descent
