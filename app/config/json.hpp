// A config as JSON, for the record of a run; and what differs between two.
#pragma once

#include "app/config/config.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace descent {

// {section: {key: value}} with every setting. A number that a word stands for is that word ("full"); an infinite one is
// null.
nlohmann::ordered_json to_json(const Config& config);

struct Difference {
  std::string key;            // "train.batch_size"
  std::string before, after;  // as TOML
};

// In the order of the table of settings.
std::vector<Difference> differences(const Config& before, const Config& after);

}  // namespace descent
