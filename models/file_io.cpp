#include "models/file_io.hpp"

#include "framework/error.hpp"
#include "framework/memory.hpp"
#include "framework/text.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace descent {
namespace {

Error refusal(std::string_view deed, const std::string& path, int reason) {
  return Error(Fault::runtime, "cannot {} '{}': {}", deed, path, std::strerror(reason));
}

// The operating system would take the part in front of the NUL.
void refuse_nul(std::string_view deed, const std::string& path) {
  if (path.find('\0') != std::string::npos) throw refusal(deed, printable(path), EINVAL);
}

// Closes on every way out.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  // Closing may be where a write error shows.
  bool close() {
    const int fd = fd_;
    fd_ = -1;
    return ::close(fd) == 0;
  }

 private:
  int fd_;
};

bool write_all(int fd, std::string_view contents) {
  while (!contents.empty()) {
    const ssize_t written = ::write(fd, contents.data(), contents.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    if (written == 0) {
      errno = EIO;
      return false;
    }
    contents.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

std::string read_file(const std::string& path) {
  refuse_nul("open", path);
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) throw refusal("open", path, errno);
  std::string contents;
  struct stat status {};
  if (::fstat(file.get(), &status) == 0 && S_ISREG(status.st_mode)) {
    const auto size = static_cast<std::size_t>(status.st_size);
    if (size > physical_memory()) throw refusal("read", path, ENOMEM);
    contents.reserve(size);
  }
  char buffer[1 << 16];
  for (;;) {
    const ssize_t got = ::read(file.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw refusal("read", path, errno);
    if (got == 0) return contents;
    contents.append(buffer, static_cast<std::size_t>(got));
  }
}

namespace {

// A device, a pipe, /dev/stdout, /dev/fd/3: a rename would put a file in its place.
bool stands_for_a_stream(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return false;
  if (S_ISDIR(status.st_mode)) return false;
  // /dev/stdout is a stream also where it was led into a file.
  return !S_ISREG(status.st_mode) || path.starts_with("/dev/std") || path.starts_with("/dev/fd/") ||
         path.starts_with("/proc/");
}

void write_into(const std::string& path, std::string_view contents) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (file.get() < 0) throw refusal("open", path, errno);
  if (!write_all(file.get(), contents) || !file.close()) throw refusal("write", path, errno);
}

}  // namespace

void write_file_atomically(const std::string& path, std::string_view contents) {
  refuse_nul("write", path);
  if (stands_for_a_stream(path)) return write_into(path, contents);
  const std::string temporary = fmt::format("{}.tmp-{}", path, ::getpid());
  ::unlink(temporary.c_str());  // left by a crash; a link that somebody planted is not followed
  Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  if (file.get() < 0) throw refusal("create", path, errno);
  if (!write_all(file.get(), contents) || ::fsync(file.get()) != 0 || !file.close() ||
      ::rename(temporary.c_str(), path.c_str()) != 0) {
    const int reason = errno;
    ::unlink(temporary.c_str());
    throw refusal("write", path, reason);
  }
  std::string folder = std::filesystem::path(path).parent_path().string();
  if (folder.empty()) folder = ".";
  const Descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0 || ::fsync(directory.get()) != 0) throw refusal("sync", folder, errno);
}

}  // namespace descent
