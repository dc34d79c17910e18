#include "datasets/table.hpp"

#include "framework/text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <tuple>

namespace descent {
namespace {

bool whole_number(std::string_view text, std::int64_t& value) {
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  return code == std::errc() && end == text.data() + text.size();
}

}  // namespace

bool Column::missing(std::size_t row) const { return is_text ? codes[row] == kMissingCode : std::isnan(numbers[row]); }

std::size_t Table::rows() const {
  if (columns.empty()) return lines.size();
  return columns[0].is_text ? columns[0].codes.size() : columns[0].numbers.size();
}

const Column* Table::find(std::string_view name) const {
  const auto found =
      std::find_if(columns.begin(), columns.end(), [&](const Column& column) { return column.name == name; });
  return found == columns.end() ? nullptr : &*found;
}

const Column& Table::column(std::string_view name) const {
  if (const Column* found = find(name)) return *found;
  if (std::find(skipped.begin(), skipped.end(), name) != skipped.end())
    throw Error(Fault::data, "{}: column '{}' is needed but was left out when the file was read", source,
                printable(name));
  std::vector<std::string> names;
  for (const Column& column : columns) names.push_back(printable(column.name));
  for (const std::string& left_out : skipped) names.push_back(printable(left_out));
  const auto near = nearest_name(name, names);
  constexpr std::size_t kMostListed = 30;
  const bool cut = names.size() > kMostListed;
  if (cut) names.resize(kMostListed);
  throw Error(Fault::data, "{}: no column '{}'{} (columns: {}{})", source, printable(name),
              near ? fmt::format("; did you mean '{}'?", *near) : std::string(), join(names), cut ? ", …" : "");
}

Place Table::place(std::size_t row, std::size_t place_column) const {
  if (row < lines.size()) return {source, lines[row], place_column};
  return {source, 0, 0};
}

Place Table::place(std::size_t row, const Column& column) const {
  if (row < column.places.size()) return place(row, column.places[row]);
  const auto index = static_cast<std::uint32_t>(&column - columns.data());
  const auto before = [](const MissingCell& cell, const std::pair<std::size_t, std::uint32_t>& key) {
    return std::tie(cell.row, cell.column) < std::tie(key.first, key.second);
  };
  const auto found = std::lower_bound(missing.begin(), missing.end(), std::pair(row, index), before);
  const bool known = found != missing.end() && found->row == row && found->column == index;
  return place(row, known ? found->place_column : 0);
}

void sort_categories(std::vector<std::string>& categories) {
  std::vector<std::pair<std::int64_t, std::string>> valued(categories.size());
  bool whole = true;
  for (std::size_t i = 0; i < categories.size(); ++i) {
    std::int64_t value = 0;
    whole = whole && whole_number(categories[i], value);
    valued[i] = {value, std::move(categories[i])};
  }
  if (!whole)
    for (auto& [value, text] : valued) value = 0;
  std::sort(valued.begin(), valued.end());
  for (std::size_t i = 0; i < categories.size(); ++i) categories[i] = std::move(valued[i].second);
}

Column as_categories(const Column& column) {
  if (column.is_text) return column;
  std::vector<double> values;
  for (const double x : column.numbers)
    if (!std::isnan(x)) values.push_back(x + 0.0);  // −0 is 0
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  Column result{column.name, true, {}, {}, {}, column.places};
  for (const double x : values) result.categories.push_back(shortest(x));
  sort_categories(result.categories);

  // Sorted by bytes the texts may be in another order than the values they came from.
  std::vector<std::uint32_t> code_of(values.size());
  std::vector<std::pair<std::string_view, std::uint32_t>> by_text;
  for (std::uint32_t code = 0; code < result.categories.size(); ++code)
    by_text.emplace_back(result.categories[code], code);
  std::sort(by_text.begin(), by_text.end());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::string text = shortest(values[i]);
    code_of[i] = std::lower_bound(by_text.begin(), by_text.end(), std::pair(std::string_view(text), 0u))->second;
  }
  for (const double x : column.numbers) {
    const auto at = std::lower_bound(values.begin(), values.end(), x) - values.begin();
    result.codes.push_back(std::isnan(x) ? kMissingCode : code_of[static_cast<std::size_t>(at)]);
  }
  return result;
}

}  // namespace descent
