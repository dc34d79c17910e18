// A data file for a model: read as its training data was, but for what the command line says of it.
#pragma once

#include "app/commands.hpp"
#include "datasets/encoding.hpp"

#include <string>

namespace descent {

// Throws Error as read_csv, and Error(usage) for a delimiter that is none.
Table read_data(const std::string& path, const FormArguments& form, const Encoding& encoding, bool with_targets);

}  // namespace descent
