// Small made data sets, as rows of one table: each is a Table, so it takes the road of a file. All
// columns are numbers, labels 0 and 1; classes take turns, so any stretch of rows holds both.
#pragma once

#include "datasets/table.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace descent {

struct Generator {
  std::string_view name;         // xor, moons, spirals, sine, linear
  std::string_view description;  // columns, formula, what `noise` (a standard deviation) moves
  std::size_t default_rows;
  double default_noise;
  Table (*make)(std::size_t rows, double noise, std::uint64_t seed);
  std::size_t least_rows;
};

std::span<const Generator> generators();
std::vector<std::string> generator_names();

// Throws Error(usage): unknown name (with the nearest), a row count the generator cannot make, noise < 0.
// rows = 0 and noise = NaN mean the defaults of the row.
Table generate(std::string_view name, std::size_t rows, double noise, std::uint64_t seed);

}  // namespace descent
