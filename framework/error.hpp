// What the library throws when outside input is wrong: files, configs, shapes given by a person.
//
// Numerical trouble is never an Error: the trainer answers it with a Status. A broken promise
// between our own functions is an assertion.
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>

namespace descent {

// Whose fault it is; the command line maps each to an exit code (see app/main.cpp).
enum class Fault {
  usage,    // a wrong argument of a command or a library call
  config,   // a wrong config file or --set
  data,     // wrong contents of a data or model file
  runtime,  // the machine refused: cannot open, disk full, out of memory
};

// The message says place, what was found, what was expected and the remedy.
class Error : public std::runtime_error {
 public:
  Error(Fault fault, const std::string& message) : std::runtime_error(message), fault_(fault) {}

  template <class... Args>
  requires(sizeof...(Args) > 0) Error(Fault fault, fmt::format_string<Args...> pattern, Args&&... args)
      : Error(fault, fmt::format(pattern, std::forward<Args>(args)...)) {}

  Fault fault() const { return fault_; }

 private:
  Fault fault_;
};

// A position in a text file; line and column count from 1, columns in bytes.
// Prints as file:line:column, without the parts that are 0.
struct Place {
  std::string file;
  std::size_t line = 0;
  std::size_t column = 0;
};
std::string to_string(const Place& place);

}  // namespace descent
