#include "datasets/encoding_columns.hpp"

#include "datasets/cell.hpp"
#include "framework/text.hpp"

#include <algorithm>
#include <limits>
#include <unordered_map>
#include <unordered_set>

namespace descent {
namespace {

using Names = std::unordered_set<std::string_view>;

Names set_of(const char* key, const std::vector<std::string>& names) {
  Names set;
  for (const std::string& name : names)
    if (!set.insert(name).second) throw Error(Fault::config, "{} lists '{}' twice", key, printable(name));
  return set;
}

void refuse_common(const char* key, const Names& names, const char* other_key, const Names& others) {
  for (const std::string_view name : names)
    if (others.contains(name))
      throw Error(Fault::config, "column '{}' is both in {} and in {}; remove it from one of them", printable(name),
                  key, other_key);
}

void require_known(const Table& table, const std::vector<std::string>& names) {
  for (const std::string& name : names)
    if (std::find(table.skipped.begin(), table.skipped.end(), name) == table.skipped.end()) table.column(name);
}

}  // namespace

ChosenColumns choose_columns(const Table& table, const EncodingOptions& options) {
  const Names targets = set_of("data.target", options.targets), inputs = set_of("data.inputs", options.inputs);
  const Names ignored = set_of("data.ignore", options.ignore);
  refuse_common("data.target", targets, "data.inputs", inputs);
  refuse_common("data.target", targets, "data.ignore", ignored);
  refuse_common("data.inputs", inputs, "data.ignore", ignored);
  if (options.target_kind == TargetKind::classes && options.targets.size() > 1)
    throw Error(Fault::config, "a loss over classes takes one target column, but data.target lists {}: {}",
                options.targets.size(), list_some(options.targets));

  ChosenColumns chosen;
  for (const std::string& name : options.targets) chosen.targets.push_back(&table.column(name));
  for (const std::string& name : options.inputs) chosen.inputs.push_back(&table.column(name));
  require_known(table, options.ignore);
  require_known(table, options.categorical);
  if (chosen.targets.empty()) {
    const auto last = std::find_if(table.columns.rbegin(), table.columns.rend(),
                                   [&](const Column& column) { return !ignored.contains(column.name); });
    if (last == table.columns.rend()) throw Error(Fault::data, "{}: no column is left to predict", table.source);
    if (inputs.contains(last->name))
      throw Error(Fault::config,
                  "{}: the last column '{}' would be the target, but it is in data.inputs; set data.target",
                  table.source, printable(last->name));
    chosen.targets.push_back(&*last);
  }
  if (chosen.inputs.empty()) {
    for (const Column& column : table.columns) {
      const bool target = std::find(chosen.targets.begin(), chosen.targets.end(), &column) != chosen.targets.end();
      if (!target && !ignored.contains(column.name)) chosen.inputs.push_back(&column);
    }
  }
  if (chosen.inputs.empty())
    throw Error(Fault::data, "{}: no input column is left beside the target '{}'{}", table.source,
                printable(chosen.targets[0]->name),
                table.columns.size() + table.skipped.size() > 1
                    ? ""
                    : "; if the file has more columns, name what divides them in data.delimiter");
  return chosen;
}

std::vector<bool> complete_rows(const Table& table, std::span<const Column* const> inputs,
                                std::span<const Column* const> targets) {
  std::vector<bool> complete(table.rows(), true);
  for (const auto& columns : {inputs, targets})
    for (const Column* column : columns)
      for (std::size_t row = 0; row < complete.size(); ++row)
        if (column->missing(row)) complete[row] = false;
  return complete;
}

void report_missing(const Table& table, std::span<const Column* const> columns, std::span<const std::uint32_t> rows,
                    const std::string& remedy, Problems& problems) {
  std::vector<const Column*> holed;
  for (const Column* column : columns)
    if (std::any_of(rows.begin(), rows.end(), [&](std::uint32_t row) { return column->missing(row); }))
      holed.push_back(column);
  if (holed.empty()) return;
  for (const std::uint32_t row : rows) {
    for (const Column* column : holed)
      if (column->missing(row))
        problems.add(table.place(row, *column),
                     fmt::format("no value in column '{}'; {}", printable(column->name), remedy));
    if (problems.full()) return;
  }
}

NumberCells::NumberCells(const Column& column) : column_(&column) {
  for (const std::string& category : column.categories) {
    double value = 0;
    const bool number = read_cell(trimmed(category), value) == CellKind::number;
    value_of_code_.push_back(number ? std::optional(value) : std::nullopt);
  }
}

std::optional<double> NumberCells::at(std::size_t row) const {
  if (!column_->is_text) return column_->numbers[row];
  if (column_->missing(row)) return std::numeric_limits<double>::quiet_NaN();
  return value_of_code_[column_->codes[row]];
}

std::string NumberCells::text(std::size_t row) const {
  return column_->is_text ? printable(column_->categories[column_->codes[row]]) : shortest(column_->numbers[row]);
}

CategoryCells::CategoryCells(const Column& column, const std::vector<std::string>& known)
    : made_(column.is_text ? Column{} : as_categories(column)), column_(column.is_text ? &column : nullptr) {
  std::unordered_map<std::string_view, std::uint32_t> index_of;
  for (std::uint32_t i = 0; i < known.size(); ++i) index_of.emplace(known[i], i);
  for (const std::string& category : (column_ ? *column_ : made_).categories) {
    const auto found = index_of.find(category);
    index_of_code_.push_back(found == index_of.end() ? kUnknown : found->second);
  }
}

std::uint32_t CategoryCells::at(std::size_t row) const {
  const std::uint32_t code = (column_ ? *column_ : made_).codes[row];
  return code == kMissingCode ? kMissingCode : index_of_code_[code];
}

std::string CategoryCells::text(std::size_t row) const {
  const Column& column = column_ ? *column_ : made_;
  return printable(column.categories[column.codes[row]]);
}

std::string list_some(const std::vector<std::string>& names) {
  constexpr std::size_t kMost = 20;
  std::string list;
  for (std::size_t i = 0; i < std::min(names.size(), kMost); ++i) list += (i > 0 ? ", " : "") + printable(names[i]);
  return names.size() > kMost ? list + ", …" : list;
}

}  // namespace descent
