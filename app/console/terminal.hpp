// What the terminal is, and lines for it: the log on stderr and in a file, and a status line that is
// redrawn in place.
#pragma once

#include "app/files/append_file.hpp"

#include <chrono>
#include <ctime>
#include <memory>
#include <string>
#include <string_view>

namespace spdlog {
class logger;
}

namespace descent {

inline constexpr int kErrorStream = 2;  // stderr; stdout is 1

enum class Color { automatic, always, never };

// --color beats NO_COLOR, which beats FORCE_COLOR and CLICOLOR_FORCE, which beat the terminal's own nature.
bool use_color(Color asked, int stream = kErrorStream);

// Columns of the terminal behind a stream, or what COLUMNS says, up to 1000; 80 where there is none.
int terminal_width(int stream = kErrorStream);

// Log lines go to stderr and, once a file is added, there too with time stamps and without colour.
class Log {
 public:
  Log(bool quiet, Color color);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  // New lines go behind what the file holds. Throws Error(runtime) when it cannot be made.
  void add_file(const std::string& path);
  // Why lines did not get into the file; it gets no more then. Mostly "".
  const std::string& file_failure() const { return file_failure_; }

  void line(std::string_view text);     // one line as it is
  void row(std::string_view text);      // the same, of a table that may grow fast: the file gets it a little later
  void heading(std::string_view text);  // the same, in bold
  void warn(std::string_view text);     // shown even when quiet
  void record(std::string_view text);   // lines for the file only: what stdout shows

  // Redraws the status line, at most ten times a second, on a terminal only.
  void status(std::string_view text);
  bool shows_status() const { return shows_status_; }
  bool status_due() const;           // whether status() would draw
  std::size_t status_width() const;  // characters

 private:
  void clear_status();
  void to_file(std::string_view text, bool at_once);

  std::shared_ptr<spdlog::logger> logger_;
  std::unique_ptr<AppendFile> file_;  // null before add_file
  std::string file_failure_, file_line_, date_, zone_;
  std::time_t stamped_ = -1;  // the second that date_ names
  std::chrono::system_clock::time_point flushed_;
  bool quiet_;
  bool color_;
  bool shows_status_;
  bool status_drawn_ = false;
  std::chrono::steady_clock::time_point last_status_;
};

}  // namespace descent
