// A file that grows at its end.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace descent {

// What is added is gathered until flush() hands it to the operating system, in one call where it takes it all: then it
// outlives the program, whatever ends that. After a kill at most the last line in a file of lines is a part of one.
class AppendFile {
 public:
  enum class Open {
    create,  // the file must not exist
    go_on,   // made if it is not there; what is added goes behind what it holds
  };

  // Throws Error(runtime) with the reason of the operating system when the file cannot be opened.
  AppendFile(const std::string& path, Open how);
  ~AppendFile();  // flushes what it can
  AppendFile(const AppendFile&) = delete;
  AppendFile& operator=(const AppendFile&) = delete;

  void add(std::string_view bytes) { waiting_ += bytes; }
  void add_line(std::string_view line) {  // without its end
    waiting_ += line;
    waiting_ += '\n';
  }
  // All throw Error(runtime) when the operating system refuses; what could not be written is dropped.
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
