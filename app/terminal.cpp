#include "app/terminal.hpp"

#include "framework/error.hpp"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace descent {
namespace {

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

bool is_smart_terminal(int stream = kErrorStream) {
  const char* term = std::getenv("TERM");
  return ::isatty(stream) == 1 && (term == nullptr || std::string_view(term) != "dumb");
}

// Cuts UTF-8 text after `columns` characters.
std::string_view first_columns(std::string_view text, int columns) {
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    const bool starts_character = (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80;
    if (starts_character && columns-- == 0) break;
  }
  return text.substr(0, at);
}

}  // namespace

bool use_color(Color asked, int stream) {
  if (asked != Color::automatic) return asked == Color::always;
  if (is_set("NO_COLOR")) return false;
  if (is_set("FORCE_COLOR") || is_set("CLICOLOR_FORCE")) return true;
  return is_smart_terminal(stream);
}

int terminal_width(int stream) {
  if (const char* columns = std::getenv("COLUMNS"))
    if (const int width = std::atoi(columns); width > 0) return width;
  winsize size{};
  if (::ioctl(stream, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

Log::Log(bool quiet, Color color) : color_(use_color(color)), shows_status_(!quiet && is_smart_terminal()) {
  const auto terminal = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  terminal->set_pattern("%v");
  terminal->set_level(quiet ? spdlog::level::warn : spdlog::level::info);
  logger_ = std::make_shared<spdlog::logger>("descent", terminal);
}

Log::~Log() { clear_status(); }

void Log::add_file(const std::string& path) {
  try {
    file_ = std::make_shared<spdlog::sinks::basic_file_sink_mt>(path);
    file_->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %v");
    logger_->sinks().push_back(file_);
  } catch (const spdlog::spdlog_ex& failure) {
    throw Error(Fault::runtime, "cannot write '{}': {}", path, failure.what());
  }
  // Every line is on the disk's side at once, and one that cannot be written ends the run.
  logger_->flush_on(spdlog::level::info);
  logger_->set_error_handler([](const std::string& message) { throw Error(Fault::runtime, message); });
}

void Log::line(std::string_view text) {
  clear_status();
  logger_->info("{}", text);
}

void Log::record(std::string_view text) {
  if (!file_) return;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    file_->log(spdlog::details::log_msg("descent", spdlog::level::info, spdlog::string_view_t(text.data(), end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  file_->flush();
}

void Log::heading(std::string_view text) {
  clear_status();
  // Only the terminal may see colour, so the two sinks get different text.
  const auto& sinks = logger_->sinks();
  for (std::size_t i = 0; i < sinks.size(); ++i) {
    const std::string shown = i == 0 && color_ ? fmt::format("\x1b[1m{}\x1b[0m", text) : std::string(text);
    const spdlog::details::log_msg message("descent", spdlog::level::info, shown);
    if (sinks[i]->should_log(message.level)) sinks[i]->log(message);
  }
}

void Log::warn(std::string_view text) {
  clear_status();
  logger_->warn("warning: {}", text);
}

bool Log::status_due() const {
  constexpr auto kLeast = std::chrono::milliseconds(100);
  return shows_status_ && std::chrono::steady_clock::now() - last_status_ >= kLeast;
}

std::size_t Log::status_width() const { return static_cast<std::size_t>(std::max(terminal_width() - 1, 1)); }

void Log::status(std::string_view text) {
  if (!status_due()) return;
  last_status_ = std::chrono::steady_clock::now();
  status_drawn_ = true;
  const std::string shown = fmt::format("\r\x1b[K{}", first_columns(text, terminal_width() - 1));
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, shown.data(), shown.size());
}

void Log::clear_status() {
  if (!status_drawn_) return;
  status_drawn_ = false;
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, "\r\x1b[K", 4);
}

}  // namespace descent
