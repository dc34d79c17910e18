#include "app/files/append_file.hpp"

#include "framework/error.hpp"
#include "framework/text.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace descent {

AppendFile::AppendFile(const std::string& path, Open how)
    : path_(path),
      file_(
          ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | (how == Open::create ? O_EXCL : 0), 0644)) {
  if (file_ < 0) refuse("create", errno);
  struct stat status {};
  if (::fstat(file_, &status) == 0) size_ = static_cast<std::size_t>(status.st_size);
}

AppendFile::~AppendFile() {
  try {
    flush();
  } catch (const Error&) {  // who must know has flushed before
  }
  ::close(file_);
}

void AppendFile::refuse(const char* deed, int reason) const {
  throw Error(Fault::runtime, "cannot {} '{}': {}", deed, printable(path_, 400), std::strerror(reason));
}

void AppendFile::flush() {
  std::string_view rest = waiting_;
  while (!rest.empty()) {
    const ssize_t written = ::write(file_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      const int reason = written < 0 ? errno : EIO;
      waiting_.clear();
      refuse("write", reason);
    }
    size_ += static_cast<std::size_t>(written);
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  waiting_.clear();
}

void AppendFile::sync() {
  flush();
  while (::fdatasync(file_) != 0) {
    if (errno == EINVAL) return;  // not a file that could be synced
    if (errno != EINTR) refuse("sync", errno);
  }
}

void AppendFile::truncate(std::size_t size) {
  waiting_.clear();
  if (::ftruncate(file_, static_cast<off_t>(size)) != 0) refuse("shorten", errno);
  size_ = size;
}

}  // namespace descent
