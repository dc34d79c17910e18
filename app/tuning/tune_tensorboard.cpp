#include "app/tuning/tune_tensorboard.hpp"

#include "app/config/json.hpp"
#include "app/record/event_file.hpp"
#include "app/record/tensorboard.hpp"

#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <map>
#include <set>

namespace descent {
namespace {

std::set<std::string> varied_settings(const Tuning& tuning) {
  std::set<std::string> names = {"optimizer.learning_rate"};
  for (const Arm& arm : tuning.arms)
    for (const Difference& difference : differences(tuning.arms.front().config, arm.config))
      names.insert(difference.key);
  return names;
}

}  // namespace

void write_trials(const std::string& folder, const Tuning& tuning) {
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  const std::set<std::string> varied = varied_settings(tuning);
  for (std::size_t i = 0; i < tuning.arms.size(); ++i) {
    const Arm& arm = tuning.arms[i];
    EventFile events(fmt::format("{}/{:02}", folder, i + 1));
    std::map<std::string, HyperParameter> settings = hyper_parameters(arm.config);
    std::erase_if(settings, [&](const auto& setting) { return !varied.contains(setting.first); });
    events.hyper_parameters(settings);
    std::vector<std::pair<std::string, double>> figures = {{"converged", arm.converged}};
    if (!std::isnan(arm.figure)) figures.emplace_back("best_" + tuning.figure + "_per_row", arm.figure);
    if (!std::isnan(arm.to_target)) figures.emplace_back("epochs_to_target", arm.to_target);
    events.scalars(static_cast<std::int64_t>(arm.epochs), figures);
    events.end(arm.converged > 0);
    events.flush();
  }
}

}  // namespace descent
