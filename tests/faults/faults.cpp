// Preloaded (LD_PRELOAD) into a program under test: makes one of its file operations fail, or ends the program there.
//
//   DESCENT_FAULT=<operation>:<n>:<what>   operation: open, write, sync, rename, link, shorten, or any
//   what: an errno, the n-th one fails with it; an errno and "+": all from the n-th on; short: the n-th write takes
//   half; kill: SIGKILL in front of the n-th; half: SIGKILL behind the first half of the n-th, if it is a write
//   DESCENT_FAULT_MARK=<file>              made when it happens
// Without a fault, a rename of a file that was not synced since it was written ends the program with 99, and so does an
// end while a rename was not followed by a sync of the folder.
// fsync costs nothing here: the program dies, the machine does not.
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdlib>
#include <cstring>
#include <map>
#include <set>
#include <string>

namespace {

struct Plan {
  std::string operation, what;
  long at = -1, seen = 0;

  Plan() {
    const char* text = std::getenv("DESCENT_FAULT");
    if (text == nullptr) return;
    const std::string all = text;
    const std::size_t first = all.find(':'), second = all.find(':', first + 1);
    operation = all.substr(0, first);
    at = std::atol(all.substr(first + 1, second - first - 1).c_str());
    what = all.substr(second + 1);
  }
};

Plan& plan() {
  static Plan the_plan;
  return the_plan;
}

void mark() {
  if (const char* file = std::getenv("DESCENT_FAULT_MARK"))
    ::close(static_cast<int>(::syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT, 0600)));
}

// Whether the fault strikes this operation.
bool strikes(const char* operation) {
  Plan& p = plan();
  if (p.at < 0 || (p.operation != "any" && p.operation != operation)) return false;
  ++p.seen;
  const bool from_then_on = !p.what.empty() && p.what.back() == '+';
  if (p.seen != p.at && !(from_then_on && p.seen > p.at)) return false;
  mark();
  if (p.what == "kill") ::kill(::getpid(), SIGKILL);
  return true;
}

bool fails(const char* operation) {
  if (!strikes(operation)) return false;
  if (plan().what == "half") ::kill(::getpid(), SIGKILL);
  errno = std::atoi(plan().what.c_str());
  return errno != 0;
}

// Which of the open files were written and not synced, and whether a folder waits for its sync.
struct Promises {
  std::map<int, std::string> names;
  std::map<int, bool> folders;
  std::set<std::string> written;
  bool folder_waits = false;

  void opened(int fd, const char* path, int flags) {
    if (fd < 0) return;
    names[fd] = path;
    folders[fd] = (flags & O_DIRECTORY) != 0;
  }
  void synced(int fd) {
    if (folders[fd]) folder_waits = false;
    written.erase(names[fd]);
  }
  void renamed(const char* from) {
    if (written.count(from) > 0 && plan().at < 0) ::_exit(99);
    folder_waits = true;
  }
  ~Promises() {
    if (folder_waits && plan().at < 0) ::_exit(99);
  }
};

Promises& promises() {
  static Promises the_promises;
  return the_promises;
}

template <class Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

int open_file(const char* path, int flags, mode_t mode) {
  if ((flags & (O_CREAT | O_DIRECTORY)) != 0 && fails("open")) return -1;
  const int fd = static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path, flags, mode));
  promises().opened(fd, path, flags);
  return fd;
}

int sync(int fd) {
  if (fails("sync")) return -1;
  promises().synced(fd);
  return 0;
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const mode_t mode = va_arg(more, mode_t);
  va_end(more);
  return open_file(path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const mode_t mode = va_arg(more, mode_t);
  va_end(more);
  return open_file(path, flags | O_LARGEFILE, mode);
}

ssize_t write(int fd, const void* bytes, size_t count) {
  if (fd > 2) promises().written.insert(promises().names[fd]);
  if (fd > 2 && strikes("write")) {
    const std::string& what = plan().what;
    if (what == "half" || what == "short") {
      const ssize_t written = ::syscall(SYS_write, fd, bytes, count > 1 ? count / 2 : count);
      if (what == "half") ::kill(::getpid(), SIGKILL);
      return written;
    }
    errno = std::atoi(what.c_str());
    return -1;
  }
  return ::syscall(SYS_write, fd, bytes, count);
}

int fsync(int fd) { return sync(fd); }
int fdatasync(int fd) { return sync(fd); }

int rename(const char* from, const char* to) noexcept {
  if (fails("rename")) return -1;
  promises().renamed(from);
  return next<int (*)(const char*, const char*)>("rename")(from, to);
}

int link(const char* from, const char* to) noexcept {
  if (fails("link")) return -1;
  return next<int (*)(const char*, const char*)>("link")(from, to);
}

int ftruncate(int fd, off_t size) noexcept {
  if (fails("shorten")) return -1;
  return next<int (*)(int, off_t)>("ftruncate")(fd, size);
}

int ftruncate64(int fd, off64_t size) noexcept {
  if (fails("shorten")) return -1;
  return next<int (*)(int, off64_t)>("ftruncate64")(fd, size);
}

}  // extern "C"
