#include "datasets/cell.hpp"
#include "datasets/encoding.hpp"
#include "datasets/encoding_columns.hpp"
#include "datasets/statistics.hpp"
#include "framework/text.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace descent {
namespace {

using Rows = std::span<const std::uint32_t>;

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

const char* remedy_for_missing(bool target) {
  return target ? "fill it in, or set data.missing to drop_row" : "set data.missing to drop_row, mean or median";
}

std::vector<std::uint32_t> all_rows(const Table& table) {
  std::vector<std::uint32_t> rows(table.rows());
  std::iota(rows.begin(), rows.end(), 0u);
  return rows;
}

// Refuses the missing cells of `rows` that the options do not provide for.
void require_present(const Table& table, const ChosenColumns& chosen, Rows rows, Missing missing) {
  if (missing == Missing::drop_row) return;
  Problems problems;
  if (missing == Missing::error) report_missing(table, chosen.inputs, rows, remedy_for_missing(false), problems);
  report_missing(table, chosen.targets, rows, remedy_for_missing(true), problems);
  problems.report();
}

class Fitter {
 public:
  Fitter(const Table& table, Rows train_rows, const EncodingOptions& options, std::vector<std::string>* warnings)
      : table_(table), options_(options), warnings_(warnings), chosen_(choose_columns(table, options)) {
    require_present(table, chosen_, train_rows, options.missing);
    const std::vector<bool> complete = options.missing == Missing::drop_row
                                           ? complete_rows(table, chosen_.inputs, chosen_.targets)
                                           : std::vector<bool>(table.rows(), true);
    std::copy_if(train_rows.begin(), train_rows.end(), std::back_inserter(rows_),
                 [&](std::uint32_t row) { return complete[row]; });
    if (rows_.empty()) throw Error(Fault::data, "{}: no row to train on", table.source);
  }

  Encoding run() {
    encoding_.target_kind = options_.target_kind;
    encoding_.missing = options_.missing;
    encoding_.form = options_.form;
    for (const Column* column : chosen_.inputs) {
      const auto& listed = options_.categorical;
      const bool category = column->is_text || std::find(listed.begin(), listed.end(), column->name) != listed.end();
      category ? fit_category(*column) : fit_number(*column);
    }
    if (!constant_.empty())
      warn(fmt::format("constant over the training rows, so it teaches nothing and is not scaled: {}",
                       join(constant_, ", ")));
    for (const Column* column : chosen_.targets) {
      if (options_.target_kind == TargetKind::classes)
        fit_classes(*column);
      else if (options_.target_kind == TargetKind::binary)
        fit_binary(*column);
      else
        fit_target_number(*column);
    }
    return std::move(encoding_);
  }

 private:
  void warn(std::string line) {
    if (warnings_) warnings_->push_back(std::move(line));
  }

  [[noreturn]] void nothing_to_learn(const Column& column) const {
    throw Error(Fault::data, "{}: column '{}' has no value in the training rows; list it in data.ignore", table_.source,
                printable(column.name));
  }

  // The numbers of the training rows that are there; throws where a cell is text or not finite.
  std::vector<double> training_numbers(const Column& column, const char* remedy) const {
    Problems problems;
    const NumberCells cells(column);
    std::vector<double> values;
    values.reserve(rows_.size());
    for (const std::uint32_t row : rows_) {
      const auto value = cells.at(row);
      if (!value || std::isinf(*value))
        problems.add(table_.place(row, column),
                     fmt::format("'{}' in column '{}' is not {}; {}", cells.text(row), printable(column.name),
                                 value ? "finite" : "a number", value ? "correct it" : remedy));
      else if (!std::isnan(*value))
        values.push_back(*value);
      if (problems.full()) break;
    }
    problems.report();
    if (values.empty()) nothing_to_learn(column);
    return values;
  }

  void fit_number(const Column& column) {
    std::vector<double> values = training_numbers(column, "correct it");
    InputColumn input{column.name, {}, 0};
    if (options_.missing == Missing::mean) input.fill = spread_of(values).mean;
    if (options_.missing == Missing::median) input.fill = median_of(values);
    values.resize(rows_.size(), input.fill);
    const Spread spread = options_.standardize ? spread_of(values) : Spread{};
    if (spread.constant) constant_.push_back(fmt::format("'{}' is {}", printable(column.name), shortest(spread.mean)));
    encoding_.inputs.push_back(std::move(input));
    encoding_.input_mean.push_back(spread.mean);
    encoding_.input_scale.push_back(spread.scale);
  }

  void fit_category(const Column& column) {
    std::vector<std::string> categories = column.is_text ? column.categories : as_categories(column).categories;
    const std::vector<std::size_t> counts = count(column, categories);
    if (std::all_of(counts.begin(), counts.end(), [](std::size_t n) { return n == 0; })) nothing_to_learn(column);
    if (crowded(categories))
      warn(fmt::format("column '{}' has {} categories in {} rows; if it names the rows, list it in data.ignore",
                       printable(column.name), categories.size(), table_.rows()));
    warn_alike(column, categories);
    InputColumn input{column.name, std::move(categories), 0};
    if (options_.missing == Missing::mean || options_.missing == Missing::median)
      input.fill = static_cast<double>(std::max_element(counts.begin(), counts.end()) - counts.begin());
    encoding_.input_mean.resize(encoding_.input_mean.size() + input.categories.size(), 0.0);
    encoding_.input_scale.resize(encoding_.input_scale.size() + input.categories.size(), 1.0);
    encoding_.inputs.push_back(std::move(input));
  }

