#include "app/runs/run_state.hpp"

#include "app/record/run_folder.hpp"
#include "trainers/report.hpp"

#include <fmt/format.h>

#include <filesystem>

namespace descent {
namespace {

RunState state_at(const nlohmann::ordered_json& end) {
  return end.value("reason", nlohmann::ordered_json()) == to_string(Reason::interrupted) ? RunState::interrupted
                                                                                         : RunState::ended;
}

}  // namespace

RunState state_of(const RecordedRun& record, const std::string& folder) {
  if (record.end.is_object()) return state_at(record.end);
  std::error_code ignored;
  if (!std::filesystem::exists(std::filesystem::path(folder) / RunFolder::kConfig, ignored))
    return RunState::unfinished;
  const std::optional<bool> training = is_training(folder);
  if (training == true) return RunState::running;
  // A run whose metrics files could not be written to their end has a result all the same.
  if (const nlohmann::ordered_json result = read_result(folder); result.is_object()) return state_at(result);
  return training ? RunState::killed : RunState::unfinished;
}

std::string state_text(RunState state, const RecordedRun& record, const std::string& folder) {
  const std::string at =
      record.epochs.empty() ? "before its first epoch" : fmt::format("in epoch {}", record.epochs.back() + 1);
  switch (state) {
    case RunState::running:
      return record.epochs.empty() ? "is running, in its first epoch"
                                   : fmt::format("is running, epoch {} so far", record.epochs.back());
    case RunState::killed:
      return fmt::format("was killed {}; go on with {}", at, resume_command(folder));
    case RunState::unfinished:
      return fmt::format("has not ended, or was killed {}", at);
    case RunState::interrupted:
      return "was interrupted; go on with " + resume_command(folder);
    case RunState::ended:
      break;
  }
  return "";
}

}  // namespace descent
