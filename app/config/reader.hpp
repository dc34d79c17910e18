// A config file and --set arguments become a Config, or an Error that lists everything wrong with them.
#pragma once

#include "app/config/config.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace descent {

struct ConfigSource {
  std::string path;                    // "-": standard input
  std::vector<std::string> overrides;  // "optimizer.learning_rate=0.1"; a later one wins
};

struct ConfigResult {
  Config config;
  // For the person who wrote it: aliases read as something else, settings that have no effect here.
  std::vector<std::string> notices;
};

// data.path, data.validation_path and data.test_path come back relative to the current folder: a path in
// the file is relative to the file's folder, one given by --set (or in a config from standard input) to
// the current folder. Throws Error(config) with all errors, one after the other, each with its place.
ConfigResult read_config(const ConfigSource& source);

// The same for text in memory; the folder of `file_name` is where its paths start.
ConfigResult parse_config(std::string_view text, const std::string& file_name,
                          std::span<const std::string> overrides = {});

}  // namespace descent