  // 'yes', 'Yes' and ' yes' are three categories, seldom on purpose.
  void warn_alike(const Column& column, const std::vector<std::string>& names) {
    std::map<std::string, const std::string*> known;
    for (const std::string& name : names) {
      const auto [other, is_new] = known.emplace(lower_case(trimmed(name)), &name);
      if (is_new) continue;
      return warn(fmt::format("column '{}' has both '{}' and '{}'; make them one if they mean the same",
                              printable(column.name), printable(*other->second), printable(name)));
    }
  }

  // Training rows of each category.
  std::vector<std::size_t> count(const Column& column, const std::vector<std::string>& categories) const {
    const CategoryCells cells(column, categories);
    std::vector<std::size_t> counts(categories.size());
    for (const std::uint32_t row : rows_)
      if (cells.at(row) != kMissingCode) ++counts[cells.at(row)];
    return counts;
  }

  bool crowded(const std::vector<std::string>& categories) const {
    constexpr std::size_t kAlwaysFine = 20;
    return categories.size() > kAlwaysFine && categories.size() > table_.rows() / 2;
  }

  [[noreturn]] void one_class(const Column& column, const std::string& only) const {
    throw Error(Fault::data, "{}: column '{}' has only one class, '{}'; there is nothing to tell apart", table_.source,
                printable(column.name), only);
  }

  void add_target(const Column& column, std::vector<std::string> classes, double mean = 0, double scale = 1) {
    encoding_.targets.push_back({column.name, std::move(classes)});
    encoding_.target_mean.push_back(mean);
    encoding_.target_scale.push_back(scale);
  }

  void fit_classes(const Column& column) {
    std::vector<std::string> classes = column.is_text ? column.categories : as_categories(column).categories;
    if (classes.empty()) nothing_to_learn(column);
    if (classes.size() == 1) one_class(column, printable(classes[0]));
    if (crowded(classes))
      warn(
          fmt::format("column '{}' has {} classes in {} rows; if it holds numbers to predict, set train.loss to a "
                      "loss for numbers",
                      printable(column.name), classes.size(), table_.rows()));
    warn_alike(column, classes);
    warn_unseen(column, classes);
    add_target(column, std::move(classes));
  }

  void warn_unseen(const Column& column, const std::vector<std::string>& classes) {
    const std::vector<std::size_t> counts = count(column, classes);
    for (std::size_t c = 0; c < classes.size(); ++c)
      if (counts[c] == 0)
        warn(fmt::format("no training row has the class '{}' of column '{}'", printable(classes[c]),
                         printable(column.name)));
  }

  void fit_binary(const Column& column) {
    if (!column.is_text) {
      const std::vector<double> values = training_numbers(column, "");
      const bool same = std::all_of(values.begin(), values.end(), [&](double x) { return x == values[0]; });
      if (same && chosen_.targets.size() == 1) one_class(column, shortest(values[0]));
      if (same) warn(fmt::format("column '{}' is {} in every training row", printable(column.name), values[0]));
      return add_target(column, {});
    }
    if (column.categories.empty()) nothing_to_learn(column);
    if (column.categories.size() == 1) one_class(column, printable(column.categories[0]));
    if (column.categories.size() > 2)
      throw Error(Fault::data,
                  "{}: column '{}' has {} classes ({}), but a binary loss takes two; set train.loss to cross_entropy",
                  table_.source, printable(column.name), column.categories.size(), list_some(column.categories));
    warn_alike(column, column.categories);
    warn_unseen(column, column.categories);
    add_target(column, column.categories);
  }

  void fit_target_number(const Column& column) {
    const std::vector<double> values =
        training_numbers(column, "correct it, or set train.loss to cross_entropy if the column holds classes");
    const bool scaled = options_.standardize_targets && options_.target_kind == TargetKind::numbers;
    const Spread spread = scaled ? spread_of(values) : Spread{};
    if (spread.constant)
      warn(fmt::format("target '{}' is {} in every training row", printable(column.name), shortest(spread.mean)));
    add_target(column, {}, spread.mean, spread.scale);
  }

  const Table& table_;
  const EncodingOptions& options_;
  std::vector<std::string>* warnings_;
  std::vector<std::string> constant_;  // numeric columns with one value only
  ChosenColumns chosen_;
  std::vector<std::uint32_t> rows_;  // that train
  Encoding encoding_;
};

}  // namespace

Encoding Encoding::fit(const Table& table, std::span<const std::uint32_t> train_rows, const EncodingOptions& options,
                       std::vector<std::string>* warnings) {
  return Fitter(table, train_rows, options, warnings).run();
}

std::vector<std::uint32_t> usable_rows(const Table& table, const EncodingOptions& options) {
  const ChosenColumns chosen = choose_columns(table, options);
  std::vector<std::uint32_t> rows = all_rows(table);
  require_present(table, chosen, rows, options.missing);
  if (options.missing != Missing::drop_row) return rows;
  const std::vector<bool> complete = complete_rows(table, chosen.inputs, chosen.targets);
  std::erase_if(rows, [&](std::uint32_t row) { return !complete[row]; });
  if (rows.empty())
    throw Error(Fault::data, "{}: every row has a missing cell; set data.missing to mean or median", table.source);
  return rows;
}

std::vector<const Column*> target_columns(const Table& table, const EncodingOptions& options) {
  return choose_columns(table, options).targets;
}

std::vector<std::uint32_t> class_labels(const Table& table, std::span<const std::uint32_t> rows,
                                        const EncodingOptions& options) {
  const std::vector<const Column*> targets = target_columns(table, options);
  const bool labelled = options.target_kind == TargetKind::classes || options.target_kind == TargetKind::binary;
  if (!labelled || targets.size() != 1) return {};
  const Column column = as_categories(*targets[0]);
  std::vector<std::uint32_t> labels;
  labels.reserve(rows.size());
  for (const std::uint32_t row : rows) labels.push_back(column.codes[row]);
  return labels;
}

}  // namespace descent
