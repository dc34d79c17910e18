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

// A signal during a slow one makes it begin again.
bool sync(int fd) {
  while (::fsync(fd) != 0)
    if (errno != EINTR) return false;
  return true;
}

// A rename is on the disk when its folder is. Some file systems, of networks and in user space, cannot be asked for
// that, nor can anybody where a folder may be written to and not read: the file is whole all the same, and what a power
// failure may undo is its new name.
void sync_folder(const std::string& folder) {
  const Descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0 && errno == EACCES) return;
  if (directory.get() >= 0 && sync(directory.get())) return;
  const bool unknown_here = directory.get() >= 0 && (errno == EINVAL || errno == ENOTSUP || errno == ENOSYS);
  if (!unknown_here) throw refusal("sync", folder, errno);
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
  Descriptor file(::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));  // after what stdout has written
  if (file.get() < 0) throw refusal("open", path, errno);
  if (!write_all(file.get(), contents) || !file.close()) throw refusal("write", path, errno);
}

std::string folder_of(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

std::string temporary_beside(const std::string& path) { return fmt::format("{}.tmp-{}", path, ::getpid()); }

// The contents under a name of their own, on the disk. Nothing is left of it when it throws.
std::string write_temporary(const std::string& path, std::string_view contents) {
  refuse_nul("write", path);
  const std::string temporary = temporary_beside(path);
  ::unlink(temporary.c_str());  // left by a crash; a link that somebody planted is not followed
  Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  if (file.get() < 0) throw refusal("create", path, errno);
  if (!write_all(file.get(), contents) || !sync(file.get()) || !file.close()) {
    const int reason = errno;
    ::unlink(temporary.c_str());
    throw refusal("write", path, reason);
  }
  return temporary;
}

void put_in_place(const std::string& temporary, const std::string& path) {
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    const int reason = errno;
    ::unlink(temporary.c_str());
    throw refusal("write", path, reason);
  }
  sync_folder(folder_of(path));
}

// A second name for what is there; where links are unknown, a move, between which and the next rename there is only
// the previous one.
void keep_as(const std::string& previous, const std::string& path) {
  ::unlink(previous.c_str());
  if (::link(path.c_str(), previous.c_str()) == 0 || errno == ENOENT) return;
  const bool no_links = errno == EPERM || errno == ENOTSUP || errno == ENOSYS;
  if (!no_links || ::rename(path.c_str(), previous.c_str()) != 0) throw refusal("keep", path, errno);
}

}  // namespace

void write_file_atomically(const std::string& path, std::string_view contents) {
  refuse_nul("write", path);
  if (stands_for_a_stream(path)) return write_into(path, contents);
  put_in_place(write_temporary(path, contents), path);
}

void replace_file_keeping(const std::string& previous, const std::string& path, std::string_view contents) {
  const std::string temporary = write_temporary(path, contents);
  try {
    if (read_file(temporary) != contents)
      throw Error(Fault::runtime, "cannot write '{}': it reads back as something else; the disk may be failing", path);
    keep_as(previous, path);
  } catch (const Error&) {
    ::unlink(temporary.c_str());
    throw;
  }
  put_in_place(temporary, path);
}

void remove_leftovers(const std::string& path) {
  const std::string start = std::filesystem::path(path).filename().string() + ".tmp-";
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder_of(path), ignored))
    if (entry.path().filename().string().starts_with(start)) ::unlink(entry.path().c_str());
}

}  // namespace descent
