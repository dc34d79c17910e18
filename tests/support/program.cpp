#include "tests/support/program.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace descent::test {
namespace {

void redirect(int to, const std::string& path, int flags) {
  const int fd = ::open(path.c_str(), flags, 0600);
  if (fd < 0 || ::dup2(fd, to) < 0) ::_exit(127);
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "descent-test-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make a temporary folder");
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TemporaryFolder::write(const std::string& name, const std::string& contents) const {
  std::ofstream(file(name), std::ios::binary) << contents;
  return file(name);
}

std::string read_text(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

namespace {

// A program at work, and the files it reads and writes.
class Running {
 public:
  Running(const std::vector<std::string>& arguments, const std::string& folder, const std::string& input,
          const std::vector<std::string>& environment) {
    const std::string in = scratch_.write("in", input);
    child_ = ::fork();
    if (child_ != 0) return;
    redirect(STDIN_FILENO, in, O_RDONLY);
    redirect(STDOUT_FILENO, scratch_.file("out"), O_WRONLY | O_CREAT);
    redirect(STDERR_FILENO, scratch_.file("err"), O_WRONLY | O_CREAT);
    if (::chdir(folder.c_str()) != 0) ::_exit(127);
    for (const std::string& variable : environment) ::putenv(const_cast<char*>(variable.c_str()));
    std::vector<char*> argv{const_cast<char*>("descent")};
    for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    ::execv(DESCENT_PROGRAM, argv.data());
    ::_exit(127);
  }

  bool ended() { return waited_ || (waited_ = ::waitpid(child_, &status_, WNOHANG) == child_); }
  void send(int signal) {
    if (!ended()) ::kill(child_, signal);
  }
  Ran wait() {
    if (!waited_) ::waitpid(child_, &status_, 0);
    waited_ = true;
    const int code = WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_);
    return {code, read_text(scratch_.file("out")), read_text(scratch_.file("err"))};
  }

 private:
  const TemporaryFolder scratch_;
  pid_t child_ = 0;
  int status_ = 0;
  bool waited_ = false;
};

// Whether a run in `folder`/runs has so many rows behind the names of its columns.
bool has_logged(const std::string& folder, int epochs) {
  std::error_code ignored;
  for (const auto& run : std::filesystem::directory_iterator(folder + "/runs", ignored)) {
    const std::string rows = read_text(run.path().string() + "/metrics.csv");
    if (std::count(rows.begin(), rows.end(), '\n') > epochs) return true;
  }
  return false;
}

}  // namespace

Ran run_program(const std::vector<std::string>& arguments, const std::string& folder, const std::string& input,
                const std::vector<std::string>& environment) {
  return Running(arguments, folder, input, environment).wait();
}

Ran interrupt_training(const std::vector<std::string>& arguments, const std::string& folder, int signal, int epochs) {
  Running program(arguments, folder, "", {});
  while (!program.ended() && !has_logged(folder, epochs)) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  program.send(signal);
  program.send(signal);
  return program.wait();
}

}  // namespace descent::test
