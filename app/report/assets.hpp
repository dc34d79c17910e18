// The files that a report is made of, embedded into the program by cmake/embed.cmake.
#pragma once

#include <span>
#include <string_view>

namespace descent {

struct Asset {
  std::string_view name;  // "report.css"
  std::string_view text;
  std::string_view sha256;  // 64 hexadecimal digits
};
std::span<const Asset> assets();

// The text of an asset by name; one that is not there is a broken promise of ours.
const Asset& asset(std::string_view name);

}  // namespace descent
