// Runs the program as a person would, and keeps what it said.
#pragma once

#include <string>
#include <vector>

namespace descent::test {

struct Ran {
  int code;  // exit code; 128 + the signal's number if one ended it
  std::string out, err;
};

// Starts the program with `arguments`, in `folder`, with `input` on stdin and `environment`
// ("NAME=value") added to ours. No terminal is attached.
Ran run_program(const std::vector<std::string>& arguments, const std::string& folder = ".",
                const std::string& input = "", const std::vector<std::string>& environment = {});

// Starts a training likewise, and when it has logged so many epochs below `folder`/runs (0: when it has begun) sends it
// the signal, twice at once: timeout(1) and terminals reach a program by more than one way.
Ran interrupt_training(const std::vector<std::string>& arguments, const std::string& folder, int signal,
                       int epochs = 1);

// An empty folder that is removed at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  // Writes a file into it and returns its path.
  std::string write(const std::string& name, const std::string& contents) const;

 private:
  std::string path_;
};

std::string read_text(const std::string& path);

}  // namespace descent::test
