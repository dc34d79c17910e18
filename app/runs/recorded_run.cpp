#include "app/runs/recorded_run.hpp"

#include "app/config/fields.hpp"
#include "app/config/syntax.hpp"
#include "app/record/run_folder.hpp"
#include "framework/error.hpp"
#include "framework/text.hpp"
#include "models/file_io.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <sstream>

namespace descent {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// What is written nests a few levels; of what nests very deep, a copy would take more than the stack holds.
bool nests_too_deep(std::string_view text) {
  constexpr int kDeepest = 100;
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '\\')
      ++i;
    else if (c == '"')
      quoted = !quoted;
    else if (!quoted && (c == '[' || c == '{') && ++depth > kDeepest)
      return true;
    else if (!quoted && (c == ']' || c == '}'))
      --depth;
  }
  return false;
}

// Discarded where the text is no JSON.
Json parsed(std::string_view text) {
  return nests_too_deep(text) ? Json(Json::value_t::discarded) : Json::parse(text, nullptr, false);
}

// {section: {key: value}}, as the config of a start event is written.
bool is_config(const Json& json) {
  return json.is_object() && std::ranges::all_of(json, [](const Json& section) { return section.is_object(); });
}

std::string text_of(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_float()) return shortest(value.get<double>());
  if (value.is_array()) {
    std::vector<std::string> parts;
    for (const Json& element : value) parts.push_back(text_of(element));
    return "[" + join(parts) + "]";
  }
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json to_json(const toml::node& node) {
  if (const toml::table* table = node.as_table()) {
    Json json = Json::object();
    for (auto&& [key, value] : *table) json[std::string(key.str())] = to_json(value);
    return json;
  }
  if (const toml::array* array = node.as_array()) {
    Json json = Json::array();
    for (const toml::node& element : *array) json.push_back(to_json(element));
    return json;
  }
  if (const auto text = node.value_exact<std::string>()) return *text;
  if (const auto truth = node.value_exact<bool>()) return *truth;
  if (const auto whole = node.value_exact<std::int64_t>()) return *whole;
  if (const auto number = node.value<double>()) return *number;
  return nullptr;
}

// In the order in which people know them; what nobody knows comes last.
void sort_settings(std::vector<Setting>& settings) {
  const std::vector<std::string> known = field_paths();
  std::ranges::stable_sort(
      settings, {}, [&](const Setting& setting) { return std::ranges::find(known, setting.first) - known.begin(); });
}

// Index of the lowest number, or the highest; nothing when there is none.
std::optional<std::size_t> best_of(const std::vector<double>& values, bool highest) {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < values.size(); ++i)
    if (std::isfinite(values[i]) && (!best || (highest ? values[i] > values[*best] : values[i] < values[*best])))
      best = i;
  return best;
}

}  // namespace

const std::vector<double>* RecordedRun::find(std::string_view column) const {
  const auto found = std::ranges::find(columns, column);
  return found == columns.end() ? nullptr : &values[static_cast<std::size_t>(found - columns.begin())];
}

std::size_t RecordedRun::count(const char* key) const {
  if (!start.is_object() || !start.contains(key) || !start[key].is_number_integer()) return 0;
  return static_cast<std::size_t>(std::max<std::int64_t>(start[key].get<std::int64_t>(), 0));
}

std::string RecordedRun::formula() const {
  return start.is_object() && start.contains("formula") && start["formula"].is_string()
             ? start["formula"].get<std::string>()
             : "";
}

bool RecordedRun::maximizes() const { return start.is_object() && start.value("maximize", Json()) == true; }

const char* RecordedRun::gradient_name() const {
  if (formula().empty()) return "‖∇L‖";
  const Json scale = start.value(Json::json_pointer("/config/objective/scale"), Json("none"));
  return scale == "none" || scale == "" ? "‖∇f‖" : "‖D∇f‖";
}

std::string RecordedRun::setting(std::string_view key) const {
  const auto found = std::ranges::find(config, key, &Setting::first);
  return found == config.end() ? "" : found->second;
}

std::string RecordedRun::verdict() const {
  if (!result.is_object() || !result.contains("verdict")) return "";
  const Json& verdict = result["verdict"];
  if (verdict.is_string()) return verdict.get<std::string>();
  if (verdict.is_object() && verdict.value("kind", Json()) != "skipped")
    for (const char* key : {"sentence", "text", "what", "kind"})
      if (verdict.contains(key) && verdict[key].is_string()) return verdict[key].get<std::string>();
  return "";
}

double RecordedRun::best_epoch() const {
  for (const Json& event : {end, result}) {
    if (!event.is_object() || !event.contains("kept_epoch") || !event["kept_epoch"].is_number()) continue;
    const double kept = event["kept_epoch"].get<double>();
    if (!epochs.empty() && kept > 0 && kept < epochs.back()) return kept;
  }
  if (const std::vector<double>* validation = find("val_loss"))
    if (const auto best = best_of(*validation, false)) return epochs[*best];
  for (const char* name : {"train_loss", "running_loss"})
    if (const std::vector<double>* loss = find(name))
      if (const auto best = best_of(*loss, maximizes()); best && *best + 1 < epochs.size()) return epochs[*best];
  return kNaN;
}

void RecordReader::add(std::string_view bytes) {
  rest_ += bytes;
  std::size_t from = 0;
  for (std::size_t end; (end = rest_.find('\n', from)) != std::string::npos; from = end + 1) {
    ++lines_;
    line(std::string_view(rest_).substr(from, end - from));
  }
  rest_.erase(0, from);
}

