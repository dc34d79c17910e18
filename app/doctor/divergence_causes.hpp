// The causes of divergence as rows of one table, each with its test.
#pragma once

#include "app/doctor/patient.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace descent {

// Evidence for a cause: what was found, and the changes of one setting that would mend it, the best first.
struct Suspicion {
  std::string sentence;
  std::vector<std::string> sets;
};

struct DivergenceCause {
  std::string_view name;  // as in result.json; a name may have several rows, with weaker evidence further down
  std::optional<Suspicion> (*suspect)(Patient& patient);
};

// In the order of evidence: what is wrong beyond doubt first, a γ that merely might be smaller last.
std::span<const DivergenceCause> cause_table();

}  // namespace descent
