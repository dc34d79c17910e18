#include "trainers/report.hpp"

#include <cassert>

namespace descent {

std::string_view to_string(Reason reason) {
  switch (reason) {
    case Reason::gradient_small:
      return "gradient_small";
    case Reason::target_reached:
      return "target_reached";
    case Reason::loss_settled:
      return "loss_settled";
    case Reason::precision_limit:
      return "precision_limit";
    case Reason::no_descent:
      return "no_descent";
    case Reason::unbounded:
      return "unbounded";
    case Reason::early_stopping:
      return "early_stopping";
    case Reason::epoch_budget:
      return "epoch_budget";
    case Reason::time_budget:
      return "time_budget";
    case Reason::diverged:
      return "diverged";
    case Reason::interrupted:
      return "interrupted";
  }
  assert(false && "a Reason outside the enumeration");
  return "unknown";
}

std::optional<Reason> reason_called(std::string_view name) {
  for (int i = 0; i <= static_cast<int>(Reason::interrupted); ++i)
    if (const Reason reason = static_cast<Reason>(i); to_string(reason) == name) return reason;
  return std::nullopt;
}

Status status_of(Reason reason) {
  switch (reason) {
    case Reason::gradient_small:
    case Reason::target_reached:
    case Reason::loss_settled:
    case Reason::precision_limit:
      return Status::converged;
    case Reason::no_descent:
    case Reason::early_stopping:
    case Reason::epoch_budget:
    case Reason::time_budget:
      return Status::stopped;
    case Reason::diverged:
    case Reason::unbounded:
      return Status::diverged;
    case Reason::interrupted:
      return Status::interrupted;
  }
  assert(false && "a Reason outside the enumeration");
  return Status::stopped;
}

std::string_view to_string(Status status) {
  switch (status) {
    case Status::converged:
      return "converged";
    case Status::stopped:
      return "stopped";
    case Status::diverged:
      return "diverged";
    case Status::interrupted:
      return "interrupted";
  }
  assert(false && "a Status outside the enumeration");
  return "unknown";
}

}  // namespace descent
