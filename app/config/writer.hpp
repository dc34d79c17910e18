// A Config as text, and the table of settings in the forms that people and editors read.
#pragma once

#include "app/config/config.hpp"

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

// One line or more for each setting, at most 100 columns wide, for --help.
std::string field_help();

// JSON Schema, draft 4: what editors check and complete TOML with.
std::string json_schema();

// The reference page, Markdown.
std::string markdown_reference();

}  // namespace descent
