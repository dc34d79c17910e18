#include "app/pictures/gnuplot.hpp"

#include "framework/error.hpp"
#include "framework/text.hpp"
#include "models/file_io.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

extern char** environ;

namespace descent::pictures {
namespace {

constexpr const char* kScript = "picture.gp";
constexpr const char* kComplaints = "complaints.txt";

class PrivateFolder {
 public:
  explicit PrivateFolder(const std::string& purpose) {
    std::error_code failure;
    std::string pattern = (std::filesystem::temp_directory_path(failure) / "descent-picture-XXXXXX").string();
    if (failure || ::mkdtemp(pattern.data()) == nullptr)
      throw Error(Fault::runtime,
                  "{}: cannot make a temporary folder '{}': {}; set TMPDIR to a folder that can be written", purpose,
                  pattern, failure ? failure.message() : std::strerror(errno));
    path_ = pattern;
  }
  ~PrivateFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  PrivateFolder(const PrivateFolder&) = delete;
  PrivateFolder& operator=(const PrivateFolder&) = delete;
  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// What the child does between fork and exec: goes to the folder, reads nothing, complains into a file, and
// takes signals as a fresh program does.
class SpawnPlan {
 public:
  explicit SpawnPlan(const PrivateFolder& folder) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawn_file_actions_addchdir_np(&actions_, folder.path().c_str());
    ::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions_, STDERR_FILENO, kComplaints, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ::posix_spawnattr_init(&attributes_);
    sigset_t none;
    ::sigemptyset(&none);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK);
  }
  ~SpawnPlan() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  // 0, or why `arguments[0]` could not be started.
  int start(pid_t& child, std::vector<std::string> arguments) const {
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    return ::posix_spawnp(&child, argv[0], &actions_, &attributes_, argv.data(), environ);
  }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

// gnuplot repeats the line it dislikes, marks the place with ^, and then says what is wrong.
std::string first_complaint(const std::string& path) {
  std::ifstream file(path);
  std::string line, first;
  while (std::getline(file, line)) {
    if (line.find(" line ") != std::string::npos && line.find(": ") != std::string::npos) return printable(line, 300);
    if (first.empty() && line.find_first_not_of(" ^") != std::string::npos) first = line;
  }
  return first.empty() ? "it said nothing" : printable(first, 300);
}

std::string ending(int status) {
  return WIFSIGNALED(status) ? fmt::format("was ended by signal {}", WTERMSIG(status))
                             : fmt::format("failed with exit code {}", WEXITSTATUS(status));
}

}  // namespace

std::vector<std::string> run_gnuplot(const std::string& script, std::span<const std::string> outputs,
                                     const std::string& purpose) {
  const PrivateFolder folder(purpose);
  write_file_atomically(folder.file(kScript), script);
  pid_t child = 0;
  const int refused = SpawnPlan(folder).start(child, {"gnuplot", "--default-settings", kScript});
  if (refused == ENOENT)
    throw Error(
        Fault::runtime,
        "{}: pictures need gnuplot, which is not on the PATH; install it (Debian: apt-get install gnuplot-nox), or "
        "ask for a file ending in .gp to get the script that draws the picture elsewhere",
        purpose);
  if (refused != 0) throw Error(Fault::runtime, "{}: cannot start gnuplot: {}", purpose, std::strerror(refused));
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (status != 0)
    throw Error(Fault::runtime, "{}: gnuplot {}: {}", purpose, ending(status),
                first_complaint(folder.file(kComplaints)));
  std::vector<std::string> contents;
  for (const std::string& output : outputs) {
    std::error_code absent;
    if (std::filesystem::file_size(folder.file(output), absent) == 0 || absent)
      throw Error(Fault::runtime, "{}: gnuplot drew nothing: {}", purpose, first_complaint(folder.file(kComplaints)));
    contents.push_back(read_file(folder.file(output)));
  }
  return contents;
}

}  // namespace descent::pictures
