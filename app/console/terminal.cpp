#include "app/console/terminal.hpp"

#include "framework/error.hpp"
#include "framework/text.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>

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
  constexpr long kWidest = 1000;  // wider charts help nobody
  if (const char* columns = std::getenv("COLUMNS"))
    if (const long width = std::strtol(columns, nullptr, 10); width > 0)
      return static_cast<int>(std::min(width, kWidest));
  winsize size{};
  if (::ioctl(stream, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

Log::Log(bool quiet, Color color)
    : quiet_(quiet), color_(use_color(color)), shows_status_(!quiet && is_smart_terminal()) {
  const auto terminal = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  terminal->set_pattern("%v");
  terminal->set_level(quiet ? spdlog::level::warn : spdlog::level::info);
  logger_ = std::make_shared<spdlog::logger>("descent", terminal);
}

Log::~Log() { clear_status(); }

void Log::add_file(const std::string& path) { file_ = std::make_unique<AppendFile>(path, AppendFile::Open::go_on); }

// A time stamp in front: "2026-11-24T10:37:49.024+00:00 ".
void Log::to_file(std::string_view text, bool at_once) {
  constexpr auto kDelay = std::chrono::milliseconds(50);
  if (!file_ || !file_failure_.empty()) return;
  const auto now = std::chrono::system_clock::now();
  const std::time_t second = std::chrono::system_clock::to_time_t(now);
  if (second != stamped_) {
    std::tm local{};
    localtime_r(&second, &local);
    char date[24], zone[8];
    std::strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &local);
    std::strftime(zone, sizeof zone, "%z", &local);
    date_ = std::string(date) + '.';
    zone_ = fmt::format("{}:{} ", std::string_view(zone).substr(0, 3), std::string_view(zone).substr(3));
    stamped_ = second;
  }
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000;
  file_line_.clear();
  file_line_ += date_;
  for (const long long place : {100, 10, 1}) file_line_ += static_cast<char>('0' + milliseconds / place % 10);
  file_line_ += zone_;
  file_line_ += text;
  try {
    file_->add_line(file_line_);
    const bool soon = now >= flushed_ && now - flushed_ < kDelay;  // the clock may be set back
    if (!at_once && soon) return;
    flushed_ = now;
    file_->flush();
  } catch (const Error& error) {
    file_failure_ = error.what();
  }
}

void Log::line(std::string_view text) {
  clear_status();
  logger_->info("{}", text);
  to_file(text, true);
}

void Log::row(std::string_view text) {
  clear_status();
  if (!quiet_) logger_->info("{}", text);
  to_file(text, false);
}

void Log::record(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    to_file(text.substr(0, end), true);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

void Log::heading(std::string_view text) {
  clear_status();
  logger_->info("{}", color_ ? fmt::format("\x1b[1m{}\x1b[0m", text) : std::string(text));
  to_file(text, true);
}

void Log::warn(std::string_view text) {
  clear_status();
  logger_->warn("warning: {}", text);
  to_file(fmt::format("warning: {}", text), true);
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
