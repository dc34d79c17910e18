#include "app/runs/differences.hpp"

#include "framework/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace descent {
namespace {

constexpr std::size_t kMostKeys = 4;  // in a name

bool is_place(const std::string& key) { return key == "run.name" || key == "run.out_dir"; }

// "learning_rate" for "optimizer.learning_rate", unless another of the keys ends so too.
std::string short_name(const std::string& key, const std::vector<std::string>& keys) {
  const std::string last = key.substr(key.rfind('.') + 1);
  const auto alike =
      std::ranges::count_if(keys, [&](const std::string& other) { return other.substr(other.rfind('.') + 1) == last; });
  return alike > 1 ? key : last;
}

// The last part of a path that is a value.
std::string short_value(const std::string& key, const std::string& value) {
  const std::size_t slash = key.ends_with("path") ? value.rfind('/') : std::string::npos;
  return slash == std::string::npos ? value : value.substr(slash + 1);
}

}  // namespace

std::vector<SettingsRow> compare_settings(const std::vector<RecordedRun>& runs) {
  std::vector<SettingsRow> rows;
  for (std::size_t run = 0; run < runs.size(); ++run)
    for (const auto& [key, value] : runs[run].config) {
      auto row = std::ranges::find(rows, key, &SettingsRow::key);
      if (row == rows.end()) row = rows.insert(row, {key, std::vector<std::string>(runs.size()), false});
      row->values[run] = value;
    }
  for (SettingsRow& row : rows)
    row.differs = !is_place(row.key) &&
                  std::ranges::any_of(row.values, [&](const std::string& v) { return v != row.values.front(); });
  return rows;
}

std::vector<std::string> legend_names(const std::vector<RecordedRun>& runs) {
  std::vector<std::string> names(runs.size()), keys;
  const std::vector<SettingsRow> rows = compare_settings(runs);
  for (const SettingsRow& row : rows)
    if (row.differs && !row.key.starts_with("log.")) keys.push_back(row.key);
  if (keys.size() > kMostKeys) keys.clear();
  for (const SettingsRow& row : rows) {
    if (std::ranges::find(keys, row.key) == keys.end()) continue;
    const std::string key = short_name(row.key, keys);
    for (std::size_t run = 0; run < runs.size(); ++run) {
      const std::string value = row.values[run].empty() ? "–" : short_value(row.key, row.values[run]);
      names[run] += fmt::format("{}{} {}", names[run].empty() ? "" : ", ", key, value);
    }
  }
  const std::vector<std::string> told = names;
  for (std::size_t run = 0; run < runs.size(); ++run) {
    if (told[run].empty())
      names[run] = runs[run].name;
    else if (std::ranges::count(told, told[run]) > 1)
      names[run] += fmt::format(" ({})", runs[run].name);
  }
  return names;
}

}  // namespace descent
