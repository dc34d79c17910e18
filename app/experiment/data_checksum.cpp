#include "app/experiment/data_checksum.hpp"

#include <bit>
#include <cstdint>

namespace descent {
namespace {

// FNV-1a over words instead of bytes: each step is a bijection of the hash, so one changed word changes it.
class WordHash {
 public:
  void add(std::uint64_t word) {
    hash_ = (hash_ ^ word) * 0x100000001B3;
    hash_ ^= hash_ >> 32;
  }
  void add(const std::string& text) {
    add(text.size());
    for (const char c : text) add(static_cast<unsigned char>(c));
  }
  void add(const std::vector<std::string>& texts) {
    add(texts.size());
    for (const std::string& text : texts) add(text);
  }
  void add(const Matrix<double>& matrix) {
    add(matrix.shape(0));
    add(matrix.shape(1));
    for (const double x : matrix) add(std::bit_cast<std::uint64_t>(x));
  }
  void add(const Dataset& data) {
    for (const auto* names : {&data.input_names, &data.target_names, &data.classes}) add(*names);
    for (const std::uint32_t row : data.rows) add(row);
    add(data.inputs);
    add(data.targets);
  }
  std::uint64_t value() const { return hash_; }

 private:
  std::uint64_t hash_ = 0xCBF29CE484222325;
};

}  // namespace

std::string data_checksum(const Experiment& experiment) {
  WordHash hash;
  hash.add(experiment.train);
  for (const auto* part : {&experiment.validation, &experiment.test}) {
    hash.add(part->has_value() ? 1 : 0);
    if (*part) hash.add(**part);
  }
  return fmt::format("{:016x}", hash.value());
}

}  // namespace descent
