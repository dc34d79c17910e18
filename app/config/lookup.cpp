#include "app/config/fields.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace descent {
namespace {

template <class Table>
auto find_in(const Table& table, std::string_view section, std::string_view key) -> decltype(&table[0]) {
  const auto found = std::find_if(table.begin(), table.end(), [&](const auto& field) {
    return field.section == section &&
           (field.key == key || std::count(field.aliases.begin(), field.aliases.end(), key) > 0);
  });
  return found == table.end() ? nullptr : &*found;
}

}  // namespace

std::string FieldInfo::path() const { return fmt::format("{}.{}", section, key); }

bool is_section(std::string_view name) {
  return std::ranges::any_of(sections(), [&](const Section& section) { return section.name == name; });
}

const Field* find_field(std::string_view section, std::string_view key) { return find_in(fields(), section, key); }
const LayerField* find_layer_field(std::string_view key) { return find_in(layer_fields(), "model.layers", key); }

std::vector<std::string> field_paths() {
  std::vector<std::string> paths;
  for (const Field& field : fields()) paths.push_back(field.path());
  return paths;
}

bool is_unset(const Field& field, const Config& config) {
  if (field.unset.empty()) return false;
  Config copy = config, defaults;
  return std::visit([&](auto* value) { return *value == *std::get<decltype(value)>(field.slot(defaults)); },
                    field.slot(copy));
}

}  // namespace descent
