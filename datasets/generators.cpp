#include "datasets/generators.hpp"

#include "framework/error.hpp"
#include "framework/random.hpp"
#include "framework/text.hpp"

#include <array>
#include <cmath>
#include <initializer_list>
#include <numbers>

namespace descent {
namespace {

using std::numbers::pi;

constexpr std::size_t kMostRows = 10'000'000;

class MadeTable {
 public:
  MadeTable(std::string_view name, std::initializer_list<const char*> columns) {
    table_.source = fmt::format("<{}>", name);
    for (const char* column : columns) {
      table_.columns.emplace_back();
      table_.columns.back().name = column;
    }
  }
  void add(std::initializer_list<double> row) {
    std::size_t j = 0;
    for (const double x : row) table_.columns[j++].numbers.push_back(x);
  }
  Table take() { return std::move(table_); }

 private:
  Table table_;
};

// Position of row i on a curve that the rows of its class share evenly, from 0 to 1.
double along(std::size_t i, std::size_t rows) {
  return rows > 1 ? static_cast<double>(i) / static_cast<double>(rows - 1) : 0.0;
}

Table make_xor(std::size_t rows, double noise, std::uint64_t seed) {
  constexpr std::array<std::array<double, 3>, 4> kCorners = {{{0, 0, 0}, {0, 1, 1}, {1, 0, 1}, {1, 1, 0}}};
  Rng rng(seed, Purpose::generate);
  MadeTable table("xor", {"x1", "x2", "y"});
  for (std::size_t i = 0; i < rows; ++i) {
    const auto [x1, x2, y] = kCorners[i % 4];
    const double dx1 = noise * rng.normal(), dx2 = noise * rng.normal();
    table.add({x1 + dx1, x2 + dx2, y});
  }
  return table.take();
}

Table make_moons(std::size_t rows, double noise, std::uint64_t seed) {
  Rng rng(seed, Purpose::generate);
  MadeTable table("moons", {"x1", "x2", "label"});
  for (std::size_t i = 0; i < rows; ++i) {
    const bool inner = i % 2 == 1;
    const double t = pi * along(i / 2, inner ? rows / 2 : rows - rows / 2);
    const double x1 = inner ? 1 - std::cos(t) : std::cos(t);
    const double x2 = inner ? 0.5 - std::sin(t) : std::sin(t);
    const double dx1 = noise * rng.normal(), dx2 = noise * rng.normal();
    table.add({x1 + dx1, x2 + dx2, inner ? 1.0 : 0.0});
  }
  return table.take();
}

Table make_spirals(std::size_t rows, double noise, std::uint64_t seed) {
  Rng rng(seed, Purpose::generate);
  MadeTable table("spirals", {"x1", "x2", "label"});
  for (std::size_t i = 0; i < rows; ++i) {
    const bool second = i % 2 == 1;
    const double r = 0.1 + 0.9 * along(i / 2, second ? rows / 2 : rows - rows / 2);
    const double angle = 3.5 * pi * r + (second ? pi : 0);
    const double dx1 = noise * rng.normal(), dx2 = noise * rng.normal();
    table.add({r * std::cos(angle) + dx1, r * std::sin(angle) + dx2, second ? 1.0 : 0.0});
  }
  return table.take();
}

Table make_sine(std::size_t rows, double noise, std::uint64_t seed) {
  Rng rng(seed, Purpose::generate);
  MadeTable table("sine", {"x", "y"});
  for (std::size_t i = 0; i < rows; ++i) {
    const double x = pi * (2 * along(i, rows) - 1);
    table.add({x, std::sin(x) + noise * rng.normal()});
  }
  return table.take();
}

Table make_linear(std::size_t rows, double noise, std::uint64_t seed) {
  Rng rng(seed, Purpose::generate);
  MadeTable table("linear", {"x1", "x2", "x3", "y"});
  for (std::size_t i = 0; i < rows; ++i) {
    const double x1 = rng.uniform(-1, 1), x2 = rng.uniform(-1, 1), x3 = rng.uniform(-1, 1);
    table.add({x1, x2, x3, 3 + 2 * x1 - x2 + 0.5 * x3 + noise * rng.normal()});
  }
  return table.take();
}

constexpr std::array kGenerators = {
    Generator{"xor", "x1, x2, y: the corners of the unit square, y = x1 xor x2; noise moves x1 and x2", 4, 0.0,
              make_xor, 4},
    Generator{"moons", "x1, x2, label: two interleaving half circles of radius 1; noise moves x1 and x2", 200, 0.1,
              make_moons, 4},
    Generator{"spirals", "x1, x2, label: two spirals in the unit circle, r = angle / 3.5 pi; noise moves x1 and x2",
              200, 0.02, make_spirals, 4},
    Generator{"sine", "x, y: y = sin x on an even grid from -pi to pi; noise moves y", 200, 0.0, make_sine, 2},
    Generator{"linear", "x1, x2, x3, y: y = 3 + 2 x1 - x2 + 0.5 x3, inputs uniform in (-1, 1); noise moves y", 200, 0.1,
              make_linear, 1},
};

}  // namespace

std::span<const Generator> generators() { return kGenerators; }

std::vector<std::string> generator_names() {
  std::vector<std::string> names;
  for (const Generator& generator : kGenerators) names.emplace_back(generator.name);
  return names;
}

Table generate(std::string_view name, std::size_t rows, double noise, std::uint64_t seed) {
  for (const Generator& generator : kGenerators) {
    if (generator.name != name) continue;
    if (rows == 0) rows = generator.default_rows;
    if (std::isnan(noise)) noise = generator.default_noise;
    if (rows < generator.least_rows || rows > kMostRows)
      throw Error(Fault::usage, "{} makes {} to {} rows, not {}", name, generator.least_rows, kMostRows, rows);
    if (!(noise >= 0) || std::isinf(noise))
      throw Error(Fault::usage, "the noise of {} must be a number of at least 0, not {}", name, shortest(noise));
    return generator.make(rows, noise, seed);
  }
  throw Error(Fault::usage, unknown_name("generator", name, generator_names()));
}

}  // namespace descent
