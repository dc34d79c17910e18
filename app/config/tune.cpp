#include "app/config/tune.hpp"

#include "framework/text.hpp"

#include <fmt/format.h>

#include <cmath>
#include <string_view>

namespace descent {
namespace {

std::optional<double> positive(const toml::node& node) {
  if (!node.is_number()) return std::nullopt;
  const double x = node.value<double>().value_or(0);
  return x > 0 && std::isfinite(x) ? std::optional(x) : std::nullopt;
}

std::optional<WrongValue> read_ends(const toml::node& node, const std::string& name, RateGrid& grid) {
  const toml::array* ends = node.as_array();
  if (!ends || ends->size() != 2)
    return WrongValue{fmt::format("log of {} must be two numbers, such as [1e-4, 1.0], got {}", name,
                                  ends ? fmt::format("a list of {}", ends->size()) : describe(node)),
                      &node};
  for (const toml::node& end : *ends)
    if (!positive(end))
      return WrongValue{fmt::format("log of {} must be of numbers > 0, got {}", name, describe(end)), &end};
  grid.low = *positive((*ends)[0]);
  grid.high = *positive((*ends)[1]);
  if (grid.low < grid.high) return std::nullopt;
  return WrongValue{fmt::format("log of {} must ascend, got [{}, {}]", name, shortest(grid.low), shortest(grid.high)),
                    &node};
}

const std::string kGridKeys[] = {"log", "points", "random"};

std::optional<WrongValue> read_key(std::string_view key, const toml::node& node, const std::string& name,
                                   RateGrid& grid) {
  if (key == "log") return read_ends(node, name, grid);
  if (key == "points") {
    const auto found = node.value_exact<std::int64_t>();
    if (found && kGridPoints.hold(static_cast<double>(*found))) return grid.points = *found, std::nullopt;
    return WrongValue{
        fmt::format("points of {} must be a whole number {}, got {}", name, to_string(kGridPoints), describe(node)),
        &node};
  }
  if (key == "random") {
    const auto found = node.value_exact<bool>();
    if (found) return grid.random = *found, std::nullopt;
    return WrongValue{fmt::format("random of {} must be true or false, got {}", name, describe(node)), &node};
  }
  return WrongValue{unknown_name("key of " + name, key, kGridKeys), &node};
}

struct Fixed {
  std::string_view path;  // of a setting, or "section."
  std::string_view why;
};

constexpr Fixed kFixed[] = {
    {"optimizer.learning_rate", "γ has a key of its own; write learning_rate = { log = [1e-4, 1.0], points = 25 }"},
    {"run.seed", "tune.seeds trains with several seeds"},
    {"run.precision", ""},
    {"run.", "it does not change what is learnt"},
    {"data.standardize", ""},
    {"data.", "losses on other rows or targets cannot be compared"},
    {"objective.", "a formula has no rows to tune on"},
    {"train.loss", "other losses cannot be compared"},
    {"train.loss_target", "a trial that stops elsewhere cannot be compared"},
    {"train.epochs", "the rounds of the sweep share out the epochs"},
    {"train.max_seconds", "trials are measured in epochs"},
    {"early_stopping.", "trials train their epochs without it"},
    {"log.", "it does not change what is learnt"},
    {"tune.", "it is about the sweep itself"},
};

}  // namespace

std::optional<WrongValue> read_grid(const toml::node& node, const std::string& name, RateGrid& grid) {
  RateGrid read;
  if (const toml::array* list = node.as_array()) {
    for (const toml::node& element : *list) {
      if (!positive(element))
        return WrongValue{fmt::format("each value of {} must be a number > 0, got {}", name, describe(element)),
                          &element};
      read.list.push_back(*positive(element));
    }
    if (read.list.empty()) return WrongValue{fmt::format("{} must have at least one value, got []", name), &node};
  } else {
    for (auto&& [key, value] : *node.as_table())
      if (auto wrong = read_key(key.str(), value, name, read)) return wrong;
  }
  grid = read;
  return std::nullopt;
}

std::string toml_grid(const RateGrid& grid) {
  std::vector<std::string> parts;
  for (const double rate : grid.list) parts.push_back(shortest(rate));
  if (!parts.empty()) return fmt::format("[{}]", join(parts));
  if (grid.low > 0) parts.push_back(fmt::format("log = [{}, {}]", shortest(grid.low), shortest(grid.high)));
  parts.push_back(fmt::format("points = {}", grid.points));
  if (grid.random) parts.push_back("random = true");
  return fmt::format("{{ {} }}", join(parts));
}

double three_digits(double x) { return std::stod(fmt::format("{:.2e}", x)); }

std::vector<double> even_in_log(double low, double high, std::size_t points) {
  std::vector<double> grid;
  for (std::size_t i = 0; i < points; ++i)
    grid.push_back(three_digits(
        low * std::pow(high / low, points == 1 ? 0.5 : static_cast<double>(i) / static_cast<double>(points - 1))));
  return grid;
}

std::string why_not_varied(const Field& field) {
  const std::string path = field.path();
  for (const Fixed& fixed : kFixed)
    if (path == fixed.path || (fixed.path.ends_with('.') && path.starts_with(fixed.path)))
      return std::string(fixed.why);
  return {};
}

}  // namespace descent
