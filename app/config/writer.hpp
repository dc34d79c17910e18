// A Config as text, and the table of settings in the forms that people and editors read.
#pragma once

#include "app/config/config.hpp"

#include <span>
#include <string>
#include <string_view>

namespace descent {

// Every setting. Loads again to an equal Config, but that data paths become absolute, so that the file can
// stand anywhere.
std::string to_toml(const Config& config);

// The same with the data paths made absolute; what reading to_toml(config) gives.
Config with_absolute_paths(Config config);

// For `config init`: every setting with its sentence, commented out but for data.path. Loads as it is.
std::string commented_template(std::string_view data_path = "data.csv");

// One line or more for each setting, at most 100 columns wide. With names, only what they name: a section, a setting
// ("train.epochs"), or a key wherever it stands, in layers too ("units"), by its aliases as well. Throws Error(usage)
// for a name that nothing has.
std::string field_help(std::span<const std::string> names = {});

// JSON Schema, draft 4: what editors check and complete TOML with.
std::string json_schema();

// The reference page, Markdown.
std::string markdown_reference();

}  // namespace descent
