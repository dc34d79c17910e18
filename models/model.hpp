// A trained network with everything a prediction needs, and its file.
#pragma once

#include "datasets/encoding.hpp"
#include "models/metrics.hpp"
#include "models/network.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace descent {

struct TensorFile;

enum class Precision { float32, float64 };
std::string_view to_string(Precision precision);

struct Model {
  NetworkSpec network;
  std::string loss;
  Precision precision = Precision::float32;  // of training; predictions are computed in it
  Encoding encoding;
  std::vector<double> weights;  // w (n); exactly the trained numbers, whatever the precision
  std::uint64_t seed = 0;       // of the training run
  std::size_t epoch = 0;        // whose weights these are
};

// What a person reads for each row of `data`, (N, K): class probabilities, or numbers in the units of
// the training data. Throws Error(data) when the data does not fit the model.
Matrix<double> predict(const Model& model, const Dataset& data);

// Loss and metrics on rows with targets, to the last bit those that training reported for them.
Evaluation evaluate(const Model& model, const Dataset& data);

// 16 hexadecimal digits that name the weights in their precision, bit for bit (64-bit FNV-1a).
std::string weights_hash(const Model& model);
std::string weights_hash(std::span<const double> weights, Precision precision);

// A safetensors file. Weights are stored as torch does: layers.<l>.weight (out, in), layers.<l>.bias.
void save_model(const std::string& path, const Model& model);
std::string encode_model(const Model& model);
// The tensors and metadata of the file, without its checksum; a checkpoint adds more of its own.
TensorFile model_tensors(const Model& model);

// Throws Error(runtime) when the file cannot be read; Error(data) when it is damaged, was not written
// by this program, or does not fit together.
Model load_model(const std::string& path);
Model decode_model(std::string_view bytes, const std::string& source);
Model model_of(const TensorFile& file, const std::string& source);  // `file` with its checksum

}  // namespace descent