void RecordReader::line(std::string_view text) {
  if (text.empty()) return;
  const Json event = parsed(text);
  if (!event.is_object())
    throw Error(Fault::data, "{}:{}: no event but '{}'; expected a JSON object a line; is the file damaged?", path_,
                lines_, printable(text, 40));
  const Json kind = event.value("event", Json());
  if (kind == "start" && !record_.start.is_object()) {
    if (const auto config = event.find("config"); config != event.end() && !is_config(*config))
      throw Error(Fault::data,
                  "{}:{}: the config of the start is '{}'; expected an object of sections, such as {{\"train\": "
                  "{{\"epochs\": 5}}}}; without this line the settings are those of config.toml",
                  path_, lines_, printable(text_of(*config), 40));
    record_.start = event;
  }
  if (kind == "end") record_.end = event;
  if (kind == "resume" || kind == "epoch") record_.end = nullptr;  // a resumed run goes on after an end
  // A resumed run may have been given more epochs.
  if (kind == "resume" && event.contains("epochs") && record_.start.is_object() && record_.start.contains("config"))
    record_.start["config"]["train"]["epochs"] = event["epochs"];
  if (kind != "epoch") return;
  epoch(event);
}

void RecordReader::epoch(const Json& event) {
  constexpr std::uint64_t kMostExact = std::uint64_t{1} << 53;
  if (!event.contains("epoch") || !event["epoch"].is_number_unsigned() || event["epoch"] > kMostExact)
    throw Error(Fault::data, "{}:{}: an epoch without its number; expected \"epoch\": 1, 2, …", path_, lines_);
  const double epoch = event["epoch"].get<double>();
  const auto same = std::ranges::lower_bound(record_.epochs, epoch);
  const auto rows = static_cast<std::size_t>(same - record_.epochs.begin());
  record_.epochs.resize(rows);
  for (std::vector<double>& column : record_.values) column.resize(rows);
  record_.epochs.push_back(epoch);
  for (auto&& [key, value] : event.items()) {
    if (key == "event" || key == "epoch" || !(value.is_number() || value.is_null())) continue;
    auto at = static_cast<std::size_t>(std::ranges::find(record_.columns, key) - record_.columns.begin());
    if (at == record_.columns.size()) {
      record_.columns.push_back(key);
      record_.values.emplace_back(rows, kNaN);
    }
    record_.values[at].push_back(value.is_null() ? kNaN : value.get<double>());
  }
  for (std::vector<double>& column : record_.values) column.resize(rows + 1, kNaN);
}

std::string metrics_path(const std::string& folder) {
  std::error_code ignored;
  const fs::path given(folder);
  if (!fs::exists(given, ignored))
    throw Error(Fault::usage,
                "there is no run '{}'; expected the folder of a run, such as runs/2026-11-24_10-00-00_iris",
                printable(folder, 400));
  if (given.filename() == RunFolder::kMetricsJson) return folder;
  const fs::path metrics = given / RunFolder::kMetricsJson;
  if (!fs::is_directory(given, ignored) || !fs::exists(metrics, ignored))
    throw Error(Fault::usage,
                "'{}' is not the folder of a run: it holds no {}; expected what descent train made, such "
                "as runs/2026-11-24_10-00-00_iris",
                printable(folder, 400), RunFolder::kMetricsJson);
  return metrics.string();
}

std::string run_of(const std::string& metrics_path) {
  const std::string folder = fs::path(metrics_path).parent_path().string();
  return folder.empty() ? "." : folder;
}

Json read_result(const std::string& folder) {
  const std::string path = (fs::path(folder) / RunFolder::kResult).string();
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return nullptr;
  Json json = parsed(read_file(path));
  if (!json.is_object()) throw Error(Fault::data, "{}: not a JSON object; delete it to do without", path);
  return json;
}

RecordedRun read_run(const std::string& folder) {
  const std::string path = metrics_path(folder);
  RecordReader reader(path);
  reader.add(read_file(path));
  RecordedRun record = reader.record();
  record.folder = run_of(path);
  const fs::path home(record.folder);
  record.name = fs::weakly_canonical(home).filename().string();
  if (record.epochs.empty())
    throw Error(Fault::data, "{}: no epoch was logged; the run has only begun, or ended before its first", path);
  record.result = read_result(home.string());
  record.config = run_settings(record, home.string());
  return record;
}

std::vector<Setting> run_settings(const RecordedRun& record, const std::string& folder) {
  if (record.start.is_object() && record.start.contains("config")) return flat_settings(record.start["config"]);
  const std::string path = (fs::path(folder) / RunFolder::kConfig).string();
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return {};
  return flat_settings(read_file(path), path);
}

std::vector<Setting> flat_settings(const Json& config) {
  std::vector<Setting> settings;
  if (!config.is_object()) return settings;
  for (auto&& [section, keys] : config.items()) {
    if (!keys.is_object()) {
      settings.emplace_back(section, text_of(keys));
      continue;
    }
    for (auto&& [key, value] : keys.items()) settings.emplace_back(section + "." + key, text_of(value));
  }
  sort_settings(settings);
  return settings;
}

std::vector<Setting> flat_settings(std::string_view toml, const std::string& path) {
  ConfigErrors errors(path, toml);
  const std::optional<toml::table> table = parse_toml(toml, errors);
  errors.throw_if_any();
  return flat_settings(to_json(*table));
}

}  // namespace descent
