// From a config to everything a training needs: data read, split, encoded; the network's shape.
#pragma once

#include "app/config/config.hpp"
#include "datasets/dataset.hpp"
#include "datasets/encoding.hpp"
#include "datasets/split.hpp"
#include "models/model.hpp"
#include "models/network.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace descent {

struct Experiment {
  Config config;
  std::string source;  // of the data, for people
  std::string loss;    // config.train.loss with "auto" decided
  Precision precision = Precision::float32;
  Encoding encoding;
  NetworkSpec network;
  Split split;  // rows of the main table
  Dataset train;
  std::size_t left_out = 0, filled = 0;  // rows of all files, for missing cells; such cells of the main one
  std::optional<Dataset> validation, test;
  std::vector<std::uint32_t> lines;  // of the file, from 1, for each row of the main table; empty for made tables
  std::vector<std::string> warnings;
};

// Throws Error(data) or Error(config).
Experiment prepare(const Config& config);

std::size_t batch_rows(const Experiment& experiment);  // B, rows a step

// w₀ (n) of the run, as it is in the precision of the training.
std::vector<double> starting_weights(const Experiment& experiment);

// What the columns of a config mean once the loss is known.
EncodingOptions encoding_options(const Config& config, TargetKind kind);

}  // namespace descent
