// What must hold between settings, once each is right by itself.
#pragma once

#include "app/config/config.hpp"
#include "app/config/errors.hpp"

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace descent {

// What the file and --set said, by canonical path.
struct Given {
  std::map<std::string, Spot, std::less<>> spots;  // settings that were given
  std::set<std::string, std::less<>> wrong;        // those whose value was refused
  bool config_is_stdin = false;

  bool has(std::string_view path) const { return spots.contains(path); }
  Spot spot(std::string_view path) const {
    const auto found = spots.find(path);
    return found == spots.end() ? Spot{} : found->second;
  }
};

// Adds an error for each rule that is broken. A rule about a refused value says nothing.
void check_rules(const Config& config, const Given& given, ConfigErrors& errors);

// Settings that were given but change nothing, such as momentum for steepest descent.
std::vector<std::string> idle_settings(const Config& config, const Given& given, const ConfigErrors& errors);

}  // namespace descent
