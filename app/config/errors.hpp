// Gathers every error of a config before it is refused, and prints each with the line it stands on.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace descent {

// What a message points at: some columns of a line of the file, a --set argument, or the file as a whole.
struct Spot {
  std::size_t line = 0;      // from 1; 0: no line
  std::size_t column = 0;    // from 1, in characters (not bytes)
  std::size_t width = 1;     // characters to underline
  std::size_t argument = 0;  // from 1: the --set it comes from; 0: the file
};

class ConfigErrors {
 public:
  // `file` and `text` are kept by reference. `file` is as messages should show it.
  ConfigErrors(std::string_view file, std::string_view text) : file_(file), text_(text) {}

  // Names the next --set argument and returns its number, from 1.
  std::size_t add_argument(std::string_view argument);

  void add(const Spot& spot, std::string message);
  bool empty() const { return errors_.empty(); }
  std::size_t count() const { return errors_.size(); }
  // Beyond this many nobody reads on, and finding suggestions costs time.
  bool plenty() const { return errors_.size() >= 1000; }

  // "run.toml:3:1" or "--set a.b=1" or "run.toml".
  std::string place(const Spot& spot) const;

  // Throws Error(config) with all messages, those of the file first, in its order; returns if there are none.
  void throw_if_any() const;

 private:
  struct Item {
    Spot spot;
    std::string message;
  };
  std::string print(const Item& item) const;
  std::string excerpt(const Spot& spot) const;
  std::string_view line(std::size_t number) const;

  std::string_view file_;
  std::string_view text_;
  std::vector<std::string> arguments_;
  std::vector<Item> errors_;
};

// The characters of UTF-8 `text`: how many, and the byte where character `index` (from 0) begins.
std::size_t count_characters(std::string_view text);
std::size_t byte_of_character(std::string_view text, std::size_t index);

}  // namespace descent
