// A text file that grows by whole lines.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace descent {

// Lines are gathered until flush() hands them to the operating system, in one call where it takes them all: then they
// outlive the program, whatever ends it. After a kill, at most the last line in the file is a part of one.
class LineFile {
 public:
  enum class Open {
    create,  // the file must not exist
    go_on,   // made if it is not there; new lines go behind what it holds
  };

  // Throws Error(runtime) with the reason of the operating system when the file cannot be opened.
  LineFile(const std::string& path, Open how);
  ~LineFile();  // flushes what it can
  LineFile(const LineFile&) = delete;
  LineFile& operator=(const LineFile&) = delete;

  void add(std::string_view line);  // without its end
  // All throw Error(runtime) when the operating system refuses; lines that could not be written are dropped.
  void flush();
  void sync();  // flushes, and returns when the disk has it
  void truncate(std::size_t size);

  std::size_t size() const { return size_; }  // bytes handed over

 private:
  [[noreturn]] void refuse(const char* deed, int reason) const;

  std::string path_, waiting_;
  int file_;
  std::size_t size_ = 0;
};

}  // namespace descent
