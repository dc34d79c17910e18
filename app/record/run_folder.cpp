#include "app/record/run_folder.hpp"

#include "framework/error.hpp"
#include "framework/text.hpp"
#include "models/file_io.hpp"

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <sys/file.h>
#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <thread>

namespace descent {
namespace {

std::string now_for_a_name() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d_%H-%M-%S", &local);
  return text;
}

std::vector<std::uint32_t> rows_from(const nlohmann::json& json, const char* key, const std::string& path) {
  try {
    return json.at(key).get<std::vector<std::uint32_t>>();
  } catch (const nlohmann::json::exception&) {
    throw Error(Fault::data, "{}: no list of rows '{}' in it", path, key);
  }
}

// What to do with the folder of a run that has no model yet; "" for other folders.
std::string what_there_is(const std::string& run) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  if (!fs::exists(fs::path(run) / RunFolder::kConfig, ignored)) return "";
  const std::optional<bool> training = is_training(run);
  std::string text = !training   ? "; this one has not ended, or was killed"
                     : *training ? "; this one is still training"
                                 : "; this one was killed; go on with " + resume_command(run);
  if (const fs::path last = fs::path(run) / RunFolder::kLast; fs::exists(last, ignored))
    text += fmt::format("; its newest checkpoint {} is a model too", printable(last.string(), 400));
  return text;
}

}  // namespace

RunFolder::RunFolder(const std::string& out_dir, const std::string& name) {
  std::error_code failure;
  std::filesystem::create_directories(out_dir, failure);
  if (failure)
    throw Error(Fault::runtime, "cannot make the folder '{}': {}; set run.out_dir", out_dir, failure.message());
  const std::string base = (std::filesystem::path(out_dir) / fmt::format("{}_{}", now_for_a_name(), name)).string();
  for (int attempt = 1;; ++attempt) {
    path_ = attempt == 1 ? base : fmt::format("{}_{}", base, attempt);
    if (std::filesystem::create_directory(path_, failure)) return;
    if (failure)
      throw Error(Fault::runtime, "cannot make the folder '{}': {}; set run.out_dir", path_, failure.message());
  }
}

RunFolder RunFolder::existing(const std::string& path) {
  RunFolder folder;
  folder.path_ = path;
  std::error_code ignored;
  if (!std::filesystem::exists(folder.file(kConfig), ignored))
    throw Error(Fault::usage, "'{}' is no folder of a run: there is no {} in it", printable(path, 400), kConfig);
  return folder;
}

RunLock::RunLock(const std::string& folder) : folder_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  if (folder_ < 0)
    throw Error(Fault::runtime, "cannot open the folder '{}': {}", printable(folder, 400), std::strerror(errno));
  // Who only looks whether somebody trains holds the lock for a moment.
  constexpr int kTries = 10;
  for (int attempt = 0; attempt < kTries; ++attempt) {
    if (::flock(folder_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  ::close(folder_);
  throw Error(Fault::runtime, "another program is training in '{}'; a run belongs to one at a time",
              printable(folder, 400));
}

RunLock::~RunLock() { ::close(folder_); }

std::optional<bool> is_training(const std::string& folder) {
  const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return std::nullopt;
  // As RunLock asks for it: a shared lock would be granted where theirs is not known.
  std::optional<bool> answer;
  if (::flock(file, LOCK_EX | LOCK_NB) == 0)
    answer = false;
  else if (errno == EWOULDBLOCK)
    answer = true;
  ::close(file);
  return answer;
}

std::string resume_command(const std::string& folder) {
  const bool option = folder.starts_with('-');
  return "descent train --resume " + shell_word((option ? "./" : "") + printable(folder, 400));
}

std::string RunFolder::file(std::string_view name) const { return (std::filesystem::path(path_) / name).string(); }

std::string run_name(const Config& config, const std::string& config_path) {
  constexpr std::size_t kLongest = 100;
  if (!config.run.name.empty()) return config.run.name;
  std::string name = config_path == "-" ? "" : std::filesystem::path(config_path).stem().string();
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '_' && c != '.') c = '_';
  if (name.size() > kLongest) name.resize(kLongest);
  return name.empty() || name == "." || name == ".." ? "run" : name;
}

void save_split(const std::string& path, const Split& split) {
  const nlohmann::ordered_json json = {{"train", split.train}, {"validation", split.validation}, {"test", split.test}};
  write_file_atomically(path, json.dump() + "\n");
}

Split load_split(const std::string& path) {
  const nlohmann::json json = nlohmann::json::parse(read_file(path), nullptr, false);
  if (json.is_discarded()) throw Error(Fault::data, "{}: not JSON", path);
  return {rows_from(json, "train", path), rows_from(json, "validation", path), rows_from(json, "test", path)};
}

std::string model_path(const std::string& model_or_run) {
  std::error_code ignored;
  if (!std::filesystem::is_directory(model_or_run, ignored)) return model_or_run;
  const std::filesystem::path path = std::filesystem::path(model_or_run) / RunFolder::kModel;
  if (!std::filesystem::exists(path, ignored))
    throw Error(Fault::runtime, "no {} in '{}'; expected a model file or the folder of a finished run{}",
                RunFolder::kModel, printable(model_or_run, 400), what_there_is(model_or_run));
  return path.string();
}

}  // namespace descent
