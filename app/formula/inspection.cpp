#include "app/formula/inspection.hpp"

#include "app/formula/text.hpp"
#include "app/record/run_folder.hpp"
#include "framework/error.hpp"
#include "framework/text.hpp"

#include <filesystem>

namespace descent {
namespace {

using Json = nlohmann::ordered_json;

std::string text_of(const Json& json, const char* key) {
  return json.is_object() && json.contains(key) && json[key].is_string() ? json[key].get<std::string>() : "";
}

bool is_true(const Json& json, const char* key) { return json.is_object() && json.value(key, Json()) == Json(true); }

std::string line(const char* name, const std::string& value) {
  return wrapped(fmt::format("{:<9}{}", name, printable(value, 2000)), "         ");
}

// "x=3, y=-2"
std::string point_of(const Json& json) {
  std::string text;
  for (const auto& [name, value] : json.items())
    text += fmt::format("{}{}={}", text.empty() ? "" : ", ", name,
                        value.is_number() ? shortest(value.get<double>()) : "nothing finite");
  return text;
}

std::string last_epoch(const RecordedRun& record) {
  std::string text = fmt::format("epoch {}", record.epochs.back());
  for (std::size_t k = 0; k < record.columns.size(); ++k)
    text += fmt::format(", {} {:.6g}", record.columns[k], record.values[k].back());
  return text;
}

}  // namespace

std::optional<RecordedRun> formula_run_at(const std::string& path) {
  std::error_code ignored;
  const std::filesystem::path folder = path;
  if (!std::filesystem::is_directory(folder, ignored) || std::filesystem::exists(folder / RunFolder::kModel, ignored))
    return std::nullopt;
  try {
    RecordedRun record = read_run(path);
    if (!record.formula().empty()) return record;
  } catch (const Error&) {
  }
  return std::nullopt;
}

std::string describe_formula_run(const RecordedRun& record) {
  const Json& result = record.result;
  std::string text = line("formula", record.formula() + (is_true(record.start, "maximize") ? ", maximised" : ""));
  text += line("method", text_of(record.start, "method"));
  if (!result.is_object())
    return text + line("so far", last_epoch(record)) + "\nThe run has not ended, or was killed.\n";
  if (result.contains("start")) text += line("start", point_of(result["start"]));
  if (result.contains("x")) text += line("end", point_of(result["x"]));
  text += line("verdict", text_of(result, "status") + ", " + text_of(result, "verdict"));
  text += '\n' + wrapped(text_of(result, "sentence") + ".") + wrapped(text_of(result, "what") + ".");
  return text;
}

}  // namespace descent
